// String literals of a template: JSON strings in double or single quotes, which may hold line
// breaks.
#pragma once

#include <cstddef>
#include <string_view>

#include "json/value.h"

namespace weir::handlebars {

struct StringLiteral {
  std::string_view value;  // decoded; into the text, or into the arena if it held an escape
  std::size_t end = 0;     // past the closing quote; with an error, its place
  std::string_view error;
};

// text[at] is the opening quote. Escapes are JSON's and `\'`; what else follows a backslash, or
// half of a surrogate pair, is an error.
StringLiteral read_string(std::string_view text, std::size_t at, json::Arena& arena);

}  // namespace weir::handlebars
