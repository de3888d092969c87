#include "connectors/sqlite/wal.h"

#include <sqlite3.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"

namespace weir::sqlite {

namespace {

// From this many times the bound on, it is worth to wait for readers in passing; they are never
// waited for longer.
constexpr std::uint64_t kStarvedFactor = 4;
constexpr std::chrono::milliseconds kReadersWait{200};
constexpr std::chrono::minutes kSayEvery{10};

}  // namespace

WalKeeper::WalKeeper(Database& database, LockWait& wait, const Clock& clock,
                     std::uint64_t bytes_max)
    : database_(database), wait_(wait), clock_(clock), bytes_max_(bytes_max) {
  if (const auto size = database.query_text("PRAGMA page_size"); size) {
    page_bytes_ = std::strtoull(size->c_str(), nullptr, 10);
  }
  // The hook takes the place of SQLite's own copying.
  sqlite3_wal_hook(database.handle(), &WalKeeper::committed, this);
}

WalKeeper::~WalKeeper() {
  sqlite3_wal_hook(database_.handle(), nullptr, nullptr);
}

int WalKeeper::committed(void* self, sqlite3*, const char*, int frames) {
  static_cast<WalKeeper*>(self)->frames_ = frames;
  return SQLITE_OK;
}

void WalKeeper::tidy(const std::string& materialization) {
  if (log_bytes() <= bytes_max_) return;
  fault_point("sqlite.log.before_copy");
  int in_log = 0;
  int copied = 0;
  // Passive copies what no reader needs any more and waits for nobody. The next writer starts the
  // log anew once all of it is copied and nobody reads from it.
  int result = sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                         &in_log, &copied);
  const bool starved = log_bytes() > bytes_max_ * kStarvedFactor;
  if (result == SQLITE_OK && starved && copied == in_log) {
    // Readers that overlap one another could keep the log alive for ever. Those that come now read
    // the database file itself, so it is enough to wait a moment for those under way.
    const auto limit = wait_.set_limit(kReadersWait);
    result = sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                       &in_log, &copied);
    wait_.set_limit(limit);
  }
  fault_point("sqlite.log.copied");
  if (result == SQLITE_OK && (copied == in_log || !starved)) {
    if (in_log == 0) frames_ = 0;
    return;
  }
  if (ever_said_ && clock_.monotonic() - said_ < kSayEvery) return;
  ever_said_ = true;
  said_ = clock_.monotonic();
  const bool held = result == SQLITE_OK || (result & 0xff) == SQLITE_BUSY;
  log(LogLevel::kWarn,
      held ? "the database's write-ahead log cannot be cut: a reader keeps its transaction open"
           : "the database's write-ahead log could not be copied into the database file",
      {{"materialization", materialization},
       {"log_bytes", log_bytes()},
       {"error", held ? "" : sqlite3_errmsg(database_.handle())}});
}

}  // namespace weir::sqlite
