#include "base/clock.h"

#include <fmt/core.h>

#include <string_view>

namespace weir {
namespace {

// Reads exactly `digits` digits at `*at`.
bool digits(std::string_view text, std::size_t* at, int digits, int* out) {
  *out = 0;
  for (int i = 0; i < digits; ++i, ++*at) {
    if (*at >= text.size() || text[*at] < '0' || text[*at] > '9') return false;
    *out = *out * 10 + (text[*at] - '0');
  }
  return true;
}

bool literal(std::string_view text, std::size_t* at, std::string_view any_of) {
  if (*at >= text.size() || any_of.find(text[*at]) == std::string_view::npos) return false;
  ++*at;
  return true;
}

bool fraction(std::string_view text, std::size_t* at, std::chrono::microseconds* out) {
  if (*at >= text.size() || text[*at] != '.') return true;
  ++*at;
  int count = 0;
  long micros = 0;
  for (; *at < text.size() && text[*at] >= '0' && text[*at] <= '9'; ++*at, ++count) {
    if (count < 6) micros = micros * 10 + (text[*at] - '0');
  }
  if (count == 0 || count > 9) return false;
  for (int i = count; i < 6; ++i) micros *= 10;
  *out = std::chrono::microseconds(micros);
  return true;
}

bool offset(std::string_view text, std::size_t* at, std::chrono::minutes* out) {
  if (literal(text, at, "Zz")) return true;
  if (*at >= text.size()) return false;
  const bool negative = text[*at] == '-';
  int hours = 0;
  int minutes = 0;
  if (!literal(text, at, "+-") || !digits(text, at, 2, &hours) || !literal(text, at, ":") ||
      !digits(text, at, 2, &minutes) || hours > 23 || minutes > 59) {
    return false;
  }
  *out = std::chrono::minutes((negative ? -1 : 1) * (hours * 60 + minutes));
  return true;
}

}  // namespace

std::string format_timestamp(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

bool parse_timestamp(std::string_view text, Timestamp* out) {
  std::size_t at = 0;
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::chrono::microseconds micros{0};
  std::chrono::minutes zone{0};
  if (!digits(text, &at, 4, &year) || !literal(text, &at, "-") || !digits(text, &at, 2, &month) ||
      !literal(text, &at, "-") || !digits(text, &at, 2, &day) || !literal(text, &at, "Tt ") ||
      !digits(text, &at, 2, &hour) || !literal(text, &at, ":") || !digits(text, &at, 2, &minute) ||
      !literal(text, &at, ":") || !digits(text, &at, 2, &second) || !fraction(text, &at, &micros) ||
      !offset(text, &at, &zone) || at != text.size()) {
    return false;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // A leap second counts as the first of the next minute.
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return false;
  *out = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + micros - zone;
  return true;
}

}  // namespace weir
