// The specifications that travel in materialize messages, as values. Names and meaning are those of
// the published protocol (materialize.proto, flow.proto); members that weir neither reads nor sends
// are left out. Members that hold JSON hold its compact text.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir::protocol {

inline constexpr std::uint32_t kProtocolVersion = 3032023;

enum class Exists { kInvalid = 0, kMust = 1, kMay = 2, kImplicit = 3, kCannot = 4 };

struct Inference {
  std::vector<std::string>
      types;  // sorted: "array" "boolean" "fractional" "integer" "null" "number" "object" "string"
  struct String {
    std::string content_type;
    std::string format;
    std::string content_encoding;
    std::uint32_t max_length = 0;
    friend bool operator==(const String&, const String&) = default;
  };
  std::optional<String> string;
  struct Numeric {
    std::optional<double> minimum;
    std::optional<double> maximum;
    friend bool operator==(const Numeric&, const Numeric&) = default;
  };
  std::optional<Numeric> numeric;
  struct Array {
    std::uint32_t min_items = 0;
    std::optional<std::uint32_t> max_items;
    std::vector<std::string> item_types;
    friend bool operator==(const Array&, const Array&) = default;
  };
  std::optional<Array> array;
  std::string title;
  std::string description;
  std::string default_json;  // empty: none
  bool secret = false;
  Exists exists = Exists::kInvalid;
  friend bool operator==(const Inference&, const Inference&) = default;
};

struct Projection {
  std::string ptr;  // JSON pointer; "" is the root document
  std::string field;
  bool is_explicit = false;
  bool is_partition_key = false;
  bool is_primary_key = false;
  Inference inference;
  friend bool operator==(const Projection&, const Projection&) = default;
};

struct CollectionSpec {
  std::string name;
  std::vector<std::string> key;  // JSON pointers
  std::string uuid_ptr = "/_meta/uuid";
  std::vector<std::string> partition_fields;
  std::vector<Projection> projections;  // ascending by field
  std::string write_schema_json;        // self-contained: references inlined as definitions
  std::string read_schema_json;         // empty: the write schema
  const std::string& schema_json() const {
    return read_schema_json.empty() ? write_schema_json : read_schema_json;
  }
  const Projection* find_projection(std::string_view field) const;
  friend bool operator==(const CollectionSpec&, const CollectionSpec&) = default;
};

struct FieldSelection {
  std::vector<std::string> keys;                    // in key order
  std::vector<std::string> values;                  // ascending
  std::string document;                             // the root projection's field, or empty
  std::map<std::string, std::string> field_config;  // field → JSON
  friend bool operator==(const FieldSelection&, const FieldSelection&) = default;
};

struct SerPolicy {  // zero: no limit
  std::uint32_t str_truncate_after = 0;
  std::uint32_t nested_obj_truncate_after = 0;
  std::uint32_t array_truncate_after = 0;
  friend bool operator==(const SerPolicy&, const SerPolicy&) = default;
};

struct Binding {
  std::string resource_config_json;
  std::vector<std::string> resource_path;
  CollectionSpec collection;
  FieldSelection field_selection;
  bool delta_updates = false;
  std::uint32_t priority = 0;
  std::optional<std::string> not_before;  // RFC 3339
  std::optional<std::string> not_after;
  std::uint32_t backfill = 0;
  std::string state_key;
  std::string journal_read_suffix;  // materialize/{materialization}/{state_key}
  std::map<std::string, std::vector<std::string>> partitions_include;  // field → JSON values
  std::map<std::string, std::vector<std::string>> partitions_exclude;
  SerPolicy ser_policy;
  friend bool operator==(const Binding&, const Binding&) = default;
};

enum class EndpointKind { kSqlite, kPostgres, kLocal, kConnector };

struct MaterializationSpec {
  std::string name;
  EndpointKind endpoint = EndpointKind::kSqlite;
  std::string config_json;  // the endpoint's config
  std::vector<Binding> bindings;
  std::vector<Binding> inactive_bindings;
  std::string triggers_json;  // empty: none
  friend bool operator==(const MaterializationSpec&, const MaterializationSpec&) = default;
};

// What a destination says about one projection, in Validated.
enum class ConstraintType {
  kInvalid = 0,
  kFieldRequired = 1,
  kLocationRequired = 2,
  kLocationRecommended = 3,  // deprecated, same as optional
  kFieldOptional = 4,
  kFieldForbidden = 5,
  kIncompatible = 6,
};
struct Constraint {
  std::string field;
  ConstraintType type = ConstraintType::kInvalid;
  std::string reason;
  std::string folded_field;
};

struct ValidatedBinding {
  std::vector<Constraint> constraints;  // a projection without one is forbidden
  std::vector<std::string> resource_path;
  bool delta_updates = false;
  SerPolicy ser_policy;
  bool case_insensitive_fields = false;
};

struct ValidateBinding {
  std::string resource_config_json;
  CollectionSpec collection;
  std::map<std::string, std::string> field_config;
  std::uint32_t backfill = 0;
  std::vector<std::string> group_by;
};

// state_key of a resource path and its backfill counter: path joined by "/", each character but
// letters, digits and
// `-_+.=` percent-encoded, then ".v{backfill}" unless that is 0.
std::string state_key(const std::vector<std::string>& resource_path, std::uint32_t backfill);
// The key of a checkpoint's source: "{journal};{read suffix}".
std::string source_key(std::string_view journal, std::string_view read_suffix);

}  // namespace weir::protocol
