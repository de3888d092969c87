#include "json/host/scanner.h"

#include <algorithm>

#include "json/utf8.h"

namespace weir::json {
namespace {

constexpr std::uint32_t kNoHex = 0x10000;

// Four hex digits, or kNoHex.
std::uint32_t hex_4(const char* p) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = p[i];
    const char lower = static_cast<char>(c | 0x20);
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      digit = static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      return kNoHex;
    }
    value = value << 4 | digit;
  }
  return value;
}

bool is_high(std::uint32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low(std::uint32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

}  // namespace

const char* Scanner::escape(const char* p) {
  if (p + 1 >= end_) return fail(end_, kEnds);
  switch (p[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return p + 2;
    case 'u': {
      const std::uint32_t unit = hex_4(p + 2);
      if (unit == kNoHex) return fail(p, "expected four hexadecimal digits after \\u");
      if (!is_high(unit) && !is_low(unit)) return p + 6;
      const bool pair = is_high(unit) && p[6] == '\\' && p[7] == 'u' && is_low(hex_4(p + 8));
      return pair ? p + 12 : fail(p, "half of a surrogate pair");
    }
    default: return fail(p, "an unknown escape in a string");
  }
}

// Checks the bytes beyond ASCII from p on, up to the next ASCII byte. A sequence is one
// little-endian word: the masks are of its lead and continuation bits; what remains tells overlong
// forms, surrogates and what lies past U+10FFFF.
const char* Scanner::multibyte(const char* p) {
  do {
    std::uint32_t word = 0;
    std::memcpy(&word, p, sizeof(word));
    if ((word & 0x00C0C0F0) == 0x008080E0) {
      const std::uint32_t high = word & 0x200F;
      if (high == 0 || high == 0x200D) return fail(p, "not UTF-8");
      p += 3;
    } else if ((word & 0xC0E0) == 0x80C0 && (word & 0x1E) != 0) {
      p += 2;
    } else if ((word & 0xC0C0C0F8) == 0x808080F0 && (word & 0x3007) != 0 &&
               ((word & 4) == 0 || (word & 0x3003) == 0)) {
      p += 4;
    } else {
      return fail(p, "not UTF-8");
    }
  } while (p < end_ && static_cast<unsigned char>(*p) >= 0x80);
  return p;
}

const char* Scanner::skip_container(const char* p, std::size_t depth) {
  // One bit for each container that was entered here: is it an object?
  unsigned __int128 objects = 0;
  static_assert(kDocumentDepthMax <= 128);
  std::size_t entered = 0;
  bool plain = true;

value:
  if (p >= end_) return fail(p, kEnds);
  switch (*p) {
    case '{':
      if (depth + ++entered > kDocumentDepthMax) return fail(p, kTooDeep);
      objects = objects << 1 | 1;
      p = skip_space(p + 1);
      if (p < end_ && *p == '}') goto leave;
      goto name;
    case '[':
      if (depth + ++entered > kDocumentDepthMax) return fail(p, kTooDeep);
      objects <<= 1;
      p = skip_space(p + 1);
      if (p < end_ && *p == ']') goto leave;
      goto value;
    default:
      p = skip_scalar(p);
      if (p == nullptr) return nullptr;
  }

next:
  if (entered == 0) return p;
  p = skip_space(p);
  if (p >= end_) return fail(p, kEnds);
  if ((objects & 1) != 0) {
    if (*p == '}') goto leave;
    if (*p != ',') return fail(p, "expected ',' or '}' after a member");
    p = skip_space(p + 1);
    goto name;
  }
  if (*p == ']') goto leave;
  if (*p != ',') return fail(p, "expected ',' or ']' after an item");
  p = skip_space(p + 1);
  goto value;

leave:
  ++p;
  --entered;
  objects >>= 1;
  goto next;

name:
  if (p >= end_ || *p != '"') return fail(p, "expected a name in double quotes");
  p = string(p + 1, &plain);
  if (p == nullptr) return nullptr;
  p = skip_space(p + 1);
  if (p >= end_ || *p != ':') return fail(p, "expected ':' after a name");
  p = skip_space(p + 1);
  goto value;
}

std::string_view unescape(std::string_view inside, Arena& arena) {
  // Never longer than its source.
  char* const out = static_cast<char*>(arena.allocate(inside.size()));
  char* at = out;
  for (std::size_t i = 0; i < inside.size();) {
    if (inside[i] != '\\') {
      const std::size_t run = std::min(inside.find('\\', i), inside.size()) - i;
      std::memcpy(at, inside.data() + i, run);
      at += run;
      i += run;
      continue;
    }
    const char c = inside[i + 1];
    i += 2;
    switch (c) {
      case 'b': *at++ = '\b'; break;
      case 'f': *at++ = '\f'; break;
      case 'n': *at++ = '\n'; break;
      case 'r': *at++ = '\r'; break;
      case 't': *at++ = '\t'; break;
      case 'u': {
        std::uint32_t point = hex_4(inside.data() + i);
        i += 4;
        if (is_high(point)) {
          point = 0x10000 + ((point - 0xD800) << 10) + (hex_4(inside.data() + i + 2) - 0xDC00);
          i += 6;
        }
        at = write_utf8(at, point);
        break;
      }
      default: *at++ = c;
    }
  }
  return {out, static_cast<std::size_t>(at - out)};
}

Parsed<void> check_document(std::string_view text) {
  Scanner scanner(text);
  const char* p = scanner.skip_value(scanner.skip_space(scanner.begin()), 0);
  if (p != nullptr) {
    p = scanner.skip_space(p);
    if (p == scanner.end()) return {};
    scanner.fail(p, "expected the end of the document");
  }
  return tl::unexpected<DocumentError>(scanner.error());
}

}  // namespace weir::json
