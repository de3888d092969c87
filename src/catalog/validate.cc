#include "catalog/validate.h"

namespace weir::catalog {

std::vector<Problem> validate(const Loaded& loaded, const ValidateOptions& options, Built* built) {
  std::vector<Problem> problems = loaded.problems;
  Built all = build(loaded.catalog, options.constraints_of != nullptr ? options.constraints_of
                                                                      : permissive_constraints());
  for (Problem& problem : all.problems) problems.push_back(std::move(problem));
  all.problems.clear();
  if (built != nullptr) *built = std::move(all);
  if (options.strict) {
    for (Problem& problem : problems) problem.severity = Severity::kError;
  }
  sort_problems(problems);
  return problems;
}

}  // namespace weir::catalog
