#include "base/secret_text.h"

#include <algorithm>
#include <cstring>

namespace weir {

void wipe(void* at, std::size_t bytes) {
  if (bytes == 0) return;
  std::memset(at, 0, bytes);
  // For all that the compiler knows, somebody looks at them here.
  __asm__ __volatile__("" : : "r"(at) : "memory");
}

void SecretText::append(std::string_view more) {
  if (text_.size() + more.size() > text_.capacity()) {
    std::string larger;
    larger.reserve(std::max(2 * text_.capacity(), text_.size() + more.size()));
    larger += text_;
    wipe(text_);
    text_ = std::move(larger);
  }
  text_ += more;
}

namespace {

// What YAML does not take as it is, though JSON does: the controls behind ASCII, its separators of
// lines, and the mark of byte order. As the digits of an escape, or 0.
std::uint32_t odd_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.size() >= 2 && byte(0) == 0xc2 && byte(1) < 0xa0) return byte(1);
  if (text.starts_with("\xe2\x80\xa8")) return 0x2028;
  if (text.starts_with("\xe2\x80\xa9")) return 0x2029;
  if (text.starts_with("\xef\xbb\xbf")) return 0xfeff;
  if (text.starts_with("\xef\xbf\xbe")) return 0xfffe;
  return text.starts_with("\xef\xbf\xbf") ? 0xffff : 0;
}

}  // namespace

void SecretText::append_quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto escape = [&](std::uint32_t code) {
    append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) append(kHex[(code >> shift) & 15]);
  };
  append('"');
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    switch (text[i]) {
      case '"': append("\\\""); break;
      case '\\': append("\\\\"); break;
      case '\n': append("\\n"); break;
      case '\r': append("\\r"); break;
      case '\t': append("\\t"); break;
      default:
        if (byte < 0x20 || byte == 0x7f) {
          escape(byte);
        } else if (const std::uint32_t odd = odd_character(text.substr(i)); odd != 0) {
          escape(odd);
          i += odd < 0x100 ? 1 : 2;
        } else {
          append(text[i]);
        }
    }
  }
  append('"');
}

Secret SecretText::take() {
  return Secret(std::move(text_));
}

}  // namespace weir
