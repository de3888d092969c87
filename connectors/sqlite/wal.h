// Keeps the write-ahead log from growing without bound. SQLite would copy it into the database file
// in the middle of a commit's answer; here it is done between transactions. A reader that stays in
// one transaction holds the log back: then it grows, which is said, and is cut as soon as the
// reader is gone.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "connectors/sqlite/database.h"
#include "connectors/sqlite/lock_wait.h"

namespace weir::sqlite {

class WalKeeper {
 public:
  // All must outlive this; `database` is in write-ahead mode and waits by `wait`.
  WalKeeper(Database& database, LockWait& wait, const Clock& clock, std::uint64_t bytes_max);
  ~WalKeeper();
  WalKeeper(const WalKeeper&) = delete;
  WalKeeper& operator=(const WalKeeper&) = delete;

  // Between transactions: copies the log if it is longer than the bound. A failure is no failure of
  // the caller's; it is logged, and tried again next time.
  void tidy(const std::string& materialization);
  std::uint64_t log_bytes() const { return static_cast<std::uint64_t>(frames_) * page_bytes_; }

 private:
  static int committed(void* self, sqlite3*, const char*, int frames);

  Database& database_;
  LockWait& wait_;
  const Clock& clock_;
  const std::uint64_t bytes_max_;
  std::uint64_t page_bytes_ = 4096;
  int frames_ = 0;  // in the log after the last commit
  Instant said_;
  bool ever_said_ = false;
};

}  // namespace weir::sqlite
