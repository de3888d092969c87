// Strict RFC 8259, by recursive descent; kDepthMax bounds the recursion.
#include <algorithm>
#include <cstring>

#include "base/secret.h"
#include "json/events.h"
#include "json/secret_arena.h"
#include "json/utf8.h"

namespace weir::json {
namespace {

class Parser {
 public:
  Parser(std::string_view text, Handler& handler, bool secret)
      : text_(text), handler_(handler), secret_(secret) {
    if (secret_) scratch_.reserve(text.size());  // so that it never moves
  }
  ~Parser() {
    if (secret_) wipe(scratch_);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  bool run() {
    skip_space();
    if (!value(0)) return false;
    skip_space();
    return at_ == text_.size() || fail("expected the end of the text after the value");
  }
  EventError take_error() { return {{error_place_, std::move(message_)}, stopped_}; }

 private:
  Place place_at(std::size_t offset) const {
    return {line_, static_cast<std::uint32_t>(offset - line_start_ + 1)};
  }
  bool fail_at(std::size_t offset, std::string message) {
    message_ = std::move(message);
    error_place_ = place_at(offset);
    return false;
  }
  bool fail(std::string_view expected) {
    std::string message(expected);
    if (at_ == text_.size()) message += ", found the end of the text";
    return fail_at(at_, std::move(message));
  }
  // The handler's answer.
  bool told(bool go_on, Place place) {
    if (go_on) return true;
    stopped_ = true;
    error_place_ = place;
    message_ = "stopped";
    return false;
  }

  void skip_space() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
    }
  }
  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
  bool accept(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }

  bool value(std::size_t depth) {
    if (at_ == text_.size()) return fail("expected a value");
    const Place place = place_at(at_);
    switch (text_[at_]) {
      case '{': return object(depth, place);
      case '[': return array(depth, place);
      case '"': return string(&scratch_) && told(handler_.string(scratch_, place), place);
      case 't': return literal("true") && told(handler_.boolean(true, place), place);
      case 'f': return literal("false") && told(handler_.boolean(false, place), place);
      case 'n': return literal("null") && told(handler_.null(place), place);
      default: return number(place);
    }
  }

  bool literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) {
      return fail_at(at_, fmt::format("expected {}", word));
    }
    at_ += word.size();
    return true;
  }

  bool array(std::size_t depth, Place place) {
    if (depth == kDepthMax) return too_deep();
    if (!told(handler_.begin_array(place), place)) return false;
    ++at_;
    skip_space();
    if (accept(']')) return told(handler_.end_array(), place);
    while (true) {
      if (next_is(']')) return fail("expected a value after ','");
      if (!value(depth + 1)) return false;
      skip_space();
      if (accept(']')) return told(handler_.end_array(), place);
      if (!accept(',')) return fail("expected ',' or ']' after an item");
      skip_space();
    }
  }

  bool object(std::size_t depth, Place place) {
    if (depth == kDepthMax) return too_deep();
    if (!told(handler_.begin_object(place), place)) return false;
    ++at_;
    skip_space();
    if (accept('}')) return told(handler_.end_object(), place);
    while (true) {
      if (!next_is('"')) return fail("expected a name in double quotes");
      const Place name_place = place_at(at_);
      if (!string(&scratch_)) return false;
      if (!told(handler_.name(scratch_, name_place), name_place)) return false;
      skip_space();
      if (!accept(':')) return fail("expected ':' after a name");
      skip_space();
      if (!value(depth + 1)) return false;
      skip_space();
      if (accept('}')) return told(handler_.end_object(), place);
      if (!accept(',')) return fail("expected ',' or '}' after a member");
      skip_space();
    }
  }

  bool too_deep() { return fail_at(at_, fmt::format("nested deeper than {} levels", kDepthMax)); }

  bool digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > begin;
  }

  bool number(Place place) {
    const std::size_t begin = at_;
    const bool negative = accept('-');
    if (next_is('0')) {
      ++at_;
      if (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
        return fail_at(begin, "a number may not start with 0 and another digit");
      }
    } else if (!digits()) {
      return fail(negative ? "expected a digit after '-'" : "expected a value");
    }
    if (accept('.') && !digits()) return fail("expected a digit after '.'");
    if (accept('e') || accept('E')) {
      if (!accept('-')) accept('+');
      if (!digits()) return fail("expected a digit in the exponent");
    }
    return told(handler_.number(text_.substr(begin, at_ - begin), place), place);
  }

  // Reads a string from its opening quote to behind its closing one.
  bool string(std::string* out) {
    out->clear();
    const std::size_t begin = at_++;
    while (true) {
      const std::size_t run = at_;
      while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) >= 0x20 &&
             static_cast<unsigned char>(text_[at_]) < 0x80 && text_[at_] != '"' &&
             text_[at_] != '\\') {
        ++at_;
      }
      out->append(text_, run, at_ - run);
      if (at_ == text_.size()) return fail_at(begin, "a string that does not end");
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (!escape(out)) return false;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        return fail_at(at_, "a control character in a string must be escaped");
      } else {
        const CodePoint point = decode_utf8(text_.substr(at_));
        if (point.length == 0) return fail_at(at_, "not UTF-8");
        out->append(text_, at_, point.length);
        at_ += point.length;
      }
    }
  }

  bool escape(std::string* out) {
    const std::size_t begin = at_++;
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    switch (c) {
      case '"': *out += '"'; return true;
      case '\\': *out += '\\'; return true;
      case '/': *out += '/'; return true;
      case 'b': *out += '\b'; return true;
      case 'f': *out += '\f'; return true;
      case 'n': *out += '\n'; return true;
      case 'r': *out += '\r'; return true;
      case 't': *out += '\t'; return true;
      case 'u': return unicode_escape(begin, out);
      default: return fail_at(begin, "an unknown escape in a string");
    }
  }

  // Four hex digits.
  bool hex(std::size_t begin, std::uint32_t* out) {
    *out = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = at_ < text_.size() ? text_[at_] : '\0';
      const char lower = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9') {
        *out = *out << 4 | static_cast<std::uint32_t>(c - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        *out = *out << 4 | static_cast<std::uint32_t>(lower - 'a' + 10);
      } else {
        return fail_at(begin, "expected four hexadecimal digits after \\u");
      }
    }
    return true;
  }

  bool unicode_escape(std::size_t begin, std::string* out) {
    std::uint32_t unit = 0;
    if (!hex(begin, &unit)) return false;
    if (unit >= 0xD800 && unit <= 0xDFFF) {
      std::uint32_t low = 0;
      if (unit >= 0xDC00 || text_.substr(at_, 2) != "\\u") {
        return fail_at(begin, "half of a surrogate pair");
      }
      at_ += 2;
      if (!hex(at_ - 2, &low)) return false;
      if (low < 0xDC00 || low > 0xDFFF) return fail_at(begin, "half of a surrogate pair");
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(*out, unit);
    return true;
  }

  std::string_view text_;
  Handler& handler_;
  const bool secret_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_start_ = 0;
  std::string scratch_;
  std::string message_;
  Place error_place_;
  bool stopped_ = false;
};

tl::expected<void, EventError> run(std::string_view text, Handler& handler, bool secret) {
  Parser parser(text, handler, secret);
  if (!parser.run()) return tl::unexpected<EventError>(parser.take_error());
  return {};
}

tl::expected<Value, SyntaxError> value_of(TreeBuilder& builder,
                                          const tl::expected<void, EventError>& parsed) {
  if (parsed) return builder.take();
  if (!parsed.error().stopped) return tl::unexpected<SyntaxError>(parsed.error().error);
  return tl::unexpected<SyntaxError>(SyntaxError{builder.error_place(), builder.error()});
}

}  // namespace

tl::expected<void, EventError> parse_events(std::string_view text, Handler& handler) {
  return run(text, handler, false);
}

tl::expected<Value, SyntaxError> parse(std::string_view text, Arena& arena, Duplicates duplicates) {
  TreeBuilder builder(arena, duplicates);
  return value_of(builder, run(text, builder, false));
}

tl::expected<Value, SyntaxError> SecretArena::parse(std::string_view text, Duplicates duplicates) {
  TreeBuilder builder(reserve(text.size()), duplicates);
  return value_of(builder, run(text, builder, true));
}

Result<Value> parse_text(std::string_view text, Arena& arena, Duplicates duplicates) {
  auto value = parse(text, arena, duplicates);
  if (value) return *value;
  const SyntaxError& problem = value.error();
  return error(Code::kInvalid, "{}:{}: {}", problem.place.line, problem.place.column,
               problem.message);
}

Result<Tree> parse_tree(std::string_view text, Duplicates duplicates) {
  Tree tree;
  WEIR_TRY(tree.root, parse_text(text, tree.arena, duplicates));
  return tree;
}

}  // namespace weir::json
