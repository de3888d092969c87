#include "catalog/object_reader.h"

#include <algorithm>

#include "base/clock.h"
#include "base/duration.h"
#include "base/text.h"
#include "json/number.h"

namespace weir::catalog {
namespace {

std::string_view with_article(json::Kind kind) {
  switch (kind) {
    case json::Kind::kNull: return "null";
    case json::Kind::kBool: return "true or false";
    case json::Kind::kNumber: return "a number";
    case json::Kind::kString: return "a text";
    case json::Kind::kArray: return "a list";
    case json::Kind::kObject: return "an object";
  }
  return "something else";
}

std::string list_of(std::initializer_list<std::string_view> choices) {
  std::string out;
  for (const std::string_view choice : choices)
    out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", choice);
  return out;
}

}  // namespace

ObjectReader::ObjectReader(const Node& node, std::string what, Problems& problems)
    : node_(node),
      what_(std::move(what)),
      problems_(problems),
      is_object_(node.tree().is_object()) {
  if (is_object_) {
    members_ = node.members();
  } else {
    problem("E203", node,
            fmt::format("{} must be an object, not {}", what_, with_article(node.kind())));
  }
}

void ObjectReader::problem(std::string_view code, const Node& at, std::string message,
                           std::string remedy) {
  problems_.add(code, at.location(), std::move(message), std::move(remedy));
}

const Node* ObjectReader::find(std::string_view name) const {
  for (const auto& [key, node] : members_) {
    if (key == name) return &node;
  }
  return nullptr;
}

bool ObjectReader::has(std::string_view name) const {
  return find(name) != nullptr;
}

std::optional<Node> ObjectReader::any(std::string_view name) {
  known_.push_back(name);
  const Node* node = find(name);
  if (node == nullptr || node->tree().is_null()) return std::nullopt;
  return *node;
}

std::optional<Node> ObjectReader::whole(std::string_view name) {
  const auto node = any(name);
  return node ? std::optional<Node>(node->top()) : std::nullopt;
}

std::optional<Node> ObjectReader::of_kind(std::string_view name, json::Kind kind) {
  known_.push_back(name);
  const Node* node = find(name);
  if (node == nullptr) return std::nullopt;
  if (node->kind() == kind) return *node;
  problem("E203", *node,
          fmt::format("\"{}\" must be {}, not {}", name, with_article(kind),
                      with_article(node->kind())));
  return std::nullopt;
}

std::optional<std::string> ObjectReader::text(std::string_view name) {
  const auto node = of_kind(name, json::Kind::kString);
  if (!node) return std::nullopt;
  return std::string(node->tree().as_string());
}

std::optional<bool> ObjectReader::boolean(std::string_view name) {
  const auto node = of_kind(name, json::Kind::kBool);
  if (!node) return std::nullopt;
  return node->tree().as_bool();
}

std::optional<std::uint32_t> ObjectReader::count(std::string_view name) {
  const auto node = of_kind(name, json::Kind::kNumber);
  if (!node) return std::nullopt;
  const auto value = json::integral_uint64(node->tree().number_text());
  if (value && *value <= UINT32_MAX) return static_cast<std::uint32_t>(*value);
  problem("E204", *node,
          fmt::format("\"{}\" must be a whole number from 0 to {}", name, UINT32_MAX));
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> ObjectReader::duration(std::string_view name) {
  const auto node = of_kind(name, json::Kind::kString);
  if (!node) return std::nullopt;
  const auto parsed = parse_duration(node->tree().as_string());
  if (parsed) return *parsed;
  problem("E206", *node, fmt::format("\"{}\" is no duration", name));
  return std::nullopt;
}

std::optional<std::string> ObjectReader::time(std::string_view name) {
  const auto node = of_kind(name, json::Kind::kString);
  if (!node) return std::nullopt;
  Timestamp parsed;
  if (parse_timestamp(node->tree().as_string(), &parsed))
    return std::string(node->tree().as_string());
  problem("E207", *node, fmt::format("\"{}\" is no time", name));
  return std::nullopt;
}

std::optional<std::size_t> ObjectReader::choice(std::string_view name,
                                                std::initializer_list<std::string_view> choices) {
  const auto node = of_kind(name, json::Kind::kString);
  if (!node) return std::nullopt;
  const std::string_view text = node->tree().as_string();
  const auto it = std::find(choices.begin(), choices.end(), text);
  if (it != choices.end()) return static_cast<std::size_t>(it - choices.begin());
  const std::string guess = did_you_mean(text, std::vector<std::string_view>(choices));
  problem("E204", *node, fmt::format("\"{}\" must be one of {}{}", name, list_of(choices), guess),
          "Write one of them as it stands here; case matters.");
  return std::nullopt;
}

void ObjectReader::refuse(std::string_view name) {
  known_.push_back(name);
  const Node* node = find(name);
  if (node == nullptr) return;
  if (problems_.published()) return own({name});
  problems_.add("E208", node->name_location(),
                fmt::format("\"{}\" of {} is not in this build", name, what_));
}

void ObjectReader::own(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const Node* node = find(name);
    if (node != nullptr)
      problems_.own(node->name_location(), fmt::format("\"{}\" of {}", name, what_));
  }
}

void ObjectReader::ignore(std::initializer_list<std::string_view> names) {
  known_.insert(known_.end(), names.begin(), names.end());
}

void ObjectReader::require(std::initializer_list<std::string_view> names, std::string_view remedy) {
  if (!is_object_) return;
  for (const std::string_view name : names) {
    if (has(name)) continue;
    problem("E202", node_, fmt::format("{} has no \"{}\"", what_, name), std::string(remedy));
  }
}

void ObjectReader::finish(std::string_view remedy) {
  for (const auto& [name, node] : members_) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    // A flow list such as {token} makes a member of a value: without a value of its own it is not
    // quoted.
    const bool slipped = node_.confidential() && node.tree().is_null();
    const std::string quoted = slipped ? "a member" : quoted_name(name, node_.confidential());
    Location location = node.name_location();
    if (slipped) location.pointer = node_.pointer();
    problems_.add("E201", location,
                  fmt::format("{} of {} is unknown{}", quoted, what_, did_you_mean(name, known_)),
                  std::string(remedy));
  }
}

}  // namespace weir::catalog
