// The frame that every record of the local store has: a JSON object whose first member is its
// version.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace weir::delivery {

std::string record_begin();  // {"version":1
// kRefused: of a later version. kCorrupt: no JSON object with a version.
Result<json::Tree> parse_record(std::string_view text);

}  // namespace weir::delivery
