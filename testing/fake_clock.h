// A clock that stands still until a test moves it. Both of its faces move together; the wall clock
// can also be set. Safe from any thread.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace weir::testing {

class FakeClock : public Clock {
 public:
  // 2026-11-22T17:00:00Z.
  explicit FakeClock(Timestamp start = Timestamp(std::chrono::seconds(1'795'366'800)))
      : wall_(start.time_since_epoch().count()) {}

  Timestamp now() const override { return Timestamp(std::chrono::microseconds(wall_.load())); }
  Instant monotonic() const override {
    return Instant(std::chrono::nanoseconds(monotonic_.load()));
  }

  void advance(std::chrono::nanoseconds by) {
    monotonic_ += by.count();
    wall_ += std::chrono::ceil<std::chrono::microseconds>(by).count();
  }
  // As an administrator would: the monotonic face does not notice.
  void set_wall(Timestamp time) { wall_ = time.time_since_epoch().count(); }

 private:
  std::atomic<std::int64_t> wall_;          // microseconds since the Unix epoch
  std::atomic<std::int64_t> monotonic_{0};  // nanoseconds
};

}  // namespace weir::testing
