// Definitions of Validation: rules of the value itself. Included by schema_validate.cc alone.
#pragma once

#include "json/number.h"
#include "json/schema_validate.h"
#include "json/utf8.h"

namespace weir::json {

// Is the value's type among these? Looks closer at a number only where it must.
inline bool has_type(const Value& value, TypeSet types) {
  switch (value.kind()) {
    case Kind::kNull: return (types & kTypeNull) != 0;
    case Kind::kBool: return (types & kTypeBoolean) != 0;
    case Kind::kString: return (types & kTypeString) != 0;
    case Kind::kArray: return (types & kTypeArray) != 0;
    case Kind::kObject: return (types & kTypeObject) != 0;
    case Kind::kNumber: break;
  }
  constexpr TypeSet kBoth = kTypeNumber | kTypeInteger;
  if ((types & kBoth) == kBoth) return true;
  if ((types & kBoth) == 0) return false;
  return is_integral(value.number_text()) == ((types & kTypeInteger) != 0);
}

template <ValidateMode kMode>
bool Validation<kMode>::scalar_rules(const SchemaNode& node, const Value& instance) {
  bool valid = true;
  if (node.types != kTypeAny && !has_type(instance, node.types)) {
    // Rules for other types would only add noise.
    return problem(node, "type", "expected {}, found {}", name_of_types(node.types),
                   name_of_types(type_of(instance)));
  }
  if ((node.has_enum || node.constant) && !one_of_values(node, instance)) valid = false;
  if (go_on(valid) && node.number != nullptr && instance.is_number()) {
    valid &= number_rules(node, instance.number_text());
  }
  if (go_on(valid) && node.string != nullptr && instance.is_string()) {
    valid &= string_rules(node, instance.as_string());
  }
  return valid;
}

template <ValidateMode kMode>
bool Validation<kMode>::one_of_values(const SchemaNode& node, const Value& instance) {
  if (node.constant && !equal(*node.constant, instance)) {
    return problem(node, "const", "is not the value that is allowed here");
  }
  if (!node.has_enum) return true;
  for (const Value& allowed : node.enumeration) {
    if (equal(allowed, instance)) return true;
  }
  return problem(node, "enum", "is not one of the {} values that are allowed here",
                 node.enumeration.size());
}

template <ValidateMode kMode>
bool Validation<kMode>::number_bound(const SchemaNode& node, const Bound& bound,
                                     std::string_view keyword, std::string_view number,
                                     std::optional<std::int64_t> integer) {
  if (!bound) return true;
  int order = 0;
  if (integer && bound.integer) {
    order = (*integer > *bound.integer) - (*integer < *bound.integer);
  } else {
    order = compare_numbers(number, bound.text);
  }
  const bool lower = keyword.ends_with("inimum");
  const bool exclusive = keyword.starts_with("exclusive");
  if (lower ? order > 0 : order < 0) return true;
  if (order == 0 && !exclusive) return true;
  return problem(node, keyword, "must be {}{} {}", lower ? "above" : "below",
                 exclusive ? "" : " or equal to", bound.text);
}

template <ValidateMode kMode>
bool Validation<kMode>::number_rules(const SchemaNode& node, std::string_view number) {
  const NumberRules& rules = *node.number;
  const std::optional<std::int64_t> integer = to_int64(number);
  bool valid = number_bound(node, rules.minimum, "minimum", number, integer);
  valid &= number_bound(node, rules.maximum, "maximum", number, integer);
  valid &= number_bound(node, rules.exclusive_minimum, "exclusiveMinimum", number, integer);
  valid &= number_bound(node, rules.exclusive_maximum, "exclusiveMaximum", number, integer);
  if (rules.multiple_of && !is_multiple_of(number, rules.multiple_of.text)) {
    valid = problem(node, "multipleOf", "must be a multiple of {}", rules.multiple_of.text);
  }
  return valid;
}

template <ValidateMode kMode>
bool Validation<kMode>::string_rules(const SchemaNode& node, std::string_view text) {
  const StringRules& rules = *node.string;
  bool valid = true;
  if (rules.min_length || rules.max_length) {
    const std::size_t length = count_code_points(text);
    if (rules.min_length && length < *rules.min_length) {
      valid = problem(node, "minLength", "is shorter than {} characters", *rules.min_length);
    }
    if (rules.max_length && length > *rules.max_length) {
      valid = problem(node, "maxLength", "is longer than {} characters", *rules.max_length);
    }
  }
  if (go_on(valid) && rules.pattern != nullptr && !rules.pattern->search(text)) {
    valid = problem(node, "pattern", "does not match the pattern {}", rules.pattern_text);
  }
  if (!go_on(valid)) return false;
  const bool well_formed = rules.format_is_regex           ? schema_.regex(text).has_value()
                           : rules.format_check != nullptr ? rules.format_check(text)
                                                           : true;
  if (!well_formed) {
    valid = problem(node, "format", "is not of the format {}", node.keyword("format")->as_string());
  }
  return valid;
}

}  // namespace weir::json
