// Small text helpers that several folders need.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

// RFC 4648 base32, lower case, unpadded.
std::string base32_lower(std::string_view bytes);
std::string hex_lower(std::string_view bytes);
std::optional<std::string> from_hex(
    std::string_view text);  // either case; nullopt unless whole bytes of hex digits
// RFC 4648 base64 with padding; the reader insists on it.
std::string base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);
bool valid_utf8(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

// The candidate nearest to `word` by edit distance, if near enough to be a slip of the fingers: for
// "did you mean".
std::optional<std::string_view> nearest(std::string_view word,
                                        const std::vector<std::string_view>& candidates);
// ` (did you mean "orders"?)` or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace weir
