#include "app/signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace weir::app {
namespace {

constexpr int kPrivate = SIGUSR1;

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, kPrivate}) sigaddset(&set, number);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(kPrivate, SIG_DFL);
  ::signal(SIGPIPE, SIG_IGN);
}

Signals::~Signals() {
  // A wake that nobody waited for any more would end the process; this forgets it.
  ::signal(kPrivate, SIG_IGN);
  const sigset_t set = watched();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

std::optional<Signal> Signals::wait(std::chrono::milliseconds wait) {
  const sigset_t set = watched();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait);
  const timespec limit{seconds.count(), static_cast<long>((wait - seconds).count() * 1'000'000)};
  switch (sigtimedwait(&set, nullptr, &limit)) {
    case SIGINT: return Signal::kInterrupt;
    case SIGTERM: return Signal::kTerminate;
    case SIGHUP: return Signal::kHangUp;
    case kPrivate: return Signal::kChanged;
    default: return std::nullopt;
  }
}

void Signals::wake() {
  ::kill(::getpid(), kPrivate);
}

}  // namespace weir::app
