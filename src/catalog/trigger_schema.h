// JSON schemas of the `triggers` block of a materialization: for editors, for `weir schema
// triggers`, and to find the places that hold secrets (`secret: true`).
#pragma once

#include <string_view>

namespace weir::catalog {

// The published model. Pretty-printed, with a newline at the end, as both are.
std::string_view published_trigger_schema();
// What this build reads: the published model and weir's own members. Every document that is valid
// in the published schema is valid here. Schemas cannot say all: URLs, templates, references and
// header names are judged by loading.
std::string_view trigger_schema();

}  // namespace weir::catalog
