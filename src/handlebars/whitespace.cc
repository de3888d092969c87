// Whitespace control works on tokens: a tag's neighbours are the text before its opening and after
// its closing braces, so open, else and close tags of a block need no tree to be judged, each on
// its own. (handlebars.js judges nodes of the tree, and in chains of `else if` takes some of these
// neighbours from the wrong branch; that is not copied.)
#include "handlebars/lexer.h"

namespace weir::handlebars {
namespace {

std::size_t utf8_space(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const std::size_t left = text.size() - at;
  if (left >= 2 && byte(0) == 0xc2 && byte(1) == 0xa0) return 2;  // U+00A0
  if (left < 3) return 0;
  const unsigned code = ((byte(0) & 0x0fu) << 12) | ((byte(1) & 0x3fu) << 6) | (byte(2) & 0x3fu);
  if ((byte(0) & 0xf0) != 0xe0 || (byte(1) & 0xc0) != 0x80 || (byte(2) & 0xc0) != 0x80) return 0;
  const bool space = code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
                     code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000 ||
                     code == 0xfeff;
  return space ? 3 : 0;
}

void trim_left(std::string_view& text) {
  while (const std::size_t n = space_length(text, 0)) text.remove_prefix(n);
}
void trim_right(std::string_view& text) {
  while (const std::size_t n = space_length_before(text, text.size())) text.remove_suffix(n);
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Does the white space at the text's end hold a line break? Or is it nothing else, where `whole`
// says that this is enough.
bool ends_line(std::string_view text, bool whole) {
  std::string_view rest = text;
  trim_right(rest);
  return text.find('\n', rest.size()) != std::string_view::npos || (whole && rest.empty());
}
bool begins_line(std::string_view text, bool whole) {
  std::string_view rest = text;
  trim_left(rest);
  return text.substr(0, text.size() - rest.size()).find('\n') != std::string_view::npos ||
         (whole && rest.empty());
}

void drop_blanks_before(std::string_view& text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
}
void drop_line_after(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  if (text.starts_with("\r\n")) {
    text.remove_prefix(2);
  } else if (text.starts_with('\n')) {
    text.remove_prefix(1);
  }
}

bool is_whole_tag(TokenKind kind) {
  return kind == TokenKind::kComment || kind == TokenKind::kInverse || kind == TokenKind::kEndRaw;
}

// Tags that print something themselves never stand alone.
bool may_stand_alone(TokenKind kind) {
  return kind != TokenKind::kOpen && kind != TokenKind::kOpenUnescaped &&
         kind != TokenKind::kOpenDecorator;
}

std::string_view trailing_blanks(std::string_view text) {
  std::string_view rest = text;
  drop_blanks_before(rest);
  return text.substr(rest.size());
}

void control_tag(std::vector<Token>& tokens, std::size_t first, std::size_t last,
                 bool ignore_standalone) {
  Token* before = first > 0 ? &tokens[first - 1] : nullptr;
  Token* after = &tokens[last + 1];  // There always is one: kEnd or kError ends the list.
  const bool starts = before == nullptr;
  const bool ends = after->kind == TokenKind::kEnd;
  if (before != nullptr && before->kind != TokenKind::kText) before = nullptr;
  if (after->kind != TokenKind::kText) after = nullptr;

  if (tokens[first].strip_left && before != nullptr) trim_right(before->text);
  if (tokens[last].strip_right && after != nullptr) trim_left(after->text);

  if (ignore_standalone || !may_stand_alone(tokens[first].kind)) return;
  // The template's own start and end count as line breaks, a block's do not.
  if (before == nullptr ? !starts : !ends_line(before->original, first == 1)) return;
  const bool is_last = last + 2 < tokens.size() && tokens[last + 2].kind == TokenKind::kEnd;
  if (after == nullptr ? !ends : !begins_line(after->original, is_last)) return;

  if (after != nullptr) drop_line_after(after->text);
  if (before == nullptr) return;
  const std::size_t size = before->text.size();
  drop_blanks_before(before->text);
  if (before->text.size() != size) tokens[first].indent = trailing_blanks(before->original);
}

}  // namespace

std::size_t space_length(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  const auto c = static_cast<unsigned char>(text[at]);
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  return c < 0x80 ? 0 : utf8_space(text, at);
}

std::size_t space_length_before(std::string_view text, std::size_t end) {
  for (std::size_t n = 1; n <= 3 && n <= end; ++n) {
    if (space_length(text.substr(0, end), end - n) == n) return n;
  }
  return 0;
}

void control_whitespace(std::vector<Token>& tokens, bool ignore_standalone) {
  for (std::size_t first = 0; first + 1 < tokens.size(); ++first) {
    if (tokens[first].kind == TokenKind::kText) continue;
    std::size_t last = first;
    if (!is_whole_tag(tokens[first].kind)) {
      while (last + 1 < tokens.size() && tokens[last].kind != TokenKind::kClose) ++last;
    }
    if (last + 1 >= tokens.size()) return;  // Ends in an error.
    control_tag(tokens, first, last, ignore_standalone);
    first = last;
  }
}

}  // namespace weir::handlebars
