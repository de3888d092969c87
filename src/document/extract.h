// Keys and columns of a document as packed tuples, and the cutting of what is too long for a
// destination. Compiled once per binding. Keys are never cut: a cut key would join rows that are
// not one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "document/binding.h"
#include "document/tuple.h"
#include "json/value.h"

namespace weir::document {

// Applies a SerPolicy: strings keep at most so many bytes (whole characters), arrays and nested
// objects their first items and members. The root object keeps all its members.
class Truncation {
 public:
  explicit Truncation(const SerPolicy& policy);
  bool active() const { return active_; }
  // Nothing in a document of so few bytes can be too long: spares looking.
  bool can_matter(std::size_t document_bytes) const {
    return active_ && document_bytes > harmless_;
  }
  // A value that shares what it can with `value`; sets *truncated where something was cut, else
  // leaves it.
  json::Value document(json::Arena& arena, const json::Value& root, bool* truncated) const;
  json::Value column(json::Arena& arena, const json::Value& value, bool* truncated) const;

 private:
  json::Value cut(json::Arena& arena, const json::Value& value, bool root, bool* truncated) const;

  std::size_t string_max_;
  std::size_t members_max_;
  std::size_t items_max_;
  std::size_t harmless_;
  bool active_;
};

// Packs the fields of a binding one after the other.
class FieldPacker {
 public:
  // kInvalid if a default is no JSON.
  static Result<FieldPacker> compile(const std::vector<Field>& fields, Numbers numbers);

  // Appends to `out`. kInvalid names the location and never quotes what is there.
  Status pack(const json::Value& root, std::string& out) const;
  // The same with columns cut; `truncated` tells of the document and comes to tell of the columns
  // as well.
  Status pack_truncated(json::Arena& arena, const Truncation& truncation, const json::Value& root,
                        bool* truncated, std::string& out) const;

  std::size_t size() const { return fields_.size(); }
  const Field& field(std::size_t i) const { return fields_[i]; }
  // For those who found the value by other means; nullptr: absent. kTruncated fields pack false.
  Status pack_one(std::size_t i, const json::Value* value, std::string& out) const;
  // The same from JSON text, for the values that most columns hold: short numbers and, if `plain`
  // tells that there is no escape, strings. False: not one of these; nothing was appended.
  bool pack_text(std::size_t i, std::string_view raw, bool plain, std::string& out) const;

 private:
  std::vector<Field> fields_;
  std::vector<std::string> packed_defaults_;
  Numbers numbers_ = Numbers::kKey;
};

// The time of a v1 UUID as kPublishedAt fields show it; false if `text` is none.
bool published_at(std::string_view text, std::string& out);

}  // namespace weir::document
