// Schema documents by URI: resources (what has a base URI of its own), anchors, and where
// references lead. Inside the json folder only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace weir::json {

struct Anchor {
  const Value* schema = nullptr;
  std::string pointer;   // from the root of its resource
  bool dynamic = false;  // $dynamicAnchor
};

struct SchemaResource {
  std::uint32_t id = 0;  // 0, 1, … within one registry
  std::string uri;       // without fragment
  const Value* root = nullptr;
  std::string dialect;  // `$schema`; empty: that of the parent
  const SchemaResource* parent = nullptr;
  bool recursive_anchor = false;  // $recursiveAnchor: true
  std::map<std::string, Anchor, std::less<>> anchors;
  std::shared_ptr<const Tree> document;
};

class SchemaRegistry;

// A subschema as a reference finds it.
struct SchemaPlace {
  const SchemaRegistry* registry = nullptr;
  const Value* schema = nullptr;
  const SchemaResource* resource = nullptr;
  std::string pointer;  // from the root of the resource
};

class SchemaRegistry {
 public:
  // Ids start at `first_id`, so that two registries can be used together.
  explicit SchemaRegistry(std::uint32_t first_id = 0) : next_id_(first_id) {}
  SchemaRegistry(SchemaRegistry&&) = default;
  SchemaRegistry& operator=(SchemaRegistry&&) = default;

  Status add(std::string_view uri, const Value& document);
  const SchemaResource* find(std::string_view uri) const;
  // The resource whose root this is, or nullptr.
  const SchemaResource* rooted_at(const Value& schema) const;
  // Follows a decoded fragment: empty, a JSON pointer, or an anchor.
  Result<SchemaPlace> locate(const SchemaResource& resource, std::string_view fragment) const;

 private:
  Status visit(const Value& schema, SchemaResource* resource, const std::string& pointer);
  Status visit_members(const Value& schema, SchemaResource* resource, const std::string& pointer);
  Status note_anchors(const Value& schema, SchemaResource* resource, const std::string& pointer);
  Result<SchemaResource*> enter(const Value& schema, SchemaResource* resource);

  std::uint32_t next_id_;
  std::vector<std::unique_ptr<SchemaResource>> resources_;
  std::unordered_map<std::string, SchemaResource*> by_uri_;
  std::unordered_map<const Value*, SchemaResource*> by_root_;
};

// The meta-schemas of both dialects, for schemas that refer to them. Built at first use, immutable.
const SchemaRegistry& builtin_schemas();

}  // namespace weir::json
