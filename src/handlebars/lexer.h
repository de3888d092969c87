// Text to tokens. Modes, order of rules and look-ahead are those of the lexer of handlebars.js 4.7,
// but for these: `}}` closes a mustache that did not open with three braces, whatever follows;
// strings are JSON strings; a number may be a path's segment.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace weir::handlebars {

enum class TokenKind : std::uint8_t {
  kText,
  kComment,
  kOpen,                // {{  {{&
  kOpenUnescaped,       // {{{
  kOpenBlock,           // {{#
  kOpenDecoratorBlock,  // {{#*
  kOpenInverse,         // {{^
  kOpenInverseChain,    // {{else …
  kOpenEnd,             // {{/
  kOpenPartial,         // {{>
  kOpenPartialBlock,    // {{#>
  kOpenDecorator,       // {{*
  kOpenRaw,             // {{{{
  kInverse,             // {{else}} {{^}}, whole
  kEndRaw,              // {{{{/name}}}}, whole; the text is the name
  kClose,               // the braces that end any of the above
  kId,
  kSeparator,
  kString,  // the text is decoded
  kNumber,
  kTrue,
  kFalse,
  kNull,
  kUndefined,
  kData,  // @
  kEquals,
  kOpenParen,
  kCloseParen,
  kOpenParams,   // as |
  kCloseParams,  // |
  kEnd,
  kError,  // the text is the message
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  bool strip_left = false;   // `~` after the opening braces
  bool strip_right = false;  // `~` before the closing braces
  bool verbatim = false;     // kOpen: {{& ; kId: was in brackets
  std::uint32_t offset = 0;  // bytes into the template
  std::string_view text;
  std::string_view original;  // kText: before whitespace control
  std::string_view indent;    // kOpenPartial: set by whitespace control
};

// `text` must outlive the tokens, as must the arena, which takes decoded strings and messages. The
// last token is kEnd, or kError at the first place that cannot be read.
std::vector<Token> lex(std::string_view text, json::Arena& arena);

// Is this character white space to the language: how many bytes it takes, or 0.
std::size_t space_length(std::string_view text, std::size_t at);
std::size_t space_length_before(std::string_view text, std::size_t end);

// Whitespace control, on tokens: first `~`, which takes all white space on its side, then lines
// that hold nothing but one tag, which vanish.
void control_whitespace(std::vector<Token>& tokens, bool ignore_standalone);

}  // namespace weir::handlebars
