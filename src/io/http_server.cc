// libmicrohttpd, with its epoll thread. A response that must wait (a delay, the next byte of a
// drip) suspends its connection, which costs the thread nothing; a timer thread resumes it when the
// time has come.
#include "io/http_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>

#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "io/file.h"
#include "io/thread.h"

namespace weir::io {
namespace {

constexpr std::size_t kHeadBytesMax = 64u << 10;  // request line and headers
constexpr int kBacklog = 512;

using Steady = std::chrono::steady_clock;

std::string decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      if (const auto byte = from_hex(text.substr(i + 1, 2))) {
        out += *byte;
        i += 2;
        continue;
      }
    }
    out += text[i] == '+' && plus_is_space ? ' ' : text[i];
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

// Resumes suspended connections when their time has come.
class Timers {
 public:
  Timers() : thread_("weir-http-timer", [this] { run(); }) {}
  ~Timers() { stop(); }

  // Suspends the connection until `due`. False once stopped: answer at once or not at all.
  bool suspend(MHD_Connection* connection, Steady::time_point due) {
    std::lock_guard lock(mutex_);
    if (stopping_) return false;
    ::MHD_suspend_connection(connection);
    const bool first = waiting_.empty() || due < waiting_.begin()->first;
    waiting_.emplace(due, connection);
    if (first) changed_.notify_one();
    return true;
  }

  bool stopped() {
    std::lock_guard lock(mutex_);
    return stopping_;
  }

  // Resumes all; afterwards nothing is suspended any more.
  void stop() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      changed_.notify_one();
    }
    thread_.join();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      while (!waiting_.empty() && (stopping_ || waiting_.begin()->first <= Steady::now())) {
        ::MHD_resume_connection(waiting_.begin()->second);
        waiting_.erase(waiting_.begin());
      }
      if (stopping_) return;
      if (waiting_.empty())
        changed_.wait(lock);
      else
        changed_.wait_until(lock, waiting_.begin()->first);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Steady::time_point, MHD_Connection*> waiting_;
  bool stopping_ = false;
  Thread thread_;
};

// One request, from its first line to the end of its answer.
struct Exchange {
  Exchange() = default;
  ~Exchange() { wipe(request.body); }  // it may hold secrets, of which nobody here knows
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  std::string target;
  ServerRequest request;
  ServerResponse response;
  bool begun = false;
  bool too_long = false;
  bool answered = false;  // by the handler
  bool delayed = false;   // the delay was waited for, or there is none
};

// A body that trickles: owned by its MHD_Response.
struct Drip {
  Timers& timers;
  MHD_Connection* connection;
  std::string body;
  std::chrono::milliseconds interval;
  Steady::time_point due;
};

ssize_t drip_byte(void* context, std::uint64_t position, char* out, std::size_t room) {
  auto& drip = *static_cast<Drip*>(context);
  if (room == 0 || position >= drip.body.size()) return MHD_CONTENT_READER_END_OF_STREAM;
  if (Steady::now() < drip.due) {
    if (drip.timers.suspend(drip.connection, drip.due)) return 0;
    return MHD_CONTENT_READER_END_WITH_ERROR;
  }
  drip.due = Steady::now() + drip.interval;
  *out = drip.body[position];
  return 1;
}

void free_drip(void* context) {
  delete static_cast<Drip*>(context);
}

MHD_Result collect_header(void* context, MHD_ValueKind, const char* name, std::size_t name_size,
                          const char* value, std::size_t value_size) {
  auto& headers = *static_cast<std::vector<std::pair<std::string, std::string>>*>(context);
  headers.emplace_back(lower({name, name_size}),
                       value == nullptr ? std::string() : std::string(value, value_size));
  return MHD_YES;
}

std::string peer_of(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info =
      ::MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (info == nullptr || info->client_addr == nullptr) return {};
  char text[INET6_ADDRSTRLEN] = {};
  if (info->client_addr->sa_family == AF_INET) {
    sockaddr_in address;
    std::memcpy(&address, info->client_addr, sizeof address);
    ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
  } else if (info->client_addr->sa_family == AF_INET6) {
    sockaddr_in6 address;
    std::memcpy(&address, info->client_addr, sizeof address);
    ::inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
  }
  return text;
}

// libmicrohttpd would send such headers as they are.
bool is_sendable(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

class MicroServer final : public HttpServer {
 public:
  MicroServer(const ServerOptions& options, ServerHandler handler)
      : options_(options), handler_(std::move(handler)) {}

  ~MicroServer() override {
    if (daemon_ == nullptr) return;
    // No new connections, then none that sleeps, then none.
    const MHD_socket listening = ::MHD_quiesce_daemon(daemon_);
    timers_.stop();
    ::MHD_stop_daemon(daemon_);
    if (listening != MHD_INVALID_SOCKET) ::close(listening);
  }

  Status start() {
    WEIR_TRY(File socket, listen_socket());
    std::vector<MHD_OptionItem> items = {
        {MHD_OPTION_LISTEN_SOCKET, socket.descriptor(), nullptr},
        {MHD_OPTION_CONNECTION_LIMIT, static_cast<intptr_t>(options_.connections_max), nullptr},
        {MHD_OPTION_CONNECTION_TIMEOUT, static_cast<intptr_t>(options_.idle_timeout.count()),
         nullptr},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, static_cast<intptr_t>(kHeadBytesMax), nullptr},
        {MHD_OPTION_NOTIFY_COMPLETED, reinterpret_cast<intptr_t>(&on_completed), this},
        {MHD_OPTION_URI_LOG_CALLBACK, reinterpret_cast<intptr_t>(&on_target), this},
    };
    if (options_.threads > 1)
      items.push_back(
          {MHD_OPTION_THREAD_POOL_SIZE, static_cast<intptr_t>(options_.threads), nullptr});
    items.push_back({MHD_OPTION_END, 0, nullptr});
    daemon_ = ::MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0,
                                 nullptr, nullptr, &on_request, this, MHD_OPTION_ARRAY,
                                 items.data(), MHD_OPTION_END);
    if (daemon_ == nullptr) return error(Code::kUnavailable, "cannot start the HTTP server");
    (void)socket.release();
    return {};
  }

  std::uint16_t port() const override { return port_; }
  std::string origin() const override {
    const bool six = options_.address.find(':') != std::string::npos;
    return fmt::format("http://{}{}{}:{}", six ? "[" : "", options_.address, six ? "]" : "", port_);
  }

 private:
  Result<File> listen_socket() {
    sockaddr_storage address{};
    socklen_t length = 0;
    if (auto* four = reinterpret_cast<sockaddr_in*>(&address);
        ::inet_pton(AF_INET, options_.address.c_str(), &four->sin_addr) == 1) {
      four->sin_family = AF_INET;
      four->sin_port = htons(options_.port);
      length = sizeof *four;
    } else if (auto* six = reinterpret_cast<sockaddr_in6*>(&address);
               ::inet_pton(AF_INET6, options_.address.c_str(), &six->sin6_addr) == 1) {
      six->sin6_family = AF_INET6;
      six->sin6_port = htons(options_.port);
      length = sizeof *six;
    } else {
      return error(Code::kInvalid, "\"{}\" is no IP address to listen at", options_.address);
    }
    const std::string where =
        fmt::format("cannot listen at {}:{}", options_.address, options_.port);
    File socket(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), where);
    if (!socket.is_open()) return tl::unexpected(errno_error(errno, where));
    const int on = 1;
    ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket.descriptor(), generic, length) != 0 ||
        ::listen(socket.descriptor(), kBacklog) != 0) {
      Error problem = errno_error(errno, where);
      problem.code = Code::kInvalid;
      return tl::unexpected(std::move(problem));
    }
    ::getsockname(socket.descriptor(), generic, &length);
    port_ =
        ntohs(address.ss_family == AF_INET ? reinterpret_cast<sockaddr_in*>(&address)->sin_port
                                           : reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
    return socket;
  }

  // The first that is called for a request; what it returns is the request's context from then on.
  static void* on_target(void*, const char* target, MHD_Connection*) {
    auto* exchange = new Exchange;
    exchange->target = target;
    return exchange;
  }

  static void on_completed(void*, MHD_Connection*, void** context, MHD_RequestTerminationCode) {
    delete static_cast<Exchange*>(*context);
    *context = nullptr;
  }

  static MHD_Result on_request(void* self, MHD_Connection* connection, const char*,
                               const char* method, const char*, const char* upload,
                               std::size_t* upload_size, void** context) {
    return static_cast<MicroServer*>(self)->proceed(
        connection, method, *static_cast<Exchange*>(*context), upload, upload_size);
  }

  MHD_Result proceed(MHD_Connection* connection, const char* method, Exchange& exchange,
                     const char* upload, std::size_t* upload_size) {
    if (!exchange.begun) {
      begin(connection, method, exchange);
      // Answered before the body was read: the connection ends behind the answer.
      return exchange.too_long ? send(connection, exchange) : MHD_YES;
    }
    if (*upload_size > 0) return take(exchange, {upload, std::exchange(*upload_size, 0)});
    if (!exchange.answered) {
      exchange.answered = true;
      if (!exchange.too_long) exchange.response = handler_(exchange.request);
    }
    if (!exchange.delayed) {
      exchange.delayed = true;
      const std::chrono::milliseconds delay = exchange.response.delay;
      if (delay.count() > 0)
        return timers_.suspend(connection, Steady::now() + delay) ? MHD_YES : MHD_NO;
    }
    if (exchange.response.close || timers_.stopped()) return MHD_NO;
    return send(connection, exchange);
  }

  void begin(MHD_Connection* connection, const char* method, Exchange& exchange) const {
    exchange.begun = true;
    ServerRequest& request = exchange.request;
    request.method = method;
    const std::size_t mark = exchange.target.find('?');
    request.path = decoded(std::string_view(exchange.target).substr(0, mark), false);
    if (mark != std::string::npos) request.query = exchange.target.substr(mark + 1);
    ::MHD_get_connection_values_n(connection, MHD_HEADER_KIND, &collect_header, &request.headers);
    request.peer = peer_of(connection);
    const std::string_view length = request.header("content-length");
    // More digits than a number has are a long body, too.
    if (length.size() > 18 ||
        (!length.empty() &&
         std::strtoull(std::string(length).c_str(), nullptr, 10) > options_.body_bytes_max))
      refuse(exchange);
  }

  MHD_Result take(Exchange& exchange, std::string_view bytes) const {
    if (exchange.too_long) return MHD_NO;  // refused, and it still sends
    if (bytes.size() > options_.body_bytes_max - exchange.request.body.size()) {
      refuse(exchange);
      return MHD_YES;
    }
    exchange.request.body.append(bytes);
    return MHD_YES;
  }

  void refuse(Exchange& exchange) const {
    exchange.too_long = true;
    exchange.request.body.clear();
    exchange.response = {};
    exchange.response.status = 413;
    exchange.response.headers = {{"Content-Type", "text/plain"}, {"Connection", "close"}};
    exchange.response.body =
        fmt::format("the body is longer than {} bytes\n", options_.body_bytes_max);
  }

  MHD_Result send(MHD_Connection* connection, Exchange& exchange) {
    ServerResponse& response = exchange.response;
    MHD_Response* made = nullptr;
    if (response.drip_interval.count() > 0 && !response.body.empty()) {
      const std::size_t size = response.body.size();
      auto* drip = new Drip{timers_, connection, std::move(response.body), response.drip_interval,
                            Steady::now()};
      made = ::MHD_create_response_from_callback(size, 1, &drip_byte, drip, &free_drip);
    } else {
      made = ::MHD_create_response_from_buffer(response.body.size(), response.body.data(),
                                               MHD_RESPMEM_MUST_COPY);
    }
    if (made == nullptr) return MHD_NO;
    for (const auto& [name, value] : response.headers)
      if (is_sendable(name) && is_sendable(value))
        ::MHD_add_response_header(made, name.c_str(), value.c_str());
    const MHD_Result queued =
        ::MHD_queue_response(connection, static_cast<unsigned>(response.status), made);
    ::MHD_destroy_response(made);
    return queued;
  }

  const ServerOptions options_;
  const ServerHandler handler_;
  Timers timers_;
  MHD_Daemon* daemon_ = nullptr;
  std::uint16_t port_ = 0;
};

}  // namespace

std::string_view ServerRequest::header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (known == name) return value;
  return {};
}

std::string ServerRequest::parameter(std::string_view name) const {
  for (const std::string_view part : split(query, '&')) {
    const std::size_t equals = part.find('=');
    if (decoded(part.substr(0, equals), true) != name) continue;
    return equals == std::string_view::npos ? std::string()
                                            : decoded(part.substr(equals + 1), true);
  }
  return {};
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const ServerOptions& options,
                                                      ServerHandler handler) {
  auto server = std::make_unique<MicroServer>(options, std::move(handler));
  WEIR_RETURN_IF_ERROR(server->start());
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace weir::io
