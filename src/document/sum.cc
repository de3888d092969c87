#include "document/sum.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/planted.h"
#include "json/number.h"

namespace weir::document {
namespace {

constexpr std::int64_t kExactLimit = 1'000'000'000'000'000;  // 15 digits: see ShortDecimal

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
  return read_short_decimal(number, &total_);
}

bool RunningSum::add(std::string_view number) {
  if (planted(Bug::kSumForgets)) return true;
  ShortDecimal term;
  if (!read_short_decimal(number, &term)) return false;
  if (!total_.fractional && !term.fractional) {
    if (__builtin_add_overflow(total_.digits, term.digits, &term.digits)) return false;
    total_.digits = term.digits;
    return true;
  }
  ShortDecimal sum = total_;
  const std::uint8_t scale = std::max(sum.scale, term.scale);
  for (ShortDecimal* part : {&sum, &term}) {
    const std::int64_t factor = kPowersOfTen[scale - part->scale];
    if (__builtin_mul_overflow(part->digits, factor, &part->digits)) return false;
  }
  // Beyond that add_values has to round.
  if (__builtin_add_overflow(sum.digits, term.digits, &sum.digits)) return false;
  if (sum.digits >= kExactLimit || sum.digits <= -kExactLimit) return false;
  total_ = {sum.digits, scale, true};
  return true;
}

void RunningSum::append_text(std::string& out) const {
  if (!total_.fractional) {
    out += std::to_string(total_.digits);
  } else {
    out += float_text(total_.as_double());
  }
}

}  // namespace weir::document
