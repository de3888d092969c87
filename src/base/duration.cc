#include "base/duration.h"

#include <array>
#include <cstdint>

namespace weir {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t nanoseconds;
};

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kDay = 86'400 * kSecond;

constexpr Unit kUnits[] = {
    {"nanos", 1},
    {"nsec", 1},
    {"ns", 1},
    {"usec", 1'000},
    {"us", 1'000},
    {"millis", 1'000'000},
    {"msec", 1'000'000},
    {"ms", 1'000'000},
    {"seconds", kSecond},
    {"second", kSecond},
    {"secs", kSecond},
    {"sec", kSecond},
    {"s", kSecond},
    {"minutes", 60 * kSecond},
    {"minute", 60 * kSecond},
    {"mins", 60 * kSecond},
    {"min", 60 * kSecond},
    {"m", 60 * kSecond},
    {"hours", 3600 * kSecond},
    {"hour", 3600 * kSecond},
    {"hrs", 3600 * kSecond},
    {"hr", 3600 * kSecond},
    {"h", 3600 * kSecond},
    {"days", kDay},
    {"day", kDay},
    {"d", kDay},
    {"weeks", 7 * kDay},
    {"week", 7 * kDay},
    {"wks", 7 * kDay},
    {"wk", 7 * kDay},
    {"w", 7 * kDay},
    {"months", 2'630'016 * kSecond},
    {"month", 2'630'016 * kSecond},
    {"M", 2'630'016 * kSecond},
    {"years", 31'557'600 * kSecond},
    {"year", 31'557'600 * kSecond},
    {"yrs", 31'557'600 * kSecond},
    {"yr", 31'557'600 * kSecond},
    {"y", 31'557'600 * kSecond},
};

constexpr std::uint64_t kMaxNanoseconds =
    static_cast<std::uint64_t>(kDurationMax.count()) * 1'000'000;

const Unit* find_unit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
void skip_spaces(std::string_view text, std::size_t* at) {
  while (*at < text.size() && (text[*at] == ' ' || text[*at] == '\t')) ++*at;
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::uint64_t total = 0;
  std::size_t at = 0;
  bool any = false;
  for (skip_spaces(text, &at); at < text.size(); skip_spaces(text, &at)) {
    std::uint64_t number = 0;
    const std::size_t digits_at = at;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (number > kMaxNanoseconds)
        return error(Code::kInvalid, "a duration of more than 10 years");
      number = number * 10 + static_cast<std::uint64_t>(text[at] - '0');
    }
    if (at == digits_at)
      return error(Code::kInvalid, "a duration is numbers with units, as 30s or 1h 30m");
    skip_spaces(text, &at);
    const std::size_t unit_at = at;
    while (at < text.size() && is_letter(text[at])) ++at;
    const Unit* unit = find_unit(text.substr(unit_at, at - unit_at));
    if (unit == nullptr) {
      return error(Code::kInvalid,
                   "a duration needs a unit after each number: ms, s, m, h, d or w");
    }
    if (number > (kMaxNanoseconds - total) / unit->nanoseconds) {
      return error(Code::kInvalid, "a duration of more than 10 years");
    }
    total += number * unit->nanoseconds;
    any = true;
  }
  if (!any) return error(Code::kInvalid, "an empty duration; write 0s for none");
  return std::chrono::milliseconds((total + 999'999) / 1'000'000);
}

std::string format_duration(std::chrono::milliseconds duration) {
  struct Part {
    std::string_view unit;
    std::int64_t milliseconds;
  };
  constexpr std::array<Part, 5> kParts = {
      {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
  std::int64_t rest = duration.count();
  std::string out;
  for (const Part& part : kParts) {
    const std::int64_t count = rest / part.milliseconds;
    rest %= part.milliseconds;
    if (count == 0) continue;
    if (!out.empty()) out += ' ';
    out += fmt::format("{}{}", count, part.unit);
  }
  return out.empty() ? "0s" : out;
}

}  // namespace weir
