#include "app/notify.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace weir::app {
namespace {

// However short the time is that a manager asks for.
constexpr std::chrono::microseconds kAliveAtMostEvery{10'000};

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string one_line(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return out;
}

}  // namespace

NotifySetup notify_setup(const char* socket, const char* watchdog_usec, const char* watchdog_pid,
                         long process) {
  NotifySetup setup;
  if (socket == nullptr || (*socket != '/' && *socket != '@')) return setup;
  setup.socket = socket;
  if (watchdog_usec == nullptr) return setup;
  if (watchdog_pid != nullptr && number_of<long>(watchdog_pid) != process) return setup;
  const auto time = number_of<std::int64_t>(watchdog_usec);
  if (time && *time > 0) setup.watchdog = std::chrono::microseconds(*time);
  return setup;
}

std::string ready_message(std::string_view status) {
  return "READY=1\n" + status_message(status);
}

std::string reloading_message(Instant now) {
  const auto time =
      std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  return fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=reading the catalog again", time);
}

std::string stopping_message(std::chrono::milliseconds at_most) {
  return fmt::format("STOPPING=1\nEXTEND_TIMEOUT_USEC={}\nSTATUS=draining",
                     std::chrono::microseconds(at_most).count());
}

std::string status_message(std::string_view status) {
  return "STATUS=" + one_line(status);
}

std::string status_of(const std::vector<runtime::TaskStatus>& tasks) {
  using runtime::TaskState;
  constexpr TaskState kStates[] = {TaskState::kRunning,  TaskState::kStarting, TaskState::kBlocked,
                                   TaskState::kRetrying, TaskState::kStuck,    TaskState::kRefused,
                                   TaskState::kStopped};
  std::string out;
  const runtime::TaskStatus* worst = nullptr;
  for (const TaskState state : kStates) {
    std::size_t count = 0;
    for (const runtime::TaskStatus& task : tasks) {
      if (task.state != state) continue;
      ++count;
      const bool well = state == TaskState::kRunning || state == TaskState::kStarting;
      if (!well && !task.reason.empty()) worst = &task;
    }
    if (count == 0) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, runtime::name_of(state));
  }
  if (worst != nullptr) out += fmt::format(": {}: {}", worst->name, worst->reason);
  return out;
}

NotifySetup Notifier::from_environment() {
  return notify_setup(std::getenv("NOTIFY_SOCKET"), std::getenv("WATCHDOG_USEC"),
                      std::getenv("WATCHDOG_PID"), ::getpid());
}

Notifier::Notifier(NotifySetup setup) : setup_(std::move(setup)) {
  if (setup_.socket.empty()) return;
  descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (setup_.watchdog) next_alive_ = Instant::min();
}

Notifier::~Notifier() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Notifier::ready(std::string_view status) {
  status_ = status;
  send(ready_message(status));
}

void Notifier::reloading(Instant now) {
  status_.clear();
  send(reloading_message(now));
}

void Notifier::stopping(std::chrono::milliseconds at_most) {
  status_.clear();
  send(stopping_message(at_most));
}

void Notifier::status(std::string_view status) {
  if (status == status_) return;
  status_ = status;
  send(status_message(status));
}

void Notifier::alive(Instant now) {
  if (!next_alive_ || now < *next_alive_) return;
  next_alive_ = now + std::max(*setup_.watchdog / 2, kAliveAtMostEvery);
  send(kWatchdogMessage);
}

void Notifier::send(std::string_view message) {
  if (descriptor_ < 0) return;
  sockaddr_un address{};
  if (setup_.socket.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, setup_.socket.data(), setup_.socket.size());
  std::size_t length = offsetof(sockaddr_un, sun_path) + setup_.socket.size();
  if (setup_.socket.front() == '@') {
    address.sun_path[0] = '\0';
  } else {
    ++length;
  }
  (void)::sendto(descriptor_, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length));
}

bool is_journal(const char* journal_stream, int descriptor) {
  struct stat info {};
  if (journal_stream == nullptr || ::fstat(descriptor, &info) != 0) return false;
  return journal_stream == fmt::format("{}:{}", info.st_dev, info.st_ino);
}

}  // namespace weir::app
