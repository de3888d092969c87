// Definitions of Validation: rules of objects and arrays. Included by schema_validate.cc alone.
#pragma once

#include <algorithm>
#include <bitset>

#include "json/schema_validate.h"

namespace weir::json {

// Which of so many properties or items were marked.
class MarkSet {
 public:
  MarkSet(std::span<const std::uint32_t> marks, std::size_t size) {
    if (size > kInline) heap_.resize(size);
    for (const std::uint32_t mark : marks) {
      if (mark >= size) {
        all_ = true;
      } else if (heap_.empty()) {
        inline_.set(mark);
      } else {
        heap_[mark] = true;
      }
    }
  }
  bool has(std::size_t i) const { return all_ || (heap_.empty() ? inline_[i] : heap_[i]); }

 private:
  static constexpr std::size_t kInline = 256;
  bool all_ = false;
  std::bitset<kInline> inline_;
  std::vector<bool> heap_;
};

template <ValidateMode kMode>
bool Validation<kMode>::part(const SchemaNode& node, const Value& instance) {
  const std::size_t marks = out_.marks.size();
  const bool valid = this->node(node, instance, false);
  out_.marks.resize(marks);
  return valid;
}

template <ValidateMode kMode>
bool Validation<kMode>::object_rules(const SchemaNode& node, const Value& object, bool track) {
  const ObjectRules& rules = *node.object;
  const std::size_t size = object.members().size();
  bool valid = true;
  if (rules.min_properties && size < *rules.min_properties) {
    valid = problem(node, "minProperties", "has fewer than {} properties", *rules.min_properties);
  }
  if (rules.max_properties && size > *rules.max_properties) {
    valid = problem(node, "maxProperties", "has more than {} properties", *rules.max_properties);
  }
  if (go_on(valid)) valid &= object_members(node, object, track);
  if (go_on(valid) && !rules.dependencies.empty()) valid &= dependencies(node, object, track);
  return valid;
}

template <ValidateMode kMode>
bool Validation<kMode>::object_members(const SchemaNode& node, const Value& object, bool track) {
  const ObjectRules& rules = *node.object;
  std::uint64_t found = 0;  // of the first 64 required names
  bool valid = true;
  std::uint32_t index = 0;
  for (const Member& member : object.members()) {
    bool evaluated = false;
    const std::uint32_t number = rules.names.find(member.name);
    descend(member.name);
    if (number != NameTable::kNone) {
      const std::int32_t required = rules.required_at[number];
      if (required >= 0 && required < 64) found |= std::uint64_t{1} << required;
      if (number < rules.properties.size()) {
        evaluated = true;
        valid &= part(*rules.properties[number].schema, member.value);
      }
    }
    for (const PatternProperty& pattern : rules.pattern_properties) {
      if (!go_on(valid) || !pattern.regex->search(member.name)) continue;
      evaluated = true;
      valid &= part(*pattern.schema, member.value);
    }
    if (!evaluated && rules.additional_properties != nullptr && go_on(valid)) {
      evaluated = true;
      valid &= part(*rules.additional_properties, member.value);
    }
    if (rules.property_names != nullptr && go_on(valid)) {
      const Notes before = notes();
      const Value name = Value::string(member.name);
      valid &= part(*rules.property_names, name);
      out_.annotations.resize(before.annotations);  // names are no part of the instance
    }
    ascend();
    if (!go_on(valid)) return false;
    if (track && evaluated) out_.marks.push_back(index);
    ++index;
  }
  const std::size_t required = rules.required.size();
  const std::uint64_t all = required >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << required) - 1;
  if (required > 64 || found != all) valid &= !missing(node, object);
  return valid;
}

// Is a required property missing?
template <ValidateMode kMode>
bool Validation<kMode>::missing(const SchemaNode& node, const Value& object) {
  bool any = false;
  for (const std::string_view name : node.object->required) {
    if (object.find(name) != nullptr) continue;
    any = !problem(node, "required", "the property \"{}\" is missing", name);
    if (!go_on(false)) return true;
  }
  return any;
}

template <ValidateMode kMode>
bool Validation<kMode>::dependencies(const SchemaNode& node, const Value& object, bool track) {
  bool valid = true;
  for (const Dependency& dependency : node.object->dependencies) {
    if (object.find(dependency.name) == nullptr) continue;
    for (const std::string_view name : dependency.required) {
      if (object.find(name) != nullptr) continue;
      valid = problem(node, "dependentRequired",
                      "the property \"{}\" is missing, which \"{}\" needs beside it", name,
                      dependency.name);
    }
    if (go_on(valid) && dependency.schema != nullptr) {
      valid &= this->node(*dependency.schema, object, track);
    }
    if (!go_on(valid)) return false;
  }
  return valid;
}

template <ValidateMode kMode>
bool Validation<kMode>::array_rules(const SchemaNode& node, const Value& array, bool track) {
  const ArrayRules& rules = *node.array;
  const std::size_t size = array.items().size();
  bool valid = true;
  if (rules.min_items && size < *rules.min_items) {
    valid = problem(node, "minItems", "has fewer than {} items", *rules.min_items);
  }
  if (rules.max_items && size > *rules.max_items) {
    valid = problem(node, "maxItems", "has more than {} items", *rules.max_items);
  }
  if (go_on(valid)) valid &= array_items(node, array, track);
  if (go_on(valid) && rules.contains != nullptr) valid &= contains(node, array, track);
  if (go_on(valid) && rules.unique_items) valid &= unique(node, array);
  return valid;
}

template <ValidateMode kMode>
bool Validation<kMode>::array_items(const SchemaNode& node, const Value& array, bool track) {
  const ArrayRules& rules = *node.array;
  const auto items = array.items();
  bool valid = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool in_prefix = i < rules.prefix_items.size();
    const SchemaNode* schema = in_prefix ? rules.prefix_items[i] : rules.items;
    if (schema == nullptr) break;
    descend_item(i);
    valid &= part(*schema, items[i]);
    ascend();
    if (!go_on(valid)) return false;
    if (track) out_.marks.push_back(static_cast<std::uint32_t>(i));
  }
  return valid;
}

template <ValidateMode kMode>
bool Validation<kMode>::contains(const SchemaNode& node, const Value& array, bool track) {
  const ArrayRules& rules = *node.array;
  const auto items = array.items();
  // With an upper bound, annotations or marks every item counts.
  const bool enough_counts = kMode != ValidateMode::kCollect && !track && !rules.max_contains;
  std::uint64_t matches = 0;
  const std::size_t problems = out_.problems.size();
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (enough_counts && matches >= rules.min_contains) break;
    if (!part(*rules.contains, items[i])) continue;
    ++matches;
    if (track && rules.contains_evaluates) out_.marks.push_back(static_cast<std::uint32_t>(i));
  }
  if constexpr (kExplain) out_.problems.resize(problems);
  if (matches < rules.min_contains) {
    return problem(node, "contains", "fewer than {} items match", rules.min_contains);
  }
  if (rules.max_contains && matches > *rules.max_contains) {
    return problem(node, "maxContains", "more than {} items match", *rules.max_contains);
  }
  return true;
}

template <ValidateMode kMode>
bool Validation<kMode>::unique(const SchemaNode& node, const Value& array) {
  const auto items = array.items();
  constexpr std::size_t kPairwiseMax = 8;
  bool valid = true;
  if (items.size() <= kPairwiseMax) {
    for (std::size_t i = 1; valid && i < items.size(); ++i) {
      for (std::size_t j = 0; valid && j < i; ++j) valid = !equal(items[i], items[j]);
    }
  } else {
    std::vector<const Value*> sorted;
    sorted.reserve(items.size());
    for (const Value& item : items) sorted.push_back(&item);
    std::sort(sorted.begin(), sorted.end(),
              [](const Value* a, const Value* b) { return compare(*a, *b) < 0; });
    for (std::size_t i = 1; valid && i < sorted.size(); ++i) {
      valid = compare(*sorted[i - 1], *sorted[i]) != 0;
    }
  }
  return valid || problem(node, "uniqueItems", "has an item twice");
}

template <ValidateMode kMode>
bool Validation<kMode>::unevaluated(const SchemaNode& node, const Value& instance,
                                    std::size_t first_mark) {
  const bool array = instance.is_array();
  if (!array && !instance.is_object()) return true;
  const SchemaNode* schema = nullptr;
  if (array && node.array != nullptr) schema = node.array->unevaluated_items;
  if (!array && node.object != nullptr) schema = node.object->unevaluated_properties;
  if (schema == nullptr) return true;
  const std::size_t size = instance.size();
  const MarkSet marked(std::span(out_.marks).subspan(first_mark), size);
  bool valid = true;
  for (std::size_t i = 0; i < size; ++i) {
    if (marked.has(i)) continue;
    if (array) {
      descend_item(i);
    } else {
      descend(instance.members()[i].name);
    }
    valid &= part(*schema, array ? instance.items()[i] : instance.members()[i].value);
    ascend();
    if (!go_on(valid)) return false;
    out_.marks.push_back(static_cast<std::uint32_t>(i));
  }
  return valid;
}

}  // namespace weir::json
