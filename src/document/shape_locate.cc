// Finding locations in a shape, and listing those that it names.
#include "document/shape.h"
#include "json/pointer.h"

namespace weir::document {

Existence below(Existence parent, Existence child) {
  if (parent == Existence::kCannot || child == Existence::kCannot) return Existence::kCannot;
  if (parent == Existence::kImplicit || child == Existence::kImplicit) return Existence::kImplicit;
  if (parent == Existence::kMust && child == Existence::kMust) return Existence::kMust;
  return Existence::kMay;
}

namespace {

Located property(const Shape& parent, std::string_view name, const json::RegexFactory& regex) {
  const bool must = parent.required.contains(name) && parent.types.only(Types::kObject);
  if (const auto it = parent.properties.find(name); it != parent.properties.end()) {
    return {it->second, must ? Existence::kMust : Existence::kMay};
  }
  ShapePtr shape;
  for (const PatternShape& pattern : parent.patterns) {
    if (regex == nullptr)
      return {Shape::anything(), must ? Existence::kMust : Existence::kImplicit};
    const auto compiled = regex(pattern.pattern);
    if (!compiled || !(*compiled)->search(name)) continue;
    shape = shape == nullptr ? pattern.shape : intersect(shape, pattern.shape);
  }
  if (shape == nullptr)
    shape = parent.additional != nullptr ? parent.additional : Shape::anything();
  return {shape, must ? Existence::kMust : Existence::kImplicit};
}

Located item(const Shape& parent, std::string_view token) {
  const auto index = json::array_index(token);
  const std::size_t at = index.value_or(parent.tuple.size());  // "-" is behind all that are named
  if (parent.max_items && at >= *parent.max_items) return {Shape::nothing(), Existence::kCannot};
  const bool must = index && at < parent.min_items && parent.types.only(Types::kArray);
  if (index && at < parent.tuple.size()) {
    return {parent.tuple[at], must ? Existence::kMust : Existence::kMay};
  }
  return {parent.items != nullptr ? parent.items : Shape::anything(),
          must ? Existence::kMust : Existence::kImplicit};
}

Located child(const Shape& parent, std::string_view token, const json::RegexFactory& regex) {
  const bool numbered = token == "-" || json::array_index(token).has_value();
  const bool in_object = parent.types.has(Types::kObject);
  const bool in_array = parent.types.has(Types::kArray) && numbered;
  Located out{Shape::nothing(), Existence::kCannot};
  if (in_object && in_array) {
    const Located a = property(parent, token, regex);
    const Located b = item(parent, token);
    out = {unite(a.shape, b.shape), a.exists == Existence::kMay ? a.exists : Existence::kImplicit};
  } else if (in_object) {
    out = property(parent, token, regex);
  } else if (in_array) {
    out = item(parent, token);
  }
  if (out.shape->types.empty()) out.exists = Existence::kCannot;
  return out;
}

void list(const std::string& pointer, const Located& at, std::vector<NamedLocation>& out) {
  if (out.size() >= kLocationsMax) return;
  out.push_back({pointer, at});
  for (const auto& [name, shape] : at.shape->properties) {
    Located next = child(*at.shape, name, nullptr);
    next.exists = below(at.exists, next.exists);
    if (next.exists == Existence::kCannot) continue;
    std::string below_pointer = pointer;
    json::append_token(below_pointer, name);
    list(below_pointer, next, out);
  }
}

}  // namespace

Result<Located> locate(const ShapePtr& root, std::string_view pointer,
                       const json::RegexFactory& regex) {
  WEIR_TRY(const json::Pointer parsed, json::Pointer::parse(pointer));
  Located at{root, root->types.empty() ? Existence::kCannot : Existence::kMust};
  for (const std::string& token : parsed.tokens()) {
    const Located next = child(*at.shape, token, regex);
    at = {next.shape, below(at.exists, next.exists)};
  }
  return at;
}

std::vector<NamedLocation> locations(const ShapePtr& root) {
  std::vector<NamedLocation> out;
  list("", {root, Existence::kMust}, out);
  return out;
}

}  // namespace weir::document
