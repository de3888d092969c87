// A session. Its life: open() does all that raises the fence in one transaction; then each
// transaction of the runtime is one write transaction of the file, begun at the first row and
// committed with the checkpoint. The write lock is held from the first row to the commit, so the
// fence, once checked in there, cannot change before it.
#include "connectors/sqlite/destination.h"

#include <sqlite3.h>

#include <mutex>
#include <set>

#include "base/fault.h"
#include "base/log.h"
#include "connectors/sqlite/bookkeeping.h"
#include "connectors/sqlite/config.h"
#include "connectors/sqlite/constraints.h"
#include "connectors/sqlite/database.h"
#include "connectors/sqlite/load_queue.h"
#include "connectors/sqlite/names.h"
#include "connectors/sqlite/shape.h"
#include "connectors/sqlite/table.h"
#include "connectors/sqlite/values.h"
#include "connectors/sqlite/wal.h"

namespace weir::sqlite {

using connector::Counts;
using connector::LoadedSink;
using connector::LoadKey;
using connector::Opened;
using connector::OpenRequest;
using connector::StateUpdate;
using connector::StoreRow;

namespace {

// Of files that are created here: half as many system calls for a backfill as SQLite's own 4096,
// and an update of one row still writes little.
constexpr int kPageBytes = 8192;
// How long the closing of a failed session waits for the write lock.
constexpr std::chrono::milliseconds kCloseWait{1000};
// Asking what can be done holds up all that a process runs.
constexpr std::chrono::milliseconds kValidateLockWait{1000};

class SqliteDestination : public connector::Destination {
 public:
  SqliteDestination(const Clock& clock, Options options)
      : clock_(clock), options_(options), wait_(clock, options.lock_wait) {}
  ~SqliteDestination() override { forget(); }

  Result<std::vector<protocol::ValidatedBinding>> validate(
      const std::string& config_json, std::span<const protocol::ValidateBinding> bindings) override;
  Result<Opened> open(const OpenRequest& request) override;
  bool can_upsert() const override { return true; }
  Result<std::optional<StateUpdate>> acknowledge() override;
  Status load(std::span<const LoadKey> keys) override;
  Result<std::optional<StateUpdate>> flush(const LoadedSink& loaded) override;
  Status store(std::span<const StoreRow> rows) override;
  Result<std::vector<Counts>> finish_store() override;
  Result<std::optional<StateUpdate>> start_commit(const protocol::Checkpoint& checkpoint) override;
  Status release_ownership() override;
  Status close() override;
  void interrupt() override;

 private:
  // Runs one call: refuses it when the session is spent, and makes it spent when the call fails.
  template <typename Body>
  auto guarded(Body&& body) -> decltype(body());
  Status usable() const;
  Error spend(Error error);

  Status connect(const std::string& path);
  Result<Opened> open_in_transaction(const OpenRequest& request);
  Status check_position(const Opened& opened) const;
  Status enter_wal_mode();
  Status take_write_lock();
  Status begin_transaction();
  Status answer_loads(const LoadedSink& loaded);
  Status commit(const protocol::Checkpoint& checkpoint);
  Status mark_closed();
  void forget();

  const Clock& clock_;
  const Options options_;
  LockWait wait_;
  std::mutex database_mutex_;  // interrupt() against the closing of the file
  std::unique_ptr<Database> database_;
  std::unique_ptr<Bookkeeping> bookkeeping_;
  std::unique_ptr<WalKeeper> wal_;
  std::vector<Table> tables_;
  LoadQueue loads_;
  std::string path_;
  std::string materialization_;
  bool hard_delete_ = false;
  std::int64_t fence_ = 0;
  bool opened_ = false;         // open() succeeded and the session was not ended
  bool owner_written_ = false;  // this session's owner stands in the file
  std::optional<Error> spent_;
};

Status SqliteDestination::usable() const {
  if (spent_) return tl::unexpected<Error>(*spent_);
  if (wait_.interrupted()) return error(Code::kCancelled, "the session was interrupted");
  return {};
}

Error SqliteDestination::spend(Error error) {
  if (database_) database_->rollback();
  // A wait that was given up looks like a lock that was not free.
  if (wait_.interrupted() && error.code == Code::kUnavailable) error.code = Code::kCancelled;
  if (!spent_) spent_ = error;
  return error;
}

template <typename Body>
auto SqliteDestination::guarded(Body&& body) -> decltype(body()) {
  if (auto status = usable(); !status) {
    return tl::unexpected<Error>(spend(std::move(status).error()));
  }
  auto result = body();
  if (!result) return tl::unexpected<Error>(spend(std::move(result).error()));
  return result;
}

// ---- validate -----------------------------------------------------------------------------------

Result<std::vector<protocol::ValidatedBinding>> SqliteDestination::validate(
    const std::string& config_json, std::span<const protocol::ValidateBinding> bindings) {
  WEIR_TRY(const EndpointConfig config, parse_endpoint(config_json));
  auto database = Database::open(config.path, OpenMode::kReadOnly);
  if (!database && database.error().code != Code::kNotFound) {
    return tl::unexpected<Error>(std::move(database).error());
  }
  std::unique_ptr<Bookkeeping> bookkeeping;
  if (database) {
    wait_.set_limit(std::min(options_.lock_wait.limit, kValidateLockWait));
    wait_.install((*database)->handle(), config.path, "");
    // Whoever holds all of it is waited for here, and not again at each question.
    WEIR_RETURN_IF_ERROR((*database)->execute("SELECT count(*) FROM sqlite_schema"));
    bookkeeping = std::make_unique<Bookkeeping>(**database, "");
  }
  const bool recorded = database && bookkeeping->exists();
  std::set<std::string> tables;
  std::vector<protocol::ValidatedBinding> out;
  for (const protocol::ValidateBinding& binding : bindings) {
    WEIR_TRY(const Resource resource, parse_resource(binding.resource_config_json));
    if (!tables.insert(folded(resource.table)).second) {
      return error(Code::kInvalid,
                   "two bindings write to table {}: names are compared without regard to case",
                   quoted(resource.table));
    }
    for (const auto& [field, option] : binding.field_config) {
      if (option.empty() || option == "{}" || option == "null" || option == "true") continue;
      return error(Code::kInvalid, "field \"{}\" of collection {}: SQLite has no options of fields",
                   field, binding.collection.name);
    }
    Standing standing;
    if (database) {
      WEIR_TRY(standing.table, read_actual(**database, resource.table));
      if (recorded) {
        WEIR_TRY(standing.record, bookkeeping->read_table(resource.table));
      }
    }
    out.push_back({.constraints = constraints_of(binding, resource, standing),
                   .resource_path = {resource.table},
                   .delta_updates = resource.delta_updates,
                   .ser_policy = {},
                   .case_insensitive_fields = true});
  }
  return out;
}

// ---- open ---------------------------------------------------------------------------------------

Status SqliteDestination::connect(const std::string& path) {
  path_ = path;
  WEIR_TRY(auto database, Database::open(path, OpenMode::kReadWriteCreate));
  wait_.install(database->handle(), path, materialization_);
  // Renaming a rebuilt table must not touch the views and triggers that name it.
  const std::string settings = fmt::format(
      "PRAGMA page_size = {}; PRAGMA synchronous = FULL; PRAGMA legacy_alter_table = ON; PRAGMA "
      "foreign_keys = OFF;"
      "PRAGMA trusted_schema = OFF; PRAGMA cache_size = -{}; PRAGMA journal_size_limit = {}",
      kPageBytes, options_.page_cache_bytes / 1024, options_.log_bytes);
  WEIR_RETURN_IF_ERROR(database->execute(settings));
  WEIR_RETURN_IF_ERROR(define_convert(database->handle()));
  std::lock_guard lock(database_mutex_);
  database_ = std::move(database);
  return {};
}

Result<Opened> SqliteDestination::open(const OpenRequest& request) {
  return guarded([&]() -> Result<Opened> {
    if (opened_ || database_) return error(Code::kInvalid, "a session is opened once");
    WEIR_TRY(const EndpointConfig config, parse_endpoint(request.spec.config_json));
    materialization_ = request.spec.name;
    hard_delete_ = config.hard_delete;
    WEIR_RETURN_IF_ERROR(connect(config.path));
    bookkeeping_ = std::make_unique<Bookkeeping>(*database_, materialization_);

    WEIR_RETURN_IF_ERROR(take_write_lock());
    fault_point("sqlite.open.begun");
    WEIR_TRY(Opened opened, open_in_transaction(request));
    fault_point("sqlite.open.before_commit");
    WEIR_RETURN_IF_ERROR(database_->commit());
    owner_written_ = true;
    fault_point("sqlite.open.committed");
    // Not earlier: it changes the file, and an opening that is refused must change nothing.
    WEIR_RETURN_IF_ERROR(enter_wal_mode());
    wal_ = std::make_unique<WalKeeper>(*database_, wait_, clock_, options_.log_bytes);
    opened_ = true;
    return opened;
  });
}

Result<Opened> SqliteDestination::open_in_transaction(const OpenRequest& request) {
  WEIR_RETURN_IF_ERROR(bookkeeping_->create_tables());
  WEIR_TRY(const connector::Claimed found, bookkeeping_->read_claim());
  WEIR_TRY(const connector::Claim claim, connector::claim(found, request));
  WEIR_TRY(const bool filled_tables, bookkeeping_->owns_tables());
  WEIR_TRY(fence_, bookkeeping_->raise_fence(request.owner));
  fault_point("sqlite.open.fenced");

  Opened opened;
  opened.foreign = claim.foreign;
  std::set<std::string> names;
  for (std::size_t i = 0; i < request.spec.bindings.size(); ++i) {
    const protocol::Binding& binding = request.spec.bindings[i];
    WEIR_TRY(const Resource resource, parse_resource(binding.resource_config_json));
    if (!names.insert(folded(resource.table)).second) {
      return error(Code::kInvalid, "two bindings write to table {}", quoted(resource.table));
    }
    WEIR_TRY(ShapedTable shaped, shape_table(*database_, *bookkeeping_,
                                             {.materialization = materialization_,
                                              .binding = binding,
                                              .table = resource.table,
                                              .take_over = request.take_over}));
    opened.bindings.push_back(shaped.opened);
    if (!shaped.actions.empty()) {
      opened.actions += (opened.actions.empty() ? "" : "; ") + shaped.actions;
    }
    const bool counts = i < request.count_changes.size() && request.count_changes[i];
    tables_.emplace_back(*database_, std::move(shaped.shape),
                         TableOptions{.hard_delete = hard_delete_, .count_changes = counts});
  }
  fault_point("sqlite.open.shaped");
  WEIR_TRY(opened.checkpoint, bookkeeping_->read_checkpoint());
  if (filled_tables && !found.fenced) WEIR_RETURN_IF_ERROR(check_position(opened));
  return opened;
}

// Tables that weir filled, and no row that says how far: somebody deleted it. From the start again,
// every sum would be counted twice.
Status SqliteDestination::check_position(const Opened& opened) const {
  for (const connector::OpenedBinding& binding : opened.bindings) {
    if (binding.created || binding.replaced) continue;
    return error(Code::kInvalid,
                 "flow_checkpoints_v1 has no row of materialization {}, although it filled tables: "
                 "nobody can tell how far. Put the row back, or raise `backfill` in every binding",
                 materialization_);
  }
  return {};
}

Status SqliteDestination::enter_wal_mode() {
  WEIR_TRY(const std::string mode, database_->query_text("PRAGMA journal_mode = WAL"));
  fault_point("sqlite.open.wal_mode");
  if (mode == "wal") return {};
  return error(Code::kInvalid,
               "the file system of endpoint.sqlite.path cannot hold a write-ahead log (the journal "
               "mode stays \"{}\"); move the database to a local file system",
               mode);
}

// ---- a transaction
// Begins a transaction of writing, waiting for other writers.
Status SqliteDestination::take_write_lock() {
  auto status = database_->begin_immediate();
  if (status || status.error().code != Code::kUnavailable || wait_.interrupted()) return status;
  const std::string holders = lock_holders(path_);
  return error(Code::kUnavailable, "another program holds the write lock of the database{}{}: {}",
               holders.empty() ? "" : ", ", holders, status.error().message);
}

// -------------------------------------------------------------------------------

Result<std::optional<StateUpdate>> SqliteDestination::acknowledge() {
  return guarded([&]() -> Result<std::optional<StateUpdate>> {
    if (!opened_) return error(Code::kInvalid, "acknowledge before open");
    wal_->tidy(materialization_);
    return std::nullopt;
  });
}

Status SqliteDestination::load(std::span<const LoadKey> keys) {
  return guarded([&]() -> Status {
    for (const LoadKey& key : keys) {
      if (key.binding >= tables_.size()) return error(Code::kInvalid, "load: no such binding");
      loads_.add(key);
    }
    return {};
  });
}

Result<std::optional<StateUpdate>> SqliteDestination::flush(const LoadedSink& loaded) {
  return guarded([&]() -> Result<std::optional<StateUpdate>> {
    if (loads_.empty()) return std::nullopt;
    WEIR_RETURN_IF_ERROR(database_->execute("BEGIN"));
    WEIR_RETURN_IF_ERROR(answer_loads(loaded));
    loads_.clear();
    WEIR_RETURN_IF_ERROR(database_->execute("COMMIT"));  // of nothing but reads
    return std::nullopt;
  });
}

Status SqliteDestination::answer_loads(const LoadedSink& loaded) {
  // A new owner may have changed the tables: better to name it than to stumble over them.
  WEIR_RETURN_IF_ERROR(bookkeeping_->check_fence(fence_));
  for (const LoadKey& key : loads_.sorted()) {
    if (wait_.interrupted()) return error(Code::kCancelled, "the session was interrupted");
    WEIR_TRY(const auto document, tables_[key.binding].load(key.key_packed));
    if (document) WEIR_RETURN_IF_ERROR(loaded(key.binding, *document));
  }
  for (Table& table : tables_) table.end_loads();
  return {};
}

Status SqliteDestination::begin_transaction() {
  if (!opened_) return error(Code::kInvalid, "a transaction before open");
  if (database_->in_transaction()) return {};
  WEIR_RETURN_IF_ERROR(take_write_lock());
  fault_point("sqlite.transaction.begun");
  WEIR_RETURN_IF_ERROR(bookkeeping_->check_fence(fence_));
  for (Table& table : tables_) table.begin_transaction();
  return {};
}

Status SqliteDestination::store(std::span<const StoreRow> rows) {
  return guarded([&]() -> Status {
    WEIR_RETURN_IF_ERROR(begin_transaction());
    for (const StoreRow& row : rows) {
      if (row.binding >= tables_.size()) return error(Code::kInvalid, "store: no such binding");
      if (wait_.interrupted()) return error(Code::kCancelled, "the session was interrupted");
      WEIR_RETURN_IF_ERROR(tables_[row.binding].store(row));
    }
    fault_point("sqlite.transaction.stored");
    return {};
  });
}

Result<std::vector<Counts>> SqliteDestination::finish_store() {
  return guarded([&]() -> Result<std::vector<Counts>> {
    WEIR_RETURN_IF_ERROR(begin_transaction());
    std::vector<Counts> counts;
    for (const Table& table : tables_) counts.push_back(table.counts());
    return counts;
  });
}

Result<std::optional<StateUpdate>> SqliteDestination::start_commit(
    const protocol::Checkpoint& checkpoint) {
  return guarded([&]() -> Result<std::optional<StateUpdate>> {
    if (checkpoint.empty()) {
      return error(Code::kInvalid, "an empty checkpoint cannot be told from none");
    }
    WEIR_RETURN_IF_ERROR(commit(checkpoint));
    return std::nullopt;
  });
}

Status SqliteDestination::commit(const protocol::Checkpoint& checkpoint) {
  WEIR_RETURN_IF_ERROR(begin_transaction());
  WEIR_RETURN_IF_ERROR(bookkeeping_->write_checkpoint(fence_, checkpoint));
  fault_point("sqlite.transaction.before_commit");
  WEIR_RETURN_IF_ERROR(database_->commit());
  fault_point("sqlite.transaction.committed");
  return {};
}

// ---- the end
// -------------------------------------------------------------------------------------

Status SqliteDestination::release_ownership() {
  auto status = guarded([&]() -> Status {
    WEIR_RETURN_IF_ERROR(begin_transaction());
    WEIR_RETURN_IF_ERROR(bookkeeping_->drop_marks());
    fault_point("sqlite.release.before_commit");
    return database_->commit();
  });
  if (status) {
    spent_ = Error{Code::kInvalid, "the session gave its ownership up"};
    forget();
  }
  return status;
}

Status SqliteDestination::mark_closed() {
  WEIR_RETURN_IF_ERROR(take_write_lock());
  WEIR_RETURN_IF_ERROR(bookkeeping_->mark_closed(fence_, format_timestamp(clock_.now())));
  fault_point("sqlite.close.before_commit");
  return database_->commit();
}

// A spent session commits nothing any more, so it can be marked as closed like any other; where
// that fails, its process is still found dead later. If the fence is another's by now, the mark
// finds no row.
Status SqliteDestination::close() {
  Status status;
  if (database_) database_->rollback();
  if (owner_written_) {
    if (spent_) wait_.set_limit(kCloseWait);
    status = mark_closed();
    if (!status) database_->rollback();
    if (spent_) status = {};
  }
  if (!spent_) spent_ = Error{Code::kInvalid, "the session is closed"};
  forget();
  return status;
}

// Statements go before their connection, and the connection under the mutex.
void SqliteDestination::forget() {
  opened_ = false;
  owner_written_ = false;
  tables_.clear();
  loads_.clear();
  wal_.reset();
  bookkeeping_.reset();
  std::lock_guard lock(database_mutex_);
  database_.reset();
}

void SqliteDestination::interrupt() {
  wait_.interrupt();
  std::lock_guard lock(database_mutex_);
  if (database_) database_->interrupt();
}

}  // namespace

std::unique_ptr<connector::Destination> make_destination(const Clock& clock, Options options) {
  return std::make_unique<SqliteDestination>(clock, options);
}

}  // namespace weir::sqlite
