// Where a character of a text value stands in its file, so that a problem in line 3, column 9 of a
// template is shown in the catalog itself. Private to this folder.
#pragma once

#include <cstdint>
#include <string_view>

#include "json/value.h"

namespace weir::catalog {

// `file` is the whole file, `start` the place of the scalar, `line` and `column` the place inside
// the decoded value, 1-based, the column in characters. Blocks (`|` and `>`), quoted and plain
// scalars on one line are exact; in quoted and plain scalars of several lines, and wherever the
// file does not read as expected, the answer is the nearest place known, at worst `start`.
json::Place place_in_text(std::string_view file, json::Place start, std::uint32_t line,
                          std::uint32_t column);

}  // namespace weir::catalog
