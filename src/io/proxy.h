// The proxy that the environment asks for, by the rules that curl documents: http_proxy (lower case
// only), https_proxy, all_proxy and their upper-case forms; no_proxy lists hosts that are reached
// directly. Worked out here, not by libcurl, because the egress rules must know whether the address
// that is connected to is the proxy's.
#pragma once

#include <string>
#include <string_view>

namespace weir::io {

struct ProxySettings {
  std::string for_http;  // may hold credentials: never log
  std::string for_https;
  std::string none_for;  // the list of no_proxy
  bool any() const { return !for_http.empty() || !for_https.empty(); }
};

ProxySettings proxy_settings_of_environment();

// Does the list name this host? Entries are separated by commas or spaces: "*", a name (its
// subdomains too, a leading dot is ignored), an address, or a network such as 10.0.0.0/8. A port in
// an entry must match.
bool is_excepted(std::string_view none_for, std::string_view host, int port);

// The proxy for a URL, or empty: go there directly.
std::string proxy_for(const ProxySettings& settings, std::string_view scheme, std::string_view host,
                      int port);

}  // namespace weir::io
