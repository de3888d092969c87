// Numbers as most documents write them, 12 and 12.50, in a few instructions: the decimal digits as
// an integer, and how many of them stand behind the point.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::document {

struct ShortDecimal {
  std::int64_t digits = 0;
  std::uint8_t scale = 0;
  bool fractional = false;  // written with a point, were it 1.0

  // The nearest float64; exactly the decimal in its shortest form. Of at most 15 digits only.
  double as_double() const;
};

inline constexpr std::int64_t kPowersOfTen[] = {1,
                                                10,
                                                100,
                                                1'000,
                                                10'000,
                                                100'000,
                                                1'000'000,
                                                10'000'000,
                                                100'000'000,
                                                1'000'000'000,
                                                10'000'000'000,
                                                100'000'000'000,
                                                1'000'000'000'000,
                                                10'000'000'000'000,
                                                100'000'000'000'000,
                                                1'000'000'000'000'000};

// A JSON number without exponent, of at most 18 digits, or 15 with a point. False: some other.
inline bool read_short_decimal(std::string_view number, ShortDecimal* out) {
  constexpr std::size_t kIntegerDigits = 18;
  constexpr std::size_t kDigits = 15;  // any decimal of so many digits survives a float64
  const bool negative = number.front() == '-';
  if (negative) number.remove_prefix(1);
  if (number.size() > kIntegerDigits) return false;
  std::int64_t digits = 0;
  std::size_t point = number.size();
  for (std::size_t i = 0; i < number.size(); ++i) {
    const unsigned digit = static_cast<unsigned>(number[i]) - '0';
    if (digit <= 9) {
      digits = digits * 10 + digit;
    } else if (number[i] == '.') {
      point = i;
    } else {
      return false;
    }
  }
  out->fractional = point != number.size();
  if (out->fractional && number.size() - 1 > kDigits) return false;
  out->scale =
      out->fractional ? static_cast<std::uint8_t>(number.size() - point - 1) : std::uint8_t{0};
  out->digits = negative ? -digits : digits;
  return true;
}

inline double ShortDecimal::as_double() const {
  // Both are exact in a float64, so the division rounds once.
  return static_cast<double>(digits) / static_cast<double>(kPowersOfTen[scale]);
}

}  // namespace weir::document
