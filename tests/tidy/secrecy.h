// Secrets of test catalogs hold the word by which a leak is recognised (testing/canary.h).
#pragma once

#include <string>
#include <vector>

#include "tests/tidy/source.h"

namespace weir::tidy {

// Catalogs, scenarios and tests: every file of tests and testing, and tests beside the code.
std::vector<Source> read_test_texts();
// Values that stand where secrets do (an Authorization header, a password, `secrets: { … }`) and
// neither hold the word nor are a reference, a template, an envelope or a mask.
std::vector<Finding> check_secret_words(const Source& source);

}  // namespace weir::tidy
