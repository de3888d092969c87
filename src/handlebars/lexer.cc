#include "handlebars/lexer.h"

#include <fmt/core.h>

#include "handlebars/string_literal.h"

namespace weir::handlebars {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

class Lexer {
 public:
  Lexer(std::string_view text, json::Arena& arena) : text_(text), arena_(arena) {}

  std::vector<Token> run() {
    while (at_ < text_.size() && !failed_) {
      if (content()) tag();
    }
    if (!failed_) push(TokenKind::kEnd, at_, {});
    return std::move(tokens_);
  }

 private:
  // How the mustache that was opened has to be closed.
  enum class Braces { kTwo, kThree, kFour };

  Token& push(TokenKind kind, std::size_t offset, std::string_view text) {
    Token& token = tokens_.emplace_back();
    token.kind = kind;
    token.offset = static_cast<std::uint32_t>(offset);
    token.text = token.original = text;
    return token;
  }

  void fail(std::size_t offset, std::string_view message) {
    if (failed_) return;
    failed_ = true;
    push(TokenKind::kError, offset, arena_.copy(message));
  }

  bool starts(std::size_t at, std::string_view prefix) const {
    return text_.substr(at, prefix.size()) == prefix;
  }
  std::size_t skip_space(std::size_t at) const {
    while (const std::size_t n = space_length(text_, at)) at += n;
    return at;
  }

  void push_text(std::size_t from, std::size_t to) {
    if (to > from) push(TokenKind::kText, from, text_.substr(from, to - from));
  }

  // Text up to the next opening braces. True if a tag follows at at_.
  bool content() {
    const std::size_t start = at_;
    const std::size_t open = text_.find("{{", start);
    if (open == std::string_view::npos) {
      push_text(start, text_.size());
      at_ = text_.size();
      return false;
    }
    const bool escaped = open > start && text_[open - 1] == '\\';
    const bool escape_escaped = escaped && open > start + 1 && text_[open - 2] == '\\';
    push_text(start, escaped ? open - 1 : open);
    at_ = open;
    if (!escaped || escape_escaped) return true;
    // The braces are text, and so is what follows up to the next braces or their escape.
    std::size_t end = text_.find("{{", open + 2);
    if (end == std::string_view::npos) end = text_.size();
    for (int backslashes = 0; end < text_.size() && backslashes < 2; ++backslashes) {
      if (end <= open + 2 || text_[end - 1] != '\\') break;
      --end;
    }
    push_text(open, end);
    at_ = end;
    return false;
  }

  void tag() {
    const std::size_t open = at_;
    if (starts(open, "{{{{")) {
      push(TokenKind::kOpenRaw, open, {});
      at_ = open + 4;
      inside(open, Braces::kFour);
      if (!failed_) raw_content(open);
      return;
    }
    const bool strip = starts(open + 2, "~");
    const std::size_t at = open + 2 + (strip ? 1 : 0);
    const char sigil = at < text_.size() ? text_[at] : '\0';
    if (sigil == '!') return comment(open, at, strip);
    if (bare_inverse(open, at, strip)) return;

    TokenKind kind = TokenKind::kOpen;
    std::size_t length = 1;
    switch (sigil) {
      case '>': kind = TokenKind::kOpenPartial; break;
      case '/': kind = TokenKind::kOpenEnd; break;
      case '^': kind = TokenKind::kOpenInverse; break;
      case '{': kind = TokenKind::kOpenUnescaped; break;
      case '*': kind = TokenKind::kOpenDecorator; break;
      case '&': break;
      case '#':
        kind = TokenKind::kOpenBlock;
        if (starts(at + 1, ">")) kind = TokenKind::kOpenPartialBlock;
        if (starts(at + 1, "*")) kind = TokenKind::kOpenDecoratorBlock;
        if (kind != TokenKind::kOpenBlock) length = 2;
        break;
      default:
        length = 0;
        if (const std::size_t past = past_else(at)) {
          kind = TokenKind::kOpenInverseChain;
          length = past - at;
        }
    }
    Token& token = push(kind, open, {});
    token.strip_left = strip;
    token.verbatim = sigil == '&';
    at_ = at + length;
    inside(open, kind == TokenKind::kOpenUnescaped ? Braces::kThree : Braces::kTwo);
  }

  // Past the word `else` and the blanks before it, or 0.
  std::size_t past_else(std::size_t at) const {
    const std::size_t word = skip_space(at);
    if (!starts(word, "else")) return 0;
    if (word + 4 < text_.size() && is_word(text_[word + 4])) return 0;
    return word + 4;
  }

  bool bare_inverse(std::size_t open, std::size_t at, bool strip) {
    std::size_t end = starts(at, "^") ? at + 1 : past_else(at);
    if (end == 0) return false;
    end = skip_space(end);
    const bool strip_right = starts(end, "~");
    if (strip_right) ++end;
    if (!starts(end, "}}")) return false;
    Token& token = push(TokenKind::kInverse, open, {});
    token.strip_left = strip;
    token.strip_right = strip_right;
    at_ = end + 2;
    return true;
  }

  // `{{! … }}` ends at the first braces, `{{!-- … --}}` at the first that two dashes precede.
  void comment(std::size_t open, std::size_t mark, bool strip) {
    const bool dashes = starts(mark, "!--");
    std::size_t end = std::string_view::npos;  // of the closing braces
    for (std::size_t at = mark + 1; (at = text_.find("}}", at)) != std::string_view::npos; ++at) {
      const std::size_t tilde = text_[at - 1] == '~' ? 1 : 0;
      if (!dashes || (at - tilde >= mark + 3 && starts(at - tilde - 2, "--"))) {
        end = at;
        break;
      }
    }
    if (end == std::string_view::npos) return fail(open, "the comment is not closed");
    Token& token = push(TokenKind::kComment, open, {});
    token.strip_left = strip;
    token.strip_right = end > mark + 1 && text_[end - 1] == '~';
    std::string_view body = text_.substr(mark + 1, end - mark - 1);
    if (token.strip_right) body.remove_suffix(1);
    for (int i = 0; i < 2 && body.starts_with('-'); ++i) body.remove_prefix(1);
    for (int i = 0; i < 2 && body.ends_with('-'); ++i) body.remove_suffix(1);
    token.text = body;
    at_ = end + 2;
  }

  // Everything up to the closing tag that belongs to this opening one; raw blocks inside are text.
  void raw_content(std::size_t open) {
    const std::size_t start = at_;
    int depth = 1;
    for (std::size_t at = start; (at = text_.find("{{{{", at)) != std::string_view::npos;) {
      if (!starts(at + 4, "/")) {
        ++depth;
        at += 4;
        continue;
      }
      std::size_t name_end = at + 5;
      while (const std::size_t n = id_length(name_end)) name_end += n;
      const bool closes = name_end > at + 5 && starts(name_end, "}}}}");
      if (closes && --depth == 0) {
        push_text(start, at);
        push(TokenKind::kEndRaw, at, text_.substr(at + 5, name_end - at - 5));
        at_ = name_end + 4;
        return;
      }
      at = name_end;
    }
    fail(open, "the raw block is not closed");
  }

  // Bytes of the identifier character at this place, or 0.
  std::size_t id_length(std::size_t at) const {
    if (at >= text_.size()) return 0;
    const auto c = static_cast<unsigned char>(text_[at]);
    if (c >= 0x80) return space_length(text_, at) == 0 ? 1 : 0;
    if (c <= ' ' || c == 0x7f) return 0;
    constexpr std::string_view kNever = "!\"#%&'()*+,./;<=>@[\\]^`{|}~";
    return kNever.find(static_cast<char>(c)) == std::string_view::npos ? 1 : 0;
  }

  bool ends_word(std::size_t end) const {
    return space_length_before(text_, end) == 0 && id_length(end - 1) > 0;
  }

  // May an identifier, or a literal, end before this place?
  bool ends_id(std::size_t at) const {
    if (at >= text_.size()) return false;
    return std::string_view("=~}/.)|").find(text_[at]) != std::string_view::npos ||
           space_length(text_, at) > 0;
  }
  bool ends_literal(std::size_t at) const {
    if (at >= text_.size()) return false;
    return std::string_view("~})").find(text_[at]) != std::string_view::npos ||
           space_length(text_, at) > 0;
  }

  void inside(std::size_t open, Braces braces) {
    while (!failed_) {
      at_ = skip_space(at_);
      if (at_ >= text_.size()) return fail(open, "the tag that opens here is not closed");
      if (text_[at_] == '}' || text_[at_] == '~') return close(braces);
      token();
    }
  }

  void close(Braces braces) {
    const std::size_t start = at_;
    std::size_t at = at_;
    bool strip = false;
    if (braces == Braces::kThree && starts(at, "}")) ++at;
    if (braces != Braces::kFour && starts(at, "~")) {
      strip = true;
      ++at;
    }
    const std::string_view expected = braces == Braces::kFour ? "}}}}" : "}}";
    const bool first = braces != Braces::kThree || text_[start] == '}';
    if (!first || !starts(at, expected)) {
      constexpr std::string_view kNeeds[] = {"}}", "}}}", "}}}}"};
      return fail(start, fmt::format("this tag has to be closed by {}",
                                     kNeeds[static_cast<std::size_t>(braces)]));
    }
    push(TokenKind::kClose, start, {}).strip_right = strip;
    at_ = at + expected.size();
  }

  void single(TokenKind kind) {
    push(kind, at_, text_.substr(at_, 1));
    ++at_;
  }

  void token() {
    switch (text_[at_]) {
      case '(': return single(TokenKind::kOpenParen);
      case ')': return single(TokenKind::kCloseParen);
      case '=': return single(TokenKind::kEquals);
      case '|': return single(TokenKind::kCloseParams);
      case '@': return single(TokenKind::kData);
      case '/': return single(TokenKind::kSeparator);
      case '.': return dot();
      case '"':
      case '\'': return string();
      case '[': return bracketed();
      default: return word();
    }
  }

  void dot() {
    const bool after_name = text_[at_ - 1] == ']' || ends_word(at_);
    const bool up = starts(at_, "..");
    if (!up && !ends_id(at_ + 1)) return single(TokenKind::kSeparator);
    if (after_name) return fail(at_, "a name has to follow this separator");
    push(TokenKind::kId, at_, text_.substr(at_, up ? 2 : 1));
    at_ += up ? 2 : 1;
  }

  void string() {
    const StringLiteral literal = read_string(text_, at_, arena_);
    if (!literal.error.empty()) return fail(literal.end, literal.error);
    push(TokenKind::kString, at_, literal.value);
    at_ = literal.end;
  }

  // `\]` and `\\` stand for `]` and `\`; other backslashes for themselves.
  void bracketed() {
    std::string name;
    std::size_t at = at_ + 1;
    while (at < text_.size() && text_[at] != ']') {
      if (text_[at] == '\\' && (starts(at + 1, "]") || starts(at + 1, "\\"))) ++at;
      name += text_[at++];
    }
    if (at >= text_.size()) return fail(at_, "the bracket that opens here is not closed");
    push(TokenKind::kId, at_, arena_.copy(name)).verbatim = true;
    at_ = at + 1;
  }

  void word() {
    const TokenKind before = tokens_.back().kind;
    const bool in_path = before == TokenKind::kSeparator || before == TokenKind::kData;
    if (!in_path && number()) return;
    std::size_t end = at_;
    while (const std::size_t n = id_length(end)) end += n;
    const std::string_view name = text_.substr(at_, end - at_);
    if (name.empty()) return fail(at_, "this character cannot stand in a tag");
    if (end < text_.size() && !ends_id(end)) {
      return fail(end, fmt::format("this character cannot follow \"{}\"", name));
    }
    if (name == "as" && space_length(text_, end) > 0 && starts(skip_space(end), "|")) {
      push(TokenKind::kOpenParams, at_, name);
      at_ = skip_space(end) + 1;
      return;
    }
    push(in_path || !ends_literal(end) ? TokenKind::kId : literal_kind(name), at_, name);
    at_ = end;
  }

  static TokenKind literal_kind(std::string_view name) {
    if (name == "true") return TokenKind::kTrue;
    if (name == "false") return TokenKind::kFalse;
    if (name == "null") return TokenKind::kNull;
    if (name == "undefined") return TokenKind::kUndefined;
    return TokenKind::kId;
  }

  // -?digits(.digits)? that ends like a literal. Superfluous leading zeros are dropped.
  bool number() {
    std::size_t at = at_ + (text_[at_] == '-' ? 1 : 0);
    const std::size_t digits = at;
    while (at < text_.size() && is_digit(text_[at])) ++at;
    if (at == digits) return false;
    std::size_t kept = digits;
    while (kept + 1 < at && text_[kept] == '0') ++kept;
    if (at + 1 < text_.size() && text_[at] == '.' && is_digit(text_[at + 1])) {
      ++at;
      while (at < text_.size() && is_digit(text_[at])) ++at;
    }
    if (!ends_literal(at)) return false;
    std::string_view value = text_.substr(kept, at - kept);
    if (digits > at_) {
      value = kept == digits ? text_.substr(at_, at - at_) : arena_.copy(fmt::format("-{}", value));
    }
    push(TokenKind::kNumber, at_, value);
    at_ = at;
    return true;
  }

  std::string_view text_;
  json::Arena& arena_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

std::vector<Token> lex(std::string_view text, json::Arena& arena) {
  return Lexer(text, arena).run();
}

}  // namespace weir::handlebars
