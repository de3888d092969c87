#include "io/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

namespace weir::io {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string first_of(std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (std::string value = environment(name); !value.empty()) return value;
  return {};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

// An address as bytes: 4 or 16 of them; empty for what is none.
std::vector<std::uint8_t> address_bytes(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']')
    text = text.substr(1, text.size() - 2);
  const std::string terminated(text);
  std::vector<std::uint8_t> bytes(16);
  if (::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
  bytes.resize(4);
  if (::inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) return bytes;
  return {};
}

bool in_network(const std::vector<std::uint8_t>& address, std::string_view network) {
  const std::size_t slash = network.find('/');
  const std::vector<std::uint8_t> base = address_bytes(network.substr(0, slash));
  if (base.size() != address.size() || base.empty()) return false;
  unsigned bits = static_cast<unsigned>(base.size() * 8);
  if (slash != std::string_view::npos) {
    const std::string_view digits = network.substr(slash + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (read.ptr != digits.data() + digits.size() || bits > base.size() * 8) return false;
  }
  for (unsigned bit = 0; bit < bits; ++bit) {
    const unsigned mask = 0x80u >> (bit % 8);
    if ((base[bit / 8] & mask) != (address[bit / 8] & mask)) return false;
  }
  return true;
}

bool entry_names(std::string_view entry, const std::string& host, int port) {
  if (entry == "*") return true;
  const std::vector<std::uint8_t> address = address_bytes(host);
  if (!address.empty()) {
    if (in_network(address, entry)) return true;
  }
  // A port, unless the colon belongs to an IPv6 address.
  if (const std::size_t colon = entry.rfind(':');
      colon != std::string_view::npos && address_bytes(entry).empty()) {
    if (entry.substr(colon + 1) != std::to_string(port)) return false;
    entry = entry.substr(0, colon);
    if (!address.empty() && in_network(address, entry)) return true;
  }
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.empty()) return false;
  const std::string name = lower(entry);
  if (host == name) return true;
  return address.empty() && host.size() > name.size() && host.ends_with(name) &&
         host[host.size() - name.size() - 1] == '.';
}

}  // namespace

ProxySettings proxy_settings_of_environment() {
  const std::string all = first_of({"all_proxy", "ALL_PROXY"});
  ProxySettings settings;
  // Not HTTP_PROXY: a CGI program's caller could set it by sending a header.
  settings.for_http = first_of({"http_proxy"});
  settings.for_https = first_of({"https_proxy", "HTTPS_PROXY"});
  if (settings.for_http.empty()) settings.for_http = all;
  if (settings.for_https.empty()) settings.for_https = all;
  settings.none_for = first_of({"no_proxy", "NO_PROXY"});
  return settings;
}

bool is_excepted(std::string_view none_for, std::string_view host, int port) {
  std::string name = lower(host);
  while (!name.empty() && name.back() == '.') name.pop_back();
  std::size_t at = 0;
  while (at < none_for.size()) {
    const std::size_t end = std::min(none_for.find_first_of(", \t", at), none_for.size());
    const std::string_view entry = none_for.substr(at, end - at);
    if (!entry.empty() && entry_names(entry, name, port)) return true;
    at = end + 1;
  }
  return false;
}

std::string proxy_for(const ProxySettings& settings, std::string_view scheme, std::string_view host,
                      int port) {
  const std::string& proxy = scheme == "https" ? settings.for_https : settings.for_http;
  if (proxy.empty() || is_excepted(settings.none_for, host, port)) return {};
  return proxy;
}

}  // namespace weir::io
