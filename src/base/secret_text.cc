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

void SecretText::append_quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  append('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"': append("\\\""); break;
      case '\\': append("\\\\"); break;
      case '\n': append("\\n"); break;
      case '\r': append("\\r"); break;
      case '\t': append("\\t"); break;
      default:
        if (byte < 0x20 || byte == 0x7f) {
          append("\\u00");
          append(kHex[byte >> 4]);
          append(kHex[byte & 15]);
        } else {
          append(c);
        }
    }
  }
  append('"');
}

Secret SecretText::take() {
  return Secret(std::move(text_));
}

}  // namespace weir
