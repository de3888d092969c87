// The thread that drives a dispatcher. It sleeps in the client's poll and wakes for answers, for
// the next attempt that is due, and for calls from other threads: with nothing to do it does not
// wake at all.
#pragma once

#include <atomic>

#include "delivery/dispatcher.h"
#include "io/http_client.h"
#include "io/thread.h"

namespace weir::delivery {

class DispatcherThread {
 public:
  // Both outlive it; `client` is the dispatcher's own.
  DispatcherThread(Dispatcher& dispatcher, io::HttpClient& client);
  ~DispatcherThread() { stop(); }
  // Returns when the step under way is over; attempts in flight are left to the dispatcher's end.
  // Idempotent.
  void stop();

 private:
  void run();
  Dispatcher& dispatcher_;
  io::HttpClient& client_;
  std::atomic<bool> stopping_ = false;
  io::Thread thread_;  // last: started when all else is ready
};

}  // namespace weir::delivery
