#include "protocol/spec_json.h"

#include "json/events.h"
#include "protocol/json_writer.h"

namespace weir::protocol {

std::string_view name_of(Exists exists) {
  switch (exists) {
    case Exists::kInvalid: return "INVALID";
    case Exists::kMust: return "MUST";
    case Exists::kMay: return "MAY";
    case Exists::kImplicit: return "IMPLICIT";
    case Exists::kCannot: return "CANNOT";
  }
  return "INVALID";
}

std::string_view name_of(ConstraintType type) {
  switch (type) {
    case ConstraintType::kInvalid: return "INVALID";
    case ConstraintType::kFieldRequired: return "FIELD_REQUIRED";
    case ConstraintType::kLocationRequired: return "LOCATION_REQUIRED";
    case ConstraintType::kLocationRecommended: return "LOCATION_RECOMMENDED";
    case ConstraintType::kFieldOptional: return "FIELD_OPTIONAL";
    case ConstraintType::kFieldForbidden: return "FIELD_FORBIDDEN";
    case ConstraintType::kIncompatible: return "INCOMPATIBLE";
  }
  return "INVALID";
}

std::string_view name_of(EndpointKind kind) {
  switch (kind) {
    case EndpointKind::kSqlite: return "SQLITE";
    case EndpointKind::kPostgres: return "POSTGRES";
    case EndpointKind::kLocal: return "LOCAL";
    case EndpointKind::kConnector: return "IMAGE";
  }
  return "INVALID";
}

std::string partition_label(std::string_view value_json) {
  json::Arena arena;
  const auto value = json::parse_text(value_json, arena);
  if (!value || !value->is_string()) return "%_" + std::string(value_json);
  std::string out;
  for (const char c : value->as_string()) {
    const bool kept = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      std::string_view("-_.").find(c) != std::string_view::npos;
    out += kept ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

namespace {

void write_inference(std::string& out, const Inference& inference) {
  ObjectWriter object(out);
  object.texts("types", inference.types);
  if (inference.string) {
    ObjectWriter text(object.member("string"));
    text.text("contentType", inference.string->content_type);
    text.text("format", inference.string->format);
    text.number("maxLength", inference.string->max_length);
    text.text("contentEncoding", inference.string->content_encoding);
  }
  object.text("title", inference.title);
  object.text("description", inference.description);
  object.raw("default", inference.default_json);
  object.flag("secret", inference.secret);
  if (inference.exists != Exists::kInvalid) object.text("exists", name_of(inference.exists));
  if (inference.numeric) {
    ObjectWriter numeric(object.member("numeric"));
    numeric.flag("hasMinimum", inference.numeric->minimum.has_value());
    numeric.number("minimum", inference.numeric->minimum.value_or(0));
    numeric.flag("hasMaximum", inference.numeric->maximum.has_value());
    numeric.number("maximum", inference.numeric->maximum.value_or(0));
  }
  if (inference.array) {
    ObjectWriter array(object.member("array"));
    array.number("minItems", inference.array->min_items);
    array.flag("hasMaxItems", inference.array->max_items.has_value());
    array.number("maxItems", inference.array->max_items.value_or(0));
    array.texts("itemTypes", inference.array->item_types);
  }
}

void write_projection(std::string& out, const Projection& projection) {
  ObjectWriter object(out);
  object.text("ptr", projection.ptr);
  object.text("field", projection.field);
  object.flag("explicit", projection.is_explicit);
  object.flag("isPartitionKey", projection.is_partition_key);
  object.flag("isPrimaryKey", projection.is_primary_key);
  write_inference(object.member("inference"), projection.inference);
}

void write_collection(std::string& out, const CollectionSpec& spec) {
  ObjectWriter object(out);
  object.text("name", spec.name);
  object.texts("key", spec.key);
  object.text("uuidPtr", spec.uuid_ptr);
  object.texts("partitionFields", spec.partition_fields);
  object.list("projections", spec.projections, write_projection);
  object.raw("writeSchema", spec.write_schema_json);
  object.raw("readSchema", spec.read_schema_json);
}

void write_field_selection(std::string& out, const FieldSelection& selection) {
  ObjectWriter object(out);
  object.texts("keys", selection.keys);
  object.texts("values", selection.values);
  object.text("document", selection.document);
  object.raw_map("fieldConfig", selection.field_config);
}

struct Label {
  std::string name, value;
};

using Partitions = std::map<std::string, std::vector<std::string>>;

void write_labels(std::string& out, const std::string& collection, const Partitions& partitions) {
  std::vector<Label> labels;
  if (!collection.empty()) labels.push_back({"estuary.dev/collection", collection});
  for (const auto& [field, values] : partitions) {
    for (const std::string& value : values) {
      labels.push_back({"estuary.dev/field/" + field, partition_label(value)});
    }
  }
  ObjectWriter object(out);
  object.list("labels", labels, [](std::string& item, const Label& label) {
    ObjectWriter entry(item);
    entry.text("name", label.name);
    entry.text("value", label.value);
  });
}

// The published selector always includes the collection; exclusions are labels of partitions only.
void write_partition_selector(std::string& out, const Binding& binding) {
  ObjectWriter object(out);
  write_labels(object.member("include"), binding.collection.name, binding.partitions_include);
  if (!binding.partitions_exclude.empty()) {
    write_labels(object.member("exclude"), "", binding.partitions_exclude);
  }
}

void write_binding(std::string& out, const Binding& binding) {
  ObjectWriter object(out);
  object.raw("resourceConfig", binding.resource_config_json);
  object.texts("resourcePath", binding.resource_path);
  write_collection(object.member("collection"), binding.collection);
  write_field_selection(object.member("fieldSelection"), binding.field_selection);
  object.flag("deltaUpdates", binding.delta_updates);
  write_partition_selector(object.member("partitionSelector"), binding);
  object.text("journalReadSuffix", binding.journal_read_suffix);
  object.number("priority", binding.priority);
  object.text("notBefore", binding.not_before.value_or(""));
  object.text("notAfter", binding.not_after.value_or(""));
  object.number("backfill", binding.backfill);
  object.text("stateKey", binding.state_key);
  if (!(binding.ser_policy == SerPolicy{})) {
    ObjectWriter policy(object.member("serPolicy"));
    policy.number("strTruncateAfter", binding.ser_policy.str_truncate_after);
    policy.number("nestedObjTruncateAfter", binding.ser_policy.nested_obj_truncate_after);
    policy.number("arrayTruncateAfter", binding.ser_policy.array_truncate_after);
  }
}

}  // namespace

std::string to_json(const CollectionSpec& spec) {
  std::string out;
  write_collection(out, spec);
  return out;
}

std::string to_json(const MaterializationSpec& spec) {
  std::string out;
  {
    ObjectWriter object(out);
    object.text("name", spec.name);
    object.text("connectorType", name_of(spec.endpoint));
    object.raw("config", spec.config_json);
    object.list("bindings", spec.bindings, write_binding);
    object.list("inactiveBindings", spec.inactive_bindings, write_binding);
    object.raw("triggers", spec.triggers_json);
  }
  return out;
}

}  // namespace weir::protocol
