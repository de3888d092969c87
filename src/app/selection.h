// Picking materializations and triggers by the names that a user types.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/command.h"
#include "base/result.h"
#include "catalog/spec.h"

namespace weir::app {

OptionInfo name_option();  // --name NAME…

// Those named, in the order of the catalog; all if no name is given. kNotFound with the nearest
// name. The pointers are into `all`.
Result<std::vector<const catalog::BuiltMaterialization*>> choose_by_name(
    const std::vector<catalog::BuiltMaterialization>& all, const std::vector<std::string>& names);

// "the catalog has no materialization …", with the nearest name; who names a file is told how files
// are given.
std::string no_materialization(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace weir::app
