// The three tables that stand beside the user's, in the same file, and every statement on them:
//
//   flow_checkpoints_v1  materialization, key range, fence, checkpoint (base64 of a
//   consumer.Checkpoint). Columns and
//                        content are those of the published SQL connectors, so a file can go there
//                        and come back.
//   weir_owners          who raised the fence to the number it has. A checkpoint row is weir's only
//   if weir_owners has
//                        the row's fence.
//   weir_tables          which materialization filled a table, under which state key, with which
//   columns.
//
// Every call belongs inside a transaction of the caller; nothing here begins or commits one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connector/owner.h"
#include "connectors/sqlite/columns.h"
#include "connectors/sqlite/database.h"
#include "protocol/checkpoint.h"

namespace weir::sqlite {

// A row of weir_tables.
struct TableRecord {
  std::string table;
  std::string materialization;
  std::string state_key;
  std::uint32_t backfill = 0;
  std::string spec_digest;  // of what was applied, hex
  std::vector<Column> columns;
  friend bool operator==(const TableRecord&, const TableRecord&) = default;
};

class Bookkeeping {
 public:
  // `database` must outlive this.
  Bookkeeping(Database& database, std::string materialization)
      : database_(database), materialization_(std::move(materialization)) {}

  Status create_tables();  // those that are missing
  bool exists();  // false: none of this was ever made (may be asked of a file opened to read)

  Result<connector::Claimed> read_claim();
  // Adds 1 to the fence, making the row if there is none, and writes the owner. Returns the new
  // fence.
  Result<std::int64_t> raise_fence(const connector::Owner& owner);
  Result<protocol::Checkpoint> read_checkpoint();
  // kRefused, naming who raised it, unless the fence is still `fence`.
  Status check_fence(std::int64_t fence);
  Status write_checkpoint(std::int64_t fence, const protocol::Checkpoint& checkpoint);
  Status mark_closed(std::int64_t fence, std::string_view when);
  Status drop_marks();  // of this materialization: its owner and its tables' records

  Result<std::optional<TableRecord>> read_table(std::string_view table);
  Status write_table(const TableRecord& record);
  Result<bool> owns_tables();

 private:
  Database& database_;
  const std::string materialization_;
};

}  // namespace weir::sqlite
