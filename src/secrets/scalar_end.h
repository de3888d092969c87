// Where a scalar of YAML ends, given where it starts. Private to this folder.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::secrets {

std::size_t end_of_quoted(std::string_view text, std::size_t at);
// Of `|` and `>`: behind the last line that has content, without its line end.
std::size_t end_of_block(std::string_view text, std::size_t at);
// `value_size` is of what the parser read: a plain scalar may go on over several lines.
std::size_t end_of_plain(std::string_view text, std::size_t at, bool flow, std::size_t value_size);

}  // namespace weir::secrets
