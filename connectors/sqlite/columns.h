// Columns of a table: which kind a location's schema asks for, what a kind can hold, and how two
// kinds join when a schema changes. The text form of a table's columns is a format on disk
// (`weir_tables.columns`).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/spec.h"

namespace weir::sqlite {

enum class ColumnKind {
  kInteger,  // INTEGER: 64 signed bits
  kReal,     // REAL: what a double holds exactly
  kBoolean,  // BOOLEAN: 0 or 1
  kText,     // TEXT: a string as it is
  kDecimal,  // TEXT: an integer of any size, in decimal digits
  kJson,     // TEXT: any value as compact JSON, strings in their quotes
};
std::string_view name_of(
    ColumnKind kind);  // "integer", "real", "boolean", "text", "decimal", "json"
std::string_view declared_type(ColumnKind kind);  // INTEGER, REAL, BOOLEAN, TEXT

enum class ColumnRole {
  kKey,
  kValue,
  kDocument,
  kFormer,  // no longer selected; keeps what it holds, NULL in new rows
};

struct Column {
  std::string name;
  ColumnKind kind = ColumnKind::kText;
  ColumnRole role = ColumnRole::kValue;
  friend bool operator==(const Column&, const Column&) = default;
};

// The kind for a projection; nullopt if nothing but null can be there.
std::optional<ColumnKind> kind_of(const protocol::Inference& inference);
// The kind of a column that weir did not make, by its declared type; TEXT columns are whatever text
// kind is wanted. nullopt: a type that weir does not write to.
std::optional<ColumnKind> kind_of_declared(std::string_view type, ColumnKind wanted);

// The kind that holds what `stored` holds and what `wanted` will bring: one of the two, or kJson
// for two kinds of numbers that have no narrower one. nullopt: the change is no widening.
std::optional<ColumnKind> join(ColumnKind stored, ColumnKind wanted);

// A binding's columns in the order of a row: keys, values, document. kInvalid if two fields fold to
// one name, a field has no projection, or a table of one row per key has no key or no document.
Result<std::vector<Column>> columns_of(const protocol::Binding& binding);

std::string columns_to_json(const std::vector<Column>& columns);
Result<std::vector<Column>> columns_from_json(std::string_view text);  // kCorrupt

const Column* find_column(const std::vector<Column>& columns, std::string_view name);

}  // namespace weir::sqlite
