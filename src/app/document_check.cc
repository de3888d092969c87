#include "app/document_check.h"

#include <fmt/format.h>

#include "document/shape.h"
#include "json/events.h"
#include "json/host/re2_regex.h"

namespace weir::app {
namespace {

constexpr std::string_view kSchemaUri = "weir://write-schema";
constexpr std::size_t kProblemsShown = 3;

}  // namespace

Status check_appendable(const catalog::Collection& collection) {
  if (!collection.files) return {};
  const std::vector<std::string>& patterns = collection.files->patterns;
  return error(Code::kRefused,
               "the collection {} is read from plain files ({}), and nothing else is appended to "
               "it: add lines to one of them, or a file of such a name",
               collection.spec.name, fmt::join(patterns, ", "));
}

journal::CsvTypes csv_types(const protocol::CollectionSpec& collection) {
  const auto schema = json::parse_tree(collection.write_schema_json);
  const document::ShapePtr shape =
      schema ? document::infer_shape(schema->root) : document::Shape::anything();
  return [shape](std::string_view column) {
    const auto property = shape->properties.find(column);
    if (property != shape->properties.end()) return property->second->types;
    return shape->additional == nullptr ? document::Types::any() : shape->additional->types;
  };
}

Result<DocumentChecker> DocumentChecker::make(const protocol::CollectionSpec& collection) {
  DocumentChecker checker;
  WEIR_TRY(const json::Tree schema, json::parse_tree(collection.write_schema_json));
  json::SchemaStore store;
  WEIR_RETURN_IF_ERROR(store.add(kSchemaUri, schema.root));
  json::SchemaOptions options;
  options.keywords = {"reduce"};  // nothing is done with annotations: collect as few as there are
  options.regex = json::re2_regex_factory();
  WEIR_TRY(checker.schema_, store.compile(kSchemaUri, options));
  for (const std::string& pointer : collection.key) {
    WEIR_TRY(json::Pointer key, json::Pointer::parse(pointer));
    checker.key_.push_back(std::move(key));
  }
  return checker;
}

Status DocumentChecker::check(const json::Value& document, std::string* pointer) const {
  if (!schema_->is_valid(document)) {
    json::Outcome outcome;
    schema_->validate(document, outcome);
    std::string problems;
    for (std::size_t i = 0; i < outcome.problems.size() && i < kProblemsShown; ++i) {
      const json::SchemaProblem& problem = outcome.problems[i];
      if (i > 0) problems += "; ";
      if (i == 0 && pointer != nullptr) *pointer = problem.instance_pointer;
      problems += fmt::format(
          "{}: {}", problem.instance_pointer.empty() ? "the document" : problem.instance_pointer,
          problem.message);
    }
    return error(Code::kInvalid, "does not match the collection's schema: {}", problems);
  }
  for (const json::Pointer& key : key_) {
    const json::Value* value = key.find(document);
    const bool missing = value == nullptr || value->is_null();
    if (!missing && !value->is_object() && !value->is_array()) continue;
    if (pointer != nullptr) *pointer = key.text();
    if (missing) return error(Code::kInvalid, "has no key: {} is missing", key.text());
    return error(Code::kInvalid, "the key {} is no single value", key.text());
  }
  return {};
}

}  // namespace weir::app
