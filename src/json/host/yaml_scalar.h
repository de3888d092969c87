// What a YAML scalar means in the core schema.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"

namespace weir::json {

struct YamlScalar {
  Kind kind = Kind::kString;
  bool truth = false;  // of a boolean
  std::string text;    // of a number or string
};

// `tag` as yaml-cpp reports it: "?" plain, "!" quoted, or the tag in full. Otherwise what is wrong,
// without the value.
std::optional<YamlScalar> resolve_yaml_scalar(std::string_view tag, std::string_view text,
                                              std::string* problem);

}  // namespace weir::json
