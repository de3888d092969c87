// The compiled form of a schema, for whoever walks it: shapes, reduction plans, columns. One node
// stands for one subschema; references are resolved, so nodes form a graph that may have cycles:
// mark what you have seen by `id`. Everything is immutable and lives as long as the Schema.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/name_hash.h"
#include "json/schema.h"

namespace weir::json {

// Sets of JSON Schema's types. Every number has kTypeNumber or kTypeInteger: `type: integer` is the
// latter alone, `type: number` is both.
using TypeSet = std::uint8_t;
inline constexpr TypeSet kTypeNull = 1;
inline constexpr TypeSet kTypeBoolean = 2;
inline constexpr TypeSet kTypeNumber = 4;   // numbers that are no integers
inline constexpr TypeSet kTypeInteger = 8;  // numbers whose value is an integer
inline constexpr TypeSet kTypeString = 16;
inline constexpr TypeSet kTypeArray = 32;
inline constexpr TypeSet kTypeObject = 64;
inline constexpr TypeSet kTypeAny = 127;

// The types of a value: one bit.
TypeSet type_of(const Value& value);
// "null", "string or integer", …
std::string name_of_types(TypeSet types);

struct SchemaNode;

// A number of the schema.
struct Bound {
  std::string_view text;                // as written; empty: absent
  std::optional<std::int64_t> integer;  // its value, where it is one
  explicit operator bool() const { return !text.empty(); }
};

struct NumberRules {
  Bound minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
};

using FormatCheck = bool (*)(std::string_view text);

struct StringRules {
  std::optional<std::uint64_t> min_length, max_length;  // in code points
  std::string_view pattern_text;
  std::unique_ptr<Regex> pattern;
  FormatCheck format_check = nullptr;  // where formats are asserted and this one is known
  bool format_is_regex = false;        // the same for `format: regex`
};

struct ArrayRules {
  std::vector<const SchemaNode*> prefix_items;
  const SchemaNode* items = nullptr;  // of the items behind prefix_items
  const SchemaNode* contains = nullptr;
  const SchemaNode* unevaluated_items = nullptr;
  std::optional<std::uint64_t> min_items, max_items, max_contains;
  std::uint64_t min_contains = 1;
  bool unique_items = false;
  bool contains_evaluates = true;  // what `contains` matched counts as evaluated (not in 2019-09)
};

struct Property {
  std::string_view name;
  const SchemaNode* schema = nullptr;
};

struct PatternProperty {
  std::string_view pattern;
  std::unique_ptr<Regex> regex;
  const SchemaNode* schema = nullptr;
};

struct Dependency {
  std::string_view name;                   // if the instance has this property …
  std::vector<std::string_view> required;  // … it needs these
  const SchemaNode* schema = nullptr;      // … and must match this
};

struct ObjectRules {
  std::vector<Property> properties;  // as written
  std::vector<PatternProperty> pattern_properties;
  const SchemaNode* additional_properties = nullptr;
  const SchemaNode* property_names = nullptr;
  const SchemaNode* unevaluated_properties = nullptr;
  std::vector<std::string_view> required;
  std::vector<Dependency> dependencies;
  std::optional<std::uint64_t> min_properties, max_properties;

  // For lookup: number i < properties.size() is properties[i]; required_at[number] is the index in
  // `required` or -1.
  NameTable names;
  std::vector<std::int32_t> required_at;
  const SchemaNode* property(std::string_view name) const {
    const std::uint32_t number = names.find(name);
    return number < properties.size() ? properties[number].schema : nullptr;
  }
};

// A $dynamicRef or $recursiveRef that really is one: its target depends on the way taken to it.
struct DynamicReference {
  const SchemaNode* initial = nullptr;  // if no resource on the way has a candidate
  // By resource; that of the outermost resource entered counts.
  std::vector<std::pair<std::uint32_t, const SchemaNode*>> candidates;
};

struct NodeAnnotation {
  std::uint32_t site = 0;
  TypeSet types = kTypeAny;  // instances of which it is an annotation
};

struct SchemaNode {
  enum class Form : std::uint8_t { kAnything, kNothing, kKeywords };  // true, false, an object

  Form form = Form::kKeywords;
  TypeSet types = kTypeAny;
  bool has_enum = false;
  std::uint32_t id = 0;        // 0, 1, … within the Schema; the root is 0
  std::uint32_t resource = 0;  // of the schema resource it belongs to
  std::string location;        // URI with fragment
  // The subschema as written: title, description, default, format, contentEncoding, …
  Value source;

  std::unique_ptr<NumberRules> number;  // each is null where no keyword of its kind is present
  std::unique_ptr<StringRules> string;
  std::unique_ptr<ArrayRules> array;
  std::unique_ptr<ObjectRules> object;
  std::vector<Value> enumeration;  // of `enum`, if has_enum
  std::optional<Value> constant;   // of `const`
  // Applied to the same instance.
  const SchemaNode* ref = nullptr;
  std::unique_ptr<DynamicReference> dynamic_ref;
  std::vector<const SchemaNode*> all_of, any_of, one_of;
  const SchemaNode* not_schema = nullptr;
  const SchemaNode* if_schema = nullptr;
  const SchemaNode* then_schema = nullptr;
  const SchemaNode* else_schema = nullptr;

  std::vector<NodeAnnotation> annotations;  // of the keywords that this Schema collects

  // The keyword's value, or nullptr.
  const Value* keyword(std::string_view name) const { return source.find(name); }
  bool has_unevaluated() const {
    return (array != nullptr && array->unevaluated_items != nullptr) ||
           (object != nullptr && object->unevaluated_properties != nullptr);
  }
};

}  // namespace weir::json
