// One binding's rows: the prepared statements that load, upsert, append and delete, and the counts
// of what changed. Statements are made when first needed and live as long as the session. Nothing
// here begins or ends a transaction.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "connector/destination.h"
#include "connectors/sqlite/database.h"
#include "connectors/sqlite/shape.h"
#include "connectors/sqlite/values.h"

namespace weir::sqlite {

struct TableOptions {
  bool hard_delete = false;
  bool count_changes = false;
};

class Table {
 public:
  // `database` must outlive this.
  Table(Database& database, TableShape shape, TableOptions options);

  // The document of a key, valid until the next call; nullopt if there is no such row.
  Result<std::optional<std::string_view>> load(std::string_view key_packed);
  // Lets go of the last answer, so that the reading transaction can end.
  void end_loads();
  // One row of the transaction. Whether it exists is looked up where that matters, whatever the
  // runtime believes: a row that somebody removed or added by hand is put right.
  Status store(const connector::StoreRow& row);

  void begin_transaction();
  // Of rows in the table: a soft deletion is an update (or an insert). All nullopt unless they were
  // asked for.
  connector::Counts counts() const { return counts_; }

 private:
  std::span<const Column> keys() const { return {shape_.columns.data(), key_count_}; }
  Status bind_key(Statement& statement, std::string_view key_packed);
  Status bind_row(Statement& statement, const connector::StoreRow& row);
  Status put(const connector::StoreRow& row);
  Status put_counted(const connector::StoreRow& row);
  Status remove(std::string_view key_packed);
  // Makes the statement if it was not made yet.
  Status ready(std::optional<Statement>& statement, const std::string& sql);

  std::string where_key() const;
  std::string insert_sql() const;
  std::string upsert_sql() const;
  std::string update_changed_sql() const;

  Database& database_;
  const TableShape shape_;
  const TableOptions options_;
  const std::string what_;  // starts messages: the table, quoted
  std::size_t key_count_ = 0;
  std::size_t value_count_ = 0;
  bool with_document_ = false;
  TupleBinder binder_;
  connector::Counts counts_;
  std::optional<Statement> select_, put_, exists_, insert_, update_, delete_;
};

}  // namespace weir::sqlite
