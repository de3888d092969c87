// Outgoing HTTP, many exchanges at once on one thread. Never follows a redirect; reads at most
// response_bytes_max of a body and then drops the connection; checks the address it actually
// connects to.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace weir::io {

inline constexpr std::size_t kResponseBytesMax = 16u << 10;

struct HttpRequest {
  std::string method;
  Secret url;
  std::vector<std::pair<std::string, Secret>> headers;
  Secret body;
  std::chrono::milliseconds timeout{30'000};  // whole exchange, connect to end of body
};

struct HttpAnswer {
  int status = 0;           // 0: no answer; `error` says why
  std::string error;        // words for a person; never a URL beyond scheme and host
  bool refused = false;     // egress rules forbid the address: trying again cannot help
  std::string retry_after;  // the header's value, or empty
  std::string location;     // scheme and host of a redirect's target
  std::string body;         // up to kResponseBytesMax
  bool body_cut = false;
  std::uint64_t bytes = 0;  // of the body, as far as read
  std::chrono::microseconds resolved{0}, connected{0}, secured{0}, first_byte{0}, total{0};
};

enum class Egress {
  kPrivateAllowed,  // loopback and private addresses may be reached; link-local and metadata never
  kPublic,          // only public addresses
};

using ExchangeId = std::uint64_t;

struct Exchanged {
  ExchangeId id = 0;
  HttpAnswer answer;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Never fails at once: what goes wrong is in the answer.
  virtual void start(ExchangeId id, HttpRequest request) = 0;
  // Drops the exchange and its connection; no answer will come.
  virtual void cancel(ExchangeId id) = 0;
  // Works for up to `wait`, sooner back when something finished or wake() was called.
  virtual std::vector<Exchanged> poll(std::chrono::milliseconds wait) = 0;
  // Ends a poll from another thread.
  virtual void wake() = 0;
};

struct CurlOptions {
  Egress egress = Egress::kPrivateAllowed;
  bool proxy_trusted =
      false;  // with kPublic: a proxy may be used, and only literal addresses are checked behind it
  std::string user_agent;
};
// Used from one thread, wake() aside. The environment is read now: http_proxy, https_proxy,
// all_proxy, no_proxy, SSL_CERT_FILE, SSL_CERT_DIR. kInvalid: it names a proxy, but egress is
// public and no proxy is trusted. The process must ignore SIGPIPE, for libcurl is told to leave
// signals alone.
Result<std::unique_ptr<HttpClient>> make_curl_client(const CurlOptions& options);

// "https://host:port" of a URL, for logs.
std::string origin_of(std::string_view url);

}  // namespace weir::io
