// What the combiner must know of a binding: where the key and the columns are, how documents
// reduce, what the schema says. Compiled once per session from the built spec
// (runtime/binding_plan.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "json/pointer.h"
#include "json/schema.h"

namespace weir::document {

enum class FieldKind {
  kPlain,
  kPublishedAt,  // a v1 UUID's time as RFC 3339 (string format date-time with content encoding
                 // uuid)
  kTruncated,    // /_meta/flow_truncated: did extraction truncate anything
};

struct Field {
  json::Pointer pointer;
  FieldKind kind = FieldKind::kPlain;
  std::string default_json;  // used where the location is absent; empty: null
};

struct SerPolicy {  // zero: no limit
  std::uint32_t str_truncate_after = 0;
  std::uint32_t nested_obj_truncate_after = 0;
  std::uint32_t array_truncate_after = 0;
};

// The keywords a binding's schema must be compiled with.
inline const std::vector<std::string> kReductionKeywords = {"reduce"};

struct BindingSpec {
  std::string name;            // for messages: the collection and the table
  std::vector<Field> keys;     // of the row: FieldSelection.keys
  std::vector<Field> values;   // FieldSelection.values
  bool with_document = true;   // is the root document stored
  bool delta_updates = false;  // reduce associatively only; may drain several documents per key
  std::shared_ptr<const json::Schema> schema;  // the read schema, compiled with kReductionKeywords
  SerPolicy truncation;
  // A deleted row is gone from the destination (hard deletes): the document after a deletion starts
  // anew, whether or not a commit stands between them. Otherwise it is reduced into what was
  // deleted, which is still stored.
  bool removes_deleted = false;
};

}  // namespace weir::document
