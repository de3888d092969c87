// SQLite cannot change a column in place: the table is made anew beside the old one, its rows
// copied, the old one dropped and the new one renamed, all inside the caller's transaction.
// Indexes, triggers and views of the table stay.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/result.h"
#include "connectors/sqlite/columns.h"
#include "connectors/sqlite/database.h"

namespace weir::sqlite {

struct ActualTable;

class RebuildPlan {
 public:
  // `actual` must outlive the plan; columns added since it was read are picked up by run().
  explicit RebuildPlan(const ActualTable& actual) : actual_(actual) {}
  void convert(const std::string& column, ColumnKind from, ColumnKind to) {
    conversions_[column] = {from, to};
  }
  void drop_not_null(const std::string& column) { nullable_.insert(column); }
  bool empty() const { return conversions_.empty() && nullable_.empty(); }
  // kInvalid: a stored value cannot be held exactly by the new column, or the table has something
  // that a copy would lose (generated columns, foreign keys, checks, collations, other unique
  // constraints).
  Status run(Database& database) const;

 private:
  struct Conversion {
    ColumnKind from, to;
  };
  Status check_nothing_is_lost(Database& database, const ActualTable& table) const;

  const ActualTable& actual_;
  std::map<std::string, Conversion> conversions_;  // by the column's name as it stands there
  std::set<std::string> nullable_;
};

}  // namespace weir::sqlite
