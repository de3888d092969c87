// Collects the answer to one request from the pieces that arrive, within bounds: what the network
// sends is not trusted.
#pragma once

#include <string>
#include <string_view>

#include "io/http_client.h"

namespace weir::io {

inline constexpr std::size_t kHeaderBytesMax =
    64u << 10;  // of all header lines of an exchange, 1xx ones included
inline constexpr std::size_t kRetryAfterBytesMax = 128;  // a longer value is none

class AnswerCollector {
 public:
  // `url` is the request's; only its origin is ever shown.
  AnswerCollector(HttpAnswer& answer, std::string_view url) : answer_(answer), url_(url) {}
  // One header line as it came, status lines included. False: too many bytes, give up.
  bool on_header(std::string_view line);
  // A piece of the body. False: enough, drop the connection; answer.body_cut is set.
  bool on_body(std::string_view bytes);
  void set_url(std::string_view url) { url_ = url; }  // must outlive the collector
  void set_body_bytes_max(std::size_t bytes) { body_bytes_max_ = bytes; }
  bool headers_too_long() const { return header_bytes_ > kHeaderBytesMax; }

 private:
  HttpAnswer& answer_;
  std::string_view url_;
  std::size_t header_bytes_ = 0;
  std::size_t body_bytes_max_ = kResponseBytesMax;
};

}  // namespace weir::io
