// Incoming HTTP/1.1: one epoll thread (or a few), bounded connections, bodies and waits. For the
// ingest endpoint, metrics, the status page and `weir listen`, whose receivers misbehave on
// purpose: a response may be late, drip, or never come, without holding up other connections.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

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

struct ServerOptions {
  std::string address = "127.0.0.1";  // literal IPv4 or IPv6
  std::uint16_t port = 0;             // 0: any free one
  unsigned threads = 1;  // with more than one the handler must be safe from several threads
  unsigned connections_max = 1024;         // further ones are closed at once
  std::size_t body_bytes_max = 64u << 20;  // longer: 413, never handed to the handler
  std::chrono::seconds idle_timeout{60};   // a connection that neither sends nor receives
};

class HttpServer {
 public:
  // kInvalid: the address is none, or the port is taken (said so).
  static Result<std::unique_ptr<HttpServer>> start(const ServerOptions& options,
                                                   ServerHandler handler);
  // Closes all connections, also those that wait in a delay; afterwards the handler is not called
  // any more.
  virtual ~HttpServer() = default;
  virtual std::uint16_t port() const = 0;  // the real one
  virtual std::string origin() const = 0;  // "http://127.0.0.1:4711"
};

}  // namespace weir::io
