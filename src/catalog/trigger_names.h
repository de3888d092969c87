// What triggers and their headers may be called, also for those who ask a person for such names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::catalog {

bool good_trigger_name(std::string_view name);

// What is wrong with the name of a header, and its code; nullopt if nothing is. A name that cannot
// be one is not quoted, for it may be a value.
struct HeaderNameProblem {
  std::string_view code;
  std::string text;  // "the header Host cannot be set"
};
std::optional<HeaderNameProblem> header_name_problem(std::string_view name);

}  // namespace weir::catalog
