#include "document/type_check.h"

#include <vector>

#include "json/schema_node.h"

namespace weir::document {
namespace {

using json::SchemaNode;

constexpr std::size_t kNodesMax = 1000;  // locations that are told apart
constexpr std::size_t kDepthMax = 16;

// Does it assert nothing at all?
bool is_anything(const SchemaNode* node);

// Are there no keywords but those that are looked at below?
bool is_simple_object(const json::ObjectRules& rules) {
  return rules.pattern_properties.empty() && is_anything(rules.additional_properties) &&
         is_anything(rules.property_names) && is_anything(rules.unevaluated_properties) &&
         rules.dependencies.empty() && !rules.min_properties && !rules.max_properties;
}

bool is_simple_array(const json::ArrayRules& rules) {
  return rules.prefix_items.empty() && rules.contains == nullptr &&
         is_anything(rules.unevaluated_items) && !rules.min_items && !rules.max_items &&
         !rules.unique_items;
}

bool is_simple(const SchemaNode& node) {
  return node.form != SchemaNode::Form::kNothing && !node.has_enum && !node.constant &&
         node.number == nullptr && node.string == nullptr && node.dynamic_ref == nullptr &&
         node.any_of.empty() && node.one_of.empty() && node.not_schema == nullptr &&
         node.if_schema == nullptr && (node.object == nullptr || is_simple_object(*node.object)) &&
         (node.array == nullptr || is_simple_array(*node.array));
}

bool is_anything(const SchemaNode* node) {
  if (node == nullptr || node->form == SchemaNode::Form::kAnything) return true;
  return node->types == json::kTypeAny && node->object == nullptr && node->array == nullptr &&
         node->ref == nullptr && node->all_of.empty() && is_simple(*node);
}

class Planner {
 public:
  explicit Planner(WalkPlan& plan) : plan_(plan) {}

  // One location, to which `schema` applies besides others.
  bool add(std::uint32_t at, const SchemaNode& schema, std::size_t depth) {
    if (depth > kDepthMax || plan_.size() > kNodesMax || !is_simple(schema)) return false;
    plan_.allow(at, schema.types);
    if (schema.ref != nullptr && !add(at, *schema.ref, depth + 1)) return false;
    for (const SchemaNode* all : schema.all_of) {
      if (!add(at, *all, depth + 1)) return false;
    }
    return add_members(at, schema, depth) && add_items(at, schema, depth);
  }

 private:
  bool add_members(std::uint32_t at, const SchemaNode& schema, std::size_t depth) {
    if (schema.object == nullptr) return true;
    for (const json::Property& property : schema.object->properties) {
      if (is_anything(property.schema)) continue;
      if (json::array_index(property.name)) return false;  // would be an item of an array too
      if (!add(plan_.child(at, property.name), *property.schema, depth + 1)) return false;
    }
    for (const std::string_view name : schema.object->required) {
      if (json::array_index(name) || !plan_.require(at, name)) return false;
    }
    return true;
  }

  bool add_items(std::uint32_t at, const SchemaNode& schema, std::size_t depth) {
    if (schema.array == nullptr || is_anything(schema.array->items)) return true;
    // An item that is wanted by its number has a node of its own.
    if (plan_.has_numbered_items(at)) return false;
    return add(plan_.items(at), *schema.array->items, depth + 1);
  }

  WalkPlan& plan_;
};

}  // namespace

bool plan_type_check(WalkPlan& plan, const json::Schema& schema) {
  return Planner(plan).add(0, schema.root(), 0);
}

}  // namespace weir::document
