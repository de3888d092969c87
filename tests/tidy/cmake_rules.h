// Rules about files and the targets they belong to.
#pragma once

#include <vector>

#include "tests/tidy/source.h"

namespace weir::tidy {

// Every .cc is named by the CMakeLists.txt of its folder or of one above it; a test that is not is
// said to be a test.
std::vector<Finding> check_listed(const std::vector<Source>& sources,
                                  const std::vector<Source>& cmake_files);

}  // namespace weir::tidy
