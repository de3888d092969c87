#include "catalog/template_scan.h"

#include <algorithm>

namespace weir::catalog {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n~";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool is_path(std::string_view inside) {
  return !inside.empty() && inside.find_first_of(" \t\n\"'()=|") == std::string_view::npos;
}

struct Tag {
  std::size_t end = 0;  // behind its last brace
  std::string_view inside;
  bool writes = false;
  bool verbatim = false;
};

Tag read_tag(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  const auto until = [&](std::string_view close, std::size_t open) {
    const std::size_t end = rest.find(close, open);
    Tag tag;
    tag.end = end == std::string_view::npos ? text.size() : at + end + close.size();
    tag.inside = rest.substr(open, end == std::string_view::npos ? end : end - open);
    return tag;
  };
  if (rest.starts_with("{{!--") || rest.starts_with("{{~!--")) return until("--", 5);
  Tag tag = rest.starts_with("{{{") ? until("}}}", 3) : until("}}", 2);
  tag.inside = trimmed(tag.inside);
  tag.verbatim = rest.starts_with("{{{");
  if (tag.inside.starts_with('&')) {
    tag.verbatim = true;
    tag.inside = trimmed(tag.inside.substr(1));
  }
  tag.writes = !tag.inside.empty() &&
               std::string_view("!#/^>*").find(tag.inside.front()) == std::string_view::npos &&
               tag.inside != "else" && !tag.inside.starts_with("else ");
  return tag;
}

}  // namespace

Mustache place_of_byte(std::string_view text, std::size_t offset) {
  Mustache place{1, 1, "", false, false};
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

std::vector<Mustache> scan_mustaches(std::string_view text) {
  std::vector<Mustache> out;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("\\{{")) {  // written as it stands
      at += 3;
    } else if (rest.starts_with("{{")) {
      const Tag tag = read_tag(text, at);
      if (tag.writes) {
        Mustache found = place_of_byte(text, at);
        found.path = is_path(tag.inside) ? tag.inside : "";
        found.quoted = quoted;
        found.verbatim = tag.verbatim;
        out.push_back(found);
      }
      at = tag.end;
    } else if (quoted && rest.front() == '\\') {
      at += 2;
    } else {
      if (rest.front() == '"') quoted = !quoted;
      ++at;
    }
  }
  return out;
}

}  // namespace weir::catalog
