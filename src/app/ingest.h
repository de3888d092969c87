// Documents that arrive by HTTP: posts wait in a bounded queue, one line per collection, and worker
// threads append them to the journals exactly as `weir append` does. An answer says 202 only once
// the batch is safely on disk.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "catalog/model.h"
#include "io/http_server.h"
#include "io/thread.h"

namespace weir::app {

inline constexpr unsigned kIngestWorkers = 4;
inline constexpr std::size_t kPostsWaitingMax = 256;       // read, and not answered yet
inline constexpr std::chrono::seconds kIngestLockWait{5};  // for another process that appends
inline constexpr std::string_view kBatchIdHeader = "idempotency-key";

struct IngestOptions {
  std::string journals;          // folder of all journals
  const Clock* clock = nullptr;  // required
  std::size_t posts_waiting_max = kPostsWaitingMax;
  std::chrono::milliseconds lock_wait = kIngestLockWait;
};

using Collections = std::map<std::string, catalog::Collection>;

// Any thread, but the end, which waits for the posts that were taken.
class Ingest {
 public:
  // What was taken since the start, per collection.
  struct Counts {
    std::uint64_t batches = 0;
    std::uint64_t repeated = 0;  // already there
    std::uint64_t documents = 0;
  };

  Ingest(IngestOptions options, Collections collections);
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  // The catalog changed; posts that wait are judged by it.
  void set_collections(Collections collections);

  // Before the body is read. kNotFound with the nearest name; kRefused: it is read from plain
  // files; kUnavailable: as many posts wait as may.
  Status admit(const std::string& collection) const;
  // Its body is there: it is answered by one of the workers, or here where it cannot wait.
  void post(const std::string& collection, std::unique_ptr<io::PendingRequest> request);

  std::size_t waiting() const;
  std::map<std::string, Counts> counts() const;

 private:
  struct Lane;  // of a collection: its posts are appended one after the other
  using Post = std::unique_ptr<io::PendingRequest>;

  Status admit_locked(const std::string& collection) const;
  void work();
  io::ServerResponse append(Lane& lane, io::PendingRequest& post);

  const IngestOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<Lane>> lanes_;  // guarded by mutex_
  std::deque<std::shared_ptr<Lane>>
      ready_;                        // lanes with posts that no worker has; guarded by mutex_
  std::size_t waiting_ = 0;          // guarded by mutex_
  bool stopping_ = false;            // guarded by mutex_
  std::vector<io::Thread> workers_;  // last: started when all else is ready
};

// An error as the service words it: {"error":…,"code":…} and what `more` adds, one line.
struct ErrorPlace {
  std::optional<std::uint64_t> line, column;
  std::optional<std::string> pointer;
};
io::ServerResponse error_response(int status, std::string_view code, std::string_view message,
                                  const ErrorPlace& place = {});
io::ServerResponse not_admitted(const Error& error);  // by Ingest::admit

}  // namespace weir::app
