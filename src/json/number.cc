// Numbers are taken apart into sign, significant digits and a power of ten; nothing here rounds
// except to_double.
#include "json/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/check.h"

namespace weir::json {
namespace {

constexpr std::size_t kSumDigitsMax = 4096;
constexpr std::size_t kExponentDigitsMax =
    17;  // more do not fit an int64 together with a digit count

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The parts of a literal: -12.50e3 is negative, "12", "50", "3".
struct Literal {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  bool exponent_negative = false;
  std::string_view exponent;  // without leading zeros; empty is zero
};

bool split_literal(std::string_view text, Literal* out) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return text.substr(begin, at - begin);
  };
  if (at < text.size() && text[at] == '-') {
    out->negative = true;
    ++at;
  }
  out->whole = digits();
  if (out->whole.empty() || (out->whole.size() > 1 && out->whole[0] == '0')) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    out->fraction = digits();
    if (out->fraction.empty()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
      out->exponent_negative = text[at++] == '-';
    }
    out->exponent = digits();
    if (out->exponent.empty()) return false;
    out->exponent.remove_prefix(
        std::min(out->exponent.find_first_not_of('0'), out->exponent.size()));
  }
  return at == text.size();
}

// value = 0.DIGITS * 10^(point), DIGITS without zeros at either end. Zero has no digits.
// The digits stand in up to two pieces of the source text.
struct Decimal {
  bool negative = false;
  std::string_view high, low;
  std::int64_t point = 0;  // without the exponent where it is `far`
  bool far = false;        // the exponent does not fit: it is left in `literal`
  Literal literal;

  bool is_zero() const { return high.empty() && low.empty(); }
  std::size_t digits() const { return high.size() + low.size(); }
  char digit(std::size_t i) const { return i < high.size() ? high[i] : low[i - high.size()]; }
};

std::string_view without_leading_zeros(std::string_view digits) {
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

std::string_view without_trailing_zeros(std::string_view digits) {
  return digits.substr(0, digits.find_last_not_of('0') + 1);
}

Decimal decimal_of(std::string_view text) {
  Decimal d;
  WEIR_CHECK(split_literal(text, &d.literal));
  d.high = without_leading_zeros(d.literal.whole);
  d.low = d.literal.fraction;
  d.point = static_cast<std::int64_t>(d.high.size());
  if (d.high.empty()) {
    const std::string_view trimmed = without_leading_zeros(d.low);
    d.point = -static_cast<std::int64_t>(d.low.size() - trimmed.size());
    d.low = trimmed;
  }
  d.low = without_trailing_zeros(d.low);
  if (d.low.empty()) d.high = without_trailing_zeros(d.high);
  if (d.is_zero()) {
    d.point = 0;
    return d;
  }
  d.negative = d.literal.negative;
  if (d.literal.exponent.size() > kExponentDigitsMax) {
    d.far = true;
    return d;
  }
  std::int64_t exponent = 0;
  for (const char c : d.literal.exponent) exponent = exponent * 10 + (c - '0');
  d.point += d.literal.exponent_negative ? -exponent : exponent;
  return d;
}

// |a| + |b|, or |a| - |b| where |a| >= |b|, of digit strings of the same length.
std::string add_digits(const std::string& a, const std::string& b) {
  std::string sum(a.size() + 1, '0');
  int carry = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    const int digit = (a[i] - '0') + (b[i] - '0') + carry;
    sum[i + 1] = static_cast<char>('0' + digit % 10);
    carry = digit / 10;
  }
  sum[0] = static_cast<char>('0' + carry);
  return sum;
}

std::string subtract_digits(const std::string& a, const std::string& b) {
  std::string difference(a.size(), '0');
  int borrow = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    int digit = (a[i] - '0') - (b[i] - '0') - borrow;
    borrow = digit < 0 ? 1 : 0;
    if (digit < 0) digit += 10;
    difference[i] = static_cast<char>('0' + digit);
  }
  return difference;
}

// Digits of the decimal from 10^(top-1) down to 10^bottom, padded with zeros.
std::string aligned(const Decimal& d, std::int64_t top, std::int64_t bottom) {
  std::string out(static_cast<std::size_t>(top - bottom), '0');
  for (std::size_t i = 0; i < d.digits(); ++i) {
    out[static_cast<std::size_t>(top - d.point) + i] = d.digit(i);
  }
  return out;
}

std::string plain(bool negative, std::string digits, std::int64_t bottom) {
  std::string fraction;
  if (bottom < 0) {
    const auto places = static_cast<std::size_t>(-bottom);
    if (digits.size() < places) digits.insert(0, places - digits.size(), '0');
    fraction = without_trailing_zeros(std::string_view(digits).substr(digits.size() - places));
    digits.resize(digits.size() - places);
  } else {
    digits.append(static_cast<std::size_t>(bottom), '0');
  }
  std::string out(without_leading_zeros(digits));
  if (out.empty()) out = "0";
  if (!fraction.empty()) out += "." + fraction;
  return negative && out != "0" ? "-" + out : out;
}

// The sum of two decimals whose exponents are not far, of any length.
std::string exact_sum(const Decimal& a, const Decimal& b) {
  const std::int64_t top = std::max({a.point, b.point, std::int64_t{0}});
  const std::int64_t bottom =
      std::min({a.point - static_cast<std::int64_t>(a.digits()),
                b.point - static_cast<std::int64_t>(b.digits()), std::int64_t{0}});
  std::string left = aligned(a, top, bottom);
  std::string right = aligned(b, top, bottom);
  if (a.negative == b.negative) return plain(a.negative, add_digits(left, right), bottom);
  const bool left_smaller = left < right;
  if (left_smaller) std::swap(left, right);
  return plain(left_smaller ? b.negative : a.negative, subtract_digits(left, right), bottom);
}

// The power of ten of the first digit as decimal text, however long the exponent is.
std::string far_point(const Decimal& d) {
  const std::string exponent =
      (d.literal.exponent_negative ? "-" : "") +
      (d.literal.exponent.empty() ? std::string("0") : std::string(d.literal.exponent));
  std::int64_t shift = d.point;
  if (!d.far) return std::to_string(shift);
  const std::string shift_text = std::to_string(shift);
  return exact_sum(decimal_of(exponent), decimal_of(shift_text));
}

int compare_points(const Decimal& a, const Decimal& b) {
  if (a.far || b.far) return compare_numbers(far_point(a), far_point(b));
  return (a.point > b.point) - (a.point < b.point);
}

int compare_magnitudes(const Decimal& a, const Decimal& b) {
  if (const int c = compare_points(a, b); c != 0) return c;
  const std::size_t common = std::min(a.digits(), b.digits());
  for (std::size_t i = 0; i < common; ++i) {
    if (a.digit(i) != b.digit(i)) return a.digit(i) < b.digit(i) ? -1 : 1;
  }
  return (a.digits() > b.digits()) - (a.digits() < b.digits());
}

// The magnitude if it is an integer below 2^64.
std::optional<std::uint64_t> integral_magnitude(const Decimal& d) {
  if (d.is_zero()) return 0;
  if (d.far || d.point > 20 || d.point < static_cast<std::int64_t>(d.digits())) return std::nullopt;
  std::uint64_t value = 0;
  for (std::int64_t i = 0; i < d.point; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const auto digit = static_cast<std::uint64_t>(at < d.digits() ? d.digit(at) - '0' : 0);
    if (__builtin_mul_overflow(value, 10, &value)) return std::nullopt;
    if (__builtin_add_overflow(value, digit, &value)) return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> with_sign(std::uint64_t magnitude, bool negative) {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (negative) {
    if (magnitude > kMax + 1) return std::nullopt;
    return static_cast<std::int64_t>(~magnitude + 1);
  }
  if (magnitude > kMax) return std::nullopt;
  return static_cast<std::int64_t>(magnitude);
}

std::uint64_t multiply_mod(std::uint64_t a, std::uint64_t b, std::uint64_t m) {
  // By doubling: no type of 128 bits is needed, and m stays below 2^63.
  std::uint64_t product = 0;
  for (; b != 0; b >>= 1) {
    if ((b & 1) != 0) product = (product + a) % m;
    a = (a + a) % m;
  }
  return product;
}

// Does Y divide X * 10^shift?
bool remainder_is_zero(const Decimal& x, std::uint64_t shift, const Decimal& y) {
  constexpr std::size_t kWordDigits = 18;  // below 2^63
  if (y.digits() <= kWordDigits) {
    std::uint64_t m = 0;
    for (std::size_t i = 0; i < y.digits(); ++i)
      m = m * 10 + static_cast<std::uint64_t>(y.digit(i) - '0');
    std::uint64_t rest = 0;
    for (std::size_t i = 0; i < x.digits(); ++i) {
      rest = (multiply_mod(rest, 10, m) + static_cast<std::uint64_t>(x.digit(i) - '0')) % m;
    }
    for (std::uint64_t power = 10 % m; shift != 0; shift >>= 1) {
      if ((shift & 1) != 0) rest = multiply_mod(rest, power, m);
      power = multiply_mod(power, power, m);
    }
    return rest == 0;
  }
  // Long division. Past as many zeros as Y has bits, no further power of ten can matter.
  const std::size_t zeros = std::min<std::uint64_t>(shift, y.digits() * 4);
  std::string divisor = aligned(y, y.point, y.point - static_cast<std::int64_t>(y.digits()));
  divisor.insert(0, 1, '0');
  std::string rest(divisor.size(), '0');
  for (std::size_t i = 0; i < x.digits() + zeros; ++i) {
    rest.erase(0, 1);
    rest += i < x.digits() ? x.digit(i) : '0';
    while (rest >= divisor) rest = subtract_digits(rest, divisor);
  }
  return rest.find_first_not_of('0') == std::string::npos;
}

template <typename T>
std::optional<T> from_digits(std::string_view text) {
  T value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool is_number_text(std::string_view text) {
  Literal literal;
  return split_literal(text, &literal);
}

bool is_integer_text(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return false;
  return std::all_of(text.begin(), text.end(), is_digit);
}

std::optional<std::int64_t> to_int64(std::string_view text) {
  if (!is_integer_text(text)) return std::nullopt;
  return from_digits<std::int64_t>(text);
}

std::optional<std::uint64_t> to_uint64(std::string_view text) {
  if (text == "-0") return 0;
  if (!is_integer_text(text)) return std::nullopt;
  return from_digits<std::uint64_t>(text);
}

std::optional<std::int64_t> integral_int64(std::string_view text) {
  if (auto integer = to_int64(text)) return integer;
  const Decimal d = decimal_of(text);
  const auto magnitude = integral_magnitude(d);
  if (!magnitude) return std::nullopt;
  return with_sign(*magnitude, d.negative);
}

std::optional<std::uint64_t> integral_uint64(std::string_view text) {
  const Decimal d = decimal_of(text);
  if (d.negative) return std::nullopt;
  return integral_magnitude(d);
}

bool is_integral(std::string_view text) {
  if (is_integer_text(text)) return true;
  const Decimal d = decimal_of(text);
  if (d.is_zero()) return true;
  if (d.far) return compare_numbers(far_point(d), std::to_string(d.digits())) >= 0;
  return d.point >= static_cast<std::int64_t>(d.digits());
}

double to_double(std::string_view text) {
#if defined(__cpp_lib_to_chars) && __cpp_lib_to_chars >= 201611L
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc::result_out_of_range) return value;
#endif
  // from_chars does not tell too large from too small; strtod answers infinity or (nearly) zero.
  return std::strtod(std::string(text).c_str(), nullptr);
}

bool exact_as_double(std::string_view text) {
  const double value = to_double(text);
  return std::isfinite(value) && compare_numbers(shortest_double(value), text) == 0;
}

std::string shortest_double(double value) {
  WEIR_CHECK(std::isfinite(value));
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  return {digits, end};
}

int compare_numbers(std::string_view a, std::string_view b) {
  const auto left = to_int64(a);
  if (left) {
    const auto right = to_int64(b);
    if (right) return (*left > *right) - (*left < *right);
  }
  const Decimal x = decimal_of(a);
  const Decimal y = decimal_of(b);
  const int sign_x = x.is_zero() ? 0 : (x.negative ? -1 : 1);
  const int sign_y = y.is_zero() ? 0 : (y.negative ? -1 : 1);
  if (sign_x != sign_y) return sign_x < sign_y ? -1 : 1;
  if (sign_x == 0) return 0;
  return sign_x * compare_magnitudes(x, y);
}

bool is_multiple_of(std::string_view value, std::string_view divisor) {
  const auto a = to_int64(value);
  const auto b = to_int64(divisor);
  if (a && b && *b > 0) return *a % *b == 0;
  const Decimal x = decimal_of(value);
  const Decimal y = decimal_of(divisor);
  if (x.is_zero()) return true;
  if (x.far || y.far || y.is_zero()) return false;
  // x = X * 10^shift * unit and y = Y * unit, for integers X and Y that 10 does not divide.
  const std::int64_t shift = (x.point - static_cast<std::int64_t>(x.digits())) -
                             (y.point - static_cast<std::int64_t>(y.digits()));
  if (shift < 0) return false;
  return remainder_is_zero(x, static_cast<std::uint64_t>(shift), y);
}

Result<std::string> add_decimals(std::string_view a, std::string_view b) {
  for (const std::string_view text : {a, b}) {
    if (!is_number_text(text)) return error(Code::kInvalid, "not a decimal number");
  }
  const Decimal x = decimal_of(a);
  const Decimal y = decimal_of(b);
  for (const Decimal& d : {x, y}) {
    const auto digits = static_cast<std::int64_t>(d.digits());
    constexpr auto kMax = static_cast<std::int64_t>(kSumDigitsMax);
    if (d.far || d.point > kMax || digits - d.point > kMax || digits > kMax) {
      return error(Code::kLimit, "a sum of decimals would need more than {} digits", kSumDigitsMax);
    }
  }
  return exact_sum(x, y);
}

}  // namespace weir::json
