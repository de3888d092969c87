// The contract of destinations, on the fake and on the real ones.
#include "testing/destination_contract.h"

#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>

#include "base/clock.h"
#include "connectors/sqlite/destination.h"
#include "document/tuple.h"
#include "testing/fake_destination.h"

namespace weir::testing {
namespace {

std::int64_t first_integer(std::string_view packed) {
  document::TupleReader reader(packed);
  auto element = reader.next();
  return element ? std::get<std::int64_t>(*element) : -1;
}

class FakeSubject : public DestinationSubject {
 public:
  std::unique_ptr<connector::Destination> connect() override { return server_.connect(); }
  std::string config_json(bool hard_delete) override {
    return hard_delete ? R"({"hardDelete":true})" : "{}";
  }
  std::optional<std::vector<std::string>> rows(const std::string& table) override {
    const FakeData data = server_.data();
    const auto it = data.tables.find(table);
    if (it == data.tables.end()) return std::nullopt;
    std::vector<std::string> out;
    const auto add = [&](const std::string& key, const FakeRow& row) {
      out.push_back(fmt::format("{} {}", first_integer(key), first_integer(row.values_packed)));
    };
    for (const auto& [key, row] : it->second.rows) add(key, row);
    for (const auto& [key, row] : it->second.appended) add(key, row);
    return out;
  }

 private:
  FakeServer server_{FakeClass::kHoldsCheckpoint};
};

class SqliteSubject : public DestinationSubject {
 public:
  SqliteSubject() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~SqliteSubject() override { std::filesystem::remove_all(folder_); }
  std::unique_ptr<connector::Destination> connect() override {
    return sqlite::make_destination(system_clock());
  }
  std::string config_json(bool hard_delete) override {
    return fmt::format(R"({{"path":"{}","hardDelete":{}}})", path(), hard_delete);
  }
  std::optional<std::vector<std::string>> rows(const std::string& table) override {
    sqlite3* reader = nullptr;
    std::optional<std::vector<std::string>> out;
    if (sqlite3_open_v2(path().c_str(), &reader, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK) {
      sqlite3_stmt* select = nullptr;
      const std::string sql =
          "SELECT id || ' ' || CAST(amount AS INTEGER) FROM \"" + table + "\" ORDER BY id, rowid";
      if (sqlite3_prepare_v2(reader, sql.c_str(), -1, &select, nullptr) == SQLITE_OK) {
        out.emplace();
        while (sqlite3_step(select) == SQLITE_ROW) {
          out->emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(select, 0)));
        }
      }
      sqlite3_finalize(select);
    }
    sqlite3_close(reader);
    return out;
  }

 private:
  std::string path() const { return folder_ + "/t.db"; }
  std::string folder_;
};

INSTANTIATE_TEST_SUITE_P(
    All, DestinationContract,
    ::testing::Values(
        DestinationSubjectKind{"Fake", [] { return std::make_unique<FakeSubject>(); }},
        DestinationSubjectKind{"Sqlite", [] { return std::make_unique<SqliteSubject>(); }}),
    [](const auto& subject) { return subject.param.name; });

}  // namespace
}  // namespace weir::testing
