#include "catalog/text_place.h"

#include <algorithm>

namespace weir::catalog {
namespace {

// Takes the first line off, and answers it without its end.
std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

// What begins with line `number` (1-based); empty beyond the last.
std::string_view from_line(std::string_view file, std::uint32_t number) {
  for (; number > 1 && !file.empty(); --number) take_line(file);
  return file;
}

// The text of line `number` without its end.
std::string_view line_of(std::string_view file, std::uint32_t number) {
  file = from_line(file, number);
  return take_line(file);
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// The byte offset of the character `column` (1-based) in a line.
std::size_t bytes_before(std::string_view line, std::uint32_t column) {
  std::size_t at = 0;
  while (at < line.size() && column > 1) {
    ++at;
    while (at < line.size() && is_continuation(line[at])) ++at;
    --column;
  }
  return at;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \r") == std::string_view::npos;
}

// Which line of a folded block (`>`), and which column of it, the given place of the value comes
// from. Between two lines of text one line end is a space, and the others of several are line ends;
// beside a line that is indented further all of them are.
json::Place place_in_folded(std::string_view file, std::uint32_t first_line, std::size_t indent,
                            std::uint32_t line, std::uint32_t column) {
  std::uint32_t at_line = 1, at_column = 1;  // in the value, of the source line's first character
  bool further_before = true;                // nothing is folded before the first line
  std::uint32_t ends = 0;                    // line ends since the last line of text
  json::Place place{first_line, static_cast<std::uint32_t>(indent + 1)};
  file = from_line(file, first_line);
  for (std::uint32_t n = first_line; !file.empty(); ++n) {
    std::string_view text = take_line(file);
    if (text.ends_with('\r')) text.remove_suffix(1);
    const bool blank = is_blank(text) && text.size() <= indent;
    if (!blank && (text.size() < indent || !is_blank(text.substr(0, indent)))) break;
    if (blank) {
      ++ends;
      continue;
    }
    text.remove_prefix(indent);
    const bool further = text.front() == ' ' || text.front() == '\t';
    const bool folds = ends > 0 && !further && !further_before;
    if (folds && ends == 1) {
      ++at_column;  // a space
    } else if (ends > 0) {
      at_line += folds ? ends - 1 : ends;
      at_column = 1;
    }
    if (at_line > line || (at_line == line && at_column > column)) break;
    const std::size_t offset = at_line == line ? bytes_before(text, column - at_column + 1) : 0;
    place = {n, static_cast<std::uint32_t>(indent + offset + 1)};
    const auto length = static_cast<std::uint32_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
    if (at_line == line && column < at_column + length) return place;
    at_column += length;
    further_before = further;
    ends = 1;
  }
  return place;
}

json::Place place_in_block(std::string_view file, json::Place start, std::string_view header,
                           std::uint32_t line, std::uint32_t column) {
  const bool folded = header.front() == '>';
  constexpr std::uint32_t kLookAhead = 1000;  // blank lines before the first one with text
  std::size_t indent = 0;
  for (std::uint32_t n = start.line + 1; n < start.line + kLookAhead; ++n) {
    const std::string_view text = line_of(file, n);
    if (is_blank(text)) continue;
    indent = text.find_first_not_of(' ');
    break;
  }
  // An indentation indicator: the block is indented by less than its first line.
  const std::size_t digit = header.substr(0, 3).find_first_of("123456789");
  if (digit != std::string_view::npos) {
    const std::string_view owner = line_of(file, start.line);
    const std::size_t base = std::min(owner.find_first_not_of(' '), owner.size());
    indent = base + static_cast<std::size_t>(header[digit] - '0');
  }
  if (folded) return place_in_folded(file, start.line + 1, indent, line, column);
  const std::string_view text = line_of(file, start.line + line);
  if (text.size() < indent) return {start.line + line, 1};
  const std::size_t offset = indent + bytes_before(text.substr(indent), column);
  return {start.line + line, static_cast<std::uint32_t>(offset + 1)};
}

// Walks a quoted scalar: how many bytes of the source make the next character of the value.
std::size_t source_length(std::string_view rest, char quote) {
  std::size_t length = 1;
  if (quote == '\'' && rest.starts_with("''")) length = 2;
  if (quote == '"' && rest.front() == '\\' && rest.size() > 1) {
    const char kind = rest[1];
    length = kind == 'x' ? 4 : kind == 'u' ? 6 : kind == 'U' ? 10 : 2;
    // A surrogate pair is one character.
    if (kind == 'u' && rest.size() >= 12 && rest.substr(6, 2) == "\\u" && (rest[2] | 32) == 'd' &&
        rest[3] >= '8') {
      length = 12;
    }
  } else {
    while (length < rest.size() && is_continuation(rest[length])) ++length;
  }
  return std::min(length, rest.size());
}

json::Place place_in_quotes(std::string_view source, json::Place start, std::uint32_t line,
                            std::uint32_t column) {
  const char quote = source.front();
  std::uint32_t at_line = 1, at_column = 1;
  std::size_t offset = 1;
  while (offset < source.size() && source[offset] != '\n') {
    if (at_line > line || (at_line == line && at_column >= column)) break;
    const std::string_view rest = source.substr(offset);
    if (rest.front() == quote && !(quote == '\'' && rest.starts_with("''"))) break;
    const bool line_end = quote == '"' && rest.starts_with("\\n");
    at_line += line_end ? 1 : 0;
    at_column = line_end ? 1 : at_column + 1;
    offset += source_length(rest, quote);
  }
  return {start.line, start.column + static_cast<std::uint32_t>(offset)};
}

}  // namespace

json::Place place_in_text(std::string_view file, json::Place start, std::uint32_t line,
                          std::uint32_t column) {
  const std::string_view first = line_of(file, start.line);
  if (start.line == 0 || start.column == 0 || start.column > first.size()) return start;
  const std::string_view source = first.substr(start.column - 1);
  switch (source.front()) {
    case '|':
    case '>': return place_in_block(file, start, source, line, column);
    case '"':
    case '\'': return place_in_quotes(source, start, line, column);
    default: break;
  }
  if (line != 1) return start;
  return {start.line, start.column + static_cast<std::uint32_t>(bytes_before(source, column))};
}

}  // namespace weir::catalog
