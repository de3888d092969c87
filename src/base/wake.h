// How one thread tells another that there is work: a latched flag. notify() before wait() is not
// lost; several notifications may be one wake-up. Any thread may notify; one thread waits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace weir {

class WakeUp {
 public:
  void notify();
  // Returns at a notification or after `timeout`, whichever is first; true if notified.
  bool wait(std::chrono::nanoseconds timeout);

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool notified_ = false;
};

}  // namespace weir
