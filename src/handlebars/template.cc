#include "handlebars/template.h"

#include <fmt/core.h>

#include <algorithm>

#include "handlebars/parser.h"
#include "handlebars/tree.h"

namespace weir::handlebars {
namespace {

constexpr std::size_t kShownBytesMax = 120;

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

std::uint32_t count_characters(std::string_view text) {
  return static_cast<std::uint32_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

}  // namespace

std::string TemplateError::text() const {
  return fmt::format("{}:{}: {}", line, column, message);
}

std::string shown(std::string_view path) {
  std::string out;
  std::size_t end = path.size();
  if (end > kShownBytesMax) {
    end = kShownBytesMax;
    while (end > 0 && continues_character(path[end])) --end;
  }
  json::write_string_inside(path.substr(0, end), out);
  if (end < path.size()) out += "…";
  return out;
}

json::Place Tree::place(std::uint32_t offset) const {
  const auto next = std::upper_bound(line_starts.begin(), line_starts.end(), offset);
  const auto line = static_cast<std::uint32_t>(next - line_starts.begin());
  const std::uint32_t start = line_starts[line - 1];
  return {.line = line, .column = count_characters(text.substr(start, offset - start)) + 1};
}

TemplateError Tree::error(std::uint32_t offset, std::string message) const {
  const json::Place at = place(offset);
  return {.line = at.line, .column = at.column, .message = std::move(message)};
}

Template::Template(std::unique_ptr<const Tree> tree) : tree_(std::move(tree)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

Rendered<Template> Template::parse(std::string_view text, const ParseOptions& options) {
  auto tree = parse_tree(text, options);
  if (!tree) return tl::unexpected<TemplateError>(std::move(tree).error());
  return Template(*std::move(tree));
}

SourceMapEntry locate(const SourceMap& map, std::string_view output, std::size_t offset) {
  const auto next =
      std::upper_bound(map.begin(), map.end(), offset,
                       [](std::size_t at, const auto& entry) { return at < entry.output_offset; });
  if (next == map.begin()) return map.empty() ? SourceMapEntry{} : map.front();
  SourceMapEntry entry = *(next - 1);
  if (!entry.literal) return entry;
  const std::size_t end = std::min(offset, output.size());
  if (entry.output_offset >= end) return entry;
  const std::string_view passed = output.substr(entry.output_offset, end - entry.output_offset);
  entry.output_offset = end;
  const std::size_t last_break = passed.rfind('\n');
  if (last_break == std::string_view::npos) {
    entry.column += count_characters(passed);
  } else {
    entry.line += static_cast<std::uint32_t>(std::count(passed.begin(), passed.end(), '\n'));
    entry.column = count_characters(passed.substr(last_break + 1)) + 1;
  }
  return entry;
}

}  // namespace weir::handlebars
