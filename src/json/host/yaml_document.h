// A YAML document as nodes, before aliases and merge keys are resolved.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/events.h"
#include "json/host/yaml.h"

namespace weir::json {

struct YamlNode {
  enum class Kind : std::uint8_t { kScalar, kNull, kAlias, kSequence, kMap };
  Kind kind = Kind::kNull;
  bool open = false;  // while it is being expanded
  Place place;
  std::uint32_t target = 0;             // of an alias: index of its node
  std::string tag;                      // as yaml-cpp gives it
  std::string text;                     // of a scalar
  std::vector<std::uint32_t> children;  // items, or names and values in turn
};

struct YamlDocument {
  std::vector<YamlNode> nodes;  // the first is the root; empty: an empty text
  std::vector<YamlBlock> blocks;
};

tl::expected<YamlDocument, SyntaxError> read_yaml_document(std::string_view text);

}  // namespace weir::json
