// SQLite as a destination that holds the checkpoint. Rows, checkpoint and what triggers owe are
// committed in one transaction of the database file, durable when start_commit returns (write-ahead
// log, synced at each commit), and refused unless the fence is still this session's.
//
// The file is put into write-ahead mode and stays so. Readers never block a session, nor it them.
// Another writer is waited for, up to a limit, then kUnavailable. A full disk is kFull. After any
// error but those of validate() the session is spent and its transaction rolled back; only close()
// is left, which marks the owner as closed all the same. interrupt() is for good: whatever runs or
// comes later is kCancelled, but for close().
//
// Counts are of rows in the table: a soft deletion counts as the update or insert that it is. A
// backfill counter lower than the applied one is kInvalid.
//
// Memory: the page cache, and the keys asked for by load() until flush() answers them.
#pragma once

#include <chrono>
#include <memory>

#include "base/clock.h"
#include "connector/destination.h"
#include "connectors/sqlite/lock_wait.h"

namespace weir::sqlite {

struct Options {
  LockWaitOptions lock_wait;
  std::size_t page_cache_bytes = 64u << 20;
  // The log is copied into the database file after the commit that makes it longer than this.
  std::size_t log_bytes = 32u << 20;
};

// The endpoint is told by the config in validate() and open(). `clock` must outlive the
// destination.
std::unique_ptr<connector::Destination> make_destination(const Clock& clock, Options options = {});

}  // namespace weir::sqlite
