// Compact JSON of values that must not be seen.
#pragma once

#include "base/secret_text.h"
#include "json/value.h"

namespace weir::json {

void append(const Value& value, SecretText& out);

}  // namespace weir::json
