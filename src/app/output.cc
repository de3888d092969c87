#include "app/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "app/screen_text.h"
#include "base/check.h"
#include "io/file.h"
#include "json/value.h"

namespace weir::app {
namespace {

std::atomic<int> print_errno = 0;

bool write_all(std::FILE* stream, std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  return std::fflush(stream) == 0 && written;
}

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::kRed: return "31";
    case Colour::kGreen: return "32";
    case Colour::kYellow: return "33";
    case Colour::kDim: return "2";
    case Colour::kBold: return "1";
  }
  return "0";
}

}  // namespace

void print(std::string_view text) {
  if (!write_all(stdout, text)) print_errno = errno;
}
bool printed() {
  const int failure = print_errno;
  if (failure == 0) return true;
  print_error(io::errno_error(failure, "cannot write standard output").message);
  return false;
}
void note(std::string_view text) {
  // What cannot be written here cannot be told either.
  (void)write_all(stderr, text);
}
void print_error(std::string_view text) {
  (void)write_all(stderr, fmt::format("weir: {}{}", text, text.ends_with('\n') ? "" : "\n"));
}

bool is_terminal(int descriptor) {
  return ::isatty(descriptor) == 1;
}

bool can_redraw(int descriptor) {
  const char* term = std::getenv("TERM");
  return is_terminal(descriptor) && term != nullptr && *term != '\0' &&
         std::string_view(term) != "dumb";
}

bool coloured(int descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  return can_redraw(descriptor);
}

std::string paint(std::string_view text, Colour colour, bool really) {
  if (!really) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(colour), text);
}

void JsonRows::begin() {
  objects_.emplace_back();
}

std::string& JsonRows::member(std::string_view name) {
  WEIR_CHECK(!objects_.empty());
  std::string& object = objects_.back();
  if (!object.empty()) object += ",";
  json::write_string(name, object);
  object += ':';
  return object;
}

void JsonRows::text(std::string_view name, std::string_view value) {
  json::write_string(value, member(name));
}
void JsonRows::number(std::string_view name, std::int64_t value) {
  member(name) += std::to_string(value);
}
void JsonRows::number(std::string_view name, std::uint64_t value) {
  member(name) += std::to_string(value);
}
void JsonRows::flag(std::string_view name, bool value) {
  member(name) += value ? "true" : "false";
}
void JsonRows::null(std::string_view name) {
  member(name) += "null";
}
void JsonRows::raw(std::string_view name, std::string_view json) {
  member(name) += json;
}

std::string JsonRows::line(const JsonRows& rows) {
  WEIR_CHECK(!rows.objects_.empty());
  return "{" + rows.objects_.back() + "}";
}

std::string JsonRows::finish() {
  if (objects_.empty()) return "[]\n";
  std::string out = "[\n";
  for (std::size_t i = 0; i < objects_.size(); ++i) {
    out += "{" + objects_[i] + (i + 1 < objects_.size() ? "},\n" : "}\n");
  }
  return out + "]\n";
}

std::string indented(std::string_view text) {
  constexpr std::size_t kIndent = 4;
  std::string out;
  std::size_t column = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    // A part of the line, or a word of one that is too long, with the blanks before it.
    const std::size_t begin = std::min(text.find_first_not_of(' ', at), text.size());
    std::size_t end = std::min(text.find("  ", begin), text.size());
    if (kIndent + screen_columns(text.substr(begin, end - begin)) > kListColumns)
      end = std::min(text.find(' ', begin), text.size());
    const std::size_t width = screen_columns(text.substr(at, end - at));
    if (column > 0 && column + width <= kListColumns) {
      out += text.substr(at, end - at);
      column += width;
    } else {
      out += (column > 0 ? "\n" : "") + std::string(kIndent, ' ');
      out += text.substr(begin, end - begin);
      column = kIndent + screen_columns(text.substr(begin, end - begin));
    }
    at = end;
  }
  return out + "\n";
}

std::string headline(const std::vector<std::string>& parts) {
  const std::string line = fmt::format("{}", fmt::join(parts, "  "));
  if (drawn_columns(line) <= kListColumns) return line + "\n";
  std::string rest;
  for (std::size_t i = 1; i < parts.size(); ++i) rest += (i > 1 ? "  " : "") + parts[i];
  return parts.front() + "\n" + indented(rest);
}

std::string short_timestamp(Timestamp time) {
  return format_timestamp(time).substr(0, 19) + "Z";
}

std::string text_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], screen_columns(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out += std::string(widths[i] - screen_columns(row[i]) + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

}  // namespace weir::app
