// One pass over the pattern that copies what both dialects share and rewrites the rest. Groups
// become non-capturing, for nobody reads captures.
#include "json/host/re2_regex.h"

#include <fmt/core.h>
#include <re2/re2.h>

#include <optional>

#include "json/host/ecma_pattern.h"
#include "json/utf8.h"

namespace weir::json {
namespace {

constexpr int kRepetitionsMax = 1000;  // of RE2

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

class Translator {
 public:
  explicit Translator(std::string_view pattern) : pattern_(pattern) {}

  Result<std::string> run() {
    while (at_ < pattern_.size()) WEIR_RETURN_IF_ERROR(term());
    if (open_groups_ > 0) return wrong("a group that does not end");
    return std::move(out_);
  }

 private:
  tl::unexpected<Error> wrong_at(std::size_t at, std::string_view what) const {
    return error(Code::kInvalid, "the regular expression has {} at byte {}", what, at);
  }
  tl::unexpected<Error> wrong(std::string_view what) const { return wrong_at(at_, what); }
  tl::unexpected<Error> unsupported(std::string_view what) const {
    return error(Code::kInvalid,
                 "the regular expression uses {} at byte {}, which is not supported", what, at_);
  }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0';
  }

  Status term() {
    const char c = pattern_[at_];
    switch (c) {
      case '\\': return escape();
      case '[': return bracket();
      case '(': return group();
      case ')':
        if (open_groups_-- == 0) return wrong("')' without '('");
        break;
      case '.':
        out_ += "[^\\n\\r\\x{2028}\\x{2029}]";
        ++at_;
        return {};
      case '{': return repetition();
      case '}':
      case ']': out_ += '\\'; break;
      default: break;
    }
    out_ += c;
    ++at_;
    return {};
  }

  Status group() {
    if (peek(1) == '?') {
      const char kind = peek(2);
      const bool behind = kind == '<' && (peek(3) == '=' || peek(3) == '!');
      if (kind == '=' || kind == '!' || behind) return unsupported("look-around");
      if (kind == '<') {
        const std::size_t end = pattern_.find('>', at_);
        if (end == std::string_view::npos || end == at_ + 3) return wrong("a bad group name");
        at_ = end + 1;
      } else if (kind == ':') {
        at_ += 3;
      } else {
        return wrong("an unknown kind of group");
      }
    } else {
      ++at_;
    }
    ++open_groups_;
    out_ += "(?:";
    return {};
  }

  // {n}, {n,}, {n,m}; any other '{' stands for itself.
  Status repetition() {
    std::size_t end = at_ + 1;
    int bounds[2] = {0, -1};
    int count = 0;
    for (; count < 2; ++count) {
      const std::size_t digits = end;
      int bound = 0;
      for (; end < pattern_.size() && is_digit(pattern_[end]); ++end) {
        bound = std::min(bound * 10 + (pattern_[end] - '0'), kRepetitionsMax + 1);
      }
      if (end > digits) {
        bounds[count] = bound;
      } else if (count == 0) {
        break;
      }
      if (end >= pattern_.size() || pattern_[end] != ',' || count == 1) {
        ++count;
        break;
      }
      ++end;
    }
    if (count == 0 || end >= pattern_.size() || pattern_[end] != '}') {
      out_ += "\\{";
      ++at_;
      return {};
    }
    if (bounds[0] > kRepetitionsMax || bounds[1] > kRepetitionsMax) {
      return unsupported("more than 1000 repetitions");
    }
    out_ += pattern_.substr(at_, end + 1 - at_);
    at_ = end + 1;
    return {};
  }

  // Outside brackets.
  Status escape() {
    const char c = peek(1);
    if (c == 'b' || c == 'B') {
      out_ += '\\';
      out_ += c;
      at_ += 2;
      return {};
    }
    if (c >= '1' && c <= '9') return unsupported("a back-reference");
    if (c == 'k') return unsupported("a back-reference");
    if (is_class_letter(c)) {
      out_ += '[';
      append_ranges(class_ranges(c), out_);
      out_ += ']';
      at_ += 2;
      return {};
    }
    if (c == 'p' || c == 'P') return property();
    WEIR_TRY(const std::uint32_t point, character_escape());
    append_code_point(point, out_);
    return {};
  }

  static bool is_class_letter(char c) {
    const char lower = static_cast<char>(c | 0x20);
    return lower == 'd' || lower == 'w' || lower == 's';
  }

  // \p{…}, in and outside brackets.
  Status property() {
    const std::size_t end = pattern_.find('}', at_);
    if (peek(2) != '{' || end == std::string_view::npos) return wrong("a bad \\p{…}");
    const std::string_view name = re2_property(pattern_.substr(at_ + 3, end - at_ - 3));
    if (name.empty()) return unsupported("an unknown property");
    out_ += fmt::format("\\{}{{{}}}", peek(1), name);
    at_ = end + 1;
    return {};
  }

  std::optional<std::uint32_t> hex(std::size_t at, std::size_t digits) const {
    if (at + digits > pattern_.size() || digits == 0 || digits > 6) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
      const char c = pattern_[i];
      const char lower = static_cast<char>(c | 0x20);
      if (is_digit(c)) {
        value = value << 4 | static_cast<std::uint32_t>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        value = value << 4 | static_cast<std::uint32_t>(lower - 'a' + 10);
      } else {
        return std::nullopt;
      }
    }
    return value;
  }

  // \uXXXX, a pair of them, or \u{X…}.
  Result<std::uint32_t> unicode_escape() {
    if (peek(2) == '{') {
      const std::size_t end = pattern_.find('}', at_);
      const auto point = end == std::string_view::npos ? std::nullopt : hex(at_ + 3, end - at_ - 3);
      if (!point || *point > kCodePointMax) return wrong("a bad \\u{…}");
      at_ = end + 1;
      return *point;
    }
    const auto unit = hex(at_ + 2, 4);
    if (!unit) return wrong("a bad \\u");
    if (*unit < 0xD800 || *unit > 0xDFFF) {
      at_ += 6;
      return *unit;
    }
    const bool escaped = peek(6) == '\\' && peek(7) == 'u';
    const std::uint32_t low = escaped ? hex(at_ + 8, 4).value_or(0) : 0;
    if (*unit >= 0xDC00 || low < 0xDC00 || low > 0xDFFF) {
      return unsupported("half of a surrogate pair");
    }
    at_ += 12;
    return 0x10000 + ((*unit - 0xD800) << 10) + (low - 0xDC00);
  }

  // The escapes that stand for one character.
  Result<std::uint32_t> character_escape() {
    const char c = peek(1);
    switch (c) {
      case 't': at_ += 2; return std::uint32_t{'\t'};
      case 'n': at_ += 2; return std::uint32_t{'\n'};
      case 'v': at_ += 2; return std::uint32_t{'\v'};
      case 'f': at_ += 2; return std::uint32_t{'\f'};
      case 'r': at_ += 2; return std::uint32_t{'\r'};
      case 'u': return unicode_escape();
      case 'x': {
        const auto value = hex(at_ + 2, 2);
        if (!value) return wrong("a bad \\x");
        at_ += 4;
        return *value;
      }
      case 'c': {
        if (!is_letter(peek(2))) return wrong("a bad \\c");
        const auto value = static_cast<std::uint32_t>(peek(2)) & 31;
        at_ += 3;
        return value;
      }
      case '0':
        if (at_ + 1 >= pattern_.size() || is_digit(peek(2))) return wrong("an octal escape");
        at_ += 2;
        return std::uint32_t{0};
      default: break;
    }
    const bool punctuation = c >= ' ' && c < 0x7F && !is_digit(c) && !is_letter(c);
    if (!punctuation) return wrong("an unknown escape");
    at_ += 2;
    return static_cast<std::uint32_t>(c);
  }

  // One character inside brackets.
  Result<std::uint32_t> bracket_character() {
    if (peek() != '\\') {
      const CodePoint point = decode_utf8(pattern_.substr(at_));
      if (point.length == 0) return wrong("a byte that is not UTF-8");
      at_ += point.length;
      return point.value;
    }
    if (peek(1) == 'b') {
      at_ += 2;
      return std::uint32_t{'\b'};
    }
    return character_escape();
  }

  // A class such as \d inside brackets; false if there is none.
  Result<bool> bracket_class() {
    if (peek() != '\\') return false;
    if (peek(1) == 'p' || peek(1) == 'P') {
      WEIR_RETURN_IF_ERROR(property());
      return true;
    }
    if (!is_class_letter(peek(1))) return false;
    append_ranges(class_ranges(peek(1)), out_);
    at_ += 2;
    return true;
  }

  Status bracket() {
    const std::size_t begin = at_++;
    const bool negated = peek() == '^';
    if (negated) ++at_;
    if (peek() == ']') {  // [] matches nothing, [^] everything
      out_ += negated ? "[\\x{0}-\\x{10ffff}]" : "[^\\x{0}-\\x{10ffff}]";
      ++at_;
      return {};
    }
    out_ += negated ? "[^" : "[";
    while (true) {
      if (at_ >= pattern_.size()) return wrong_at(begin, "a '[' that does not end");
      if (peek() == ']') break;
      WEIR_TRY(const bool was_class, bracket_class());
      if (was_class) continue;
      const std::size_t range_at = at_;
      WEIR_TRY(const std::uint32_t first, bracket_character());
      append_code_point(first, out_);
      if (peek() != '-' || peek(1) == ']' || at_ + 1 >= pattern_.size()) continue;
      ++at_;
      const std::size_t dash = out_.size();
      WEIR_TRY(const bool class_end, bracket_class());
      if (class_end) {  // [a-\d]: the dash stands for itself
        out_.insert(dash, "\\x{2d}");
        continue;
      }
      WEIR_TRY(const std::uint32_t last, bracket_character());
      if (last < first) return wrong_at(range_at, "a range that ends before it starts");
      out_ += '-';
      append_code_point(last, out_);
    }
    out_ += ']';
    ++at_;
    return {};
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  std::size_t open_groups_ = 0;
  std::string out_;
};

class Re2Regex : public Regex {
 public:
  explicit Re2Regex(std::string_view translated) : regex_(translated, options()) {}
  const RE2& re2() const { return regex_; }
  bool search(std::string_view text) const override {
    return regex_.Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, nullptr, 0);
  }

 private:
  static RE2::Options options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    return options;
  }
  RE2 regex_;
};

Result<std::unique_ptr<Regex>> compile_re2(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) {
    return error(Code::kLimit, "the regular expression is longer than {} bytes", kPatternBytesMax);
  }
  auto regex = std::make_unique<Re2Regex>(pattern);
  if (!regex->re2().ok()) {
    return error(Code::kInvalid, "the regular expression is not valid: {}", regex->re2().error());
  }
  return std::unique_ptr<Regex>(std::move(regex));
}

Result<std::unique_ptr<Regex>> compile(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) return compile_re2(pattern);  // says so
  WEIR_TRY(const std::string translated, ecma_to_re2(pattern));
  return compile_re2(translated);
}

}  // namespace

Result<std::string> ecma_to_re2(std::string_view pattern) {
  return Translator(pattern).run();
}

RegexFactory re2_regex_factory() {
  return compile;
}

RegexFactory re2_syntax_factory() {
  return compile_re2;
}

}  // namespace weir::json
