// Tells when files in folders change: a file grew, appeared, was renamed or removed. By inotify, so
// that nothing wakes up while nothing happens; folders on network file systems, and those beyond
// the kernel's limit of watches, are looked at every `poll` instead. A notification means "look
// again", not that something is new.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/wake.h"

namespace weir::io {

inline constexpr std::size_t kWatchedFoldersMax = 65536;

class Watcher {
 public:
  struct Options {
    std::chrono::milliseconds poll{1000};
    bool always_poll = false;  // for tests of the fallback
  };
  // `changed` must outlive the watcher; it is notified from the watcher's own thread.
  static std::unique_ptr<Watcher> start(WakeUp& changed, const Options& options);
  static std::unique_ptr<Watcher> start(WakeUp& changed) { return start(changed, Options{}); }
  virtual ~Watcher() = default;  // stops and joins
  // The files directly in `folder`; any thread, any time, also twice. A folder that does not exist
  // yet is waited for. kLimit beyond kWatchedFoldersMax.
  virtual Status add(const std::string& folder) = 0;
};

}  // namespace weir::io
