// JSON values as YAML that people like to read and edit: block style, with what is small on one
// line. Reading it gives the value again.
#pragma once

#include <string>
#include <string_view>

#include "json/value.h"

namespace weir::app {

// Containers whose text is no longer than this are written in flow style.
inline constexpr std::size_t kYamlFlowBytes = 72;

// A text as a scalar: plain where that is one text only, else in double quotes.
std::string yaml_scalar(std::string_view text);

// `value` as the lines of a block, each indented by `indent` spaces and ended by a newline. Members
// that are empty objects have `behind_empty` as comment, unless that is empty.
void write_yaml(const json::Value& value, std::size_t indent, std::string& out,
                std::string_view behind_empty = {});

}  // namespace weir::app
