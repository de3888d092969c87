// Regular expressions of schemas on RE2: ECMA-262 patterns (the dialect that JSON Schema names,
// with its `u` flag) are translated to RE2's syntax, so that matching takes linear time whatever
// the pattern is.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "json/schema.h"

namespace weir::json {

inline constexpr std::size_t kPatternBytesMax = 64u << 10;

// Patterns that RE2 cannot carry (look-around, back-references, repetitions above 1000, binary
// properties such as \p{Alphabetic}) and patterns that are no ECMA-262 are kInvalid, with what is
// wrong and at which byte. Beyond the letter of ECMA-262 the punctuation escapes that many patterns
// hold (\-, \@, \") are taken as the character.
RegexFactory re2_regex_factory();

// Patterns that are RE2's own already, as configuration of Go programs has them.
RegexFactory re2_syntax_factory();

// The translation alone.
Result<std::string> ecma_to_re2(std::string_view pattern);

}  // namespace weir::json
