// Packed tuples into column values, exactly or not at all: a value that its column cannot hold is
// kInvalid ("stuck"), never rounded and never turned into another type behind the user's back.
// Messages name the column, never the value.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "connectors/sqlite/columns.h"
#include "connectors/sqlite/database.h"

struct sqlite3;

namespace weir::sqlite {

enum class Nulls { kAllow, kRefuse };  // refuse: columns of a primary key

// Binds the elements of `packed` to `columns`, from `first_parameter` on. The statement then points
// into `packed` and into `scratch`, which is cleared first. kCorrupt if the tuple has more or fewer
// elements than there are columns.
class TupleBinder {
 public:
  explicit TupleBinder(std::string table) : table_(std::move(table)) {}
  Status bind(Statement& statement, int first_parameter, std::string_view packed,
              std::span<const Column> columns, Nulls nulls);
  // The statement was run; texts made for it may go.
  void release() { scratch_.clear(); }

 private:
  std::string table_;
  std::deque<std::string> scratch_;
};

// Defines the SQL function weir_convert(value, from, to), which turns a value of one kind of column
// into another for the rebuilding of tables; kinds by name. It fails where the value cannot be held
// exactly.
Status define_convert(sqlite3* connection);

}  // namespace weir::sqlite
