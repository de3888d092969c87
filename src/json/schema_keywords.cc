// The keywords of JSON Schema: one function and one row each.
#include <algorithm>

#include "json/format.h"
#include "json/number.h"
#include "json/schema_compile.h"

namespace weir::json {
namespace {

using Compiler = SchemaCompiler;
using Context = SchemaCompiler::Context;

NumberRules& number_rules(const Context& at) {
  if (at.node.number == nullptr) at.node.number = std::make_unique<NumberRules>();
  return *at.node.number;
}
StringRules& string_rules(const Context& at) {
  if (at.node.string == nullptr) at.node.string = std::make_unique<StringRules>();
  return *at.node.string;
}
ArrayRules& array_rules(const Context& at) {
  if (at.node.array == nullptr) at.node.array = std::make_unique<ArrayRules>();
  return *at.node.array;
}
ObjectRules& object_rules(const Context& at) {
  if (at.node.object == nullptr) at.node.object = std::make_unique<ObjectRules>();
  return *at.node.object;
}

TypeSet type_by_name(std::string_view name) {
  if (name == "null") return kTypeNull;
  if (name == "boolean") return kTypeBoolean;
  if (name == "integer") return kTypeInteger;
  if (name == "number") return kTypeNumber | kTypeInteger;
  if (name == "string") return kTypeString;
  if (name == "array") return kTypeArray;
  if (name == "object") return kTypeObject;
  return 0;
}

Status type(Compiler& compiler, const Context& at, const Value& value) {
  constexpr std::string_view kExpected =
      "must be one or a list of null, boolean, integer, number, string, array, object";
  const std::span<const Value> names =
      value.is_array() ? value.items() : std::span<const Value>(&value, 1);
  TypeSet types = 0;
  for (const Value& name : names) {
    const TypeSet one = name.is_string() ? type_by_name(name.as_string()) : TypeSet{0};
    if (one == 0) return compiler.refuse(at, "type", kExpected);
    types |= one;
  }
  if (names.empty()) return compiler.refuse(at, "type", kExpected);
  at.node.types = types;
  return {};
}

Status enumeration(Compiler& compiler, const Context& at, const Value& value) {
  if (!value.is_array()) return compiler.refuse(at, "enum", "must be a list of values");
  at.node.enumeration.assign(value.items().begin(), value.items().end());
  at.node.has_enum = true;
  return {};
}

Status constant(Compiler&, const Context& at, const Value& value) {
  at.node.constant = value;
  return {};
}

template <Bound NumberRules::*kBound>
Status bound(Compiler& compiler, const Context& at, std::string_view keyword, const Value& value) {
  if (!value.is_number()) return compiler.refuse(at, keyword, "must be a number");
  number_rules(at).*kBound = {value.number_text(), to_int64(value.number_text())};
  return {};
}
Status minimum(Compiler& compiler, const Context& at, const Value& value) {
  return bound<&NumberRules::minimum>(compiler, at, "minimum", value);
}
Status maximum(Compiler& compiler, const Context& at, const Value& value) {
  return bound<&NumberRules::maximum>(compiler, at, "maximum", value);
}
Status exclusive_minimum(Compiler& compiler, const Context& at, const Value& value) {
  return bound<&NumberRules::exclusive_minimum>(compiler, at, "exclusiveMinimum", value);
}
Status exclusive_maximum(Compiler& compiler, const Context& at, const Value& value) {
  return bound<&NumberRules::exclusive_maximum>(compiler, at, "exclusiveMaximum", value);
}
Status multiple_of(Compiler& compiler, const Context& at, const Value& value) {
  if (!value.is_number() || compare_numbers(value.number_text(), "0") <= 0) {
    return compiler.refuse(at, "multipleOf", "must be a number above 0");
  }
  return bound<&NumberRules::multiple_of>(compiler, at, "multipleOf", value);
}

// A size: 2.0 is one, too.
Status size(Compiler& compiler, const Context& at, std::string_view keyword, const Value& value,
            std::optional<std::uint64_t>* out) {
  *out = value.is_number() ? integral_uint64(value.number_text()) : std::nullopt;
  if (!*out) return compiler.refuse(at, keyword, "must be an integer from 0 on");
  return {};
}
Status min_length(Compiler& compiler, const Context& at, const Value& value) {
  return size(compiler, at, "minLength", value, &string_rules(at).min_length);
}
Status max_length(Compiler& compiler, const Context& at, const Value& value) {
  return size(compiler, at, "maxLength", value, &string_rules(at).max_length);
}
Status min_items(Compiler& compiler, const Context& at, const Value& value) {
  return size(compiler, at, "minItems", value, &array_rules(at).min_items);
}
Status max_items(Compiler& compiler, const Context& at, const Value& value) {
  return size(compiler, at, "maxItems", value, &array_rules(at).max_items);
}
Status min_properties(Compiler& compiler, const Context& at, const Value& value) {
  return size(compiler, at, "minProperties", value, &object_rules(at).min_properties);
}
Status max_properties(Compiler& compiler, const Context& at, const Value& value) {
  return size(compiler, at, "maxProperties", value, &object_rules(at).max_properties);
}
Status max_contains(Compiler& compiler, const Context& at, const Value& value) {
  return size(compiler, at, "maxContains", value, &array_rules(at).max_contains);
}
Status min_contains(Compiler& compiler, const Context& at, const Value& value) {
  std::optional<std::uint64_t> count;
  WEIR_RETURN_IF_ERROR(size(compiler, at, "minContains", value, &count));
  array_rules(at).min_contains = *count;
  return {};
}

Status pattern(Compiler& compiler, const Context& at, const Value& value) {
  if (!value.is_string()) return compiler.refuse(at, "pattern", "must be a regular expression");
  WEIR_TRY(string_rules(at).pattern, compiler.regex(at, "pattern", value.as_string()));
  string_rules(at).pattern_text = value.as_string();
  return {};
}

Status format(Compiler& compiler, const Context& at, const Value& value) {
  if (!value.is_string()) return compiler.refuse(at, "format", "must be the name of a format");
  if (!at.profile.assert_formats) return {};
  string_rules(at).format_check = find_format(value.as_string());
  string_rules(at).format_is_regex = value.as_string() == "regex";
  return {};
}

Status unique_items(Compiler& compiler, const Context& at, const Value& value) {
  if (!value.is_bool()) return compiler.refuse(at, "uniqueItems", "must be true or false");
  array_rules(at).unique_items = value.as_bool();
  return {};
}

Status prefix_items(Compiler& compiler, const Context& at, const Value& value) {
  WEIR_TRY(array_rules(at).prefix_items, compiler.subschemas(at, value, "prefixItems"));
  return {};
}

// A list is the older form of prefixItems; then additionalItems is what items is beside
// prefixItems.
Status items(Compiler& compiler, const Context& at, const Value& value) {
  if (!value.is_array()) {
    array_rules(at).items = compiler.subschema(at, value, "items");
    return {};
  }
  if (!value.items().empty()) {
    WEIR_TRY(array_rules(at).prefix_items, compiler.subschemas(at, value, "items"));
  }
  if (const Value* rest = at.node.keyword("additionalItems")) {
    array_rules(at).items = compiler.subschema(at, *rest, "additionalItems");
  }
  return {};
}

Status contains(Compiler& compiler, const Context& at, const Value& value) {
  array_rules(at).contains = compiler.subschema(at, value, "contains");
  array_rules(at).contains_evaluates = at.profile.dialect == kDialect2020;
  return {};
}

Status unevaluated_items(Compiler& compiler, const Context& at, const Value& value) {
  array_rules(at).unevaluated_items = compiler.subschema(at, value, "unevaluatedItems");
  return {};
}

Status properties(Compiler& compiler, const Context& at, const Value& value) {
  if (!value.is_object()) {
    return compiler.refuse(at, "properties", "must be an object of schemas");
  }
  ObjectRules& rules = object_rules(at);
  for (const Member& member : value.members()) {
    const std::uint32_t number = rules.names.insert(member.name);
    if (number < rules.properties.size())
      continue;  // the text of a name twice: the parser settled it
    rules.properties.push_back(
        {member.name, compiler.subschema(at, member.value, "properties", member.name)});
  }
  return {};
}

Status pattern_properties(Compiler& compiler, const Context& at, const Value& value) {
  if (!value.is_object()) {
    return compiler.refuse(at, "patternProperties", "must be an object of schemas");
  }
  for (const Member& member : value.members()) {
    WEIR_TRY(auto regex, compiler.regex(at, "patternProperties", member.name));
    object_rules(at).pattern_properties.push_back(
        {member.name, std::move(regex),
         compiler.subschema(at, member.value, "patternProperties", member.name)});
  }
  return {};
}

Status additional_properties(Compiler& compiler, const Context& at, const Value& value) {
  object_rules(at).additional_properties = compiler.subschema(at, value, "additionalProperties");
  return {};
}

Status property_names(Compiler& compiler, const Context& at, const Value& value) {
  object_rules(at).property_names = compiler.subschema(at, value, "propertyNames");
  return {};
}

Status unevaluated_properties(Compiler& compiler, const Context& at, const Value& value) {
  object_rules(at).unevaluated_properties = compiler.subschema(at, value, "unevaluatedProperties");
  return {};
}

Status names(Compiler& compiler, const Context& at, std::string_view keyword, const Value& value,
             std::vector<std::string_view>* out) {
  constexpr std::string_view kExpected = "must be a list of names";
  if (!value.is_array()) return compiler.refuse(at, keyword, kExpected);
  for (const Value& name : value.items()) {
    if (!name.is_string()) return compiler.refuse(at, keyword, kExpected);
    if (std::find(out->begin(), out->end(), name.as_string()) != out->end()) continue;
    out->push_back(name.as_string());
  }
  return {};
}

Status required(Compiler& compiler, const Context& at, const Value& value) {
  return names(compiler, at, "required", value, &object_rules(at).required);
}

// dependentRequired, dependentSchemas, and the `dependencies` that were both.
Status dependencies(Compiler& compiler, const Context& at, std::string_view keyword,
                    const Value& value, bool lists, bool schemas) {
  if (!value.is_object()) return compiler.refuse(at, keyword, "must be an object");
  for (const Member& member : value.members()) {
    Dependency dependency;
    dependency.name = member.name;
    if (lists && (member.value.is_array() || !schemas)) {
      WEIR_RETURN_IF_ERROR(names(compiler, at, keyword, member.value, &dependency.required));
    } else {
      dependency.schema = compiler.subschema(at, member.value, keyword, member.name);
    }
    object_rules(at).dependencies.push_back(std::move(dependency));
  }
  return {};
}
Status dependent_required(Compiler& compiler, const Context& at, const Value& value) {
  return dependencies(compiler, at, "dependentRequired", value, true, false);
}
Status dependent_schemas(Compiler& compiler, const Context& at, const Value& value) {
  return dependencies(compiler, at, "dependentSchemas", value, false, true);
}
Status old_dependencies(Compiler& compiler, const Context& at, const Value& value) {
  return dependencies(compiler, at, "dependencies", value, true, true);
}

Status all_of(Compiler& compiler, const Context& at, const Value& value) {
  WEIR_TRY(const auto nodes, compiler.subschemas(at, value, "allOf"));
  at.node.all_of.insert(at.node.all_of.end(), nodes.begin(), nodes.end());
  return {};
}
Status any_of(Compiler& compiler, const Context& at, const Value& value) {
  WEIR_TRY(at.node.any_of, compiler.subschemas(at, value, "anyOf"));
  return {};
}
Status one_of(Compiler& compiler, const Context& at, const Value& value) {
  WEIR_TRY(at.node.one_of, compiler.subschemas(at, value, "oneOf"));
  return {};
}
Status not_schema(Compiler& compiler, const Context& at, const Value& value) {
  at.node.not_schema = compiler.subschema(at, value, "not");
  return {};
}
Status if_schema(Compiler& compiler, const Context& at, const Value& value) {
  at.node.if_schema = compiler.subschema(at, value, "if");
  return {};
}
Status then_schema(Compiler& compiler, const Context& at, const Value& value) {
  if (at.node.keyword("if") != nullptr) at.node.then_schema = compiler.subschema(at, value, "then");
  return {};
}
Status else_schema(Compiler& compiler, const Context& at, const Value& value) {
  if (at.node.keyword("if") != nullptr) at.node.else_schema = compiler.subschema(at, value, "else");
  return {};
}

Status ref(Compiler& compiler, const Context& at, const Value& value) {
  return compiler.reference(at, "$ref", value);
}
Status dynamic_ref(Compiler& compiler, const Context& at, const Value& value) {
  return compiler.dynamic_reference(at, "$dynamicRef", value);
}
Status recursive_ref(Compiler& compiler, const Context& at, const Value& value) {
  return compiler.dynamic_reference(at, "$recursiveRef", value);
}

constexpr std::uint8_t kCore = kVocabularyCore;
constexpr std::uint8_t kApplicator = kVocabularyApplicator;
constexpr std::uint8_t kUnevaluated = kVocabularyUnevaluated;
constexpr std::uint8_t kValidation = kVocabularyValidation;
constexpr std::uint8_t kOther = kVocabularyOther;
constexpr std::uint8_t kSince2019 = kDialect2019 | kDialect2020;

// Ascending by name.
constexpr SchemaKeyword kKeywords[] = {
    {"$anchor", kDialectAny, kCore, false, kTypeAny, nullptr},
    {"$comment", kDialectAny, kCore, false, kTypeAny, nullptr},
    {"$defs", kDialectAny, kCore, false, kTypeAny, nullptr},
    {"$dynamicAnchor", kDialect2020, kCore, false, kTypeAny, nullptr},
    {"$dynamicRef", kDialect2020, kCore, false, kTypeAny, dynamic_ref},
    {"$id", kDialectAny, kCore, false, kTypeAny, nullptr},
    {"$recursiveAnchor", kDialect2019, kCore, false, kTypeAny, nullptr},
    {"$recursiveRef", kDialect2019, kCore, false, kTypeAny, recursive_ref},
    {"$ref", kDialectAny, kCore, false, kTypeAny, ref},
    {"$schema", kDialectAny, kCore, false, kTypeAny, nullptr},
    {"$vocabulary", kDialectAny, kCore, false, kTypeAny, nullptr},
    {"additionalItems", kDialectAny, kApplicator, false, kTypeAny, nullptr},
    {"additionalProperties", kDialectAny, kApplicator, false, kTypeAny, additional_properties},
    {"allOf", kDialectAny, kApplicator, false, kTypeAny, all_of},
    {"anyOf", kDialectAny, kApplicator, false, kTypeAny, any_of},
    {"const", kDialectAny, kValidation, false, kTypeAny, constant},
    {"contains", kDialectAny, kApplicator, false, kTypeAny, contains},
    {"contentEncoding", kDialectAny, kOther, true, kTypeString, nullptr},
    {"contentMediaType", kDialectAny, kOther, true, kTypeString, nullptr},
    {"contentSchema", kDialectAny, kOther, true, kTypeString, nullptr},
    {"default", kDialectAny, kOther, true, kTypeAny, nullptr},
    {"definitions", kDialectAny, kCore, false, kTypeAny, nullptr},
    {"dependencies", kDialectAny, kApplicator, false, kTypeAny, old_dependencies},
    {"dependentRequired", kSince2019, kValidation, false, kTypeAny, dependent_required},
    {"dependentSchemas", kSince2019, kApplicator, false, kTypeAny, dependent_schemas},
    {"deprecated", kDialectAny, kOther, true, kTypeAny, nullptr},
    {"description", kDialectAny, kOther, true, kTypeAny, nullptr},
    {"else", kDialectAny, kApplicator, false, kTypeAny, else_schema},
    {"enum", kDialectAny, kValidation, false, kTypeAny, enumeration},
    {"examples", kDialectAny, kOther, true, kTypeAny, nullptr},
    {"exclusiveMaximum", kDialectAny, kValidation, false, kTypeAny, exclusive_maximum},
    {"exclusiveMinimum", kDialectAny, kValidation, false, kTypeAny, exclusive_minimum},
    {"format", kDialectAny, kOther, true, kTypeAny, format},
    {"if", kDialectAny, kApplicator, false, kTypeAny, if_schema},
    {"items", kDialectAny, kApplicator, false, kTypeAny, items},
    {"maxContains", kSince2019, kValidation, false, kTypeAny, max_contains},
    {"maxItems", kDialectAny, kValidation, false, kTypeAny, max_items},
    {"maxLength", kDialectAny, kValidation, false, kTypeAny, max_length},
    {"maxProperties", kDialectAny, kValidation, false, kTypeAny, max_properties},
    {"maximum", kDialectAny, kValidation, false, kTypeAny, maximum},
    {"minContains", kSince2019, kValidation, false, kTypeAny, min_contains},
    {"minItems", kDialectAny, kValidation, false, kTypeAny, min_items},
    {"minLength", kDialectAny, kValidation, false, kTypeAny, min_length},
    {"minProperties", kDialectAny, kValidation, false, kTypeAny, min_properties},
    {"minimum", kDialectAny, kValidation, false, kTypeAny, minimum},
    {"multipleOf", kDialectAny, kValidation, false, kTypeAny, multiple_of},
    {"not", kDialectAny, kApplicator, false, kTypeAny, not_schema},
    {"oneOf", kDialectAny, kApplicator, false, kTypeAny, one_of},
    {"pattern", kDialectAny, kValidation, false, kTypeAny, pattern},
    {"patternProperties", kDialectAny, kApplicator, false, kTypeAny, pattern_properties},
    {"prefixItems", kDialect2020, kApplicator, false, kTypeAny, prefix_items},
    {"properties", kDialectAny, kApplicator, false, kTypeAny, properties},
    {"propertyNames", kDialectAny, kApplicator, false, kTypeAny, property_names},
    {"readOnly", kDialectAny, kOther, true, kTypeAny, nullptr},
    {"required", kDialectAny, kValidation, false, kTypeAny, required},
    {"then", kDialectAny, kApplicator, false, kTypeAny, then_schema},
    {"title", kDialectAny, kOther, true, kTypeAny, nullptr},
    {"type", kDialectAny, kValidation, false, kTypeAny, type},
    {"unevaluatedItems", kSince2019, kUnevaluated, false, kTypeAny, unevaluated_items},
    {"unevaluatedProperties", kSince2019, kUnevaluated, false, kTypeAny, unevaluated_properties},
    {"uniqueItems", kDialectAny, kValidation, false, kTypeAny, unique_items},
    {"writeOnly", kDialectAny, kOther, true, kTypeAny, nullptr},
};
static_assert(std::is_sorted(std::begin(kKeywords), std::end(kKeywords),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));

}  // namespace

const SchemaKeyword* find_schema_keyword(std::string_view name) {
  const auto* found =
      std::lower_bound(std::begin(kKeywords), std::end(kKeywords), name,
                       [](const SchemaKeyword& row, std::string_view n) { return row.name < n; });
  return found != std::end(kKeywords) && found->name == name ? found : nullptr;
}

void finish_node(SchemaNode& node) {
  if (node.object == nullptr) return;
  ObjectRules& rules = *node.object;
  rules.required_at.assign(rules.properties.size(), -1);
  for (std::size_t i = 0; i < rules.required.size(); ++i) {
    const std::uint32_t number = rules.names.insert(rules.required[i]);
    if (number == rules.required_at.size()) rules.required_at.push_back(-1);
    rules.required_at[number] = static_cast<std::int32_t>(i);
  }
}

}  // namespace weir::json
