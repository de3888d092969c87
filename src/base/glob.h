// Patterns that name files: texts only, nothing is looked up. The parts between slashes are matched
// one by one, and the bytes of names count, whatever they are:
//
// - `*` any bytes, `?` one byte, `[abc]` `[a-z]` one of these, `[!abc]` one of none of these
// - `**` as a whole part: any number of folders, also none
// - `\` takes the meaning from what follows
//
// A name that begins with a dot is matched only by a part that does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir {

inline constexpr std::size_t kPatternBytesMax = 4096;
inline constexpr std::size_t kPatternPartsMax = 64;

// kInvalid says what is wrong: empty, too long, no file name at its end, a bracket or a backslash
// without its other half, a byte of zero, `**` beside other characters.
Status check_file_pattern(std::string_view pattern);

// Does one part match one name? Of a pattern that check_file_pattern() took.
bool matches_name(std::string_view part, std::string_view name);
// Has the part a meaning beyond its own bytes?
bool is_wild(std::string_view part);
// A part without wild cards as the name that it stands for.
std::string unescaped_part(std::string_view part);
// A pattern that matches this path and no other.
std::string escaped_pattern(std::string_view path);

// The parts of a pattern without "." and empty ones; ".." stays. An absolute one begins with "/".
std::vector<std::string> pattern_parts(std::string_view pattern);

}  // namespace weir
