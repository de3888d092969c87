// UTF-8, one code point at a time. Surrogates, overlong forms and values above U+10FFFF are no
// UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::json {

// The code point at the start of `text` and its length in bytes; length 0 if there is none.
struct CodePoint {
  std::uint32_t value = 0;
  std::uint32_t length = 0;
};
CodePoint decode_utf8(std::string_view text);

// Any value up to U+10FFFF that is not a surrogate.
void append_utf8(std::string& out, std::uint32_t code_point);
// The same into memory with room for four bytes; returns the position behind.
char* write_utf8(char* out, std::uint32_t code_point);

// Code points of valid UTF-8.
std::size_t count_code_points(std::string_view text);

}  // namespace weir::json
