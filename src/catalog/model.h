// The loaded catalog: what the user wrote, typed, with references resolved and each value's place
// kept for messages. Everything is copied out of the files, so the model stands on its own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/spec.h"
#include "protocol/spec.h"

namespace weir::catalog {

// What of the catalog is known and has no effect in this build, such as `captures`.
struct Ignored {
  std::string what;
  Location location;
};

struct Collection {
  protocol::CollectionSpec spec;
  Location location;
  std::optional<FileSource> files;  // else its documents are in journals
  bool usable =
      false;  // its schema and key are in order; bindings of others are not checked further
};

// `fields` of a binding.
struct Fields {
  std::uint32_t recommended_depth = UINT32_MAX;  // 0: only what is required; UINT32_MAX: all levels
  bool recommended_all = true;                   // `true` rather than a depth
  std::map<std::string, std::string> require;    // field → config of the destination, JSON
  std::map<std::string, Location> require_locations;
  std::vector<std::string> exclude;
  std::map<std::string, Location> exclude_locations;
  std::vector<std::string> group_by;  // empty: the collection's key
  std::vector<Location> group_by_locations;
};

struct BindingModel {
  Location location;
  std::string resource_json;
  Location resource_location;
  std::string table;  // built-in endpoints only
  Location table_location;
  std::string source;
  Location source_location;
  std::map<std::string, std::vector<std::string>> partitions_include;  // field → JSON values
  std::map<std::string, std::vector<std::string>> partitions_exclude;
  std::optional<std::string> not_before, not_after;
  bool disable = false;
  std::uint32_t priority = 0;
  std::uint32_t backfill = 0;
  Fields fields;
};

struct Materialization {
  std::string name;
  Location location;
  std::optional<protocol::EndpointKind>
      endpoint;  // nullopt: missing, or of no kind that this build runs
  Location endpoint_location;
  std::string config_json;
  std::string base_dir;  // of the file that says the config
  std::vector<BindingModel> bindings;
  ShardTemplate shards;
  std::vector<Trigger> triggers;
  std::string sealed_triggers;  // BuiltMaterialization::sealed_triggers
  std::string triggers_json;    // as written, with secret places blank; empty: none
  bool deleted = false;         // `delete: true`: it is not built
  bool broken = false;          // has errors: it is not built
};

struct Catalog {
  std::map<std::string, Collection> collections;
  std::map<std::string, Materialization> materializations;
  std::vector<Ignored> ignored;
  std::vector<std::string> files;  // all that were read, in order
};

}  // namespace weir::catalog
