#include "runtime/binding_plan.h"

#include <fmt/ranges.h>

#include "json/events.h"
#include "json/host/re2_regex.h"

namespace weir::runtime {
namespace {

constexpr std::string_view kTruncatedPointer = "/_meta/flow_truncated";
constexpr std::string_view kSchemaUri = "weir:read-schema";

document::FieldKind kind_of(const protocol::Projection& projection) {
  const auto& string = projection.inference.string;
  if (projection.ptr == kTruncatedPointer) return document::FieldKind::kTruncated;
  if (string && string->format == "date-time" && string->content_encoding == "uuid") {
    return document::FieldKind::kPublishedAt;
  }
  return document::FieldKind::kPlain;
}

Result<std::vector<document::Field>> plan_fields(const protocol::CollectionSpec& collection,
                                                 const std::vector<std::string>& names) {
  std::vector<document::Field> fields;
  for (const std::string& name : names) {
    const protocol::Projection* projection = collection.find_projection(name);
    if (projection == nullptr) {
      return error(Code::kInvalid, "collection {} has no projection for the selected field {}",
                   collection.name, name);
    }
    WEIR_TRY(json::Pointer pointer, json::Pointer::parse(projection->ptr));
    fields.push_back({.pointer = std::move(pointer),
                      .kind = kind_of(*projection),
                      .default_json = projection->inference.default_json});
  }
  return fields;
}

Result<std::shared_ptr<const json::Schema>> compile_schema(
    const protocol::CollectionSpec& collection) {
  WEIR_TRY(const json::Tree tree, json::parse_tree(collection.schema_json()));
  json::SchemaStore store;
  WEIR_RETURN_IF_ERROR(store.add(kSchemaUri, tree.root));
  json::SchemaOptions options;
  options.keywords = {"reduce"};
  options.regex = json::re2_regex_factory();
  return store.compile(kSchemaUri, options);
}

}  // namespace

Result<document::BindingSpec> plan_binding(const protocol::Binding& binding) {
  const protocol::CollectionSpec& collection = binding.collection;
  const std::string name =
      fmt::format("{} → {}", collection.name, fmt::join(binding.resource_path, "."));
  const auto build = [&]() -> Result<document::BindingSpec> {
    document::BindingSpec spec;
    spec.name = name;
    WEIR_TRY(spec.keys, plan_fields(collection, binding.field_selection.keys));
    WEIR_TRY(spec.values, plan_fields(collection, binding.field_selection.values));
    spec.with_document = !binding.field_selection.document.empty();
    spec.delta_updates = binding.delta_updates;
    WEIR_TRY(spec.schema, compile_schema(collection));
    spec.truncation = {.str_truncate_after = binding.ser_policy.str_truncate_after,
                       .nested_obj_truncate_after = binding.ser_policy.nested_obj_truncate_after,
                       .array_truncate_after = binding.ser_policy.array_truncate_after};
    return spec;
  };
  auto spec = build();
  if (!spec) return tl::unexpected(with_context(name, std::move(spec).error()));
  return spec;
}

}  // namespace weir::runtime
