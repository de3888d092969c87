// The few parts of a URL that are looked at here. Parsed by libcurl, so that what is judged is what
// is connected.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::io {

inline constexpr std::size_t kUrlBytesMax = 64u << 10;
inline constexpr std::size_t kOriginBytesMax = 300;

struct UrlParts {
  std::string scheme;  // lower case
  std::string host;  // a literal IPv6 address in brackets; IPv4 in dotted decimal, whatever it was
                     // written as
  std::string port;  // as written; empty: the scheme's
  int port_number = 0;  // 0: neither written nor known

  std::string origin() const;  // "https://host:port", printable, at most kOriginBytesMax
};

// nullopt: no absolute URL, or one with a NUL, or too long.
std::optional<UrlParts> parse_url(std::string_view url);
// The target of a reference found in an answer to `base`.
std::optional<UrlParts> resolve_url(std::string_view base, std::string_view reference);

}  // namespace weir::io
