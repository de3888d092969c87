// What `weir run --http` answers: posts of documents, and how the process is. docs/http.md is the
// page for its users.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/http_address.h"
#include "app/ingest.h"
#include "app/metrics.h"
#include "app/task_view.h"
#include "io/http_server.h"

namespace weir::app {

// Bounds of the service; docs/http.md lists them.
inline constexpr unsigned kHttpConnectionsMax = 2048;
inline constexpr unsigned kHttpConnectionsMin = 64;       // with fewer it does not start
inline constexpr unsigned kDescriptorsKept = 512;         // for tables, journals and receivers
inline constexpr std::chrono::seconds kHttpPatience{30};  // ServerOptions::patience
inline constexpr std::chrono::seconds kHttpIdle{60};
inline constexpr std::uint64_t kHttpBodyBytesMax = 256u << 20;   // as sent
inline constexpr std::uint64_t kHttpBodyMemoryMax = 128u << 10;  // of each; the rest is in a file
inline constexpr std::uint64_t kHttpBodiesBytesMax = 1u << 30;   // of all

struct HttpServiceOptions {
  HttpAddress listen;
  Secret token;          // empty: none is asked for
  std::string journals;  // folder of all journals
  std::string scratch;   // folder of long bodies
  std::string version;
  std::uint64_t behind_max = UINT64_MAX;  // bytes: posts wait while a table is further behind
};

class HttpService {
 public:
  // What it asks of the process; called on its threads.
  struct Deps {
    std::function<std::vector<TaskView>()> views;
    // How far behind is the last of the running tables that this collection feeds?
    std::function<std::uint64_t(const std::string& collection)> bytes_behind;
  };

  // kInvalid: it cannot listen there; an address that is not loopback without a token; too few
  // descriptors.
  static Result<std::unique_ptr<HttpService>> start(HttpServiceOptions options, Deps deps,
                                                    Collections collections);
  ~HttpService();

  std::string origin() const { return server_->origin(); }
  void set_collections(Collections collections);
  // Takes no further post and no new connection; what was begun goes on.
  void begin_drain();
  // True once everything that was begun is answered.
  bool drained(std::chrono::milliseconds wait);

 private:
  HttpService(HttpServiceOptions options, Deps deps, Collections collections);
  Status listen();

  std::optional<io::ServerResponse> admit(const io::ServerRequest& head);
  std::optional<io::ServerResponse> guard(const io::ServerRequest& head) const;
  std::optional<io::ServerResponse> admit_post(const io::ServerRequest& head);
  void take(std::unique_ptr<io::PendingRequest> request);
  io::ServerResponse look(const io::ServerRequest& request) const;
  HttpCounts counts() const;
  void count(const std::string& path, int status) const;

  const HttpServiceOptions options_;
  const Deps deps_;
  const Timestamp started_;
  std::atomic<bool> draining_ = false;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<std::string, int>, std::uint64_t> requests_;  // guarded by mutex_
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<io::HttpServer> server_;  // gone before the above
};

}  // namespace weir::app
