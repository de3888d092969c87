#include "connectors/sqlite/lock_wait.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "base/log.h"

namespace weir::sqlite {

namespace {

constexpr std::chrono::milliseconds kPauseMax{50};

// Where SQLite puts its locks: in the write-ahead log's index the writer's is byte 120; in a
// database with a rollback journal the reserved one is byte 2^30 + 1.
constexpr std::uint64_t kWalWriteLock = 120;
constexpr std::uint64_t kReservedLock = 0x40000001;

struct LockedByte {
  std::string file;  // "major:minor:inode", as /proc/locks writes it
  std::uint64_t at;
};

std::string file_key(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return {};
  return fmt::format("{:02x}:{:02x}:{}", major(status.st_dev), minor(status.st_dev), status.st_ino);
}

std::string program_of(const std::string& pid) {
  std::ifstream in("/proc/" + pid + "/comm");
  std::string name;
  std::getline(in, name);
  return name;
}

}  // namespace

std::string lock_holders(const std::string& path) {
  const LockedByte bytes[] = {{file_key(path + "-shm"), kWalWriteLock},
                              {file_key(path), kReservedLock}};
  std::ifstream in("/proc/locks");
  std::string line;
  std::set<std::string> pids;
  while (std::getline(in, line)) {
    // 1: POSIX  ADVISORY  WRITE 4242 08:01:1234 120 120
    if (line.find("->") != std::string::npos) continue;  // waits for the lock
    std::istringstream words(line);
    std::string number, kind, mode, access, pid, file, begin, end;
    if (!(words >> number >> kind >> mode >> access >> pid >> file >> begin >> end)) continue;
    for (const LockedByte& byte : bytes) {
      if (access != "WRITE" || file != byte.file) continue;
      const auto from = std::strtoull(begin.c_str(), nullptr, 10);
      const auto to = end == "EOF" ? ~0ULL : std::strtoull(end.c_str(), nullptr, 10);
      if (from <= byte.at && byte.at <= to) pids.insert(pid);
    }
  }
  std::string out;
  for (const std::string& pid : pids) {
    const std::string program = program_of(pid);
    out += fmt::format("{}process {}{}", out.empty() ? "" : ", ", pid,
                       program.empty() ? "" : " (" + program + ")");
  }
  return out;
}

void LockWait::install(sqlite3* connection, std::string path, std::string materialization) {
  path_ = std::move(path);
  materialization_ = std::move(materialization);
  sqlite3_busy_handler(connection, &LockWait::busy, this);
}

void LockWait::interrupt() {
  interrupted_.store(true, std::memory_order_relaxed);
  wake_.notify();
}

int LockWait::busy(void* self, int count) {
  return static_cast<LockWait*>(self)->wait_once(count) ? 1 : 0;
}

// `count` is how often SQLite asked before for the same lock.
bool LockWait::wait_once(int count) {
  const Instant now = clock_.monotonic();
  if (count == 0) since_ = said_ = now;
  if (interrupted() || now - since_ >= options_.limit) return false;
  if (now - said_ >= options_.say_every) {
    said_ = now;
    const std::string holders = lock_holders(path_);
    log(LogLevel::kWarn, "waiting for the write lock of the database",
        {{"materialization", materialization_},
         {"seconds", std::chrono::duration_cast<std::chrono::seconds>(now - since_).count()},
         {"held_by", holders.empty() ? "unknown" : holders}});
  }
  wake_.wait(std::min(std::chrono::milliseconds(1) * (count + 1), kPauseMax));
  return !interrupted();
}

}  // namespace weir::sqlite
