// Reading specifications back. Readers are lenient as the published ones are: unknown members are
// skipped and absent ones are defaults; only a member of the wrong kind is an error. The first
// error wins and the rest reads as defaults.
#include <array>

#include "json/events.h"
#include "json/number.h"
#include "protocol/spec_json.h"

namespace weir::protocol {
namespace {

class Reader {
 public:
  // What is wrong first, or an empty text.
  std::string problem;

  void text(const json::Value& object, std::string_view name, std::string& out) {
    if (const json::Value* v = find(object, name, json::Kind::kString)) out = v->as_string();
  }
  void raw(const json::Value& object, std::string_view name, std::string& out) {
    if (const json::Value* v = object.find(name)) out = json::to_text(*v);
  }
  void flag(const json::Value& object, std::string_view name, bool& out) {
    if (const json::Value* v = find(object, name, json::Kind::kBool)) out = v->as_bool();
  }
  void number(const json::Value& object, std::string_view name, std::uint32_t& out) {
    const json::Value* v = find(object, name, json::Kind::kNumber);
    if (v == nullptr) return;
    const auto value = json::to_uint64(v->number_text());
    if (!value || *value > UINT32_MAX) return fail(name, "out of range");
    out = static_cast<std::uint32_t>(*value);
  }
  double number(const json::Value& object, std::string_view name) {
    const json::Value* v = find(object, name, json::Kind::kNumber);
    return v == nullptr ? 0 : json::to_double(v->number_text());
  }
  void texts(const json::Value& object, std::string_view name, std::vector<std::string>& out) {
    for_each(object, name, [&](const json::Value& item) {
      if (!item.is_string()) return fail(name, "an item is no string");
      out.emplace_back(item.as_string());
    });
  }
  template <typename Fn>
  void for_each(const json::Value& object, std::string_view name, Fn fn) {
    if (const json::Value* v = find(object, name, json::Kind::kArray)) {
      for (const json::Value& item : v->items()) fn(item);
    }
  }
  // An enum by its name or its number.
  template <typename Enum, std::size_t N>
  void choice(const json::Value& object, std::string_view name, const std::array<Enum, N>& all,
              Enum& out) {
    const json::Value* v = object.find(name);
    if (v == nullptr || v->is_null()) return;
    for (const Enum candidate : all) {
      if (v->is_string() && v->as_string() == name_of(candidate)) return void(out = candidate);
      if (v->is_number() && json::to_int64(v->number_text()) == static_cast<int>(candidate)) {
        return void(out = candidate);
      }
    }
    fail(name, "none of the known values");
  }
  const json::Value* find(const json::Value& object, std::string_view name, json::Kind kind) {
    const json::Value* v = object.find(name);
    if (v == nullptr || v->is_null()) return nullptr;
    if (v->kind() == kind) return v;
    fail(name, fmt::format("a {}, not a {}", json::name_of(v->kind()), json::name_of(kind)));
    return nullptr;
  }
  const json::Value* object(const json::Value& parent, std::string_view name) {
    return find(parent, name, json::Kind::kObject);
  }
  void fail(std::string_view name, std::string_view what) {
    if (problem.empty()) problem = fmt::format("\"{}\": {}", name, what);
  }
};

Inference read_inference(Reader& reader, const json::Value& v) {
  Inference out;
  reader.texts(v, "types", out.types);
  if (const json::Value* text = reader.object(v, "string")) {
    out.string = Inference::String{};
    reader.text(*text, "contentType", out.string->content_type);
    reader.text(*text, "format", out.string->format);
    reader.text(*text, "contentEncoding", out.string->content_encoding);
    reader.number(*text, "maxLength", out.string->max_length);
  }
  if (const json::Value* numeric = reader.object(v, "numeric")) {
    out.numeric = Inference::Numeric{};
    bool has = false;
    reader.flag(*numeric, "hasMinimum", has);
    if (has) out.numeric->minimum = reader.number(*numeric, "minimum");
    has = false;
    reader.flag(*numeric, "hasMaximum", has);
    if (has) out.numeric->maximum = reader.number(*numeric, "maximum");
  }
  if (const json::Value* array = reader.object(v, "array")) {
    out.array = Inference::Array{};
    reader.number(*array, "minItems", out.array->min_items);
    bool has = false;
    reader.flag(*array, "hasMaxItems", has);
    if (has) reader.number(*array, "maxItems", out.array->max_items.emplace());
    reader.texts(*array, "itemTypes", out.array->item_types);
  }
  reader.text(v, "title", out.title);
  reader.text(v, "description", out.description);
  reader.raw(v, "default", out.default_json);
  reader.flag(v, "secret", out.secret);
  constexpr std::array kAll = {Exists::kInvalid, Exists::kMust, Exists::kMay, Exists::kImplicit,
                               Exists::kCannot};
  reader.choice(v, "exists", kAll, out.exists);
  return out;
}

CollectionSpec read_collection(Reader& reader, const json::Value& v) {
  CollectionSpec out;
  reader.text(v, "name", out.name);
  reader.texts(v, "key", out.key);
  reader.text(v, "uuidPtr", out.uuid_ptr);
  reader.texts(v, "partitionFields", out.partition_fields);
  reader.for_each(v, "projections", [&](const json::Value& item) {
    Projection& projection = out.projections.emplace_back();
    reader.text(item, "ptr", projection.ptr);
    reader.text(item, "field", projection.field);
    reader.flag(item, "explicit", projection.is_explicit);
    reader.flag(item, "isPartitionKey", projection.is_partition_key);
    reader.flag(item, "isPrimaryKey", projection.is_primary_key);
    if (const json::Value* inference = reader.object(item, "inference")) {
      projection.inference = read_inference(reader, *inference);
    }
  });
  reader.raw(v, "writeSchema", out.write_schema_json);
  reader.raw(v, "readSchema", out.read_schema_json);
  return out;
}

void read_field_selection(Reader& reader, const json::Value& v, FieldSelection& out) {
  reader.texts(v, "keys", out.keys);
  reader.texts(v, "values", out.values);
  reader.text(v, "document", out.document);
  if (const json::Value* config = reader.object(v, "fieldConfig")) {
    for (const json::Member& m : config->members()) {
      out.field_config[std::string(m.name)] = json::to_text(m.value);
    }
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string value_of_label(std::string_view label) {
  if (label.starts_with("%_")) return std::string(label.substr(2));
  std::string text;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const bool escaped = label[i] == '%' && i + 2 < label.size() && hex_digit(label[i + 1]) >= 0 &&
                         hex_digit(label[i + 2]) >= 0;
    if (!escaped) {
      text += label[i];
      continue;
    }
    text += static_cast<char>(hex_digit(label[i + 1]) * 16 + hex_digit(label[i + 2]));
    i += 2;
  }
  std::string json;
  json::write_string(text, json);
  return json;
}

void read_labels(Reader& reader, const json::Value& v,
                 std::map<std::string, std::vector<std::string>>& out) {
  constexpr std::string_view kField = "estuary.dev/field/";
  reader.for_each(v, "labels", [&](const json::Value& item) {
    std::string name, value;
    reader.text(item, "name", name);
    reader.text(item, "value", value);
    if (name.starts_with(kField)) out[name.substr(kField.size())].push_back(value_of_label(value));
  });
}

Binding read_binding(Reader& reader, const json::Value& v) {
  Binding out;
  reader.raw(v, "resourceConfig", out.resource_config_json);
  reader.texts(v, "resourcePath", out.resource_path);
  if (const json::Value* c = reader.object(v, "collection")) {
    out.collection = read_collection(reader, *c);
  }
  if (const json::Value* f = reader.object(v, "fieldSelection")) {
    read_field_selection(reader, *f, out.field_selection);
  }
  reader.flag(v, "deltaUpdates", out.delta_updates);
  if (const json::Value* selector = reader.object(v, "partitionSelector")) {
    if (const json::Value* include = reader.object(*selector, "include")) {
      read_labels(reader, *include, out.partitions_include);
    }
    if (const json::Value* exclude = reader.object(*selector, "exclude")) {
      read_labels(reader, *exclude, out.partitions_exclude);
    }
  }
  reader.text(v, "journalReadSuffix", out.journal_read_suffix);
  reader.number(v, "priority", out.priority);
  if (v.find("notBefore") != nullptr) reader.text(v, "notBefore", out.not_before.emplace());
  if (v.find("notAfter") != nullptr) reader.text(v, "notAfter", out.not_after.emplace());
  reader.number(v, "backfill", out.backfill);
  reader.text(v, "stateKey", out.state_key);
  if (const json::Value* policy = reader.object(v, "serPolicy")) {
    reader.number(*policy, "strTruncateAfter", out.ser_policy.str_truncate_after);
    reader.number(*policy, "nestedObjTruncateAfter", out.ser_policy.nested_obj_truncate_after);
    reader.number(*policy, "arrayTruncateAfter", out.ser_policy.array_truncate_after);
  }
  return out;
}

}  // namespace

Result<MaterializationSpec> spec_from_json(std::string_view text) {
  WEIR_TRY(const json::Tree tree, json::parse_tree(text, json::Duplicates::kLastWins));
  if (!tree.root.is_object()) return error(Code::kCorrupt, "a specification must be an object");
  Reader reader;
  MaterializationSpec out;
  reader.text(tree.root, "name", out.name);
  constexpr std::array kKinds = {EndpointKind::kSqlite, EndpointKind::kPostgres,
                                 EndpointKind::kLocal, EndpointKind::kConnector};
  // Kinds are ours, so only their names are read; the published numbers are of another enum.
  if (reader.find(tree.root, "connectorType", json::Kind::kString) != nullptr) {
    reader.choice(tree.root, "connectorType", kKinds, out.endpoint);
  }
  reader.raw(tree.root, "config", out.config_json);
  reader.for_each(tree.root, "bindings", [&](const json::Value& item) {
    out.bindings.push_back(read_binding(reader, item));
  });
  reader.for_each(tree.root, "inactiveBindings", [&](const json::Value& item) {
    out.inactive_bindings.push_back(read_binding(reader, item));
  });
  reader.raw(tree.root, "triggers", out.triggers_json);
  if (!reader.problem.empty()) {
    return error(Code::kCorrupt, "specification: {}", reader.problem);
  }
  return out;
}

}  // namespace weir::protocol
