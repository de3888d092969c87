#include "catalog/template_tag.h"

namespace weir::catalog {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kAround = " \t\r\n~";
  const std::size_t first = text.find_first_not_of(kAround);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(kAround) - first + 1);
}

bool is_path(std::string_view inside) {
  return !inside.empty() && inside.find_first_of(" \t\r\n\"'()=|!#^>*") == std::string_view::npos;
}

std::string_view from_place(std::string_view text, std::uint32_t line, std::uint32_t column) {
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return "";
    text.remove_prefix(end + 1);
  }
  while (column > 1 && !text.empty()) {
    text.remove_prefix(1);
    while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0) == 0x80)
      text.remove_prefix(1);
    --column;
  }
  return text;
}

}  // namespace

TemplateTag tag_at(std::string_view text, std::uint32_t line, std::uint32_t column) {
  const std::string_view rest = from_place(text, line, column);
  TemplateTag tag;
  tag.verbatim = rest.starts_with("{{{");
  const std::size_t open = tag.verbatim ? 3 : 2;
  const std::size_t close = rest.find("}}");
  if (!rest.starts_with("{{") || close == std::string_view::npos || close < open) return {};
  std::string_view inside = trimmed(rest.substr(open, close - open));
  if (inside.starts_with('&')) {
    tag.verbatim = true;
    inside = trimmed(inside.substr(1));
  }
  if (is_path(inside)) tag.path = inside;
  return tag;
}

}  // namespace weir::catalog
