#include "secrets/scalar_end.h"

#include <algorithm>

namespace weir::secrets {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::size_t trimmed_end(std::string_view text, std::size_t begin, std::size_t end) {
  while (end > begin && is_blank(text[end - 1])) --end;
  return end;
}

// The end of what a line holds of a plain scalar.
std::size_t plain_line_end(std::string_view text, std::size_t at, bool flow) {
  const std::size_t begin = at;
  for (; at < text.size() && text[at] != '\n'; ++at) {
    const char c = text[at];
    const char next = at + 1 < text.size() ? text[at + 1] : '\n';
    if (c == '#' && at > begin && is_blank(text[at - 1])) break;
    if (c == ':' && (is_blank(next) || (flow && (next == ',' || next == ']' || next == '}'))))
      break;
    if (flow && (c == ',' || c == '[' || c == ']' || c == '{' || c == '}')) break;
  }
  return trimmed_end(text, begin, at);
}

}  // namespace

std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 >= text.size() || text[at + 1] != quote) return at + 1;
      ++at;
    }
  }
  return text.size();
}

std::size_t end_of_block(std::string_view text, std::size_t at) {
  std::size_t end = std::min(text.find('\n', at), text.size());
  std::size_t last = trimmed_end(text, at, end);
  // "|+" keeps the empty lines behind it.
  const std::string_view header = text.substr(at, last - at);
  const bool keeps = header.substr(0, header.find_first_of(" \t")).find('+') != header.npos;
  std::size_t indent = 0;
  while (end + 1 < text.size()) {
    const std::size_t begin = end + 1;
    end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    const std::size_t filled = line.size() - (line.ends_with('\r') ? 1 : 0);
    const std::size_t spaces = line.find_first_not_of(' ');
    if (spaces == std::string_view::npos || line[spaces] == '\r') {
      if (keeps) last = begin + filled;
      continue;
    }
    if (indent == 0) indent = spaces;
    if (spaces < indent || spaces == 0) break;
    last = begin + filled;
  }
  return last;
}

std::size_t end_of_plain(std::string_view text, std::size_t at, bool flow, std::size_t value_size) {
  std::size_t end = plain_line_end(text, at, flow);
  std::size_t folded = end - at;
  // Each further line is joined by a blank, each empty one is a line end.
  while (folded < value_size) {
    std::size_t next = end;
    std::size_t breaks = 0;
    for (; next < text.size() && is_blank(text[next]); ++next) breaks += text[next] == '\n' ? 1 : 0;
    if (breaks == 0 || next >= text.size()) break;
    const std::size_t line_end = plain_line_end(text, next, flow);
    if (line_end <= next) break;
    folded += std::max<std::size_t>(breaks - 1, 1) + line_end - next;
    end = line_end;
  }
  return end;
}

}  // namespace weir::secrets
