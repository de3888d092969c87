#include "document/uuid.h"

#include <fmt/format.h>

#include <chrono>

namespace weir::document {
namespace {

constexpr std::size_t kTextLength = 36;
constexpr std::uint64_t kTicksPerSecond = 10'000'000;

// Value of a hex digit, or 255.
constexpr std::array<std::uint8_t, 256> kHex = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(255);
  for (unsigned i = 0; i < 10; ++i) table['0' + i] = static_cast<std::uint8_t>(i);
  for (unsigned i = 0; i < 6; ++i) {
    table['a' + i] = table['A' + i] = static_cast<std::uint8_t>(10 + i);
  }
  return table;
}();

// Where the text of each byte begins.
constexpr std::array<std::uint8_t, 16> kBytesAt{0,  2,  4,  6,  9,  11, 14, 16,
                                                19, 21, 24, 26, 28, 30, 32, 34};

std::uint64_t big_endian(const std::uint8_t* bytes, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = (value << 8) | bytes[i];
  return value;
}

// 100 ns intervals since the Unix epoch; zero before it.
std::uint64_t ticks_since_epoch(ClockTicks clock) {
  return clock < kUnixEpochClock ? 0 : (clock >> 4) - (kUnixEpochClock >> 4);
}

}  // namespace

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != kTextLength) return std::nullopt;
  if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return std::nullopt;
  std::uint8_t bytes[16];
  std::uint8_t seen = 0;  // above 15 once a digit was none
  for (std::size_t i = 0; i < kBytesAt.size(); ++i) {
    const std::uint8_t high = kHex[static_cast<unsigned char>(text[kBytesAt[i]])];
    const std::uint8_t low = kHex[static_cast<unsigned char>(text[kBytesAt[i] + 1])];
    seen |= high | low;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (seen > 15) return std::nullopt;
  if (bytes[6] >> 4 != 1 || bytes[8] >> 6 != 2) return std::nullopt;
  const std::uint64_t low = big_endian(bytes, 4);
  const std::uint64_t mid = big_endian(bytes + 4, 2);
  const std::uint64_t high = big_endian(bytes + 6, 2) & 0x0fff;
  const std::uint64_t sequence = big_endian(bytes + 8, 2) & 0x3fff;
  Uuid uuid;
  uuid.clock = (high << 48 | mid << 32 | low) << 4 | sequence >> 10;
  uuid.flags = static_cast<std::uint16_t>(sequence & 0x3ff);
  for (std::size_t i = 0; i < uuid.producer.size(); ++i) uuid.producer[i] = bytes[10 + i];
  return uuid;
}

std::string format_uuid(const Uuid& uuid) {
  const std::uint64_t time = uuid.clock >> 4;
  const std::uint64_t sequence = 0x8000 | (uuid.clock & 0xf) << 10 | (uuid.flags & 0x3ff);
  const Producer& p = uuid.producer;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:02x}{:02x}{:02x}{:02x}{:02x}{:02x}",
                     time & 0xffffffff, time >> 32 & 0xffff, (time >> 48 & 0xfff) | 0x1000,
                     sequence, p[0], p[1], p[2], p[3], p[4], p[5]);
}

ClockTicks clock_of(Timestamp time) {
  const auto micros = time.time_since_epoch().count();
  return kUnixEpochClock + (static_cast<std::uint64_t>(micros) * 10 << 4);
}

Timestamp time_of(ClockTicks clock) {
  return Timestamp(std::chrono::microseconds(ticks_since_epoch(clock) / 10));
}

std::string format_clock(ClockTicks clock) {
  const std::uint64_t ticks = ticks_since_epoch(clock);
  const std::uint64_t counter = clock < kUnixEpochClock ? 0 : clock & 0xf;
  const std::uint64_t nanos = ticks % kTicksPerSecond * 100 + counter * 4;
  const std::chrono::sys_seconds seconds(
      std::chrono::seconds(static_cast<std::int64_t>(ticks / kTicksPerSecond)));
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(seconds - day);
  std::string out =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  time.hours().count(), time.minutes().count(), time.seconds().count());
  if (nanos != 0) {
    fmt::format_to(std::back_inserter(out), ".{:09}", nanos);
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out + 'Z';
}

}  // namespace weir::document
