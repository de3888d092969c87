// The pieces of the document parsers: strings, numbers, literals, white space, and the check of
// whatever nobody wants to see. Inlined into both walks. A scanner reads up to 32 bytes past the
// text (kDocumentPadding) but believes none of them. Positions are pointers; nullptr says that
// error() is set.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "json/host/document_parser.h"
#include "json/name_hash.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weir::json {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : begin_(text.data()), end_(text.data() + text.size()) {}

  const char* begin() const { return begin_; }
  const char* end() const { return end_; }
  DocumentError error() const { return error_; }

  const char* fail(const char* at, std::string_view message) {
    error_ = {static_cast<std::size_t>((at < end_ ? at : end_) - begin_),
              at < end_ ? message : kEnds};
    return nullptr;
  }

  const char* skip_space(const char* p) const {
    // Compact documents have none.
    while (p < end_ && static_cast<unsigned char>(*p) <= ' ') {
      if (*p != ' ' && *p != '\n' && *p != '\r' && *p != '\t') return p;
      ++p;
    }
    return p;
  }

  // From behind the opening quote to the closing one. `plain` becomes false if there are escapes.
  const char* string(const char* p, bool* plain) {
    while (true) {
      p = find_special(p);
      if (p >= end_) return fail(end_, kEnds);
      const auto c = static_cast<unsigned char>(*p);
      if (c == '"') return p;
      if (c == '\\') {
        *plain = false;
        p = escape(p);
      } else if (c >= 0x80) {
        p = multibyte(p);
      } else {
        return fail(p, "a control character in a string must be escaped");
      }
      if (p == nullptr) return nullptr;
    }
  }

  const char* number(const char* p) {
    const char* const start = p;
    if (*p == '-') ++p;
    if (p < end_ && *p == '0') {
      ++p;
      if (p < end_ && is_digit(*p)) {
        return fail(start, "a number may not start with 0 and another digit");
      }
    } else if ((p = digits(p)) == nullptr) {
      return nullptr;
    }
    if (p < end_ && *p == '.' && (p = digits(p + 1)) == nullptr) return nullptr;
    if (p < end_ && (*p == 'e' || *p == 'E')) {
      ++p;
      if (p < end_ && (*p == '+' || *p == '-')) ++p;
      p = digits(p);
    }
    return p;
  }

  // true, false or null, by its first letter.
  const char* literal(const char* p) {
    const std::string_view word = *p == 't' ? "true" : *p == 'f' ? "false" : "null";
    if (std::memcmp(p, word.data(), word.size()) != 0) return fail(p, "expected a value");
    p += word.size();
    return p <= end_ ? p : fail(end_, kEnds);
  }

  // Checks one value that nobody wants, `depth` containers around it. From its first byte to behind
  // its last.
  const char* skip_value(const char* p, std::size_t depth) {
    if (p >= end_) return fail(p, kEnds);
    if (*p == '{' || *p == '[') return skip_container(p, depth);
    return skip_scalar(p);
  }

  static constexpr std::string_view kEnds = "the document ends too early";
  static constexpr std::string_view kTooDeep = "nested too deep";

 private:
  static bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

  const char* digits(const char* p) {
    if (p >= end_ || !is_digit(*p)) return fail(p, "expected a digit");
    do {
      ++p;
    } while (p < end_ && is_digit(*p));
    return p;
  }

  // The first byte from p that is no plain ASCII of a string; at or past the end if there is none.
  const char* find_special(const char* p) const {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i control = _mm_set1_epi8(0x1F);
    for (; p < end_; p += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      const __m128i special =
          _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
                       _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes), bytes));
      const int mask =
          _mm_movemask_epi8(special);  // the top bit of a byte: also of what is not ASCII
      if (mask != 0) return p + __builtin_ctz(static_cast<unsigned>(mask));
    }
#else
    while (p < end_ && static_cast<unsigned char>(*p) >= 0x20 &&
           static_cast<unsigned char>(*p) < 0x80 && *p != '"' && *p != '\\') {
      ++p;
    }
#endif
    return p;
  }

  const char* skip_scalar(const char* p) {
    if (*p == '"') {
      bool plain = true;
      p = string(p + 1, &plain);
      return p == nullptr ? nullptr : p + 1;
    }
    if (*p == '-' || is_digit(*p)) return number(p);
    if (*p == 't' || *p == 'f' || *p == 'n') return literal(p);
    return fail(p, "expected a value");
  }
  const char* skip_container(const char* p, std::size_t depth);
  const char* escape(const char* p);
  const char* multibyte(const char* p);

  const char* begin_;
  const char* end_;
  DocumentError error_;
};

// The text of a string that was scanned before, unescaped into the arena.
std::string_view unescape(std::string_view inside, Arena& arena);

}  // namespace weir::json
