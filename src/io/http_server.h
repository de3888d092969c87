// Incoming HTTP/1.1: one epoll thread (or a few), bounded connections, bodies and waits. For the
// ingest endpoint, metrics, the status page and `weir listen`, whose receivers misbehave on
// purpose: a response may be late, drip, or never come, without holding up other connections.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/http_body.h"

namespace weir::io {

struct ServerRequest {
  std::string method;
  std::string path;   // decoded
  std::string query;  // as sent, without the question mark
  std::vector<std::pair<std::string, std::string>>
      headers;  // names in lower case, in the order of arrival
  std::string body;
  std::string peer;  // address of the other side, without port

  // The first header of that name (lower case), or empty.
  std::string_view header(std::string_view name) const;
  bool has(std::string_view name) const;
  // The decoded value of a query parameter, or empty.
  std::string parameter(std::string_view name) const;
};

struct ServerResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // Misbehaviour.
  std::chrono::milliseconds delay{0};          // before the status line
  std::chrono::milliseconds drip_interval{0};  // not zero: one byte of the body each time
  bool close = false;  // the connection ends without an answer (after `delay`)
};

// Called on a server thread, one request at a time per thread; what it blocks, blocks the others of
// that thread.
using ServerHandler = std::function<ServerResponse(const ServerRequest&)>;

// A request whose body has come, and which waits for its answer: given by any thread, at any time.
class PendingRequest {
 public:
  virtual ~PendingRequest() = default;               // without an answer: 500
  virtual const ServerRequest& request() const = 0;  // without its body
  virtual RequestBody& body() = 0;
  // The first counts; none does any more once the server is gone.
  virtual void answer(ServerResponse response) = 0;
};

// For servers that must not wait for their answers. All three are called on a server thread and
// hold up its other connections.
struct StreamHandlers {
  // The headers have come: a response refuses the request before its body is read.
  std::function<std::optional<ServerResponse>(const ServerRequest& head)> admit;
  std::function<void(std::unique_ptr<PendingRequest> request)> take;
  // How the server words what it refuses by itself: a body that is too long (413), too many bodies
  // (429), no room for one (507, 500).
  std::function<ServerResponse(int status, const std::string& message)> refuse;
};

struct ServerOptions {
  std::string address = "127.0.0.1";  // literal IPv4 or IPv6
  std::uint16_t port = 0;             // 0: any free one
  unsigned threads = 1;  // with more than one the handler must be safe from several threads
  unsigned connections_max = 1024;        // further ones wait until the system refuses them
  BodyBounds bodies = {};                 // longer: 413, never handed to the handler
  std::chrono::seconds idle_timeout{60};  // a connection that neither sends nor receives
  // Not zero: how long a request's head may take to come; its body and its answer may take as long,
  // and the time of their bytes at kBytesASecondMin besides. Whoever is slower is cut off. And
  // where three quarters of connections_max are open, a new one takes the place of the one that has
  // been without a whole head for longest.
  std::chrono::milliseconds patience{0};
};

class HttpServer {
 public:
  // kInvalid: the address is none, or the port is taken (said so).
  static Result<std::unique_ptr<HttpServer>> start(const ServerOptions& options,
                                                   ServerHandler handler);
  static Result<std::unique_ptr<HttpServer>> start(const ServerOptions& options,
                                                   StreamHandlers handlers);
  // Closes all connections, also those that wait in a delay or for an answer; afterwards no handler
  // is called any more.
  virtual ~HttpServer() = default;
  virtual std::uint16_t port() const = 0;  // the real one
  virtual std::string origin() const = 0;  // "http://127.0.0.1:4711"

  // Takes no new connection, and ends each behind its next answer.
  virtual void stop_listening() = 0;
  // Waits until every request that has begun is answered; false: not so after `wait`.
  virtual bool wait_until_answered(std::chrono::milliseconds wait) = 0;
  virtual std::size_t connections() const = 0;        // open now
  virtual std::uint64_t bytes_of_bodies() const = 0;  // of requests that were not answered yet
};

}  // namespace weir::io
