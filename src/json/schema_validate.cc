// Nodes, references and alternatives.
#include "json/schema_validate.h"

#include <algorithm>

#include "json/schema_validate_containers.h"
#include "json/schema_validate_scalars.h"

namespace weir::json {

template <ValidateMode kMode>
void Validation<kMode>::add_problem(const SchemaNode& node, std::string_view keyword,
                                    std::string message) {
  if (out_.problems.size() >= kSchemaProblemsMax) return;
  SchemaProblem found;
  for (const std::string& token : path_) append_token(found.instance_pointer, token);
  found.schema_location = node.location;
  if (!keyword.empty()) found.schema_location.append("/").append(keyword);
  found.message = std::move(message);
  out_.problems.push_back(std::move(found));
}

template <ValidateMode kMode>
bool Validation<kMode>::node(const SchemaNode& node, const Value& instance, bool track) {
  if (node.form == SchemaNode::Form::kAnything) return true;
  if (node.form == SchemaNode::Form::kNothing) return problem(node, "", "nothing is allowed here");
  if (depth_ >= kSchemaDepthMax) {
    return problem(node, "", "the schema applies more than {} subschemas inside each other",
                   kSchemaDepthMax);
  }
  ++depth_;
  const bool scope = schema_.dynamic && (scopes_.empty() || scopes_.back() != node.resource);
  if (scope) scopes_.push_back(node.resource);
  const bool valid = entered(node, instance, track);
  if (scope) scopes_.pop_back();
  --depth_;
  return valid;
}

template <ValidateMode kMode>
bool Validation<kMode>::entered(const SchemaNode& node, const Value& instance, bool track) {
  const Notes before = notes();
  const bool asks = node.has_unevaluated();
  track = track || asks;
  if constexpr (kMode == ValidateMode::kCollect) {
    for (const NodeAnnotation& annotation : node.annotations) {
      if (annotation.types == kTypeAny || (annotation.types & type_of(instance)) != 0) {
        out_.annotations.push_back({&instance, annotation.site});
      }
    }
  }
  bool valid = scalar_rules(node, instance);
  if (go_on(valid) && node.object != nullptr && instance.is_object()) {
    valid &= object_rules(node, instance, track);
  }
  if (go_on(valid) && node.array != nullptr && instance.is_array()) {
    valid &= array_rules(node, instance, track);
  }
  if (go_on(valid)) valid &= applicators(node, instance, track);
  // Where something failed before, nobody knows what would have been evaluated.
  if (valid && asks) valid = unevaluated(node, instance, before.marks);
  if (!valid) take_back(before);
  return valid;
}

template <ValidateMode kMode>
const SchemaNode& Validation<kMode>::dynamic_target(const DynamicReference& reference) const {
  for (const std::uint32_t resource : scopes_) {
    for (const auto& [id, candidate] : reference.candidates) {
      if (id == resource) return *candidate;
    }
  }
  return *reference.initial;
}

template <ValidateMode kMode>
bool Validation<kMode>::applicators(const SchemaNode& node, const Value& instance, bool track) {
  bool valid = true;
  if (node.ref != nullptr) valid &= this->node(*node.ref, instance, track);
  if (go_on(valid) && node.dynamic_ref != nullptr) {
    valid &= this->node(dynamic_target(*node.dynamic_ref), instance, track);
  }
  for (const SchemaNode* branch : node.all_of) {
    if (go_on(valid)) valid &= this->node(*branch, instance, track);
  }
  if (go_on(valid) && !node.any_of.empty()) valid &= any_of(node, instance, track);
  if (go_on(valid) && !node.one_of.empty()) valid &= one_of(node, instance, track);
  if (go_on(valid) && node.if_schema != nullptr) valid &= condition(node, instance, track);
  if (go_on(valid) && node.not_schema != nullptr) {
    const Notes before = notes();
    const bool matches = this->node(*node.not_schema, instance, false);
    take_back(before);
    forgive(before);
    if (matches) valid = problem(node, "not", "matches what is not allowed");
  }
  return valid;
}

template <ValidateMode kMode>
bool Validation<kMode>::any_of(const SchemaNode& node, const Value& instance, bool track) {
  // Every branch that matches annotates; without that the first is enough.
  const bool first_is_enough = kMode == ValidateMode::kFlag && !track;
  const Notes before = notes();
  bool valid = false;
  for (const SchemaNode* branch : node.any_of) {
    valid |= this->node(*branch, instance, track);
    if (valid && first_is_enough) return true;
  }
  if (valid) {
    forgive(before);
    return true;
  }
  if constexpr (kExplain) {
    keep_nearest(before.problems);
    if (out_.problems.size() > before.problems) return false;
  }
  return problem(node, "anyOf", "matches none of the {} alternatives", node.any_of.size());
}

template <ValidateMode kMode>
bool Validation<kMode>::one_of(const SchemaNode& node, const Value& instance, bool track) {
  const Notes before = notes();
  std::size_t matches = 0;
  for (const SchemaNode* branch : node.one_of) {
    if (this->node(*branch, instance, track) && ++matches > 1) break;
  }
  if (matches == 1) {
    forgive(before);
    return true;
  }
  take_back(before);
  if (matches > 1) {
    forgive(before);
    return problem(node, "oneOf", "matches more than one of the {} alternatives",
                   node.one_of.size());
  }
  if constexpr (kExplain) {
    keep_nearest(before.problems);
    if (out_.problems.size() > before.problems) return false;
  }
  return problem(node, "oneOf", "matches none of the {} alternatives", node.one_of.size());
}

// Of the problems of several alternatives, keeps those furthest inside the instance, provided that
// they are inside: an alternative that got on well is likely the one that was meant.
template <ValidateMode kMode>
void Validation<kMode>::keep_nearest(std::size_t first) {
  const auto depth_of = [](const SchemaProblem& found) {
    return static_cast<std::size_t>(
        std::count(found.instance_pointer.begin(), found.instance_pointer.end(), '/'));
  };
  const auto begin = out_.problems.begin() + static_cast<std::ptrdiff_t>(first);
  std::size_t deepest = 0;
  for (auto it = begin; it != out_.problems.end(); ++it) deepest = std::max(deepest, depth_of(*it));
  const bool inside = deepest > path_.size();
  out_.problems.erase(std::remove_if(begin, out_.problems.end(),
                                     [&](const SchemaProblem& found) {
                                       return !inside || depth_of(found) < deepest;
                                     }),
                      out_.problems.end());
}

template <ValidateMode kMode>
bool Validation<kMode>::condition(const SchemaNode& node, const Value& instance, bool track) {
  const Notes before = notes();
  const bool applies = this->node(*node.if_schema, instance, track);
  forgive(before);
  const SchemaNode* branch = applies ? node.then_schema : node.else_schema;
  return branch == nullptr || this->node(*branch, instance, track);
}

template class Validation<ValidateMode::kFlag>;
template class Validation<ValidateMode::kCollect>;
template class Validation<ValidateMode::kExplain>;

}  // namespace weir::json
