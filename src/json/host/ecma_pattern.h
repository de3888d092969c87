// Sets of code points, as the character classes of ECMA-262 need them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::json {

using CodeRange = std::pair<std::uint32_t, std::uint32_t>;  // both ends belong to it
inline constexpr std::uint32_t kCodePointMax = 0x10FFFF;

// The ranges of \d, \w or \s (given by the lower-case letter); everything else for the upper-case
// one. Ascending.
std::vector<CodeRange> class_ranges(char letter);
// Appends `\x{61}-\x{7a}` for each range: the inside of a bracket expression.
void append_ranges(const std::vector<CodeRange>& ranges, std::string& out);
void append_code_point(std::uint32_t code_point, std::string& out);

// RE2's name of a property as ECMA-262 writes it between the braces of \p{…}: "Lu",
// "Uppercase_Letter", "gc=Lu", "Script=Greek". Empty if it is not known.
std::string_view re2_property(std::string_view ecma);

}  // namespace weir::json
