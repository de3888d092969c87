// What the catalog says about a SQLite endpoint: `endpoint: {sqlite: {path, hardDelete}}` and, per
// binding, `resource: {table, delta_updates}`. Option names are those of the published connectors.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::sqlite {

struct EndpointConfig {
  std::string path;  // absolute: the caller resolved it
  bool hard_delete =
      false;  // documents that ask for deletion remove their row; else the row says so
};

struct Resource {
  std::string table;
  bool delta_updates = false;
};

// kInvalid names the place, never a value. A path that is not a file's (`:memory:`, `file:` URIs,
// relative) is refused.
Result<EndpointConfig> parse_endpoint(std::string_view config_json);
// Refused: names that SQLite or weir keep for themselves, and names that no SQL can say (empty,
// NUL).
Result<Resource> parse_resource(std::string_view config_json);

// JSON Schemas of the two, as the protocol's Spec asks for them.
std::string_view endpoint_schema_json();
std::string_view resource_schema_json();

}  // namespace weir::sqlite
