#include "app/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/check.h"
#include "json/value.h"

namespace weir::app {
namespace {

void write_all(std::FILE* stream, std::string_view text) {
  // What cannot be written cannot be told either: a closed pipe ends the process by its signal.
  (void)std::fwrite(text.data(), 1, text.size(), stream);
  (void)std::fflush(stream);
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

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace

void print(std::string_view text) {
  write_all(stdout, text);
}
void note(std::string_view text) {
  write_all(stderr, text);
}
void print_error(std::string_view text) {
  write_all(stderr, fmt::format("weir: {}{}", text, text.ends_with('\n') ? "" : "\n"));
}

bool is_terminal(int descriptor) {
  return ::isatty(descriptor) == 1;
}

bool coloured(int descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  return is_terminal(descriptor) && term != nullptr && std::string_view(term) != "dumb";
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

std::string text_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out += std::string(widths[i] - columns_of(row[i]) + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

}  // namespace weir::app
