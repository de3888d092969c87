// YAML 1.2 (core schema) as JSON values, on yaml-cpp, whose exceptions end here. Messages quote
// names and places, never a value: what stands in the text may be secret.
//
// Plain scalars: null, Null, NULL, ~ and nothing are null; true, True, TRUE and false likewise are
// booleans; decimal numbers keep their text where it is a JSON number and are otherwise put into
// that form (+1 is 1, .5 is 0.5, 1. is 1.0); 0x1F and 0o17 up to 64 bits become decimal; digits
// with a leading zero (0123) are a string, for leading zeros mean something to whoever writes them;
// .inf and .nan are refused. Everything else, and all that is quoted, is a string. Tags of the core
// schema are honoured, others refused.
#pragma once

#include <string_view>
#include <vector>

#include "json/events.h"
#include "json/value.h"

namespace weir::json {

inline constexpr std::size_t kYamlBytesMax = 16u << 20;
inline constexpr std::size_t kYamlNodesMax =
    1'000'000;  // written and expanded from aliases, together

// Where the text of a block scalar (`|` or `>`) starts: its first line, in the column to which it
// is indented. With
// `|`, line n of the value is line n of the file from there.
struct YamlBlock {
  Place scalar;  // the Place of the Value
  Place content;
};

// One document; an empty text is null. Anchors, aliases and merge keys (`<<`) are resolved; a value
// behind an alias has the places of its anchor. Refused, with place: names that are no scalars or
// stand twice in one map (merged ones give way instead), a second document, an alias inside of what
// it stands for, more than kYamlNodesMax nodes, deeper than kDepthMax. `blocks`, if given, receives
// the block scalars of the text in order of place.
tl::expected<Value, SyntaxError> parse_yaml(std::string_view text, Arena& arena,
                                            std::vector<YamlBlock>* blocks = nullptr);

// The same as events.
tl::expected<void, EventError> parse_yaml_events(std::string_view text, Handler& handler,
                                                 std::vector<YamlBlock>* blocks = nullptr);

}  // namespace weir::json
