// Texts for a terminal: how many columns they take, cut to what there is, and short forms of
// numbers.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::app {

// Columns that a terminal gives to UTF-8: none for combining marks, two for wide characters.
std::size_t screen_columns(std::string_view text);
std::size_t drawn_columns(std::string_view text);  // of text with colours, which take none
// As much as fits, the last column an ellipsis where something was cut off.
std::string cut_to_columns(std::string_view text, std::size_t columns);
// With a question mark for each control character and each byte that is no UTF-8: nothing in it
// moves the cursor. Line ends stay.
std::string printable(std::string_view text);

std::string short_count(double count);              // "0", "7.5", "999", "1.2k", "34.5M"
std::string short_bytes(std::uint64_t bytes);       // "512 B", "1.5 KiB", "34.1 MiB"
std::string short_time(std::chrono::seconds time);  // "45s", "2m10s", "3h05m", "2d04h"

}  // namespace weir::app
