// What a receiver answered, made fit to be kept: without secrets that it echoes, printable, short.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace weir::delivery {

// Texts shorter than this are not looked for: they would blank half of every response, and a secret
// of three characters is none.
inline constexpr std::size_t kHiddenMin = 4;
inline constexpr std::string_view kHiddenMark = "[secret]";

// Replaces each of `hidden`, as it stands and as JSON or a URL would write it, and the words that
// it consists of where one is long enough ("Bearer abcd" also hides abcd). `cut`: the text breaks
// off, so that its end could be the beginning of a secret; as much as the longest of them is
// dropped.
std::string without_secrets(std::string_view text, const std::vector<Secret>& hidden, bool cut);

// Valid UTF-8 without control characters, at most `limit` bytes.
std::string printable(std::string_view text, std::size_t limit);

}  // namespace weir::delivery
