#include "connectors/sqlite/columns.h"

#include <algorithm>
#include <array>
#include <set>

#include "connectors/sqlite/names.h"
#include "json/events.h"

namespace weir::sqlite {

namespace {

struct KindRow {
  ColumnKind kind;
  std::string_view name, type;
};
constexpr std::array kKinds = {
    KindRow{ColumnKind::kInteger, "integer", "INTEGER"}, KindRow{ColumnKind::kReal, "real", "REAL"},
    KindRow{ColumnKind::kBoolean, "boolean", "BOOLEAN"}, KindRow{ColumnKind::kText, "text", "TEXT"},
    KindRow{ColumnKind::kDecimal, "decimal", "TEXT"},    KindRow{ColumnKind::kJson, "json", "TEXT"},
};
constexpr std::array<std::string_view, 4> kRoles = {"key", "value", "document", "former"};

const KindRow& row_of(ColumnKind kind) {
  return kKinds.at(static_cast<std::size_t>(kind));
}

// Beyond what 64 signed bits hold. Bounds are doubles, which cannot tell 2^63 - 1 from 2^63: that
// one is taken for the former, as the usual way to write "a signed 64-bit integer".
bool beyond_64_bits(const protocol::Inference& inference) {
  constexpr double kLimit = 9223372036854775808.0;
  if (!inference.numeric) return false;
  return inference.numeric->maximum.value_or(0) > kLimit ||
         inference.numeric->minimum.value_or(0) < -kLimit;
}

bool text_kind(ColumnKind kind) {
  return row_of(kind).type == "TEXT";
}

}  // namespace

std::string_view name_of(ColumnKind kind) {
  return row_of(kind).name;
}
std::string_view declared_type(ColumnKind kind) {
  return row_of(kind).type;
}

std::optional<ColumnKind> kind_of(const protocol::Inference& inference) {
  std::set<std::string_view> types(inference.types.begin(), inference.types.end());
  types.erase("null");
  if (types.empty() || inference.exists == protocol::Exists::kCannot) return std::nullopt;
  const auto is_number = [](std::string_view type) {
    return type == "integer" || type == "number" || type == "fractional";
  };
  if (std::all_of(types.begin(), types.end(), is_number)) {
    if (types.size() > 1 || !types.contains("integer")) return ColumnKind::kReal;
    return beyond_64_bits(inference) ? ColumnKind::kDecimal : ColumnKind::kInteger;
  }
  if (types.size() > 1) return ColumnKind::kJson;
  if (types.contains("boolean")) return ColumnKind::kBoolean;
  if (types.contains("string")) return ColumnKind::kText;
  return ColumnKind::kJson;
}

std::optional<ColumnKind> kind_of_declared(std::string_view type, ColumnKind wanted) {
  const std::string lower = folded(type);
  // The published rules of affinity, in their order; BOOLEAN would be NUMERIC by them.
  if (lower.find("int") != std::string::npos) return ColumnKind::kInteger;
  for (const std::string_view text : {"char", "clob", "text"}) {
    if (lower.find(text) != std::string::npos)
      return text_kind(wanted) ? wanted : ColumnKind::kText;
  }
  for (const std::string_view real : {"real", "floa", "doub"}) {
    if (lower.find(real) != std::string::npos) return ColumnKind::kReal;
  }
  if (lower == "boolean" || lower == "bool") return ColumnKind::kBoolean;
  return std::nullopt;
}

std::optional<ColumnKind> join(ColumnKind stored, ColumnKind wanted) {
  using enum ColumnKind;
  if (stored == wanted || stored == kJson || wanted == kJson) {
    return stored == wanted ? stored : kJson;
  }
  const auto pair = [&](ColumnKind a, ColumnKind b) {
    return (stored == a && wanted == b) || (stored == b && wanted == a);
  };
  if (pair(kInteger, kReal)) return kReal;
  if (pair(kInteger, kDecimal)) return kDecimal;
  if (pair(kReal, kDecimal)) return kJson;
  return std::nullopt;
}

namespace {

struct FieldOf {
  std::string_view name;
  ColumnRole role;
};

std::vector<FieldOf> fields_of(const protocol::FieldSelection& selection) {
  std::vector<FieldOf> fields;
  for (const std::string& name : selection.keys) fields.push_back({name, ColumnRole::kKey});
  for (const std::string& name : selection.values) fields.push_back({name, ColumnRole::kValue});
  if (!selection.document.empty()) {
    fields.push_back({selection.document, ColumnRole::kDocument});
  }
  return fields;
}

}  // namespace

Result<std::vector<Column>> columns_of(const protocol::Binding& binding) {
  const std::string_view collection = binding.collection.name;
  std::vector<Column> columns;
  std::set<std::string> names;
  for (const FieldOf& field : fields_of(binding.field_selection)) {
    const protocol::Projection* projection = binding.collection.find_projection(field.name);
    if (projection == nullptr) {
      return error(Code::kInvalid, "collection {} has no field \"{}\"", collection, field.name);
    }
    const auto kind =
        field.role == ColumnRole::kDocument ? ColumnKind::kJson : kind_of(projection->inference);
    if (!kind) {
      return error(Code::kInvalid, "field \"{}\" of collection {} can only be null; exclude it",
                   field.name, collection);
    }
    if (!names.insert(folded(field.name)).second) {
      return error(Code::kInvalid,
                   "collection {}: field \"{}\" and another differ in the case of letters only, "
                   "which column names cannot; exclude one of them",
                   collection, field.name);
    }
    columns.push_back({.name = std::string(field.name), .kind = *kind, .role = field.role});
  }
  if (columns.empty()) {
    return error(Code::kInvalid, "collection {}: no field is selected", collection);
  }
  if (!binding.delta_updates && binding.field_selection.keys.empty()) {
    return error(Code::kInvalid, "collection {}: a table of one row per key needs a key",
                 collection);
  }
  if (!binding.delta_updates && binding.field_selection.document.empty()) {
    return error(Code::kInvalid,
                 "collection {}: a table of one row per key needs the document, to reduce into; "
                 "select the field of the root document, or write `delta_updates: true`",
                 collection);
  }
  return columns;
}

std::string columns_to_json(const std::vector<Column>& columns) {
  std::string out = "[";
  for (const Column& column : columns) {
    if (out.size() > 1) out += ',';
    out += "{\"name\":";
    json::write_string(column.name, out);
    out += fmt::format(R"(,"kind":"{}","role":"{}"}})", name_of(column.kind),
                       kRoles.at(static_cast<std::size_t>(column.role)));
  }
  return out += ']';
}

Result<std::vector<Column>> columns_from_json(std::string_view text) {
  const auto corrupt = [] {
    return error(Code::kCorrupt, "weir_tables: `columns` is not what weir writes there");
  };
  const auto tree = json::parse_tree(text);
  if (!tree || !tree->root.is_array()) return corrupt();
  const auto text_of = [](const json::Value& item, std::string_view name) -> std::string_view {
    const json::Value* value = item.find(name);
    return value != nullptr && value->is_string() ? value->as_string() : std::string_view();
  };
  std::vector<Column> columns;
  for (const json::Value& item : tree->root.items()) {
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const KindRow& row) {
      return row.name == text_of(item, "kind");
    });
    const auto role = std::find(kRoles.begin(), kRoles.end(), text_of(item, "role"));
    if (kind == kKinds.end() || role == kRoles.end()) return corrupt();
    columns.push_back({.name = std::string(text_of(item, "name")),
                       .kind = kind->kind,
                       .role = static_cast<ColumnRole>(role - kRoles.begin())});
  }
  return columns;
}

const Column* find_column(const std::vector<Column>& columns, std::string_view name) {
  const auto it = std::find_if(columns.begin(), columns.end(),
                               [&](const Column& c) { return same_name(c.name, name); });
  return it == columns.end() ? nullptr : &*it;
}

}  // namespace weir::sqlite
