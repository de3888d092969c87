#include "io/http_timers.h"

namespace weir::io {

HttpTimers::HttpTimers() : thread_("weir-http-timer", [this] { run(); }) {}

bool HttpTimers::suspend(MHD_Connection* connection, Steady::time_point due) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return false;
  ::MHD_suspend_connection(connection);
  const bool first = waiting_.empty() || due < waiting_.begin()->first;
  waiting_.emplace(due, connection);
  if (first) changed_.notify_one();
  return true;
}

bool HttpTimers::stopped() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void HttpTimers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void HttpTimers::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    while (!waiting_.empty() && (stopping_ || waiting_.begin()->first <= Steady::now())) {
      ::MHD_resume_connection(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
    }
    if (stopping_) return;
    if (waiting_.empty())
      changed_.wait(lock);
    else
      changed_.wait_until(lock, waiting_.begin()->first);
  }
}

}  // namespace weir::io
