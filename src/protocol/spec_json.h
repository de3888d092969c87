// Specifications as JSON, by the rules of the published codec: names in lowerCamelCase, members
// that hold JSON embedded raw and without their `_json`, enums by name, defaults left out.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/spec.h"

namespace weir::protocol {

// Compact, deterministic, in the order of the protocol's tags. `triggers` is an object; the caller
// has blanked its secrets. Built-in endpoints have the connector types SQLITE and POSTGRES; local
// programs LOCAL, images IMAGE.
std::string to_json(const MaterializationSpec& spec);
std::string to_json(const CollectionSpec& spec);

// Reads what to_json wrote, and what the published codec writes: members that weir does not know
// are skipped, absent ones have their defaults, enums may be names or numbers. kCorrupt names the
// member.
Result<MaterializationSpec> spec_from_json(std::string_view text);

// The names of enums in JSON.
std::string_view name_of(Exists exists);
std::string_view name_of(ConstraintType type);
std::string_view name_of(EndpointKind kind);

// A partition's value as its journals are labelled: letters and digits as they are, other bytes
// percent-encoded, and values that are no strings as `%_` and their text.
std::string partition_label(std::string_view value_json);

}  // namespace weir::protocol
