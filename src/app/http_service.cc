#include "app/http_service.h"

#include <arpa/inet.h>
#include <sys/resource.h>

#include <algorithm>

#include "app/open_metrics.h"
#include "app/post_body.h"
#include "app/status_report.h"
#include "base/log.h"
#include "base/text.h"
#include "journal/append.h"

namespace weir::app {
namespace {

constexpr std::string_view kCollections = "/collections/";
constexpr std::string_view kPages[] = {"/", "/status", "/metrics", "/healthz"};
constexpr int kRetrySoon = 1;     // seconds
constexpr int kRetryBehind = 10;  // tables do not catch up in a second

// What the metrics call a path: a few words, whatever is asked for.
std::string path_label(std::string_view path) {
  if (path.starts_with(kCollections)) return "/collections";
  const bool known = std::find(std::begin(kPages), std::end(kPages), path) != std::end(kPages);
  return known ? std::string(path) : "other";
}

io::ServerResponse with(io::ServerResponse response, std::string_view header,
                        std::string_view value) {
  response.headers.emplace_back(header, value);
  return response;
}

io::ServerResponse text_response(int status, std::string_view type, std::string body) {
  return {.status = status,
          .headers = {{"Content-Type", std::string(type)}, {"Cache-Control", "no-store"}},
          .body = std::move(body)};
}

// "host:port" or "[::1]:port" without its port.
std::string_view host_of(std::string_view authority) {
  const std::size_t bracket = authority.find(']');
  if (bracket != std::string_view::npos) return authority.substr(0, bracket + 1);
  return authority.substr(0, authority.find(':'));
}

bool names_loopback(std::string_view authority) {
  const std::string_view host = host_of(authority);
  in_addr four{};
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && ::inet_pton(AF_INET, std::string(host).c_str(), &four) == 1);
}

// A request whose answer is counted.
class Counted final : public io::PendingRequest {
 public:
  Counted(std::unique_ptr<io::PendingRequest> inner, std::function<void(int status)> count)
      : inner_(std::move(inner)), count_(std::move(count)) {}
  const io::ServerRequest& request() const override { return inner_->request(); }
  io::RequestBody& body() override { return inner_->body(); }
  void answer(io::ServerResponse response) override {
    count_(response.status);
    inner_->answer(std::move(response));
  }

 private:
  const std::unique_ptr<io::PendingRequest> inner_;
  const std::function<void(int status)> count_;
};

// As many connections as the process may have descriptors for.
Result<unsigned> connections_allowed() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t wanted = kHttpConnectionsMax + kDescriptorsKept;
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  if (limit.rlim_cur >= wanted) return kHttpConnectionsMax;
  if (limit.rlim_cur < kDescriptorsKept + kHttpConnectionsMin) {
    return error(Code::kInvalid,
                 "--http wants a limit of at least {} open files, and it is {}: ulimit -n, or "
                 "LimitNOFILE= of the service",
                 kDescriptorsKept + kHttpConnectionsMin, limit.rlim_cur);
  }
  return static_cast<unsigned>(limit.rlim_cur - kDescriptorsKept);
}

}  // namespace

HttpService::HttpService(HttpServiceOptions options, Deps deps, Collections collections)
    : options_(std::move(options)),
      deps_(std::move(deps)),
      started_(system_clock().now()),
      ingest_(std::make_unique<Ingest>(
          IngestOptions{.journals = options_.journals, .clock = &system_clock()},
          std::move(collections))) {}

HttpService::~HttpService() = default;

Result<std::unique_ptr<HttpService>> HttpService::start(HttpServiceOptions options, Deps deps,
                                                        Collections collections) {
  if (!options.listen.loopback() && options.token.empty()) {
    return error(Code::kInvalid,
                 "--http {} can be reached by others and wants a token: WEIR_HTTP_TOKEN or "
                 "--http-token-file",
                 options.listen.address);
  }
  std::unique_ptr<HttpService> service(
      new HttpService(std::move(options), std::move(deps), std::move(collections)));
  WEIR_RETURN_IF_ERROR(service->listen());
  return service;
}

Status HttpService::listen() {
  io::ServerOptions options;
  options.address = options_.listen.address;
  options.port = options_.listen.port;
  WEIR_TRY(options.connections_max, connections_allowed());
  options.idle_timeout = kHttpIdle;
  options.patience = kHttpPatience;
  options.bodies = {.bytes_max = kHttpBodyBytesMax,
                    .memory_max = kHttpBodyMemoryMax,
                    .folder = options_.scratch,
                    .total_max = kHttpBodiesBytesMax};
  io::StreamHandlers handlers;
  handlers.admit = [this](const io::ServerRequest& head) { return admit(head); };
  handlers.take = [this](std::unique_ptr<io::PendingRequest> request) { take(std::move(request)); };
  handlers.refuse = [this](int status, const std::string& message) {
    count("/collections", status);
    io::ServerResponse response = error_response(status, "limit", message);
    return status == 429 ? with(std::move(response), "Retry-After", std::to_string(kRetrySoon))
                         : response;
  };
  WEIR_TRY(server_, io::HttpServer::start(options, std::move(handlers)));
  return {};
}

void HttpService::set_collections(Collections collections) {
  ingest_->set_collections(std::move(collections));
}

void HttpService::begin_drain() {
  draining_ = true;
  server_->stop_listening();
}

bool HttpService::drained(std::chrono::milliseconds wait) {
  return server_->wait_until_answered(wait);
}

std::optional<io::ServerResponse> HttpService::admit(const io::ServerRequest& head) {
  auto refused = guard(head);
  if (!refused && head.path.starts_with(kCollections)) refused = admit_post(head);
  if (refused) {
    count(path_label(head.path), refused->status);
    log(LogLevel::kDebug, "http request refused",
        {{"method", head.method}, {"path", path_label(head.path)}, {"status", refused->status}});
  }
  return refused;
}

// Who may ask at all, and for what.
std::optional<io::ServerResponse> HttpService::guard(const io::ServerRequest& head) const {
  const bool is_post = head.path.starts_with(kCollections);
  if (!is_post && path_label(head.path) == "other") {
    const std::vector<std::string_view> known{"/status", "/metrics", "/healthz", kCollections};
    return error_response(
        404, "not_found",
        fmt::format("nothing is at {}{}", head.path, did_you_mean(head.path, known)));
  }
  const bool allowed =
      is_post ? head.method == "POST" : head.method == "GET" || head.method == "HEAD";
  if (!allowed) {
    return with(
        error_response(405, "invalid", is_post ? "documents are posted" : "this is read by GET"),
        "Allow", is_post ? "POST" : "GET, HEAD");
  }
  // A page of somebody else, open in a browser of this machine, must neither post nor read.
  const std::string_view host = head.header("host");
  const std::string_view origin = head.header("origin");
  const std::size_t scheme_end = origin.find("://");
  const bool foreign = !origin.empty() && (scheme_end == std::string_view::npos ||
                                           origin.substr(scheme_end + 3) != host);
  if (foreign || head.header("sec-fetch-site") == "cross-site")
    return error_response(403, "invalid", "requests of pages from elsewhere are not answered");
  if (head.path == "/healthz") return std::nullopt;
  if (options_.token.empty()) {
    if (names_loopback(host)) return std::nullopt;
    return error_response(
        403, "invalid",
        "without a token only requests to localhost, 127.0.0.1 or [::1] are answered");
  }
  if (bears_token(head.header("authorization"), options_.token)) return std::nullopt;
  return with(error_response(401, "invalid",
                             "the token is missing or wrong: send Authorization: Bearer TOKEN"),
              "WWW-Authenticate", "Bearer realm=\"weir\", Basic realm=\"weir\"");
}

std::optional<io::ServerResponse> HttpService::admit_post(const io::ServerRequest& head) {
  if (draining_) {
    return with(error_response(503, "cancelled", "the process is ending; post to the next one"),
                "Retry-After", std::to_string(kRetrySoon));
  }
  // Such a request has no body, whatever is sent behind it.
  if (!head.has("content-length") && !head.has("transfer-encoding")) {
    return error_response(411, "invalid",
                          "a post wants a Content-Length, or Transfer-Encoding: chunked");
  }
  const std::string collection = head.path.substr(kCollections.size());
  if (const Status admitted = ingest_->admit(collection); !admitted)
    return not_admitted(admitted.error());
  if (const auto csv = says_csv(head.header("content-type")); !csv)
    return error_response(415, name_of(csv.error().code), csv.error().message);
  if (!body_encoding(head.header("content-encoding"))) {
    return with(error_response(415, "invalid",
                               "the Content-Encoding is not known; gzip, zstd and identity are"),
                "Accept-Encoding", "gzip, zstd, identity");
  }
  if (head.has(kBatchIdHeader) && head.header(kBatchIdHeader).empty())
    return error_response(400, "invalid", "Idempotency-Key is empty: a batch id has a character");
  if (head.header(kBatchIdHeader).size() > journal::kBatchIdBytesMax) {
    return error_response(
        400, "limit",
        fmt::format("Idempotency-Key is longer than {} bytes", journal::kBatchIdBytesMax));
  }
  if (options_.behind_max == UINT64_MAX) return std::nullopt;
  const std::uint64_t behind = deps_.bytes_behind(collection);
  if (behind <= options_.behind_max) return std::nullopt;
  return with(error_response(429, "unavailable",
                             fmt::format("the tables of {} are {} bytes behind, and {} are allowed "
                                         "(--http-behind-max); try again",
                                         collection, behind, options_.behind_max)),
              "Retry-After", std::to_string(kRetryBehind));
}

void HttpService::take(std::unique_ptr<io::PendingRequest> request) {
  const std::string path = request->request().path;
  auto counted = std::make_unique<Counted>(
      std::move(request), [this, label = path_label(path)](int status) { count(label, status); });
  if (path.starts_with(kCollections))
    return ingest_->post(path.substr(kCollections.size()), std::move(counted));
  const io::ServerResponse response = look(counted->request());
  counted->answer(response);
}

io::ServerResponse HttpService::look(const io::ServerRequest& request) const {
  const std::vector<TaskView> views = deps_.views();
  if (request.path == "/status")
    return text_response(200, "application/json", status_as_json(views));
  if (request.path == "/metrics") {
    return text_response(
        200, kOpenMetricsType,
        metrics_text(views, counts(), options_.version, started_, system_clock().now()));
  }
  if (request.path == "/healthz") {
    if (draining_) return text_response(503, "text/plain", "draining\n");
    const bool healthy = all_healthy(views);
    return text_response(healthy ? 200 : 503, "text/plain",
                         healthy ? "healthy\n" : "not healthy: /status tells what is wrong\n");
  }
  return with(text_response(200, "text/html; charset=utf-8",
                            status_as_page(views, options_.version, system_clock().now())),
              "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
}

HttpCounts HttpService::counts() const {
  HttpCounts out;
  out.connections = server_->connections();
  out.bytes_of_bodies = server_->bytes_of_bodies();
  out.posts_waiting = ingest_->waiting();
  out.collections = ingest_->counts();
  const std::lock_guard lock(mutex_);
  out.requests = requests_;
  return out;
}

void HttpService::count(const std::string& path, int status) const {
  const std::lock_guard lock(mutex_);
  ++requests_[{path, status}];
}

}  // namespace weir::app
