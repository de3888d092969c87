#include "catalog/well_known.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "catalog/load.h"

namespace weir::catalog {
namespace {

constexpr std::string_view kLeftOut[] = {"type",          "required",     "format",    "const",
                                         "enum",          "minLength",    "maxLength", "redact",
                                         "x-str-minimum", "x-str-maximum"};
constexpr std::string_view kMapsOfSchemas[] = {"$defs", "definitions", "properties"};
constexpr std::string_view kSchemas[] = {"allOf", "items", "additionalItems",
                                         "additionalProperties"};
// The property that no document has.
constexpr std::string_view kNotAvailable = "inferredSchemaIsNotAvailable";

template <std::size_t N>
bool is_one_of(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

json::Value object_of(json::Arena& arena, const std::vector<json::Member>& members,
                      json::Place place) {
  json::Member* out = arena.array<json::Member>(members.size());
  std::uninitialized_copy(members.begin(), members.end(), out);
  json::Value value = json::Value::object({out, members.size()});
  value.set_place(place);
  return value;
}

json::Value relaxed_list(json::Arena& arena, const json::Value& list) {
  json::Value* out = arena.array<json::Value>(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    std::construct_at(out + i, relaxed_schema(arena, list.items()[i]));
  }
  json::Value value = json::Value::array({out, list.size()});
  value.set_place(list.place());
  return value;
}

json::Value relaxed_map(json::Arena& arena, const json::Value& map) {
  std::vector<json::Member> members(map.members().begin(), map.members().end());
  for (json::Member& member : members) member.value = relaxed_schema(arena, member.value);
  return object_of(arena, members, map.place());
}

}  // namespace

json::Value relaxed_schema(json::Arena& arena, const json::Value& schema) {
  if (schema.is_array()) return relaxed_list(arena, schema);
  if (!schema.is_object()) return schema;
  std::vector<json::Member> members;
  for (json::Member member : schema.members()) {
    if (is_one_of(kLeftOut, member.name)) continue;
    const bool closes =
        member.name == "additionalProperties" && member.value.is_bool() && !member.value.as_bool();
    if (closes) continue;
    if (is_one_of(kMapsOfSchemas, member.name) && member.value.is_object()) {
      member.value = relaxed_map(arena, member.value);
    } else if (is_one_of(kSchemas, member.name)) {
      member.value = relaxed_schema(arena, member.value);
    }
    members.push_back(member);
  }
  return object_of(arena, members, schema.place());
}

json::Value inferred_placeholder() {
  using json::Member;
  using json::Value;
  static const Member is_true[] = {{"const", Value::boolean(true), {}}};
  static const Member flag[] = {{kNotAvailable, Value::object(is_true), {}}};
  static const Value flag_name[] = {Value::string(kNotAvailable)};
  static const Member meta[] = {{"properties", Value::object(flag), {}},
                                {"required", Value::array(flag_name), {}}};
  static const Member properties[] = {{"_meta", Value::object(meta), {}}};
  static const Value meta_name[] = {Value::string("_meta")};
  static const Member root[] = {{"type", Value::string("object"), {}},
                                {"properties", Value::object(properties), {}},
                                {"required", Value::array(meta_name), {}}};
  return Value::object(root);
}

bool is_placeholder(const json::Value& schema) {
  if (schema.is_object()) {
    return std::any_of(schema.members().begin(), schema.members().end(), [](const auto& member) {
      return member.name == kNotAvailable || is_placeholder(member.value);
    });
  }
  return schema.is_array() &&
         std::any_of(schema.items().begin(), schema.items().end(), is_placeholder);
}

json::Value any_object() {
  static const json::Member type[] = {{"type", json::Value::string("object"), {}}};
  return json::Value::object(type);
}

json::Value both_of(json::Arena& arena, const json::Value& a, const json::Value& b) {
  json::Value* both = arena.array<json::Value>(2);
  std::construct_at(both, a);
  std::construct_at(both + 1, b);
  return object_of(arena, {{"allOf", json::Value::array({both, 2}), {}}}, a.place());
}

// What is embedded under a well-known name is called after it (schema_bundle.cc).
bool is_inferred(const protocol::CollectionSpec& collection) {
  return collection.read_schema_json.find("\"flow-inferred-schema\":") != std::string::npos;
}

}  // namespace weir::catalog
