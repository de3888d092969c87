// All problems of a catalog at once: those found while loading, and those of building it.
#pragma once

#include <string>
#include <vector>

#include "catalog/build.h"
#include "catalog/load.h"

namespace weir::catalog {

struct ValidateOptions {
  bool strict = false;           // warnings are errors
  ConstraintsOf constraints_of;  // empty: permissive_constraints()
};

// Sorted by file, line, column and code; each problem once. `built`, where given, gets what was
// built on the way, its problems being among those returned.
std::vector<Problem> validate(const Loaded& loaded, const ValidateOptions& options = {},
                              Built* built = nullptr);

// The report for people: one format_problem() after the other, and a last line that counts.
std::string format_report(const std::vector<Problem>& problems);
// For machines: an array of flat objects {severity, code, file, line, column, pointer, message,
// remedy}.
std::string report_json(const std::vector<Problem>& problems);

void sort_problems(std::vector<Problem>& problems);
bool has_errors(const std::vector<Problem>& problems);

}  // namespace weir::catalog
