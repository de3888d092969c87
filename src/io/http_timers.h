// Connections of libmicrohttpd that wait for a moment: suspended, which costs the server's thread
// nothing, and resumed when the time has come.
#pragma once

#include <microhttpd.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

#include "io/thread.h"

namespace weir::io {

class HttpTimers {
 public:
  using Steady = std::chrono::steady_clock;
  HttpTimers();
  ~HttpTimers() { stop(); }

  // Suspends the connection until `due`. False once stopped: answer at once or not at all.
  bool suspend(MHD_Connection* connection, Steady::time_point due);
  bool stopped();
  // Resumes all; afterwards nothing is suspended any more.
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Steady::time_point, MHD_Connection*> waiting_;
  bool stopping_ = false;
  Thread thread_;
};

}  // namespace weir::io
