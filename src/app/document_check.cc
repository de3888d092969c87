#include "app/document_check.h"

#include "json/events.h"
#include "json/host/re2_regex.h"

namespace weir::app {
namespace {

constexpr std::string_view kSchemaUri = "weir://write-schema";
constexpr std::size_t kProblemsShown = 3;

}  // namespace

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
