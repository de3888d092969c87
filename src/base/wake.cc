#include "base/wake.h"

namespace weir {

void WakeUp::notify() {
  {
    std::lock_guard lock(mutex_);
    notified_ = true;
  }
  condition_.notify_all();
}

bool WakeUp::wait(std::chrono::nanoseconds timeout) {
  std::unique_lock lock(mutex_);
  const bool notified = condition_.wait_for(lock, timeout, [this] { return notified_; });
  notified_ = false;
  return notified;
}

}  // namespace weir
