// Telling a service manager how the process is, as systemd asks for it (sd_notify(3)): datagrams of
// VARIABLE=VALUE lines to the socket that NOTIFY_SOCKET names, a path or, with a leading '@', a
// name in the abstract space. Without that variable nothing is sent. A message that cannot be sent
// is dropped: the manager is never waited for.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "runtime/status.h"

namespace weir::app {

// What the manager set up for this process.
struct NotifySetup {
  std::string socket;  // empty: nobody listens
  // How often the manager wants to hear of us; nullopt: it does not ask.
  std::optional<std::chrono::microseconds> watchdog;
};
// `watchdog_process` is WATCHDOG_PID; a time that is meant for another process does not count.
NotifySetup notify_setup(const char* socket, const char* watchdog_usec, const char* watchdog_pid,
                         long process);

// The messages. Line breaks in a status become spaces.
std::string ready_message(std::string_view status);
std::string reloading_message(Instant now);
// With the time that the process asks for until it has ended.
std::string stopping_message(std::chrono::milliseconds at_most);
std::string status_message(std::string_view status);
inline constexpr std::string_view kWatchdogMessage = "WATCHDOG=1";

// "2 running, 1 stuck: acme/shop: the disk is full", as `systemctl status` shows it.
std::string status_of(const std::vector<runtime::TaskStatus>& tasks);

// One thread.
class Notifier {
 public:
  explicit Notifier(NotifySetup setup);  // of the environment: Notifier::from_environment()
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;
  static NotifySetup from_environment();

  void ready(std::string_view status);
  void reloading(Instant now);
  void stopping(std::chrono::milliseconds at_most);
  void status(std::string_view status);  // sent where it differs from the last one
  // Call as often as next_alive says: only from a loop whose turning means that the process works.
  void alive(Instant now);
  // When `alive` is to be called again, twice in the time that the manager waits.
  std::optional<Instant> next_alive() const { return next_alive_; }

 private:
  void send(std::string_view message);
  const NotifySetup setup_;
  int descriptor_ = -1;
  std::string status_;
  std::optional<Instant> next_alive_;
};

// Is standard error the journal's? JOURNAL_STREAM is "DEVICE:INODE" of what it gave us.
bool is_journal(const char* journal_stream, int descriptor);

}  // namespace weir::app
