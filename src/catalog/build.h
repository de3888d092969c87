// From the loaded catalog to what the runtime runs: fields are selected under the destination's
// constraints, and each materialization becomes one protocol::MaterializationSpec.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/model.h"
#include "protocol/spec.h"

namespace weir::catalog {

// Asks a destination what it can do with the projections of each binding, in the order of the
// bindings. The config is as the catalog has it: relative paths in it are relative to
// Materialization::base_dir.
using ConstraintsOf = std::function<Result<std::vector<protocol::ValidatedBinding>>(
    const std::string& config_json, std::span<const protocol::ValidateBinding> bindings)>;

// Takes every field, names the table as the resource does, and requires the key: for checks without
// a destination.
ConstraintsOf permissive_constraints();

inline constexpr std::string_view kCannotBeAsked = "E412";

struct Built {
  std::vector<BuiltMaterialization> materializations;  // those without errors, by name
  std::vector<Problem> problems;
  // Those whose destination gave no answer, which may be otherwise in a moment, and why. It is
  // among the problems too, as kCannotBeAsked.
  std::map<std::string, std::string> unasked;
};

// Materializations that are `broken`, disabled as a whole or bound to unusable collections are left
// out. Disabled bindings are left out of their specification.
Built build(const Catalog& catalog, const ConstraintsOf& constraints_of);

}  // namespace weir::catalog
