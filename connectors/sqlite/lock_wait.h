// Waiting for the write lock of a database that another program holds: bounded, said now and then
// with the holder's name, and given up at once by interrupt().
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/wake.h"

struct sqlite3;

namespace weir::sqlite {

struct LockWaitOptions {
  std::chrono::milliseconds limit{60'000};
  std::chrono::milliseconds say_every{10'000};
};

class LockWait {
 public:
  // `clock` must outlive this. `materialization` is for the log.
  LockWait(const Clock& clock, LockWaitOptions options) : clock_(clock), options_(options) {}
  LockWait(const LockWait&) = delete;
  LockWait& operator=(const LockWait&) = delete;

  // Becomes the busy handler of a connection, which must not outlive this.
  void install(sqlite3* connection, std::string path, std::string materialization);
  // The limit of the waits to come; returns the one before.
  std::chrono::milliseconds set_limit(std::chrono::milliseconds limit) {
    return std::exchange(options_.limit, limit);
  }

  // For good: the wait under way and all later ones end at once. Any thread may call it.
  void interrupt();
  bool interrupted() const { return interrupted_.load(std::memory_order_relaxed); }

 private:
  static int busy(void* self, int count);
  bool wait_once(int count);

  const Clock& clock_;
  LockWaitOptions options_;
  std::string path_;
  std::string materialization_;
  WakeUp wake_;
  std::atomic<bool> interrupted_ = false;
  Instant since_;
  Instant said_;
};

// The processes that hold a write lock on the database, as far as the system tells: "process 4242
// (python3)"; empty if it does not. `path` is the database's.
std::string lock_holders(const std::string& path);

}  // namespace weir::sqlite
