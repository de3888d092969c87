#include "document/sum.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "json/number.h"

namespace weir::document {
namespace {

constexpr int kExactDigits = 15;  // any decimal of so many digits survives a float64
constexpr std::int64_t kExactLimit = 1'000'000'000'000'000;
constexpr double kPowers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                              1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
constexpr std::int64_t kIntegerPowers[] = {1,
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

struct Decimal {
  std::int64_t value = 0;
  std::uint8_t scale = 0;
  bool decimal = false;
};

// Literals without an exponent, of at most 18 digits (integers) or 15 (with a fraction).
bool read_decimal(std::string_view text, Decimal* out) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  constexpr std::size_t kLongest = 18;
  if (text.size() > kLongest + 1) return false;
  std::int64_t value = 0;
  std::size_t point = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned digit = static_cast<unsigned>(text[i]) - '0';
    if (digit <= 9) {
      value = value * 10 + digit;
    } else if (text[i] == '.') {
      point = i;
    } else {
      return false;
    }
  }
  out->decimal = point != text.size();
  if (!out->decimal && text.size() > kLongest) return false;
  if (out->decimal && text.size() - 1 > kExactDigits) return false;
  out->scale = out->decimal ? static_cast<std::uint8_t>(text.size() - point - 1) : 0;
  out->value = negative ? -value : value;
  return true;
}

Result<json::Value> add_integers(json::Arena& arena, std::string_view a, std::string_view b) {
  __extension__ using Wide = __int128;
  const auto wide = [](std::string_view text) -> std::optional<Wide> {
    if (const auto n = json::to_int64(text)) return Wide{*n};
    if (const auto n = json::to_uint64(text)) return Wide{*n};
    return std::nullopt;
  };
  const auto left = wide(a);
  const auto right = wide(b);
  if (!left || !right || *left + *right > std::numeric_limits<std::uint64_t>::max() ||
      *left + *right < std::numeric_limits<std::int64_t>::min()) {
    return error(Code::kLimit,
                 "the sum does not fit in 64 bits; use numeric strings for such sums");
  }
  const Wide sum = *left + *right;
  return json::Value::number(arena.copy(sum < 0 ? std::to_string(static_cast<std::int64_t>(sum))
                                                : std::to_string(static_cast<std::uint64_t>(sum))));
}

Result<json::Value> add_floats(json::Arena& arena, std::string_view a, std::string_view b) {
  const auto exact = json::add_decimals(a, b);
  const double sum = exact ? json::to_double(*exact) : std::numeric_limits<double>::infinity();
  if (!std::isfinite(sum)) {
    return error(Code::kLimit,
                 "the sum does not fit in a 64-bit float; use numeric strings for it");
  }
  return json::Value::number(arena.copy(float_text(sum)));
}

}  // namespace

std::string float_text(double value) {
  std::string text = json::shortest_double(value);
  if (text.find_first_of(".eE") == std::string::npos) text += ".0";
  return text;
}

bool is_summable(const json::Value& value) {
  return value.is_number() || (value.is_string() && json::is_number_text(value.as_string()));
}

Result<json::Value> add_values(json::Arena& arena, const json::Value& a, const json::Value& b) {
  const auto text = [](const json::Value& v) {
    return v.is_number() ? v.number_text() : v.as_string();
  };
  if (a.is_string() || b.is_string()) {
    WEIR_TRY(const std::string sum, json::add_decimals(text(a), text(b)));
    return json::Value::copied_string(arena, sum);
  }
  if (json::is_integer_text(text(a)) && json::is_integer_text(text(b))) {
    return add_integers(arena, text(a), text(b));
  }
  return add_floats(arena, text(a), text(b));
}

bool RunningSum::start(std::string_view number) {
  Decimal term;
  if (!read_decimal(number, &term)) return false;
  value_ = term.value;
  scale_ = term.scale;
  decimal_ = term.decimal;
  return true;
}

bool RunningSum::add(std::string_view number) {
  Decimal term;
  if (!read_decimal(number, &term)) return false;
  if (!decimal_ && !term.decimal)
    return !__builtin_add_overflow(value_, term.value, &term.value) && (value_ = term.value, true);
  std::int64_t value = value_;
  const std::uint8_t scale = std::max(scale_, term.scale);
  // Both below 10^15 after scaling, or add_values has to round.
  for (auto [number_of, from] : {std::pair(&value, scale_), std::pair(&term.value, term.scale)}) {
    if (__builtin_mul_overflow(*number_of, kIntegerPowers[scale - from], number_of)) return false;
  }
  if (__builtin_add_overflow(value, term.value, &value)) return false;
  if (value >= kExactLimit || value <= -kExactLimit) return false;
  value_ = value;
  scale_ = scale;
  decimal_ = true;
  return true;
}

void RunningSum::append_text(std::string& out) const {
  if (!decimal_) {
    out += std::to_string(value_);
  } else {
    // Both are exact, so the division rounds once: the nearest float64 of the decimal.
    out += float_text(static_cast<double>(value_) / kPowers[scale_]);
  }
}

}  // namespace weir::document
