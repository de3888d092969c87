#include "io/thread.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

namespace weir::io {

Thread::Thread(const std::string& name, std::function<void()> function) {
  // The new thread inherits the mask of this one: blocked before it exists, so that no signal slips
  // in.
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  for (const int synchronous : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP})
    sigdelset(&blocked, synchronous);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  thread_ = std::thread(std::move(function));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

Thread& Thread::operator=(Thread&& other) noexcept {
  join();
  thread_ = std::move(other.thread_);
  return *this;
}

void Thread::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace weir::io
