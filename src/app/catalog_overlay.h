// The catalog as it would be if files held other texts: for commands that change one, and check it
// before.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "catalog/load.h"

namespace weir::app {

// Texts to take instead of what is in a file, by its path as the catalog writes it.
using Texts = std::map<std::string, std::string>;

catalog::Loaded load_catalog_with(const std::vector<std::string>& flow, const Texts& instead);

}  // namespace weir::app
