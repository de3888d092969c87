// Values as text.
#include <utility>

#include "json/value.h"

namespace weir::json {
namespace {

// Bytes that cannot stand in a string as they are: 1 = \u00XX, else the letter behind the
// backslash.
constexpr auto kEscapes = [] {
  struct Table {
    char of[256] = {};
  } table;
  for (int c = 0; c < 0x20; ++c) table.of[c] = 1;
  for (const auto& [byte, letter] : {std::pair{0x08, 'b'},
                                     {0x0C, 'f'},
                                     {0x0A, 'n'},
                                     {0x0D, 'r'},
                                     {0x09, 't'},
                                     {0x22, '"'},
                                     {0x5C, '\\'}}) {
    table.of[byte] = letter;
  }
  return table;
}();

void newline(std::string& out, int depth) {
  out += '\n';
  out.append(static_cast<std::size_t>(depth) * 2, ' ');
}

// A negative depth writes compactly.
void write_value(const Value& value, std::string& out, int depth) {
  const bool pretty = depth >= 0;
  const int inner = pretty ? depth + 1 : depth;
  switch (value.kind()) {
    case Kind::kNull: out += "null"; return;
    case Kind::kBool: out += value.as_bool() ? "true" : "false"; return;
    case Kind::kNumber: out += value.number_text(); return;
    case Kind::kString: write_string(value.as_string(), out); return;
    case Kind::kArray: {
      out += '[';
      bool first = true;
      for (const Value& item : value.items()) {
        if (!first) out += ',';
        first = false;
        if (pretty) newline(out, inner);
        write_value(item, out, inner);
      }
      if (pretty && !first) newline(out, depth);
      out += ']';
      return;
    }
    case Kind::kObject: {
      out += '{';
      bool first = true;
      for (const Member& member : value.members()) {
        if (!first) out += ',';
        first = false;
        if (pretty) newline(out, inner);
        write_string(member.name, out);
        out += pretty ? ": " : ":";
        write_value(member.value, out, inner);
      }
      if (pretty && !first) newline(out, depth);
      out += '}';
      return;
    }
  }
}

}  // namespace

void write(const Value& value, std::string& out) {
  write_value(value, out, -1);
}

std::string to_text(const Value& value) {
  std::string out;
  write(value, out);
  return out;
}

std::string to_pretty_text(const Value& value) {
  std::string out;
  write_value(value, out, 0);
  out += '\n';
  return out;
}

void write_string_inside(std::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes.of[byte];
    if (escape == 0) continue;
    out.append(text, run, i - run);
    run = i + 1;
    out += '\\';
    if (escape == 1) {
      out += "u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += escape;
    }
  }
  out.append(text, run, text.size() - run);
}

void write_string(std::string_view text, std::string& out) {
  out += '"';
  write_string_inside(text, out);
  out += '"';
}

}  // namespace weir::json
