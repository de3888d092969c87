#include "connectors/sqlite/bookkeeping.h"

#include "base/planted.h"
#include "base/text.h"

namespace weir::sqlite {

using connector::Claimed;
using connector::Owner;

namespace {

// weir does not split key ranges: its row is the whole.
#define WEIR_SQLITE_WHOLE " AND key_begin = 0 AND key_end = 4294967295"

constexpr const char* kCreateTables =
    "CREATE TABLE IF NOT EXISTS flow_checkpoints_v1 ("
    " materialization TEXT NOT NULL, key_begin BIGINT NOT NULL, key_end BIGINT NOT NULL,"
    " fence BIGINT NOT NULL, checkpoint TEXT NOT NULL,"
    " PRIMARY KEY (materialization, key_begin, key_end));"
    "CREATE TABLE IF NOT EXISTS weir_owners ("
    " materialization TEXT NOT NULL, key_begin INTEGER NOT NULL, key_end INTEGER NOT NULL,"
    " fence INTEGER NOT NULL, task TEXT NOT NULL, host TEXT NOT NULL, boot_id TEXT NOT NULL,"
    " pid INTEGER NOT NULL, pid_started INTEGER NOT NULL, state_id TEXT NOT NULL,"
    " since TEXT NOT NULL, closed TEXT,"
    " PRIMARY KEY (materialization, key_begin, key_end));"
    "CREATE TABLE IF NOT EXISTS weir_tables ("
    " schema_name TEXT NOT NULL COLLATE NOCASE, table_name TEXT NOT NULL COLLATE NOCASE,"
    " materialization TEXT NOT NULL, state_key TEXT NOT NULL, backfill INTEGER NOT NULL,"
    " spec_digest TEXT NOT NULL, columns TEXT NOT NULL,"
    " PRIMARY KEY (schema_name, table_name));";

// The published connectors' mark for "explicitly empty", in base64: one unknown field, which
// decodes to no source.
constexpr std::string_view kEmptyCheckpoint = "+P///w8B";

constexpr std::string_view kSchema = "main";  // SQLite's name for the file itself

}  // namespace

Status Bookkeeping::create_tables() {
  return database_.execute(kCreateTables);
}

bool Bookkeeping::exists() {
  auto found = database_.query_text(
      "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'weir_tables'");
  return found && *found == "1";
}

Result<Claimed> Bookkeeping::read_claim() {
  WEIR_TRY(Statement split, database_.prepare("SELECT 1 FROM flow_checkpoints_v1"
                                              " WHERE materialization = ?1 AND NOT"
                                              " (key_begin = 0 AND key_end = 4294967295)"));
  split.bind(1, std::string_view(materialization_));
  WEIR_TRY(const bool is_split, split.step("reading flow_checkpoints_v1"));
  if (is_split) {
    return error(Code::kInvalid,
                 "flow_checkpoints_v1 holds parts of the key range of materialization {}; which of "
                 "them is newest cannot be told. Join them into one row of the whole range first",
                 materialization_);
  }
  WEIR_TRY(Statement select,
           database_.prepare("SELECT o.task, o.host, o.boot_id, o.pid, o.pid_started, o.state_id,"
                             " o.since, o.closed FROM flow_checkpoints_v1 c LEFT JOIN weir_owners o"
                             " USING (materialization, key_begin, key_end, fence)"
                             " WHERE materialization = ?1" WEIR_SQLITE_WHOLE));
  select.bind(1, std::string_view(materialization_));
  WEIR_TRY(const bool row, select.step("reading the owner"));
  Claimed claimed{.fenced = row, .owner = {}, .closed = false};
  if (!row || select.is_null(0)) return claimed;
  claimed.owner = Owner{.task = std::string(select.text(0)),
                        .host = std::string(select.text(1)),
                        .boot_id = std::string(select.text(2)),
                        .pid = select.integer(3),
                        .pid_started = select.integer(4),
                        .state_id = std::string(select.text(5)),
                        .since = std::string(select.text(6))};
  claimed.closed = !select.is_null(7);
  return claimed;
}

Result<std::int64_t> Bookkeeping::raise_fence(const Owner& owner) {
  WEIR_TRY(Statement raise,
           database_.prepare("INSERT INTO flow_checkpoints_v1"
                             " (materialization, key_begin, key_end, fence, checkpoint)"
                             " VALUES (?1, 0, 4294967295, 1, ?2)"
                             " ON CONFLICT DO UPDATE SET fence = fence + 1 RETURNING fence"));
  raise.bind(1, std::string_view(materialization_));
  raise.bind(2, kEmptyCheckpoint);
  WEIR_TRY(const bool row, raise.step("raising the fence"));
  if (!row) return error(Code::kCorrupt, "flow_checkpoints_v1 did not take the fence");
  const std::int64_t fence = raise.integer(0);
  WEIR_RETURN_IF_ERROR(raise.run("raising the fence"));

  WEIR_TRY(Statement write,
           database_.prepare("INSERT OR REPLACE INTO weir_owners"
                             " (materialization, key_begin, key_end, fence, task, host, boot_id,"
                             " pid, pid_started, state_id, since, closed) VALUES"
                             " (?1, 0, 4294967295, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL)"));
  write.bind(1, std::string_view(materialization_));
  write.bind(2, fence);
  write.bind(3, std::string_view(owner.task));
  write.bind(4, std::string_view(owner.host));
  write.bind(5, std::string_view(owner.boot_id));
  write.bind(6, owner.pid);
  write.bind(7, owner.pid_started);
  write.bind(8, std::string_view(owner.state_id));
  write.bind(9, std::string_view(owner.since));
  WEIR_RETURN_IF_ERROR(write.run("writing the owner"));
  return fence;
}

Result<protocol::Checkpoint> Bookkeeping::read_checkpoint() {
  WEIR_TRY(Statement select, database_.prepare("SELECT checkpoint FROM flow_checkpoints_v1"
                                               " WHERE materialization = ?1" WEIR_SQLITE_WHOLE));
  select.bind(1, std::string_view(materialization_));
  WEIR_TRY(const bool row, select.step("reading the checkpoint"));
  if (!row) return protocol::Checkpoint{};
  const auto bytes = from_base64(select.text(0));
  if (!bytes) {
    return error(Code::kCorrupt, "flow_checkpoints_v1: the checkpoint of {} is no base64",
                 materialization_);
  }
  return protocol::decode_checkpoint(*bytes);
}

Status Bookkeeping::check_fence(std::int64_t fence) {
  WEIR_TRY(Statement select, database_.prepare("SELECT fence FROM flow_checkpoints_v1"
                                               " WHERE materialization = ?1" WEIR_SQLITE_WHOLE));
  select.bind(1, std::string_view(materialization_));
  WEIR_TRY(const bool row, select.step("reading the fence"));
  if (row && (select.integer(0) == fence || planted(Bug::kFence))) return {};
  WEIR_TRY(const Claimed now, read_claim());
  return tl::unexpected<Error>(connector::fenced_off(materialization_, now.owner));
}

Status Bookkeeping::write_checkpoint(std::int64_t fence, const protocol::Checkpoint& checkpoint) {
  WEIR_TRY(Statement update,
           database_.prepare("UPDATE flow_checkpoints_v1 SET checkpoint = ?1 WHERE fence = ?2"
                             " AND materialization = ?3" WEIR_SQLITE_WHOLE));
  const std::string text = base64(protocol::encode(checkpoint));
  update.bind(1, std::string_view(text));
  update.bind(2, fence);
  update.bind(3, std::string_view(materialization_));
  WEIR_RETURN_IF_ERROR(update.run("writing the checkpoint"));
  return database_.changes() == 1 ? Status{} : check_fence(fence);
}

Status Bookkeeping::mark_closed(std::int64_t fence, std::string_view when) {
  WEIR_TRY(Statement update, database_.prepare("UPDATE weir_owners SET closed = ?1 WHERE fence = ?2"
                                               " AND materialization = ?3" WEIR_SQLITE_WHOLE));
  update.bind(1, when);
  update.bind(2, fence);
  update.bind(3, std::string_view(materialization_));
  return update.run("marking the owner as closed");
}

Status Bookkeeping::drop_marks() {
  for (const std::string_view sql : {"DELETE FROM weir_owners WHERE materialization = ?1",
                                     "DELETE FROM weir_tables WHERE materialization = ?1"}) {
    WEIR_TRY(Statement remove, database_.prepare(sql));
    remove.bind(1, std::string_view(materialization_));
    WEIR_RETURN_IF_ERROR(remove.run("giving up ownership"));
  }
  return {};
}

Result<std::optional<TableRecord>> Bookkeeping::read_table(std::string_view table) {
  WEIR_TRY(
      Statement select,
      database_.prepare("SELECT table_name, materialization, state_key, backfill, spec_digest,"
                        " columns FROM weir_tables WHERE schema_name = ?1 AND table_name = ?2"));
  select.bind(1, kSchema);
  select.bind(2, table);
  WEIR_TRY(const bool row, select.step("reading weir_tables"));
  if (!row) return std::nullopt;
  TableRecord record{.table = std::string(select.text(0)),
                     .materialization = std::string(select.text(1)),
                     .state_key = std::string(select.text(2)),
                     .backfill = static_cast<std::uint32_t>(select.integer(3)),
                     .spec_digest = std::string(select.text(4)),
                     .columns = {}};
  WEIR_TRY(record.columns, columns_from_json(select.text(5)));
  return record;
}

Status Bookkeeping::write_table(const TableRecord& record) {
  WEIR_TRY(Statement write, database_.prepare("INSERT OR REPLACE INTO weir_tables (schema_name,"
                                              " table_name, materialization, state_key, backfill,"
                                              " spec_digest, columns) VALUES"
                                              " (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  const std::string columns = columns_to_json(record.columns);
  write.bind(1, kSchema);
  write.bind(2, std::string_view(record.table));
  write.bind(3, std::string_view(record.materialization));
  write.bind(4, std::string_view(record.state_key));
  write.bind(5, static_cast<std::int64_t>(record.backfill));
  write.bind(6, std::string_view(record.spec_digest));
  write.bind(7, std::string_view(columns));
  return write.run("writing weir_tables");
}

Result<bool> Bookkeeping::owns_tables() {
  WEIR_TRY(Statement select,
           database_.prepare("SELECT 1 FROM weir_tables WHERE materialization = ?1"));
  select.bind(1, std::string_view(materialization_));
  return select.step("reading weir_tables");
}

}  // namespace weir::sqlite
