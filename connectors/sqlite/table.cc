#include "connectors/sqlite/table.h"

#include <algorithm>

#include "connectors/sqlite/names.h"

namespace weir::sqlite {

using connector::StoreRow;

Table::Table(Database& database, TableShape shape, TableOptions options)
    : database_(database),
      shape_(std::move(shape)),
      options_(options),
      what_("table " + quoted(shape_.table)),
      binder_(quoted(shape_.table)) {
  for (const Column& column : shape_.columns) {
    key_count_ += column.role == ColumnRole::kKey ? 1 : 0;
    value_count_ += column.role == ColumnRole::kValue ? 1 : 0;
    with_document_ = with_document_ || column.role == ColumnRole::kDocument;
  }
  Table::begin_transaction();
}

void Table::begin_transaction() {
  counts_ = {};
  if (options_.count_changes) counts_ = {.inserted = 0, .updated = 0, .deleted = 0, .unchanged = 0};
}

Status Table::ready(std::optional<Statement>& statement, const std::string& sql) {
  if (statement) return {};
  WEIR_TRY(statement, database_.prepare(sql));
  return {};
}

// Parameter n is column n of the shape, in every statement.
std::string Table::insert_sql() const {
  std::string names, values;
  for (std::size_t i = 0; i < shape_.columns.size(); ++i) {
    names += (i > 0 ? ", " : "") + quoted(shape_.columns[i].name);
    values += fmt::format("{}?{}", i > 0 ? ", " : "", i + 1);
  }
  return fmt::format("INSERT INTO {} ({}) VALUES ({})", quoted(shape_.table), names, values);
}

std::string Table::upsert_sql() const {
  if (shape_.delta_updates) return insert_sql();
  std::string key, assignments;
  for (const Column& column : shape_.columns) {
    const std::string name = quoted(column.name);
    if (column.role == ColumnRole::kKey) {
      key += (key.empty() ? "" : ", ") + name;
    } else {
      assignments += fmt::format("{}{} = excluded.{}", assignments.empty() ? "" : ", ", name, name);
    }
  }
  return fmt::format("{} ON CONFLICT ({}) DO UPDATE SET {}", insert_sql(), key, assignments);
}

// Row values, for a chain of ORs over many columns would be deeper than SQLite's limit of
// expressions.
std::string Table::update_changed_sql() const {
  std::string names, values;
  for (std::size_t i = key_count_; i < shape_.columns.size(); ++i) {
    names += (i > key_count_ ? ", " : "") + quoted(shape_.columns[i].name);
    values += fmt::format("{}?{}", i > key_count_ ? ", " : "", i + 1);
  }
  return fmt::format("UPDATE {} SET ({}) = ({}) WHERE {} AND ({}) IS NOT ({})",
                     quoted(shape_.table), names, values, where_key(), names, values);
}

std::string Table::where_key() const {
  std::string out;
  for (std::size_t i = 0; i < key_count_; ++i) {
    out += fmt::format("{}{} = ?{}", i > 0 ? " AND " : "", quoted(shape_.columns[i].name), i + 1);
  }
  return out;
}

Status Table::bind_key(Statement& statement, std::string_view key_packed) {
  return binder_.bind(statement, 1, key_packed, keys(),
                      shape_.delta_updates ? Nulls::kAllow : Nulls::kRefuse);
}

Status Table::bind_row(Statement& statement, const StoreRow& row) {
  WEIR_RETURN_IF_ERROR(bind_key(statement, row.key_packed));
  const auto first_value = static_cast<int>(key_count_) + 1;
  WEIR_RETURN_IF_ERROR(binder_.bind(statement, first_value, row.values_packed,
                                    std::span(shape_.columns).subspan(key_count_, value_count_),
                                    Nulls::kAllow));
  if (with_document_) {
    statement.bind(first_value + static_cast<int>(value_count_), row.doc_json);
  }
  return {};
}

Result<std::optional<std::string_view>> Table::load(std::string_view key_packed) {
  if (!select_) {
    const std::string& document = shape_.columns.back().name;
    WEIR_RETURN_IF_ERROR(ready(select_, fmt::format("SELECT {} FROM {} WHERE {}", quoted(document),
                                                    quoted(shape_.table), where_key())));
  }
  select_->reset();
  binder_.release();
  WEIR_RETURN_IF_ERROR(bind_key(*select_, key_packed));
  WEIR_TRY(const bool row, select_->step(what_));
  if (!row) return std::nullopt;
  if (select_->is_null(0)) {
    return error(
        Code::kCorrupt,
        "{}: a row has no document in column {}, so nothing can be reduced into it; remove "
        "the row, or raise the binding's `backfill`",
        what_, quoted(shape_.columns.back().name));
  }
  return select_->text(0);
}

void Table::end_loads() {
  if (select_) select_->reset();
}

Status Table::store(const StoreRow& row) {
  binder_.release();
  if (row.deleted && options_.hard_delete && !shape_.delta_updates) return remove(row.key_packed);
  if (options_.count_changes && !shape_.delta_updates) return put_counted(row);
  if (counts_.inserted) ++*counts_.inserted;  // delta updates only append
  return put(row);
}

Status Table::put(const StoreRow& row) {
  if (!put_) WEIR_RETURN_IF_ERROR(ready(put_, upsert_sql()));
  WEIR_RETURN_IF_ERROR(bind_row(*put_, row));
  return put_->run(what_);
}

Status Table::put_counted(const StoreRow& row) {
  if (!exists_) {
    WEIR_RETURN_IF_ERROR(ready(
        exists_, fmt::format("SELECT 1 FROM {} WHERE {}", quoted(shape_.table), where_key())));
    WEIR_RETURN_IF_ERROR(ready(insert_, insert_sql()));
    WEIR_RETURN_IF_ERROR(ready(update_, update_changed_sql()));
  }
  WEIR_RETURN_IF_ERROR(bind_key(*exists_, row.key_packed));
  WEIR_TRY(const bool exists, exists_->step(what_));
  exists_->reset();
  Statement& write = exists ? *update_ : *insert_;
  WEIR_RETURN_IF_ERROR(bind_row(write, row));
  WEIR_RETURN_IF_ERROR(write.run(what_));
  if (!exists) {
    ++*counts_.inserted;
  } else if (database_.changes() > 0) {
    ++*counts_.updated;
  } else {
    ++*counts_.unchanged;
  }
  return {};
}

Status Table::remove(std::string_view key_packed) {
  if (!delete_) {
    WEIR_RETURN_IF_ERROR(
        ready(delete_, fmt::format("DELETE FROM {} WHERE {}", quoted(shape_.table), where_key())));
  }
  WEIR_RETURN_IF_ERROR(bind_key(*delete_, key_packed));
  WEIR_RETURN_IF_ERROR(delete_->run(what_));
  if (counts_.deleted) *counts_.deleted += static_cast<std::uint64_t>(database_.changes());
  return {};
}

}  // namespace weir::sqlite
