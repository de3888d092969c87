#include "handlebars/string_literal.h"

#include <cstdint>
#include <optional>
#include <string>

namespace weir::handlebars {
namespace {

// The four digits of \uXXXX.
std::optional<std::uint32_t> read_unit(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return std::nullopt;
  std::uint32_t unit = 0;
  for (const char c : text.substr(at, 4)) {
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A') + 10;
    } else {
      return std::nullopt;
    }
    unit = unit * 16 + digit;
  }
  return unit;
}

void append_utf8(std::uint32_t code, std::string& out) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// Reads past the `u`; `at` is left on the last character read.
bool read_unicode(std::string_view text, std::size_t& at, std::string& out) {
  const auto first = read_unit(text, at + 1);
  if (!first) return false;
  at += 4;
  std::uint32_t code = *first;
  if (code >= 0xdc00 && code < 0xe000) return false;
  if (code >= 0xd800 && code < 0xdc00) {
    if (text.substr(at + 1, 2) != "\\u") return false;
    const auto second = read_unit(text, at + 3);
    if (!second || *second < 0xdc00 || *second >= 0xe000) return false;
    code = 0x10000 + ((code - 0xd800) << 10) + (*second - 0xdc00);
    at += 6;
  }
  append_utf8(code, out);
  return true;
}

bool read_escape(std::string_view text, std::size_t& at, std::string& out) {
  constexpr std::string_view kNames = "\"'\\/bfnrt";
  constexpr std::string_view kMeanings = "\"'\\/\b\f\n\r\t";
  if (text[at] == 'u') return read_unicode(text, at, out);
  const std::size_t index = kNames.find(text[at]);
  if (index == std::string_view::npos) return false;
  out += kMeanings[index];
  return true;
}

}  // namespace

StringLiteral read_string(std::string_view text, std::size_t at, json::Arena& arena) {
  const char quote = text[at];
  const std::size_t start = at + 1;
  std::string decoded;
  bool escaped = false;
  for (std::size_t i = start; i < text.size(); ++i) {
    if (text[i] == quote) {
      return {.value = escaped ? arena.copy(decoded) : text.substr(start, i - start),
              .end = i + 1,
              .error = {}};
    }
    if (text[i] != '\\') {
      if (escaped) decoded += text[i];
      continue;
    }
    if (!escaped) decoded.assign(text.substr(start, i - start));
    escaped = true;
    const std::size_t backslash = i++;
    if (i < text.size() && !read_escape(text, i, decoded)) {
      return {
          .value = {},
          .end = backslash,
          .error = "strings are written as in JSON: a backslash is \\\\, and this escape is none"};
    }
  }
  return {.value = {}, .end = at, .error = "the string that opens here is not closed"};
}

}  // namespace weir::handlebars
