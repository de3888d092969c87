// Members in order of name: the order in which the published tools hash a document.
#pragma once

#include "json/value.h"

namespace weir::secrets {

// The value with the members of every object sorted, as they stand where a name occurs twice.
// Shares its texts, keeps its places.
json::Value in_name_order(const json::Value& value, json::Arena& arena);

}  // namespace weir::secrets
