// How a table gets from what stands there to what a binding asks for. The order of the questions
// matters: whose table is it, is it to start anew, is it there at all, and only then column by
// column.
#include "connectors/sqlite/shape.h"

#include <algorithm>

#include "base/digest.h"
#include "base/fault.h"
#include "base/text.h"
#include "connectors/sqlite/names.h"
#include "connectors/sqlite/rebuild.h"

namespace weir::sqlite {

namespace {

std::string key_list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + quoted(name);
  return out;
}

std::string digest_of(const ShapeRequest& request, const std::vector<Column>& columns) {
  return hex_lower(sha256(fmt::format("{}\n{}\n{}", request.binding.state_key,
                                      request.binding.delta_updates ? "delta" : "keyed",
                                      columns_to_json(columns))));
}

class Shaper {
 public:
  Shaper(Database& database, Bookkeeping& bookkeeping, const ShapeRequest& request)
      : database_(database), bookkeeping_(bookkeeping), request_(request) {}

  Result<ShapedTable> run();

 private:
  Status check_record(const TableRecord& record) const;
  Status create();
  Status adapt(const ActualTable& actual);
  Status check_key(const ActualTable& actual) const;
  Status fit(Column& column, const ActualTable& actual, RebuildPlan& rebuild);
  void add_former(const ActualTable& actual);
  Result<bool> empty_table() const;
  Status remember();
  void done(std::string action) {
    out_.actions += (out_.actions.empty() ? "" : "; ") + std::move(action);
  }
  // Why the table cannot stay, and the way out: a new counter, or, of a table that was never ours,
  // another name.
  tl::unexpected<Error> stuck(std::string why) const;

  Database& database_;
  Bookkeeping& bookkeeping_;
  const ShapeRequest& request_;
  std::optional<TableRecord> record_;  // of this materialization
  std::vector<Column> known_;          // columns as recorded by whichever materialization
  std::vector<Column> former_;         // stand there and are not written
  ShapedTable out_;
};

tl::unexpected<Error> Shaper::stuck(std::string why) const {
  if (!record_) {
    return error(Code::kInvalid,
                 "table {}: {}. It was not made by this task: drop or rename it, "
                 "or write another `table`",
                 quoted(request_.table), why);
  }
  return error(Code::kInvalid, "table {}: {}. To fill it anew, write `backfill: {}` in its binding",
               quoted(request_.table), why, request_.binding.backfill + 1);
}

Result<ShapedTable> Shaper::run() {
  out_.shape.table = request_.table;
  out_.shape.delta_updates = request_.binding.delta_updates;
  WEIR_TRY(out_.shape.columns, columns_of(request_.binding));
  WEIR_TRY(record_, bookkeeping_.read_table(request_.table));
  if (record_) known_ = record_->columns;
  WEIR_TRY(const auto actual, read_actual(database_, request_.table));
  if (actual && actual->view) {
    return error(Code::kInvalid,
                 "{} is a view or a virtual table, which cannot be written; choose "
                 "another `table`",
                 quoted(request_.table));
  }
  if (record_ && record_->materialization != request_.materialization) {
    if (!request_.take_over) {
      return error(Code::kRefused,
                   "table {} belongs to materialization {}; choose another `table`, "
                   "or take it over with --take-over",
                   quoted(request_.table), record_->materialization);
    }
    done(fmt::format("took table {} over from materialization {}", quoted(request_.table),
                     record_->materialization));
    record_.reset();
  } else if (!record_ && actual) {
    if (!request_.take_over) {
      return error(Code::kRefused,
                   "table {} exists and was not made by weir; choose another "
                   "`table`, or take it over with --take-over",
                   quoted(request_.table));
    }
    done(fmt::format("took table {} over", quoted(request_.table)));
  }
  if (record_) WEIR_RETURN_IF_ERROR(check_record(*record_));
  const bool replace = record_ && request_.binding.backfill > record_->backfill;
  if (replace) {
    if (actual) WEIR_RETURN_IF_ERROR(database_.execute("DROP TABLE " + quoted(actual->name)));
    fault_point("sqlite.open.dropped");
    WEIR_RETURN_IF_ERROR(create());
    out_.opened.replaced = true;
  } else if (!actual) {
    if (record_) return stuck("it is gone, although this task filled it");
    WEIR_RETURN_IF_ERROR(create());
    out_.opened.created = true;
  } else {
    WEIR_RETURN_IF_ERROR(adapt(*actual));
  }
  WEIR_RETURN_IF_ERROR(remember());
  return std::move(out_);
}

Status Shaper::check_record(const TableRecord& record) const {
  const protocol::Binding& binding = request_.binding;
  if (binding.backfill < record.backfill) {
    return error(Code::kInvalid,
                 "table {}: `backfill: {}` is lower than the {} that was applied; "
                 "write `backfill: {}`, or {} to fill it anew",
                 quoted(request_.table), binding.backfill, record.backfill, record.backfill,
                 record.backfill + 1);
  }
  if (binding.backfill == record.backfill && binding.state_key != record.state_key) {
    return stuck(
        fmt::format("it was filled under the name {}, and its position goes by that name; "
                    "write the name so",
                    quoted(record.table)));
  }
  return {};
}

Status Shaper::create() {
  std::string sql = "CREATE TABLE " + quoted(request_.table) + " (";
  std::vector<std::string> keys;
  for (const Column& column : out_.shape.columns) {
    const bool key = column.role == ColumnRole::kKey && !out_.shape.delta_updates;
    if (key) keys.push_back(column.name);
    sql += fmt::format("{} {}{}, ", quoted(column.name), declared_type(column.kind),
                       key ? " NOT NULL" : "");
  }
  sql += "PRIMARY KEY (" + key_list(keys) + "))";
  if (keys.empty()) sql.replace(sql.rfind(", PRIMARY KEY"), std::string::npos, ")");
  WEIR_RETURN_IF_ERROR(database_.execute(sql));
  const bool again = record_.has_value();
  done(fmt::format("{} table {}", again ? "dropped and created" : "created",
                   quoted(request_.table)));
  return {};
}

Status Shaper::check_key(const ActualTable& actual) const {
  std::vector<std::string> wanted;
  if (!request_.binding.delta_updates) wanted = request_.binding.field_selection.keys;
  const std::vector<std::string> stands = actual.key();
  if (std::equal(wanted.begin(), wanted.end(), stands.begin(), stands.end(), same_name)) return {};
  const auto name = [](const std::vector<std::string>& keys) {
    return keys.empty() ? std::string("none") : "(" + key_list(keys) + ")";
  };
  return stuck(fmt::format("its primary key is {} and should be {}", name(stands), name(wanted)));
}

Result<bool> Shaper::empty_table() const {
  WEIR_TRY(const std::string row,
           database_.query_text("SELECT 1 FROM " + quoted(request_.table) + " LIMIT 1"));
  return row.empty();
}

// One selected column: add it, take it as it is, or plan its conversion.
Status Shaper::fit(Column& column, const ActualTable& actual, RebuildPlan& rebuild) {
  const auto stands =
      std::find_if(actual.columns.begin(), actual.columns.end(),
                   [&](const ActualColumn& a) { return same_name(a.name, column.name); });
  if (stands == actual.columns.end()) {
    if (column.role == ColumnRole::kDocument && !request_.binding.delta_updates) {
      WEIR_TRY(const bool empty, empty_table());
      if (!empty) {
        return stuck(
            fmt::format("it has no column {} with the documents of its rows", quoted(column.name)));
      }
    }
    WEIR_RETURN_IF_ERROR(
        database_.execute(fmt::format("ALTER TABLE {} ADD COLUMN {} {}", quoted(actual.name),
                                      quoted(column.name), declared_type(column.kind))));
    done(fmt::format("added column {} {} to {}", quoted(column.name), declared_type(column.kind),
                     quoted(request_.table)));
    fault_point("sqlite.open.column_added");
    return {};
  }
  const Column* recorded = find_column(known_, column.name);
  const auto stored = kind_of_actual(*stands, recorded, column.kind);
  const auto target = stored ? join(*stored, column.kind) : std::nullopt;
  if (!target || stands->generated) {
    return stuck(fmt::format("column {} is {}, which cannot become {}", quoted(column.name),
                             stands->generated ? "generated"
                             : stored          ? std::string(name_of(*stored))
                                               : stands->type,
                             name_of(column.kind)));
  }
  const bool was_document = recorded != nullptr && recorded->role == ColumnRole::kDocument;
  if (recorded != nullptr && was_document != (column.role == ColumnRole::kDocument) &&
      !request_.binding.delta_updates) {
    return stuck(fmt::format("column {} {} the document of its rows", quoted(column.name),
                             was_document ? "was" : "was not"));
  }
  if (*target != *stored) {
    rebuild.convert(stands->name, *stored, *target);
    done(fmt::format("rebuilt {} to turn column {} from {} into {}", quoted(request_.table),
                     quoted(column.name), name_of(*stored), name_of(*target)));
  }
  if (stands->not_null && stands->key_position == 0) {
    rebuild.drop_not_null(stands->name);
    done(fmt::format("rebuilt {} to drop NOT NULL of column {}", quoted(request_.table),
                     quoted(column.name)));
  }
  column.name = stands->name;
  column.kind = *target;
  return {};
}

// Columns that stand there and are not selected: they keep what they hold.
void Shaper::add_former(const ActualTable& actual) {
  for (const ActualColumn& stands : actual.columns) {
    if (find_column(out_.shape.columns, stands.name) != nullptr) continue;
    const Column* recorded = find_column(known_, stands.name);
    if (recorded == nullptr) continue;  // not weir's
    Column former = *recorded;
    former.role = ColumnRole::kFormer;
    former_.push_back(std::move(former));
  }
}

Status Shaper::adapt(const ActualTable& actual) {
  WEIR_RETURN_IF_ERROR(check_key(actual));
  RebuildPlan rebuild(actual);
  for (Column& column : out_.shape.columns) WEIR_RETURN_IF_ERROR(fit(column, actual, rebuild));
  for (const ActualColumn& stands : actual.columns) {
    const bool written = find_column(out_.shape.columns, stands.name) != nullptr;
    if (written || !stands.not_null || !stands.default_sql.empty() || stands.generated) continue;
    rebuild.drop_not_null(stands.name);
    done(fmt::format("rebuilt {} to drop NOT NULL of column {}", quoted(request_.table),
                     quoted(stands.name)));
  }
  add_former(actual);
  if (rebuild.empty()) return {};
  if (const auto status = rebuild.run(database_); !status) {
    if (status.error().code != Code::kInvalid) return status;
    return stuck(status.error().message);
  }
  return {};
}

Status Shaper::remember() {
  TableRecord record{.table = request_.table,
                     .materialization = request_.materialization,
                     .state_key = request_.binding.state_key,
                     .backfill = request_.binding.backfill,
                     .spec_digest = digest_of(request_, out_.shape.columns),
                     .columns = out_.shape.columns};
  record.columns.insert(record.columns.end(), former_.begin(), former_.end());
  if (record_ && *record_ == record) return {};
  return bookkeeping_.write_table(record);
}

}  // namespace

std::vector<std::string> ActualTable::key() const {
  std::vector<const ActualColumn*> parts;
  for (const ActualColumn& column : columns) {
    if (column.key_position > 0) parts.push_back(&column);
  }
  std::sort(parts.begin(), parts.end(), [](const ActualColumn* a, const ActualColumn* b) {
    return a->key_position < b->key_position;
  });
  std::vector<std::string> names;
  for (const ActualColumn* part : parts) names.push_back(part->name);
  return names;
}

Result<std::optional<ActualTable>> read_actual(Database& database, std::string_view table) {
  WEIR_TRY(Statement find,
           database.prepare("SELECT name, type, coalesce(sql, '') FROM sqlite_schema"
                            " WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE"));
  find.bind(1, table);
  WEIR_TRY(const bool found, find.step("reading the schema"));
  if (!found) return std::nullopt;
  ActualTable actual{.name = std::string(find.text(0)),
                     .sql = std::string(find.text(2)),
                     .view = find.text(1) == "view",
                     .columns = {}};
  actual.view = actual.view || folded(actual.sql).starts_with("create virtual");
  WEIR_TRY(Statement list,
           database.prepare("SELECT name, type, \"notnull\", coalesce(dflt_value, ''), pk, hidden"
                            " FROM pragma_table_xinfo(?1)"));
  list.bind(1, std::string_view(actual.name));
  for (;;) {
    WEIR_TRY(const bool row, list.step("reading the columns"));
    if (!row) return actual;
    actual.columns.push_back({.name = std::string(list.text(0)),
                              .type = std::string(list.text(1)),
                              .not_null = list.integer(2) != 0,
                              .default_sql = std::string(list.text(3)),
                              .key_position = static_cast<int>(list.integer(4)),
                              .generated = list.integer(5) >= 2});
  }
}

std::optional<ColumnKind> kind_of_actual(const ActualColumn& actual, const Column* recorded,
                                         ColumnKind wanted) {
  return kind_of_declared(actual.type, recorded != nullptr ? recorded->kind : wanted);
}

Result<ShapedTable> shape_table(Database& database, Bookkeeping& bookkeeping,
                                const ShapeRequest& request) {
  return Shaper(database, bookkeeping, request).run();
}

}  // namespace weir::sqlite
