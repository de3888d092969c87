// Brings tables into the shape that a binding asks for, inside the transaction that raises the
// fence: creates, adds columns, widens, rebuilds, drops and creates anew. What cannot be done
// without losing or rounding what is there is kInvalid and names the `backfill:` line that would
// fill the table anew.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "connector/destination.h"
#include "connectors/sqlite/bookkeeping.h"
#include "connectors/sqlite/columns.h"
#include "connectors/sqlite/database.h"

namespace weir::sqlite {

// What stands in the file under a table's name.
struct ActualColumn {
  std::string name;
  std::string type;  // as declared
  bool not_null = false;
  std::string default_sql;  // empty: none
  int key_position = 0;     // 1, 2, … within the primary key; 0: no part of it
  bool generated = false;
};
struct ActualTable {
  std::string name;  // as it was created
  std::string sql;
  bool view = false;  // a view, or a virtual table: not ours to write
  std::vector<ActualColumn> columns;
  std::vector<std::string> key() const;  // names of the primary key's columns, in its order
};
Result<std::optional<ActualTable>> read_actual(Database& database, std::string_view table);

// What rows are written as. The kinds are those of the columns as they stand, which can be wider
// than asked for.
struct TableShape {
  std::string table;
  bool delta_updates = false;   // no primary key: rows are appended
  std::vector<Column> columns;  // of a row: keys, values, document
};

struct ShapedTable {
  TableShape shape;
  connector::OpenedBinding opened;
  std::string actions;  // what was done, for the log; empty: nothing
};

struct ShapeRequest {
  const std::string& materialization;
  const protocol::Binding& binding;
  std::string table;
  bool take_over = false;
};
// kRefused: the table is another materialization's, or stands there without a record of weir.
// kInvalid: see above, and a backfill counter lower than the applied one. The caller rolls back
// after any error.
Result<ShapedTable> shape_table(Database& database, Bookkeeping& bookkeeping,
                                const ShapeRequest& request);

// The kind of a column that stands there: what was recorded when weir made it, else by its declared
// type.
std::optional<ColumnKind> kind_of_actual(const ActualColumn& actual, const Column* recorded,
                                         ColumnKind wanted);

}  // namespace weir::sqlite
