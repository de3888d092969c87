// The JSON Schema of a `triggers` block: the published one, and ours, which takes every document
// that the published one takes.
#pragma once

#include <string_view>

namespace weir::app {

std::string_view published_trigger_schema();  // JSON, indented, with a newline at the end
std::string_view trigger_schema();

}  // namespace weir::app
