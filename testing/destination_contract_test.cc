// The contract of destinations, on the fake and on the real ones.
#include "testing/destination_contract.h"

#include "base/text.h"
#include "document/tuple.h"
#include "testing/fake_destination.h"
#include "testing/sqlite_fixture.h"

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
  std::unique_ptr<connector::Destination> connect() override { return file_.connect(); }
  std::string config_json(bool hard_delete) override {
    return fmt::format(R"({{"path":"{}","hardDelete":{}}})", file_.path(), hard_delete);
  }
  std::optional<std::vector<std::string>> rows(const std::string& table) override {
    if (file_.query("SELECT 1 FROM sqlite_schema WHERE name = '" + table + "'") != "1") {
      return std::nullopt;
    }
    const std::string text = file_.query("SELECT id || ' ' || CAST(amount AS INTEGER) FROM \"" +
                                         table + "\" ORDER BY id, rowid");
    std::vector<std::string> out;
    if (text.empty()) return out;
    for (const std::string_view line : split(text, '\n')) out.emplace_back(line);
    return out;
  }

 private:
  SqliteFile file_;
};

INSTANTIATE_TEST_SUITE_P(
    All, DestinationContract,
    ::testing::Values(
        DestinationSubjectKind{"Fake", [] { return std::make_unique<FakeSubject>(); }},
        DestinationSubjectKind{"Sqlite", [] { return std::make_unique<SqliteSubject>(); }}),
    [](const auto& subject) { return subject.param.name; });

}  // namespace
}  // namespace weir::testing
