#include "delivery/dispatcher_thread.h"

namespace weir::delivery {

namespace {
constexpr std::chrono::milliseconds kLongStep = std::chrono::hours(1);
}

DispatcherThread::DispatcherThread(Dispatcher& dispatcher, io::HttpClient& client)
    : dispatcher_(dispatcher), client_(client), thread_("weir-delivery", [this] { run(); }) {}

void DispatcherThread::run() {
  while (!stopping_) dispatcher_.step(kLongStep);
}

void DispatcherThread::stop() {
  stopping_ = true;
  client_.wake();
  thread_.join();
}

}  // namespace weir::delivery
