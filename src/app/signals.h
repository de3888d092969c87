// Signals as events of the main thread. They are blocked in every thread and picked up one at a
// time, so nothing runs inside a handler.
#pragma once

#include <chrono>
#include <optional>

namespace weir::app {

enum class Signal { kInterrupt, kTerminate, kHangUp, kChanged };

class Signals {
 public:
  // Blocks SIGINT, SIGTERM, SIGHUP and the private one, and ignores SIGPIPE, for this thread and
  // those it starts. One at a time, before the first thread is started.
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // The next one; nullopt after `wait`.
  std::optional<Signal> wait(std::chrono::milliseconds wait);
  // Ends a wait with kChanged; from any thread.
  static void wake();
};

}  // namespace weir::app
