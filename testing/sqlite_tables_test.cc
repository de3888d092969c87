// Tables of a SQLite destination over the life of a schema: creating, adding, widening, giving up,
// and what needs the user's word.
#include <gtest/gtest.h>

#include <algorithm>

#include "document/tuple.h"
#include "testing/sqlite_fixture.h"

namespace weir::testing {
namespace {

using connector::Opened;
using connector::OpenRequest;

protocol::Projection projection(std::string ptr, std::string field,
                                std::vector<std::string> types) {
  protocol::Projection out;
  out.ptr = std::move(ptr);
  out.field = std::move(field);
  out.inference.types = std::move(types);
  return out;
}

class SqliteTables : public ::testing::Test {
 protected:
  // Opens, stores one row each of `rows`, closes; what open() did, or its error's text.
  std::string run(const OpenRequest& request, const std::vector<OrderRow>& rows = {}) {
    Session session(file_.connect());
    auto opened = session.open(request);
    if (!opened) return fmt::format("{}: {}", name_of(opened.error().code), opened.error().message);
    auto stored = session.transact(rows, checkpoint_at(++offset_));
    if (!stored) return fmt::format("{}: {}", name_of(stored.error().code), stored.error().message);
    EXPECT_TRUE(session.destination().acknowledge().has_value());
    EXPECT_TRUE(session.destination().close().has_value());
    return opened->actions;
  }
  // The request with field `amount` of other types, or another field in its place.
  OpenRequest with_amount(std::vector<std::string> types, std::string field = "amount") {
    OpenRequest request = file_.request();
    replace_amount(request.spec.bindings[0], field, std::move(types));
    return request;
  }
  static void replace_amount(protocol::Binding& binding, const std::string& field,
                             std::vector<std::string> types) {
    auto& projections = binding.collection.projections;
    projections[0] = projection("/amount", field, std::move(types));
    std::sort(projections.begin(), projections.end(),
              [](const auto& a, const auto& b) { return a.field < b.field; });
    binding.field_selection.values = {field};
  }
  std::string columns(const std::string& table = "t") {
    return file_.query(
        "SELECT group_concat(name || ' ' || type || iif(\"notnull\", '!', ''), ', ')"
        " FROM pragma_table_info('" +
        table + "')");
  }

  SqliteFile file_;
  std::int64_t offset_ = 0;
};

TEST_F(SqliteTables, NewTableIsGolden) {
  EXPECT_EQ(run(file_.request(), {{.id = 1, .amount = 2}}), "created table \"t\"");
  EXPECT_EQ(
      file_.query("SELECT sql FROM sqlite_schema WHERE name = 't'"),
      R"(CREATE TABLE "t" ("id" INTEGER NOT NULL, "amount" REAL, "flow_document" TEXT, PRIMARY KEY ("id")))");
  EXPECT_EQ(file_.query("SELECT *, typeof(amount) FROM t"), R"(1|2.0|{"id":1,"amount":2}|real)");
  EXPECT_EQ(file_.query("SELECT schema_name, table_name, materialization, state_key, backfill,"
                        " length(spec_digest), columns FROM weir_tables"),
            R"(main|t|acme/mat|t|0|64|[{"name":"id","kind":"integer","role":"key"},)"
            R"({"name":"amount","kind":"real","role":"value"},)"
            R"({"name":"flow_document","kind":"json","role":"document"}])");
  EXPECT_EQ(run(file_.request()), "") << "a second opening finds nothing to do";
}

TEST_F(SqliteTables, BookkeepingIsGolden) {
  run(file_.request());
  EXPECT_EQ(file_.query("SELECT name || ' ' || type || ' ' || \"notnull\" || ' ' || pk"
                        " FROM pragma_table_info('flow_checkpoints_v1')"),
            "materialization TEXT 1 1\nkey_begin BIGINT 1 2\nkey_end BIGINT 1 3\nfence BIGINT 1 0\n"
            "checkpoint TEXT 1 0");
  EXPECT_EQ(
      file_.query("SELECT materialization, key_begin, key_end, fence FROM flow_checkpoints_v1"),
      "acme/mat|0|4294967295|1");
  EXPECT_EQ(
      file_.query("SELECT materialization, key_begin, key_end, fence, task, host, boot_id, pid,"
                  " pid_started, state_id, since, closed IS NOT NULL FROM weir_owners"),
      "acme/mat|0|4294967295|1|acme/mat|here|boot|1|1|state|2026-11-22T17:03:04.000000Z|1");
  EXPECT_EQ(file_.query("PRAGMA journal_mode"), "wal");
}

TEST_F(SqliteTables, NamesThatNeedQuotes) {
  OpenRequest request = file_.request();
  request.spec.bindings[0] = orders_binding(R"(odd \"table\"; --)");
  request.spec.bindings[0].resource_path = {R"(odd "table"; --)"};
  replace_amount(request.spec.bindings[0], "select \"x\"", {"number"});
  EXPECT_EQ(run(request, {{.id = 1, .amount = 2}}), R"(created table "odd ""table""; --")");
  EXPECT_EQ(file_.query(R"(SELECT id, "select ""x""" FROM "odd ""table""; --")"), "1|2.0");
}

TEST_F(SqliteTables, FieldsComeAndGo) {
  run(file_.request(), {{.id = 1, .amount = 1}});
  EXPECT_EQ(run(with_amount({"integer"}, "extra"), {{.id = 2, .amount = 2}}),
            "added column \"extra\" INTEGER to \"t\"");
  EXPECT_EQ(file_.query("SELECT id, amount, extra FROM t ORDER BY id"), "1|1.0|NULL\n2|NULL|2");
  EXPECT_EQ(run(file_.request(), {{.id = 3, .amount = 3}}), "")
      << "the former column is taken up again";
  EXPECT_EQ(file_.query("SELECT id, amount, extra FROM t ORDER BY id"),
            "1|1.0|NULL\n2|NULL|2\n3|3.0|NULL");
  EXPECT_EQ(file_.query("SELECT columns FROM weir_tables"),
            R"([{"name":"id","kind":"integer","role":"key"},)"
            R"({"name":"amount","kind":"real","role":"value"},)"
            R"({"name":"flow_document","kind":"json","role":"document"},)"
            R"({"name":"extra","kind":"integer","role":"former"}])");
}

TEST_F(SqliteTables, UpdatesLeaveColumnsOfOthersAlone) {
  run(file_.request(), {{.id = 1, .amount = 1}});
  file_.execute("ALTER TABLE t ADD COLUMN note TEXT DEFAULT 'none'; UPDATE t SET note = 'mine'");
  EXPECT_EQ(run(file_.request(), {{.id = 1, .amount = 2, .exists = connector::Exists::kYes},
                                  {.id = 2, .amount = 3}}),
            "");
  EXPECT_EQ(file_.query("SELECT id, amount, note FROM t"), "1|2.0|mine\n2|3.0|none");
}

TEST_F(SqliteTables, WideningRebuildsAndKeepsWhatHangsOnTheTable) {
  EXPECT_EQ(run(with_amount({"integer"}), {{.id = 1, .amount = 7}}), "created table \"t\"");
  file_.execute(
      "CREATE INDEX by_amount ON t (amount); CREATE VIEW v AS SELECT amount FROM t;"
      "CREATE TABLE told (id); CREATE TRIGGER tell AFTER INSERT ON t BEGIN"
      " INSERT INTO told VALUES (new.id); END;"
      "ALTER TABLE t ADD COLUMN note TEXT DEFAULT '1x'");
  EXPECT_EQ(run(with_amount({"integer", "string"}), {{.id = 2, .amount = 8}}),
            "rebuilt \"t\" to turn column \"amount\" from integer into json");
  EXPECT_EQ(columns(), "id INTEGER!, amount TEXT, flow_document TEXT, note TEXT");
  EXPECT_EQ(file_.query("SELECT id, amount, typeof(amount), note FROM t"),
            "1|7|text|1x\n2|8|text|1x");
  EXPECT_EQ(file_.query("SELECT group_concat(amount) FROM v"), "7,8");
  EXPECT_EQ(file_.query("SELECT group_concat(id) FROM told"), "2");
  EXPECT_EQ(file_.query("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 't'"),
            "by_amount");
  EXPECT_EQ(run(with_amount({"string"}), {{.id = 3, .amount = 9}}), "")
      << "a narrower schema keeps the wider column";
  EXPECT_EQ(file_.query("SELECT amount FROM t WHERE id = 3"), "9");
}

TEST_F(SqliteTables, ChangesOfType) {
  struct Case {
    std::vector<std::string> from, to;
    std::int64_t value;
    std::string_view expected;  // the start of what open() said
    std::string_view column;
  };
  const Case cases[] = {
      {{"integer"},
       {"number"},
       7,
       "rebuilt \"t\" to turn column \"amount\" from integer into real",
       "7.0 real"},
      {{"number"}, {"integer"}, 7, "", "7.0 real"},
      {{"integer"},
       {"object"},
       7,
       "rebuilt \"t\" to turn column \"amount\" from integer into json",
       "7 text"},
      {{"integer"},
       {"boolean"},
       7,
       "invalid: table \"t\": column \"amount\" is integer, which cannot become boolean. To fill "
       "it "
       "anew, write `backfill: 1` in its binding",
       "7 integer"},
      {{"integer"},
       {"string"},
       7,
       "invalid: table \"t\": column \"amount\" is integer, which cannot",
       "7 integer"},
      {{"integer"},
       {"number"},
       9007199254740993,
       "invalid: table \"t\": ",
       "9007199254740993 integer"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(fmt::format("{} to {}, {}", c.from[0], c.to[0], c.value));
    file_.execute("DROP TABLE IF EXISTS t; DROP TABLE IF EXISTS weir_tables");
    EXPECT_EQ(run(with_amount(c.from), {{.id = 1, .amount = c.value}}), "created table \"t\"");
    EXPECT_EQ(run(with_amount(c.to)).substr(0, c.expected.size()), c.expected);
    EXPECT_EQ(file_.query("SELECT amount || ' ' || typeof(amount) FROM t"), c.column);
  }
}

TEST_F(SqliteTables, RebuildThatWouldLoseSomethingIsRefused) {
  run(with_amount({"integer"}), {{.id = 1, .amount = 7}});
  file_.execute("ALTER TABLE t ADD COLUMN note TEXT CHECK (note <> 'x')");
  EXPECT_EQ(
      run(with_amount({"number"})),
      "invalid: table \"t\": it must be rebuilt for that, which would lose its check clause. To "
      "fill it anew, write `backfill: 1` in its binding");
  EXPECT_EQ(columns(), "id INTEGER!, amount INTEGER, flow_document TEXT, note TEXT");
}

TEST_F(SqliteTables, ValueThatTheColumnCannotHoldIsStuckAndNotRounded) {
  run(file_.request());
  const std::string message = run(file_.request(), {{.id = 1, .amount = 9007199254740993}});
  EXPECT_EQ(
      message,
      "invalid: table \"t\", column \"amount\": a document has a value that REAL cannot hold "
      "exactly; say `type: [number, string]` in the schema, so that the column becomes TEXT, or "
      "exclude the field");
  EXPECT_EQ(file_.query("SELECT count(*) FROM t"), "0");
}

TEST_F(SqliteTables, StuckSessionCanStillBeClosed) {
  run(file_.request());
  Session session(file_.connect());
  ASSERT_TRUE(session.open(file_.request()).has_value());
  EXPECT_EQ(file_.query("SELECT closed FROM weir_owners"), "NULL");
  EXPECT_FALSE(
      session.transact({{.id = 1, .amount = 9007199254740993}}, checkpoint_at(1)).has_value());
  EXPECT_TRUE(session.destination().close().has_value());
  EXPECT_NE(file_.query("SELECT closed FROM weir_owners"), "NULL");
}

TEST_F(SqliteTables, ManyColumnsCanBeCounted) {
  OpenRequest request = file_.request();
  protocol::Binding& binding = request.spec.bindings[0];
  binding.field_selection.values = {"amount"};
  std::string values;
  for (int i = 0; i < 1500; ++i) {
    const std::string field = fmt::format("x{:04}", i);
    binding.collection.projections.push_back(projection("/" + field, field, {"integer"}));
    binding.field_selection.values.push_back(field);
  }
  request.count_changes = {true};
  Session session(file_.connect());
  ASSERT_TRUE(session.open(request).has_value());
  for (const int last : {1, 1, 2}) {
    std::string key = order_key(1), packed;
    for (int i = 0; i < 1501; ++i) document::pack_int(packed, i == 1500 ? last : i);
    ASSERT_TRUE(session.load({}).has_value());
    const connector::StoreRow row{.binding = 0,
                                  .key_packed = key,
                                  .values_packed = packed,
                                  .doc_json = "{}",
                                  .exists = connector::Exists::kUnknown};
    ASSERT_TRUE(session.destination().store({&row, 1}).has_value());
    auto counts = session.destination().finish_store();
    ASSERT_TRUE(counts.has_value());
    values += fmt::format("{}{}{} ", *(*counts)[0].inserted, *(*counts)[0].updated,
                          *(*counts)[0].unchanged);
    ASSERT_TRUE(session.destination().start_commit(checkpoint_at(++offset_)).has_value());
  }
  EXPECT_EQ(values, "100 001 010 ");
}

TEST_F(SqliteTables, GoneTableNamesTheBackfillToWrite) {
  run(file_.request(), {{.id = 1, .amount = 1}});
  file_.execute("DROP TABLE t");
  EXPECT_EQ(
      run(file_.request()),
      "invalid: table \"t\": it is gone, although this task filled it. To fill it anew, write "
      "`backfill: 1` in its binding");
  OpenRequest anew = file_.request();
  anew.spec.bindings = {orders_binding("t", 1)};
  EXPECT_EQ(run(anew, {{.id = 2, .amount = 2}}), "dropped and created table \"t\"");
  EXPECT_EQ(file_.query("SELECT id FROM t"), "2");
}

TEST_F(SqliteTables, LostPositionIsNotTakenForTheStart) {
  run(file_.request(), {{.id = 1, .amount = 1}});
  file_.execute("DELETE FROM flow_checkpoints_v1");
  const std::string message = run(file_.request());
  EXPECT_EQ(message.substr(0, 67),
            "invalid: flow_checkpoints_v1 has no row of materialization acme/mat");
  EXPECT_EQ(file_.query("SELECT count(*) FROM flow_checkpoints_v1"), "0");
  OpenRequest anew = file_.request();
  anew.spec.bindings = {orders_binding("t", 1)};
  EXPECT_EQ(run(anew), "dropped and created table \"t\"");
}

TEST_F(SqliteTables, SpellingOfATableIsPartOfItsPosition) {
  run(file_.request(), {{.id = 1, .amount = 1}});
  OpenRequest other = file_.request();
  other.spec.bindings = {orders_binding("T")};
  const std::string message = run(other);
  EXPECT_NE(message.find("it was filled under the name \"t\""), std::string::npos) << message;
  other.spec.bindings = {orders_binding("t"), orders_binding("T")};
  EXPECT_EQ(run(other), "invalid: two bindings write to table \"T\"");
}

TEST_F(SqliteTables, WhatStandsInTheWay) {
  file_.execute(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, amount REAL NOT NULL, flow_document TEXT);"
      "INSERT INTO t VALUES (9, 9.5, '{\"id\":9,\"amount\":9.5}'); CREATE VIEW v AS SELECT 1;"
      "CREATE TABLE w (id TEXT PRIMARY KEY, flow_document TEXT);"
      "CREATE TABLE x (id INTEGER PRIMARY KEY, flow_document BLOB)");
  EXPECT_EQ(
      run(file_.request()),
      "refused: table \"t\" exists and was not made by weir; choose another `table`, or take it "
      "over with --take-over");
  EXPECT_EQ(file_.query("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'weir%'"), "0");
  EXPECT_EQ(file_.query("PRAGMA journal_mode"), "delete") << "a refused opening changes nothing";

  struct Case {
    std::string_view table, expected;
  };
  const Case cases[] = {
      {"v", "invalid: \"v\" is a view or a virtual table"},
      {"x",
       "invalid: table \"x\": column \"flow_document\" is BLOB, which cannot become json. It was "
       "not made by this task: drop or rename it, or write another `table`"},
      {"t", "took table \"t\" over; rebuilt \"t\" to drop NOT NULL of column \"amount\""},
      {"w", "invalid: table \"w\": column \"id\" is text, which cannot become integer"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.table);
    OpenRequest taking = file_.request();
    taking.spec.bindings = {orders_binding(std::string(c.table))};
    taking.take_over = true;
    EXPECT_EQ(run(taking, {{.id = 1, .amount = 1}}).substr(0, c.expected.size()), c.expected);
  }
  EXPECT_EQ(file_.query("SELECT id, amount FROM t ORDER BY id"), "1|1.0\n9|9.5");
  EXPECT_EQ(columns(), "id INTEGER, amount REAL, flow_document TEXT");
}

TEST_F(SqliteTables, TableOfAnotherMaterialization) {
  run(with_amount({"integer", "string"}), {{.id = 1, .amount = 1}});
  OpenRequest other = with_amount({"string"});
  other.spec.name = "acme/other";
  EXPECT_EQ(
      run(other),
      "refused: table \"t\" belongs to materialization acme/mat; choose another `table`, or take "
      "it over with --take-over");
  EXPECT_EQ(file_.query("SELECT count(*) FROM flow_checkpoints_v1"), "1");
  other.take_over = true;
  EXPECT_EQ(run(other), "took table \"t\" over from materialization acme/mat");
  EXPECT_NE(file_.query("SELECT columns FROM weir_tables").find(R"("amount","kind":"json")"),
            std::string::npos)
      << "how its texts are written is still known";
}

TEST_F(SqliteTables, DocumentColumnCannotChange) {
  run(file_.request(), {{.id = 1, .amount = 1}});
  OpenRequest other = file_.request();
  other.spec.bindings[0].collection.projections.push_back(projection("", "whole", {"object"}));
  other.spec.bindings[0].field_selection.document = "whole";
  EXPECT_EQ(
      run(other),
      "invalid: table \"t\": it has no column \"whole\" with the documents of its rows. To fill "
      "it anew, write `backfill: 1` in its binding");
}

TEST_F(SqliteTables, SwitchingToDeltaUpdatesNeedsABackfill) {
  run(file_.request(), {{.id = 1, .amount = 1}});
  OpenRequest delta = file_.request();
  delta.spec.bindings = {delta_binding("t")};
  const std::string message = run(delta);
  EXPECT_NE(message.find("its primary key is (\"id\") and should be none"), std::string::npos)
      << message;
}

TEST_F(SqliteTables, KeysOfSeveralTypes) {
  OpenRequest request = file_.request();
  protocol::Binding& binding = request.spec.bindings[0];
  binding.collection.projections[0] = projection("/amount", "amount", {"boolean"});
  binding.collection.projections[2].inference.types = {"integer", "string"};
  binding.field_selection = {
      .keys = {"id", "amount"}, .values = {}, .document = "flow_document", .field_config = {}};
  EXPECT_EQ(run(request), "created table \"t\"");
  EXPECT_EQ(columns(), "id TEXT!, amount BOOLEAN!, flow_document TEXT");
}

TEST_F(SqliteTables, RowWithoutDocumentIsNotReducedInto) {
  run(file_.request(), {{.id = 1, .amount = 1}});
  file_.execute("INSERT INTO t (id) VALUES (2)");
  Session session(file_.connect());
  ASSERT_TRUE(session.open(file_.request()).has_value());
  auto loaded = session.load({1, 2});
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, Code::kCorrupt);
}

TEST_F(SqliteTables, ValidateSeesTheStandingTable) {
  run(with_amount({"string"}), {});
  const std::vector<protocol::ValidateBinding> bindings = {to_validate(orders_binding("t"))};
  auto validated = file_.connect()->validate(file_.config_json(), bindings);
  ASSERT_TRUE(validated.has_value()) << validated.error().message;
  const protocol::Constraint& amount = (*validated)[0].constraints[0];
  EXPECT_EQ(amount.type, protocol::ConstraintType::kIncompatible);
  EXPECT_EQ(
      amount.reason,
      "its column is text, which cannot become real; write `backfill: 1` in the binding to fill "
      "the table anew");
}

}  // namespace
}  // namespace weir::testing
