// libmicrohttpd, with its epoll thread. A response that must wait (a delay, the next byte of a
// drip, an answer by another thread) suspends its connection, which costs the thread nothing.
#include "io/http_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>

#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "io/file.h"
#include "io/http_calls.h"
#include "io/http_connections.h"
#include "io/http_timers.h"

namespace weir::io {
namespace {

constexpr std::size_t kHeadBytesMax = 64u << 10;  // request line and headers
constexpr int kBacklog = 512;
constexpr std::uint64_t kDiscardedMax = 4u << 20;  // of a refused request's body

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

// One request, from its first line to the end of its answer.
struct Exchange {
  Exchange() = default;
  ~Exchange() { wipe(request.body); }  // it may hold secrets, of which nobody here knows
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  std::string target;
  ServerRequest request;
  std::unique_ptr<RequestBody> body;
  ServerResponse response;
  std::shared_ptr<HttpCalls::Call> call;  // while another thread has it
  std::uint64_t discarded = 0;            // of the body of a refused request
  bool begun = false;
  bool answered = false;  // the response is there
  bool delayed = false;   // the delay was waited for, or there is none
};

// A body that trickles: owned by its MHD_Response.
struct Drip {
  HttpTimers& timers;
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

// Blanks around a header's value are not part of it; the library leaves those behind.
std::string_view without_blanks_behind(std::string_view value) {
  const std::size_t last = value.find_last_not_of(" \t");
  return last == std::string_view::npos ? std::string_view() : value.substr(0, last + 1);
}

MHD_Result collect_header(void* context, MHD_ValueKind, const char* name, std::size_t name_size,
                          const char* value, std::size_t value_size) {
  auto& headers = *static_cast<std::vector<std::pair<std::string, std::string>>*>(context);
  headers.emplace_back(
      lower({name, name_size}),
      value == nullptr ? std::string() : std::string(without_blanks_behind({value, value_size})));
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

ServerResponse refusal_as_text(int status, const std::string& message) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain"}, {"Connection", "close"}},
          .body = message + "\n"};
}

int status_of(Code code) {
  switch (code) {
    case Code::kLimit: return MHD_HTTP_CONTENT_TOO_LARGE;
    case Code::kUnavailable: return MHD_HTTP_TOO_MANY_REQUESTS;
    case Code::kFull: return MHD_HTTP_INSUFFICIENT_STORAGE;
    default: return MHD_HTTP_INTERNAL_SERVER_ERROR;
  }
}

class MicroServer final : public HttpServer {
 public:
  MicroServer(const ServerOptions& options, ServerHandler handler, StreamHandlers handlers)
      : options_(options),
        handler_(std::move(handler)),
        handlers_(std::move(handlers)),
        budget_(std::make_shared<BodyBudget>(options.bodies)),
        connections_(options.patience, options.idle_timeout, options.connections_max * 3 / 4) {
    if (!handlers_.refuse) handlers_.refuse = &refusal_as_text;
  }

  ~MicroServer() override {
    if (daemon_ == nullptr) return;
    // No new connections, then none that sleeps or waits, then none.
    stop_listening();
    timers_.stop();
    calls_->stop();
    ::MHD_stop_daemon(daemon_);
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
        {MHD_OPTION_NOTIFY_CONNECTION, reinterpret_cast<intptr_t>(&on_connection), this},
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

  void stop_listening() override {
    if (stopping_.exchange(true)) return;
    const MHD_socket listening = ::MHD_quiesce_daemon(daemon_);
    if (listening != MHD_INVALID_SOCKET) ::close(listening);
  }

  bool wait_until_answered(std::chrono::milliseconds wait) override {
    std::unique_lock lock(mutex_);
    return all_answered_.wait_for(lock, wait, [this] { return exchanges_ == 0; });
  }

  std::size_t connections() const override { return connections_.open(); }
  std::uint64_t bytes_of_bodies() const override { return budget_->used(); }

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

  static void on_connection(void* self, MHD_Connection* connection, void**,
                            MHD_ConnectionNotificationCode what) {
    HttpConnections& connections = static_cast<MicroServer*>(self)->connections_;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) return connections.closed(connection);
    const MHD_ConnectionInfo* info =
        ::MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info != nullptr) connections.opened(connection, info->connect_fd);
  }

  // The first that is called for a request; what it returns is the request's context from then on.
  static void* on_target(void* self, const char* target, MHD_Connection* connection) {
    auto& server = *static_cast<MicroServer*>(self);
    auto exchange = std::make_unique<Exchange>();
    exchange->target = target;
    exchange->body = std::make_unique<RequestBody>(server.budget_);
    server.connections_.head_began(connection);
    const std::lock_guard lock(server.mutex_);
    ++server.exchanges_;
    return exchange.release();
  }

  static void on_completed(void* self, MHD_Connection* connection, void** context,
                           MHD_RequestTerminationCode) {
    auto& server = *static_cast<MicroServer*>(self);
    if (*context == nullptr) return;
    delete static_cast<Exchange*>(*context);
    *context = nullptr;
    server.connections_.answered(connection);
    const std::lock_guard lock(server.mutex_);
    if (--server.exchanges_ == 0) server.all_answered_.notify_all();
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
      connections_.body_grew(connection, 0);
      // Answered before the body was read: the connection ends behind the answer.
      return exchange.answered && !waits_for_body(exchange) ? send(connection, exchange) : MHD_YES;
    }
    if (*upload_size > 0)
      return take(connection, exchange, {upload, std::exchange(*upload_size, 0)});
    if (!exchange.answered) {
      if (handlers_.take) return take_answer(connection, exchange);
      exchange.answered = true;
      connections_.handled(connection);
      handle(exchange);
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
    if (handlers_.admit) {
      if (auto refused = handlers_.admit(request)) {
        exchange.answered = true;
        exchange.response = *std::move(refused);
        return;
      }
    }
    // More digits than a number has are a long body, too.
    const std::string_view length = request.header("content-length");
    const std::uint64_t bytes_max = options_.bodies.bytes_max;
    if (length.size() > 18 ||
        (!length.empty() && std::strtoull(std::string(length).c_str(), nullptr, 10) > bytes_max))
      refuse(exchange, Code::kLimit, fmt::format("the body is longer than {} bytes", bytes_max));
  }

  // Is a refused request's body so short that it is read and thrown away? A connection that ends
  // while the other side sends may take the answer with it.
  static bool waits_for_body(const Exchange& exchange) {
    const ServerRequest& request = exchange.request;
    if (exchange.response.status == MHD_HTTP_CONTENT_TOO_LARGE || !request.header("expect").empty())
      return false;
    const std::string_view length = request.header("content-length");
    if (length.empty()) return !request.header("transfer-encoding").empty();
    return std::strtoull(std::string(length).c_str(), nullptr, 10) <= kDiscardedMax;
  }

  MHD_Result take(MHD_Connection* connection, Exchange& exchange, std::string_view bytes) {
    if (exchange.answered) {  // refused, and it still sends
      exchange.discarded += bytes.size();
      return exchange.discarded <= kDiscardedMax ? MHD_YES : MHD_NO;
    }
    if (const Status taken = exchange.body->append(bytes); !taken) {
      refuse(exchange, taken.error().code, taken.error().message);
      return MHD_YES;
    }
    connections_.body_grew(connection, exchange.body->size());
    return MHD_YES;
  }

  void refuse(Exchange& exchange, Code code, const std::string& message) const {
    exchange.answered = true;
    exchange.body->clear();
    exchange.response = handlers_.refuse(status_of(code), message);
  }

  void handle(Exchange& exchange) const {
    auto text = exchange.body->take_text();
    if (!text) return refuse(exchange, text.error().code, text.error().message);
    exchange.request.body = *std::move(text);
    exchange.response = handler_(exchange.request);
  }

  // The first time the request is handed over; the next time its answer is there.
  MHD_Result take_answer(MHD_Connection* connection, Exchange& exchange) {
    if (exchange.call == nullptr) {
      connections_.handled(connection);
      exchange.call = calls_->begin(connection, std::move(exchange.request),
                                    std::move(exchange.body), handlers_.take);
      return exchange.call == nullptr ? MHD_NO : MHD_YES;
    }
    if (calls_->state(*exchange.call) != HttpCalls::Call::State::kAnswered) return MHD_NO;
    exchange.answered = true;
    exchange.response = std::move(exchange.call->response);
    return send(connection, exchange);
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
    connections_.answering(connection, response.body.size());
    if (stopping_) ::MHD_add_response_header(made, "Connection", "close");
    for (const auto& [name, value] : response.headers)
      if (is_sendable(name) && is_sendable(value))
        ::MHD_add_response_header(made, name.c_str(), value.c_str());
    const MHD_Result queued =
        ::MHD_queue_response(connection, static_cast<unsigned>(response.status), made);
    ::MHD_destroy_response(made);
    return queued;
  }

  const ServerOptions options_;
  const ServerHandler handler_;  // or handlers_.take
  StreamHandlers handlers_;
  const std::shared_ptr<BodyBudget> budget_;
  const std::shared_ptr<HttpCalls> calls_ = std::make_shared<HttpCalls>();
  HttpConnections connections_;
  HttpTimers timers_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable all_answered_;
  std::size_t exchanges_ = 0;  // requests that began and are not answered; guarded by mutex_
  MHD_Daemon* daemon_ = nullptr;
  std::uint16_t port_ = 0;
};

}  // namespace

std::string_view ServerRequest::header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (known == name) return value;
  return {};
}

bool ServerRequest::has(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return header.first == name; });
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
  auto server = std::make_unique<MicroServer>(options, std::move(handler), StreamHandlers());
  WEIR_RETURN_IF_ERROR(server->start());
  return std::unique_ptr<HttpServer>(std::move(server));
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const ServerOptions& options,
                                                      StreamHandlers handlers) {
  auto server = std::make_unique<MicroServer>(options, ServerHandler(), std::move(handlers));
  WEIR_RETURN_IF_ERROR(server->start());
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace weir::io
