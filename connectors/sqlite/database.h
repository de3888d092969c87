// The C API of SQLite as values and owned handles: connections, prepared statements, and errors in
// weir's codes. One thread uses a connection; only interrupt() may come from another.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace weir::sqlite {

// What a result code of SQLite means for the caller. `what` starts the message; SQLite's own text
// follows it, which names tables and columns but quotes no row.
Error error_of(int result_code, sqlite3* connection, std::string_view what);

// A prepared statement. Parameters count from 1, columns from 0.
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3_stmt* handle, sqlite3* connection) : handle_(handle), connection_(connection) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Parameters keep their values over reset(). Text is not copied: its bytes must stay until the
  // next bind of the same parameter or clear().
  void bind_null(int parameter);
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, double value);
  void bind(int parameter, std::string_view text);
  void clear();

  // True: there is a row to read. False: the statement is done and reset.
  Result<bool> step(std::string_view what);
  // For a statement without rows.
  Status run(std::string_view what);
  void reset();

  // Of the current row. Texts are valid until the next step or reset.
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  bool is_null(int column) const;

 private:
  sqlite3_stmt* handle_ = nullptr;
  sqlite3* connection_ = nullptr;
};

enum class OpenMode { kReadOnly, kReadWrite, kReadWriteCreate };

class Database {
 public:
  // kNotFound if it is to be read only and is not there.
  static Result<std::unique_ptr<Database>> open(const std::string& path, OpenMode mode);
  ~Database();  // rolls back what was not committed
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<Statement> prepare(std::string_view sql);
  // One or several statements without parameters; rows are thrown away.
  Status execute(const std::string& sql);
  // The first column of the first row; nullopt-like: empty if there is none.
  Result<std::string> query_text(std::string_view sql);

  Status begin_immediate();  // takes the write lock, waiting as the busy handler says
  void rollback();           // nothing to do outside of a transaction
  // kUnknown unless it is certain that nothing was committed.
  Status commit();
  bool in_transaction() const;
  // Rows that the last INSERT, UPDATE or DELETE changed.
  std::int64_t changes() const;

  sqlite3* handle() const { return handle_; }
  void interrupt();

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_;
};

}  // namespace weir::sqlite
