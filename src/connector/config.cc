#include "connector/config.h"

#include <algorithm>

#include "base/text.h"
#include "json/events.h"

namespace weir::connector {

Result<ConfigReader> ConfigReader::parse(std::string place, std::string_view json_text) {
  auto tree = json::parse_tree(json_text);
  // The parser's message may quote what it stumbled over, and a config can hold secrets.
  if (!tree) return error(Code::kInvalid, "{}: the config is no valid JSON", place);
  if (!tree->root.is_object()) {
    return error(Code::kInvalid, "{}: the config must be an object, not {}", place,
                 json::name_of(tree->root.kind()));
  }
  return ConfigReader(std::move(place), std::move(*tree));
}

const json::Value* ConfigReader::member(std::string_view name) {
  known_.push_back(name);
  const json::Value* value = tree_.root.find(name);
  return value != nullptr && value->is_null() ? nullptr : value;
}

Result<std::string> ConfigReader::required_text(std::string_view name) {
  const json::Value* value = member(name);
  if (value == nullptr) return error(Code::kInvalid, "{}: `{}` is missing", place_, name);
  if (!value->is_string() || value->as_string().empty()) {
    return error(Code::kInvalid, "{}.{}: must be a text that is not empty", place_, name);
  }
  return std::string(value->as_string());
}

Result<std::string> ConfigReader::text(std::string_view name, std::string_view otherwise) {
  const json::Value* value = member(name);
  if (value == nullptr) return std::string(otherwise);
  if (!value->is_string()) {
    return error(Code::kInvalid, "{}.{}: must be a text, not {}", place_, name,
                 json::name_of(value->kind()));
  }
  return std::string(value->as_string());
}

Result<bool> ConfigReader::flag(std::string_view name, bool otherwise) {
  const json::Value* value = member(name);
  if (value == nullptr) return otherwise;
  if (!value->is_bool()) {
    return error(Code::kInvalid, "{}.{}: must be true or false, not {}", place_, name,
                 json::name_of(value->kind()));
  }
  return value->as_bool();
}

Status ConfigReader::done() const {
  for (const json::Member& m : tree_.root.members()) {
    if (std::find(known_.begin(), known_.end(), m.name) != known_.end()) continue;
    return error(Code::kInvalid, "{}: unknown option `{}`{}", place_, m.name,
                 did_you_mean(m.name, known_));
  }
  return {};
}

}  // namespace weir::connector
