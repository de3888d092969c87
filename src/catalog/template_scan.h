// Looking at a template as text: which of its mustaches stand outside the quotes of a JSON string.
// Branches of blocks are read one after the other, so a template that opens a quote in one block
// and closes it in another is misread; therefore this only explains what rendering has shown to be
// wrong. Private to this folder.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::catalog {

struct Mustache {
  std::uint32_t line = 0;  // of its first brace; 1-based, column in characters
  std::uint32_t column = 0;
  std::string_view path;  // trimmed; empty where it is more than a path
  bool quoted = false;    // inside a JSON string
  bool verbatim = false;  // {{{x}}} or {{&x}}
};

// Mustaches that write a value; blocks, comments, partials and escaped ones are left out.
std::vector<Mustache> scan_mustaches(std::string_view text);
// Line and column (in characters) of a byte of the text.
Mustache place_of_byte(std::string_view text, std::size_t offset);

}  // namespace weir::catalog
