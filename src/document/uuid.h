// Document clocks and v1 UUIDs, as gazette has them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace weir::document {

// (100 ns intervals since 1582-10-15) << 4 | 4-bit counter.
using ClockTicks = std::uint64_t;
inline constexpr ClockTicks kUnixEpochClock = 0x1b21dd2138140000;

using Producer = std::array<std::uint8_t, 6>;  // low bit of the first byte is 1

enum class Flags : std::uint16_t { kOutside = 0, kContinue = 1, kAck = 2 };

struct Uuid {
  ClockTicks clock = 0;
  Producer producer{};
  std::uint16_t flags = 0;  // 10 bits; the low two are Flags
};

std::optional<Uuid> parse_uuid(
    std::string_view text);  // nullopt unless a v1 UUID in its 36-character form
std::string format_uuid(const Uuid& uuid);
ClockTicks clock_of(Timestamp time);
Timestamp time_of(ClockTicks clock);  // saturating at the epoch; cut to microseconds
// RFC 3339 in UTC with `Z`, up to nine digits, trailing zeros removed, no fraction if zero: the
// published form.
std::string format_clock(ClockTicks clock);

}  // namespace weir::document
