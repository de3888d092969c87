// Reading the program off a compiled schema. A subschema applies unconditionally if it is reached
// through properties,
// `$ref` and `allOf` alone; whatever is reached otherwise must not carry an annotation.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "document/plan.h"
#include "json/schema_node.h"

namespace weir::document {
namespace {

using json::SchemaNode;

constexpr std::size_t kObjectDepthMax = 8;  // of objects that merge inside each other
constexpr std::size_t kObjectsMax = 256;

using Nodes = std::vector<const SchemaNode*>;

void add_node(Nodes& nodes, const SchemaNode* node) {
  if (node != nullptr) nodes.push_back(node);
}

void add_dynamic(Nodes& nodes, const SchemaNode& node) {
  if (node.dynamic_ref == nullptr) return;
  add_node(nodes, node.dynamic_ref->initial);
  for (const auto& candidate : node.dynamic_ref->candidates) add_node(nodes, candidate.second);
}

void add_dependencies(Nodes& nodes, const SchemaNode& node) {
  if (node.object == nullptr) return;
  for (const json::Dependency& dependency : node.object->dependencies) {
    add_node(nodes, dependency.schema);
  }
}

// Subschemas that apply to the same location if the document is of a certain kind.
Nodes conditional_nodes(const SchemaNode& node) {
  Nodes nodes;
  nodes.insert(nodes.end(), node.any_of.begin(), node.any_of.end());
  nodes.insert(nodes.end(), node.one_of.begin(), node.one_of.end());
  for (const SchemaNode* branch : {node.if_schema, node.then_schema, node.else_schema}) {
    add_node(nodes, branch);
  }
  add_dynamic(nodes, node);
  add_dependencies(nodes, node);
  return nodes;
}

// Subschemas of members whose names the schema does not spell out.
Nodes unnamed_members(const SchemaNode& node) {
  Nodes nodes;
  if (node.object == nullptr) return nodes;
  for (const auto& pattern : node.object->pattern_properties) add_node(nodes, pattern.schema);
  add_node(nodes, node.object->additional_properties);
  add_node(nodes, node.object->unevaluated_properties);
  return nodes;
}

Nodes item_nodes(const SchemaNode& node) {
  Nodes nodes;
  if (node.array == nullptr) return nodes;
  nodes = node.array->prefix_items;
  for (const SchemaNode* items :
       {node.array->items, node.array->contains, node.array->unevaluated_items}) {
    add_node(nodes, items);
  }
  return nodes;
}

class Reader {
 public:
  explicit Reader(const Reductions& reductions) : reductions_(reductions) {}

  // All reductions that may be in force at the root, conditions included.
  bool root_last_write_wins(const SchemaNode& root) {
    Nodes open{&root};
    std::set<std::uint32_t> seen;
    while (!open.empty()) {
      const SchemaNode& node = *open.back();
      open.pop_back();
      if (!seen.insert(node.id).second) continue;
      for (const Reduction* reduction : own(node)) {
        if (!takes_right(*reduction)) return false;
      }
      const Nodes conditional = conditional_nodes(node);
      open.insert(open.end(), conditional.begin(), conditional.end());
      open.insert(open.end(), node.all_of.begin(), node.all_of.end());
      add_node(open, node.ref);
    }
    return true;
  }

  bool read_program(const SchemaNode& root, std::vector<StaticReductions::Object>* objects) {
    const Nodes nodes = unconditional({&root});
    const Reduction* reduction = nullptr;
    if (!agree(nodes, &reduction) || !is_plain_merge(reduction)) return false;
    return read_object(nodes, json::Pointer(), objects);
  }

 private:
  std::vector<const Reduction*> own(const SchemaNode& node) const {
    std::vector<const Reduction*> out;
    for (const json::NodeAnnotation& annotation : node.annotations) {
      const Reduction* reduction = reductions_.of_site(annotation.site);
      if (reduction != nullptr) out.push_back(reduction);
    }
    return out;
  }

  static bool takes_right(const Reduction& reduction) {
    return reduction.strategy == &default_strategy() && !reduction.remove && reduction.associative;
  }
  static bool is_plain_merge(const Reduction* reduction) {
    return reduction != nullptr && reduction->strategy->name == "merge" && !reduction->remove;
  }

  // The closure over `$ref` and `allOf`.
  static Nodes unconditional(Nodes open) {
    Nodes out;
    std::set<std::uint32_t> seen;
    while (!open.empty()) {
      const SchemaNode* node = open.back();
      open.pop_back();
      if (!seen.insert(node->id).second) continue;
      out.push_back(node);
      open.insert(open.end(), node->all_of.begin(), node->all_of.end());
      add_node(open, node->ref);
    }
    return out;
  }

  // Does any annotation hang on this subschema or below it?
  bool carries(const SchemaNode* start) {
    Nodes open{start};
    std::set<std::uint32_t> seen;
    while (!open.empty()) {
      const SchemaNode& node = *open.back();
      open.pop_back();
      if (!seen.insert(node.id).second) continue;
      if (!own(node).empty()) return true;
      for (const Nodes& some :
           {conditional_nodes(node), unnamed_members(node), item_nodes(node), node.all_of}) {
        open.insert(open.end(), some.begin(), some.end());
      }
      add_node(open, node.ref);
      if (node.object == nullptr) continue;
      for (const json::Property& property : node.object->properties) {
        add_node(open, property.schema);
      }
    }
    return false;
  }
  bool any_carries(const Nodes& nodes) {
    return std::any_of(nodes.begin(), nodes.end(), [&](auto* node) { return carries(node); });
  }

  // The one reduction that these nodes put in force; nullptr: the default. False: it depends, or
  // they differ.
  bool agree(const Nodes& nodes, const Reduction** out) {
    *out = nullptr;
    for (const SchemaNode* node : nodes) {
      if (any_carries(conditional_nodes(*node))) return false;
      for (const json::NodeAnnotation& annotation : node->annotations) {
        const Reduction* reduction = reductions_.of_site(annotation.site);
        if (reduction == nullptr) continue;
        if (annotation.types != json::kTypeAny) return false;
        if (*out != nullptr && !same(**out, *reduction)) return false;
        *out = reduction;
      }
    }
    return true;
  }
  static bool same(const Reduction& a, const Reduction& b) {
    return a.strategy == b.strategy && a.key == b.key && a.remove == b.remove &&
           a.associative == b.associative;
  }

  bool read_object(const Nodes& nodes, const json::Pointer& pointer,
                   std::vector<StaticReductions::Object>* objects) {
    if (objects->size() == kObjectsMax || pointer.tokens().size() > kObjectDepthMax) return false;
    const std::size_t number = objects->size();
    objects->push_back({pointer, {}, {}});
    std::map<std::string_view, Nodes> members;
    for (const SchemaNode* node : nodes) {
      if (any_carries(unnamed_members(*node))) return false;
      if (node->object == nullptr) continue;
      for (const json::Property& property : node->object->properties) {
        members[property.name].push_back(property.schema);
      }
    }
    for (auto& [name, schemas] : members) {
      if (!read_member(name, unconditional(std::move(schemas)), number, objects)) return false;
    }
    return true;
  }

  bool read_member(std::string_view name, const Nodes& nodes, std::size_t parent,
                   std::vector<StaticReductions::Object>* objects) {
    const Reduction* reduction = nullptr;
    if (!agree(nodes, &reduction)) return false;
    if (reduction == nullptr || takes_right(*reduction)) {
      (*objects)[parent].taken.emplace_back(name);
      return true;
    }
    StaticReductions::Member member{std::string(name), std::nullopt, 0};
    if (is_plain_merge(reduction)) {
      member.merges = static_cast<std::uint32_t>(objects->size());
      const json::Pointer pointer = (*objects)[parent].pointer.child(name);
      if (!read_object(nodes, pointer, objects)) return false;
    } else {
      member.op = slot_op(*reduction);
      if (!member.op) return false;
    }
    (*objects)[parent].members.push_back(std::move(member));
    return true;
  }

  static std::optional<SlotOp> slot_op(const Reduction& reduction) {
    const std::string_view name = reduction.strategy->name;
    if (!reduction.key.empty() || reduction.remove) return std::nullopt;
    if (name == "sum") return SlotOp::kSum;
    if (name == "minimize") return SlotOp::kMinimize;
    if (name == "maximize") return SlotOp::kMaximize;
    if (name == "firstWriteWins") return SlotOp::kFirst;
    return std::nullopt;
  }

  const Reductions& reductions_;
};

}  // namespace

StaticReductions StaticReductions::of(const json::Schema& schema, const Reductions& reductions) {
  StaticReductions out;
  Reader reader(reductions);
  out.root_last_write_wins = reader.root_last_write_wins(schema.root());
  if (!reader.read_program(schema.root(), &out.objects)) out.objects.clear();
  return out;
}

}  // namespace weir::document
