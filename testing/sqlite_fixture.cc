#include "testing/sqlite_fixture.h"

#include <fmt/core.h>
#include <sqlite3.h>

#include "base/check.h"
#include "base/clock.h"

namespace weir::testing {

std::string SqliteFile::config_json() const {
  return fmt::format(R"({{"path":"{}"}})", path());
}

connector::OpenRequest SqliteFile::request() const {
  connector::OpenRequest request;
  request.spec.name = "acme/mat";
  request.spec.config_json = config_json();
  request.spec.bindings = {orders_binding("t")};
  request.owner = {.task = "acme/mat",
                   .host = "here",
                   .boot_id = "boot",
                   .pid = 1,
                   .pid_started = 1,
                   .state_id = "state",
                   .since = "2026-11-22T17:03:04.000000Z"};
  request.owner_is_dead = [](const connector::Owner&) { return false; };
  request.connector_state = "{}";
  return request;
}

std::unique_ptr<connector::Destination> SqliteFile::connect(sqlite::Options options) const {
  return sqlite::make_destination(system_clock(), options);
}

void SqliteFile::execute(const std::string& sql) const {
  sqlite3* connection = nullptr;
  WEIR_CHECK(sqlite3_open(path().c_str(), &connection) == SQLITE_OK);
  char* message = nullptr;
  if (sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &message) != SQLITE_OK) {
    fmt::print(stderr, "{}: {}\n", sql, message);
    WEIR_CHECK(false);
  }
  sqlite3_close(connection);
}

std::string SqliteFile::query(const std::string& sql) const {
  sqlite3* connection = nullptr;
  WEIR_CHECK(sqlite3_open(path().c_str(), &connection) == SQLITE_OK);
  std::string out;
  const auto add_row = [](void* to, int columns, char** values, char**) {
    auto& text = *static_cast<std::string*>(to);
    if (!text.empty()) text += '\n';
    for (int i = 0; i < columns; ++i) {
      text += fmt::format("{}{}", i > 0 ? "|" : "", values[i] == nullptr ? "NULL" : values[i]);
    }
    return 0;
  };
  char* message = nullptr;
  if (sqlite3_exec(connection, sql.c_str(), add_row, &out, &message) != SQLITE_OK) out = message;
  sqlite3_free(message);
  sqlite3_close(connection);
  return out;
}

}  // namespace weir::testing
