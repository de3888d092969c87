#include "json/uri.h"

#include <algorithm>

namespace weir::json {
namespace {

// Section 5.2.4.
std::string remove_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t start = path[0] == '/' ? 1 : 0;
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view segment = path.substr(start, end - start);
    const bool last = end == path.size();
    if (segment == "..") {
      out.resize(out.empty() ? 0 : std::min(out.rfind('/'), out.size()));
      if (last) out += '/';
    } else if (segment == ".") {
      if (last) out += '/';
    } else {
      if (start == 1) out += '/';
      out += segment;
    }
    path.remove_prefix(end);
  }
  return out;
}

std::string join(const UriParts& parts, std::string_view path) {
  std::string out;
  if (parts.scheme) out.append(*parts.scheme).append(":");
  if (parts.authority) out.append("//").append(*parts.authority);
  out += path;
  if (parts.query) out.append("?").append(*parts.query);
  if (parts.fragment) out.append("#").append(*parts.fragment);
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

UriParts split_uri(std::string_view uri) {
  UriParts parts;
  if (const std::size_t at = uri.find('#'); at != std::string_view::npos) {
    parts.fragment = uri.substr(at + 1);
    uri = uri.substr(0, at);
  }
  if (const std::size_t at = uri.find('?'); at != std::string_view::npos) {
    parts.query = uri.substr(at + 1);
    uri = uri.substr(0, at);
  }
  const std::size_t colon = uri.find_first_of(":/");
  if (colon != std::string_view::npos && colon > 0 && uri[colon] == ':') {
    parts.scheme = uri.substr(0, colon);
    uri.remove_prefix(colon + 1);
  }
  if (uri.starts_with("//")) {
    const std::size_t end = std::min(uri.find('/', 2), uri.size());
    parts.authority = uri.substr(2, end - 2);
    uri.remove_prefix(end);
  }
  parts.path = uri;
  return parts;
}

std::string resolve_uri(std::string_view base, std::string_view reference) {
  UriParts ref = split_uri(reference);
  if (ref.scheme) return join(ref, remove_dot_segments(ref.path));
  const UriParts from = split_uri(base);
  ref.scheme = from.scheme;
  if (ref.authority) return join(ref, remove_dot_segments(ref.path));
  ref.authority = from.authority;
  if (ref.path.empty()) {
    if (!ref.query) ref.query = from.query;
    return join(ref, from.path);
  }
  if (ref.path[0] == '/') return join(ref, remove_dot_segments(ref.path));
  std::string path;
  if (from.authority && from.path.empty()) {
    path = "/";
  } else if (const std::size_t slash = from.path.rfind('/'); slash != std::string_view::npos) {
    path = from.path.substr(0, slash + 1);
  }
  path += ref.path;
  return join(ref, remove_dot_segments(path));
}

std::string_view without_fragment(std::string_view uri) {
  return uri.substr(0, uri.find('#'));
}

std::string_view fragment_of(std::string_view uri) {
  const std::size_t at = uri.find('#');
  return at == std::string_view::npos ? std::string_view() : uri.substr(at + 1);
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string encode_fragment(std::string_view text) {
  constexpr std::string_view kAllowed = "-._~!$&'()*+,;=:@/?";
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const char lower = static_cast<char>(c | 0x20);
    if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
        kAllowed.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

}  // namespace weir::json
