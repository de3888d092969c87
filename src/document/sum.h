// Sums of JSON numbers that do not depend on their grouping.
//
// Integers are exact within 64 bits, signed or unsigned. Where a number with a fraction or an
// exponent takes part, the result is the float64 nearest to the exact decimal sum: up to 15
// significant digits that is the decimal itself, so 0.1 + 0.2 is 0.3, whatever the order; binary
// addition would drift. Where a numeric string takes part, the result is a string and exact.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/short_decimal.h"
#include "json/value.h"

namespace weir::document {

// A number as a sum writes it: shortest form, told from an integer by its fraction or exponent.
std::string float_text(double value);

bool is_summable(const json::Value& value);  // a number, or a string that is one

// Both summable. kLimit where the result does not fit.
Result<json::Value> add_values(json::Arena& arena, const json::Value& a, const json::Value& b);

// A running sum that needs no text while all its terms are integers, or decimals of at most 15
// digits; add_values does the rest. Equal to a chain of add_values, term by term.
class RunningSum {
 public:
  // False: the text is outside what this can hold; nothing changed.
  bool start(std::string_view number);
  bool add(std::string_view number);
  void append_text(std::string& out) const;

 private:
  ShortDecimal total_;
};

}  // namespace weir::document
