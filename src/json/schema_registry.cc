// A document is walked along the keywords that hold subschemas, and only those: a "$id" inside an
// enum or an unknown keyword is data.
#include "json/schema_registry.h"

#include "json/pointer.h"
#include "json/uri.h"

namespace weir::json {
namespace {

enum class Holds { kSchema, kSchemaOrList, kList, kMap };
struct SubschemaKeyword {
  std::string_view name;
  Holds holds;
};
constexpr SubschemaKeyword kSubschemas[] = {
    {"additionalItems", Holds::kSchema},
    {"additionalProperties", Holds::kSchema},
    {"contains", Holds::kSchema},
    {"contentSchema", Holds::kSchema},
    {"else", Holds::kSchema},
    {"if", Holds::kSchema},
    {"items", Holds::kSchemaOrList},
    {"not", Holds::kSchema},
    {"propertyNames", Holds::kSchema},
    {"then", Holds::kSchema},
    {"unevaluatedItems", Holds::kSchema},
    {"unevaluatedProperties", Holds::kSchema},
    {"allOf", Holds::kList},
    {"anyOf", Holds::kList},
    {"oneOf", Holds::kList},
    {"prefixItems", Holds::kList},
    {"$defs", Holds::kMap},
    {"definitions", Holds::kMap},
    {"dependencies", Holds::kMap},
    {"dependentSchemas", Holds::kMap},
    {"patternProperties", Holds::kMap},
    {"properties", Holds::kMap},
};

// The text of a member, or empty.
std::string_view text_of(const Value& schema, std::string_view name) {
  const Value* value = schema.find(name);
  return value != nullptr && value->is_string() ? value->as_string() : std::string_view();
}

}  // namespace

Status SchemaRegistry::add(std::string_view uri, const Value& document) {
  auto tree = std::make_shared<Tree>();
  tree->root = deep_copy(tree->arena, document);
  const std::string key(without_fragment(uri));
  if (const SchemaResource* known = find(key)) {
    if (equal(*known->root, tree->root)) return {};
    return error(Code::kInvalid, "{}: another schema is registered under this URI", key);
  }
  auto resource = std::make_unique<SchemaResource>();
  resource->id = next_id_++;
  resource->uri = key;
  resource->root = &tree->root;
  resource->document = std::move(tree);
  SchemaResource* const root = resource.get();
  resources_.push_back(std::move(resource));
  by_uri_[key] = root;
  by_root_[root->root] = root;
  return visit(*root->root, root, "");
}

const SchemaResource* SchemaRegistry::find(std::string_view uri) const {
  const auto found = by_uri_.find(std::string(without_fragment(uri)));
  return found == by_uri_.end() ? nullptr : found->second;
}

const SchemaResource* SchemaRegistry::rooted_at(const Value& schema) const {
  const auto found = by_root_.find(&schema);
  return found == by_root_.end() ? nullptr : found->second;
}

// The resource that a schema with `$id` starts, or the one around it.
Result<SchemaResource*> SchemaRegistry::enter(const Value& schema, SchemaResource* resource) {
  const std::string_view id = text_of(schema, "$id");
  if (without_fragment(id).empty()) return resource;
  const std::string uri(without_fragment(resolve_uri(resource->uri, id)));
  if (&schema == resource->root) {  // the document's own: known by both URIs from now on
    resource->uri = uri;
  } else {
    auto inner = std::make_unique<SchemaResource>();
    inner->id = next_id_++;
    inner->uri = uri;
    inner->root = &schema;
    inner->parent = resource;
    inner->document = resource->document;
    resource = inner.get();
    resources_.push_back(std::move(inner));
    by_root_[&schema] = resource;
  }
  const auto [known, added] = by_uri_.emplace(uri, resource);
  if (!added && known->second != resource && !equal(*known->second->root, schema)) {
    return error(Code::kInvalid, "{}: another schema has the same $id", uri);
  }
  return resource;
}

Status SchemaRegistry::note_anchors(const Value& schema, SchemaResource* resource,
                                    const std::string& pointer) {
  const auto note = [&](std::string_view name, bool dynamic) -> Status {
    if (name.empty()) return {};
    const auto [known, added] =
        resource->anchors.emplace(std::string(name), Anchor{&schema, pointer, dynamic});
    if (!added && known->second.schema != &schema) {
      return error(Code::kInvalid, "{}#{}: the anchor \"{}\" stands twice in this schema",
                   resource->uri, encode_fragment(pointer), name);
    }
    known->second.dynamic |= dynamic;
    return {};
  };
  WEIR_RETURN_IF_ERROR(note(text_of(schema, "$anchor"), false));
  WEIR_RETURN_IF_ERROR(note(text_of(schema, "$dynamicAnchor"), true));
  const std::string_view id = text_of(schema, "$id");  // draft 7 writes anchors so
  if (without_fragment(id).empty()) WEIR_RETURN_IF_ERROR(note(fragment_of(id), false));
  return {};
}

Status SchemaRegistry::visit(const Value& schema, SchemaResource* resource,
                             const std::string& pointer) {
  if (!schema.is_object()) return {};
  WEIR_TRY(SchemaResource * inner, enter(schema, resource));
  const std::string inner_pointer = &schema == inner->root ? "" : pointer;
  if (&schema == inner->root) {
    inner->dialect = text_of(schema, "$schema");
    const Value* recursive = schema.find("$recursiveAnchor");
    inner->recursive_anchor = recursive != nullptr && recursive->is_bool() && recursive->as_bool();
  }
  WEIR_RETURN_IF_ERROR(note_anchors(schema, inner, inner_pointer));
  return visit_members(schema, inner, inner_pointer);
}

Status SchemaRegistry::visit_members(const Value& schema, SchemaResource* resource,
                                     const std::string& pointer) {
  for (const SubschemaKeyword& keyword : kSubschemas) {
    const Value* value = schema.find(keyword.name);
    if (value == nullptr) continue;
    std::string inside = pointer;
    append_token(inside, keyword.name);
    if (value->is_object() && keyword.holds == Holds::kMap) {
      for (const Member& member : value->members()) {
        std::string at = inside;
        append_token(at, member.name);
        WEIR_RETURN_IF_ERROR(visit(member.value, resource, at));
      }
    } else if (value->is_array() && keyword.holds != Holds::kSchema) {
      for (std::size_t i = 0; i < value->items().size(); ++i) {
        WEIR_RETURN_IF_ERROR(visit(value->items()[i], resource, fmt::format("{}/{}", inside, i)));
      }
    } else if (value->is_object() && keyword.holds != Holds::kList) {
      WEIR_RETURN_IF_ERROR(visit(*value, resource, inside));
    }
  }
  return {};
}

Result<SchemaPlace> SchemaRegistry::locate(const SchemaResource& resource,
                                           std::string_view fragment) const {
  if (fragment.empty()) return SchemaPlace{this, resource.root, &resource, ""};
  if (fragment[0] != '/') {
    const auto anchor = resource.anchors.find(fragment);
    if (anchor == resource.anchors.end()) {
      return error(Code::kInvalid, "{} has no anchor \"{}\"", resource.uri, fragment);
    }
    return SchemaPlace{this, anchor->second.schema, &resource, anchor->second.pointer};
  }
  WEIR_TRY(const Pointer pointer, Pointer::parse(fragment));
  SchemaPlace place{this, resource.root, &resource, ""};
  for (const std::string& token : pointer.tokens()) {
    place.schema = Pointer({token}).find(*place.schema);
    if (place.schema == nullptr) {
      return error(Code::kInvalid, "{} has nothing at {}", resource.uri, fragment);
    }
    append_token(place.pointer, token);
    if (const SchemaResource* inner = rooted_at(*place.schema)) {
      place.resource = inner;
      place.pointer.clear();
    }
  }
  return place;
}

}  // namespace weir::json
