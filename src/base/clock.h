// Time is an argument. Product code reads it through Clock; only system_clock.cc asks the system.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// Wall clock, microseconds since the Unix epoch, UTC. Rises except where an administrator sets it
// back.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
// Monotonic time since an arbitrary start: for waits, backoff and durations.
using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using std::chrono::milliseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
  virtual Instant monotonic() const = 0;
};

// The machine's clocks; safe from any thread.
const Clock& system_clock();

// 2026-11-22T17:03:04.123456Z: always six digits, always UTC.
std::string format_timestamp(Timestamp time);
// Reads RFC 3339 with any offset and up to nine digits of fraction (cut to microseconds). False if
// it is none.
bool parse_timestamp(std::string_view text, Timestamp* out);

}  // namespace weir
