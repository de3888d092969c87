// Numbers by their source text: exact integers to 64 bits, exact comparison of any two, and exact
// decimals for sums.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::json {

bool is_number_text(std::string_view text);   // the grammar of JSON
bool is_integer_text(std::string_view text);  // no fraction, no exponent
// The value if the text is an integer literal within range; "-0" is 0.
std::optional<std::int64_t> to_int64(std::string_view text);
std::optional<std::uint64_t> to_uint64(std::string_view text);
// Also literals such as 1.0 and 1e2, where their value is an integer within 64 bits (signed or
// unsigned).
std::optional<std::int64_t> integral_int64(std::string_view text);
std::optional<std::uint64_t> integral_uint64(std::string_view text);
// Is the value (not the literal) an integer: 1.0 and 1e2 are, 1.5 is not. Any size.
bool is_integral(std::string_view text);
double to_double(std::string_view text);  // nearest; overflows to infinity
// Does the nearest double stand for exactly the decimal that was written, i.e. does its shortest
// form equal it?
bool exact_as_double(std::string_view text);
std::string shortest_double(
    double value);  // shortest text that reads back as the same double; finite only
int compare_numbers(std::string_view a, std::string_view b);  // exact, any size
// Is the first an integral multiple of the second, which is above zero? Exact; false where an
// exponent has more than 17 digits.
bool is_multiple_of(std::string_view value, std::string_view divisor);
// The exact sum as plain decimal. kLimit if the exponents would need more than 4096 digits.
Result<std::string> add_decimals(std::string_view a, std::string_view b);

}  // namespace weir::json
