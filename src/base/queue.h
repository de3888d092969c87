// A bounded queue of values between two threads. push() waits while it is full; the consumer takes
// all there is.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "base/check.h"
#include "base/wake.h"

namespace weir {

template <typename T>
class BoundedQueue {
 public:
  // `ready`, if given, is notified at each push and at close; it must outlive the queue.
  explicit BoundedQueue(std::size_t limit, WakeUp* ready = nullptr) : limit_(limit), ready_(ready) {
    WEIR_CHECK(limit > 0);
  }
  // Waits for room. False once closed: the value was not taken.
  bool push(T value) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return closed_ || items_.size() < limit_; });
    if (closed_) return false;
    items_.push_back(std::move(value));
    lock.unlock();
    if (ready_ != nullptr) ready_->notify();
    return true;
  }
  // Never waits: nullopt when empty.
  std::optional<T> try_pop() {
    std::lock_guard lock(mutex_);
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    room_.notify_one();
    return item;
  }
  // Wakes producers, which then get false; what is queued can still be popped.
  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    room_.notify_all();
    if (ready_ != nullptr) ready_->notify();
  }
  bool closed_and_empty() const {
    std::lock_guard lock(mutex_);
    return closed_ && items_.empty();
  }

 private:
  const std::size_t limit_;
  WakeUp* ready_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace weir
