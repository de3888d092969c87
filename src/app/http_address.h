// Where `weir run --http` listens, and who may ask: parsed from options and environment.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace weir::app {

inline constexpr std::size_t kTokenBytesMin = 16;
inline constexpr std::size_t kTokenBytesMax = 4096;

struct HttpAddress {
  std::string address = "127.0.0.1";  // literal
  std::uint16_t port = 0;             // 0: any free one
  bool loopback() const;
};
// "8417", ":8417", "127.0.0.1:8417", "[::1]:8417" or "localhost:8417"; a port alone is one of
// 127.0.0.1. kInvalid says what it should be.
Result<HttpAddress> parse_http_address(std::string_view text);

// The token that requests must bear: `value` (of the environment) or the first line of `file`;
// empty where neither is given. kInvalid: both are, or it is too short, too long or not printable.
Result<Secret> read_http_token(const char* value, const std::string& file);

// Does the value of an Authorization header bear the token, as `Bearer TOKEN` or as the password of
// `Basic`? Takes as long for a near miss as for a wild guess.
bool bears_token(std::string_view authorization, const Secret& token);

}  // namespace weir::app
