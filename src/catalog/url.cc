#include "catalog/url.h"

#include <algorithm>

#include "base/text.h"
#include "catalog/reference.h"

namespace weir::catalog {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

bool good_host(std::string_view host, bool literal_ipv6) {
  if (host.empty()) return false;
  return std::all_of(host.begin(), host.end(), [&](char c) {
    if (is_digit(c) || is_letter(c) || c == '.') return true;
    if (literal_ipv6) return c == ':' || c == '%';
    return c == '-' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  });
}

bool good_port(std::string_view port) {
  constexpr std::size_t kDigitsMax = 5;
  constexpr unsigned kPortMax = 65535;
  if (port.empty()) return true;
  if (port.size() > kDigitsMax || !std::all_of(port.begin(), port.end(), is_digit)) return false;
  unsigned value = 0;
  for (const char c : port) value = value * 10 + static_cast<unsigned>(c - '0');
  return value >= 1 && value <= kPortMax;
}

// A token is long, and of letters and digits mixed: words are not.
bool is_random_looking(std::string_view piece) {
  constexpr std::size_t kTokenBytesMin = 20;
  if (piece.size() < kTokenBytesMin) return false;
  const auto digits = std::count_if(piece.begin(), piece.end(), is_digit);
  const auto letters = std::count_if(piece.begin(), piece.end(), is_letter);
  const bool plain = std::all_of(piece.begin(), piece.end(), [](char c) {
    return is_digit(c) || is_letter(c) || c == '_' || c == '-';
  });
  return plain && digits >= 3 && letters >= 3;
}

}  // namespace

std::size_t end_of_origin(std::string_view text) {
  const std::size_t scheme = text.find("://");
  const std::size_t from = scheme == std::string_view::npos ? 0 : scheme + 3;
  std::size_t at = from;
  while (at < text.size() && std::string_view("/?#").find(text[at]) == std::string_view::npos) {
    // Slashes inside a reference or a template do not end the origin.
    const std::string_view rest = text.substr(at);
    const bool reference = rest.starts_with("${");
    if (!reference && !rest.starts_with("{{")) {
      ++at;
      continue;
    }
    const std::size_t end = rest.find(reference ? "}" : "}}");
    if (end == std::string_view::npos) return text.size();
    at += end + (reference ? 1 : 2);
  }
  return at;
}

bool has_reference_origin(std::string_view text) {
  return text.substr(0, end_of_origin(text)).find("${") != std::string_view::npos;
}

bool has_template_origin(std::string_view text) {
  return text.substr(0, end_of_origin(text)).find("{{") != std::string_view::npos;
}

std::optional<Url> parse_url(std::string_view text, std::string* why) {
  const auto fail = [&](std::string_view reason) -> std::optional<Url> {
    *why = reason;
    return std::nullopt;
  };
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
  });
  if (control) return fail("it holds a line break or another control character");
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return fail("it has no scheme");
  Url url;
  url.scheme = lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https")
    return fail("its scheme is neither http nor https");
  const std::size_t end = end_of_origin(text);
  url.rest = text.substr(end);
  std::string_view authority = text.substr(colon + 3, end - colon - 3);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  const bool bracket = authority.starts_with('[');
  const std::size_t close = authority.find(']');
  if (bracket && close == std::string_view::npos) return fail("its host has no closing bracket");
  const std::size_t host_end =
      bracket ? close + 1 : std::min(authority.find(':'), authority.size());
  url.host = bracket ? authority.substr(1, close - 1) : authority.substr(0, host_end);
  if (url.host.empty()) return fail("it has no host");
  if (!good_host(url.host, bracket))
    return fail("its host holds characters that a host cannot have");
  std::string_view port = authority.substr(host_end);
  if (!port.empty() && port.front() != ':') return fail("its port is none");
  if (!port.empty()) port.remove_prefix(1);
  if (!good_port(port)) return fail("its port is none");
  url.port = port;
  const bool space = url.rest.substr(0, url.rest.find("{{")).find(' ') != std::string_view::npos;
  if (space) return fail("it holds a space");
  return url;
}

bool is_loopback(std::string_view host) {
  const std::string name = lower(host);
  return name == "localhost" || name.ends_with(".localhost") || name == "::1" ||
         name.starts_with("127.");
}

bool looks_like_a_credential(const Url& url) {
  if (!url.user_info.empty()) return true;
  const std::size_t question = url.rest.find('?');
  const std::string_view path = url.rest.substr(0, question);
  for (const std::string_view piece : split(path, '/')) {
    if (is_random_looking(piece)) return true;
  }
  if (question == std::string_view::npos) return false;
  const std::string_view query = url.rest.substr(question + 1);
  for (const std::string_view parameter : split(query.substr(0, query.find('#')), '&')) {
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view value = parameter.substr(equals + 1);
    const bool literal = value.find("${") == value.npos && value.find("{{") == value.npos;
    if (literal && !value.empty() &&
        (is_secret_name(parameter.substr(0, equals)) || is_random_looking(value))) {
      return true;
    }
  }
  return false;
}

}  // namespace weir::catalog
