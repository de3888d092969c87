#include "connectors/sqlite/database.h"

#include <sqlite3.h>

#include <utility>

namespace weir::sqlite {

namespace {

Code code_of(int result_code) {
  switch (result_code & 0xff) {
    case SQLITE_FULL: return Code::kFull;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_NOMEM:
    case SQLITE_SCHEMA: return Code::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT: return Code::kCorrupt;
    case SQLITE_INTERRUPT: return Code::kCancelled;
    case SQLITE_TOOBIG: return Code::kLimit;
    default: return Code::kInvalid;
  }
}

}  // namespace

Error error_of(int result_code, sqlite3* connection, std::string_view what) {
  const char* text =
      connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(result_code);
  return {code_of(result_code), fmt::format("{}: {} (SQLite {})", what, text, result_code)};
}

Statement::Statement(Statement&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), connection_(other.connection_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(connection_, other.connection_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

// A bind fails only for a parameter that is not there, a text above SQLite's limit of 1 GB, or when
// memory is out; the first is our mistake, and in the other cases the parameter is NULL, which no
// caller can take for the value: documents are bounded far below that limit.
void Statement::bind_null(int parameter) {
  sqlite3_bind_null(handle_, parameter);
}
void Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(handle_, parameter, value);
}
void Statement::bind(int parameter, double value) {
  sqlite3_bind_double(handle_, parameter, value);
}
void Statement::bind(int parameter, std::string_view text) {
  // A null pointer would bind NULL instead of the empty text.
  sqlite3_bind_text64(handle_, parameter, text.empty() ? "" : text.data(), text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
}
void Statement::clear() {
  sqlite3_clear_bindings(handle_);
}

Result<bool> Statement::step(std::string_view what) {
  const int result = sqlite3_step(handle_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) {
    sqlite3_reset(handle_);
    return false;
  }
  Error error = error_of(result, connection_, what);
  sqlite3_reset(handle_);
  return tl::unexpected<Error>(std::move(error));
}

Status Statement::run(std::string_view what) {
  WEIR_TRY(const bool row, step(what));
  if (row) reset();
  return {};
}

void Statement::reset() {
  sqlite3_reset(handle_);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

std::string_view Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
  return bytes == nullptr ? std::string_view() : std::string_view(bytes, size);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, OpenMode mode) {
  // Nobody reads SQLite's memory statistics, and each allocation pays for them with a lock. Refused
  // where the host program has begun to use SQLite; that is as well.
  static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)once;
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == OpenMode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    (mode == OpenMode::kReadWriteCreate ? SQLITE_OPEN_CREATE : 0);
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  // What a process that was killed in the middle left behind can only be undone by one that may
  // write; everything else is read without that.
  if (result == SQLITE_OK && mode == OpenMode::kReadOnly) {
    const int seen =
        sqlite3_exec(handle, "SELECT count(*) FROM sqlite_master", nullptr, nullptr, nullptr);
    if (seen == SQLITE_READONLY_ROLLBACK || seen == SQLITE_READONLY_RECOVERY) {
      return open(path, OpenMode::kReadWrite);
    }
  }
  if (result == SQLITE_OK) return database;
  if (mode == OpenMode::kReadOnly && (result & 0xff) == SQLITE_CANTOPEN) {
    return error(Code::kNotFound, "the database file cannot be opened");
  }
  return tl::unexpected<Error>(
      error_of(result, handle, "opening the file of endpoint.sqlite.path (its folder must exist)"));
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int result = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (result != SQLITE_OK) {
    return tl::unexpected<Error>(error_of(result, handle_, "preparing a statement"));
  }
  return Statement(handle, handle_);
}

Status Database::execute(const std::string& sql) {
  const int result = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (result == SQLITE_OK) return {};
  return tl::unexpected<Error>(error_of(result, handle_, sql.substr(0, sql.find(' '))));
}

Result<std::string> Database::query_text(std::string_view sql) {
  WEIR_TRY(Statement statement, prepare(sql));
  WEIR_TRY(const bool row, statement.step("reading a setting"));
  return row ? std::string(statement.text(0)) : std::string();
}

Status Database::begin_immediate() {
  const int result = sqlite3_exec(handle_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  if (result == SQLITE_OK) return {};
  return tl::unexpected<Error>(error_of(result, handle_, "beginning a transaction"));
}

void Database::rollback() {
  if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

// Write-ahead logging makes a transaction of its last frame, and the sync follows. A failure before
// that frame was written is a clear end; a failed sync or any other I/O error is not, for the frame
// may lie in the file and count at the next recovery.
Status Database::commit() {
  const int result = sqlite3_exec(handle_, "COMMIT", nullptr, nullptr, nullptr);
  if (result == SQLITE_OK) return {};
  Error error = error_of(result, handle_, "committing");
  const int primary = result & 0xff;
  const bool clear = primary == SQLITE_BUSY || primary == SQLITE_FULL || in_transaction();
  rollback();
  if (!clear) error.code = Code::kUnknown;
  return tl::unexpected<Error>(std::move(error));
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle_);
}

void Database::interrupt() {
  sqlite3_interrupt(handle_);
}

}  // namespace weir::sqlite
