// URIs, IRIs and templates of URIs.
#include "json/format.h"
#include "json/uri.h"

namespace weir::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}
bool is_hex(char c) {
  return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

// Unreserved characters, sub-delimiters, percent-encoded bytes and `extra`; beyond ASCII in an IRI.
bool consists_of(std::string_view text, std::string_view extra, bool international) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
      continue;
    }
    if (static_cast<unsigned char>(c) >= 0x80) {
      if (!international) return false;
      continue;
    }
    if (!is_letter(c) && !is_digit(c) &&
        std::string_view("-._~!$&'()*+,;=").find(c) == std::string_view::npos &&
        extra.find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool is_scheme(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return false;
  for (const char c : text) {
    if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return false;
  }
  return true;
}

bool is_authority(std::string_view text, bool international) {
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    if (!consists_of(text.substr(0, at), ":", international)) return false;
    text.remove_prefix(at + 1);
  }
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    const std::string_view literal = text.substr(1, end - 1);
    const bool future = literal.starts_with('v') && literal.find('.') != std::string_view::npos &&
                        consists_of(literal, ":", false);
    if (!future && !is_ipv6(literal)) return false;
    port = text.substr(end + 1);
    if (!port.empty() && port[0] != ':') return false;
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (!consists_of(text.substr(0, colon), "", international)) return false;
    port = text.substr(colon);
  }
  if (!port.empty()) port.remove_prefix(1);
  for (const char c : port) {
    if (!is_digit(c)) return false;
  }
  return true;
}

bool check_reference(std::string_view text, bool international, bool needs_scheme) {
  const UriParts parts = split_uri(text);
  if (parts.scheme ? !is_scheme(*parts.scheme) : needs_scheme) return false;
  if (parts.authority && !is_authority(*parts.authority, international)) return false;
  if (!consists_of(parts.path, ":@/", international)) return false;
  // Else the first segment would be read as a scheme.
  if (!parts.scheme && !parts.authority &&
      parts.path.substr(0, parts.path.find('/')).find(':') != std::string_view::npos) {
    return false;
  }
  for (const auto& part : {parts.query, parts.fragment}) {
    if (part && !consists_of(*part, ":@/?", international)) return false;
  }
  return true;
}

// One `name`, `name:3` or `name*` of an expression.
bool is_template_variable(std::string_view text) {
  if (text.ends_with('*')) {
    text.remove_suffix(1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    const std::string_view length = text.substr(colon + 1);
    if (length.empty() || length.size() > 4 || length[0] == '0') return false;
    for (const char c : length) {
      if (!is_digit(c)) return false;
    }
    text = text.substr(0, colon);
  }
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (!is_letter(c) && !is_digit(c) && c != '_' && (c != '.' || text[i - 1] == '.')) {
      return false;
    }
  }
  return true;
}

bool is_template_expression(std::string_view text) {
  if (!text.empty() && std::string_view("+#./;?&=,!@|").find(text[0]) != std::string_view::npos) {
    text.remove_prefix(1);
  }
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (!is_template_variable(text.substr(0, comma))) return false;
    if (comma == text.size()) return true;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

bool is_uri(std::string_view text) {
  return check_reference(text, false, true);
}
bool is_uri_reference(std::string_view text) {
  return check_reference(text, false, false);
}
bool is_iri(std::string_view text) {
  return check_reference(text, true, true);
}
bool is_iri_reference(std::string_view text) {
  return check_reference(text, true, false);
}

bool is_uri_template(std::string_view text) {
  while (!text.empty()) {
    const char c = text[0];
    if (c == '{') {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos || !is_template_expression(text.substr(1, end - 1))) {
        return false;
      }
      text.remove_prefix(end + 1);
      continue;
    }
    if (c == '%' && (text.size() < 3 || !is_hex(text[1]) || !is_hex(text[2]))) return false;
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F ||
        std::string_view("\"'<>\\^`|}").find(c) != std::string_view::npos) {
      return false;
    }
    text.remove_prefix(1);
  }
  return true;
}

}  // namespace weir::json
