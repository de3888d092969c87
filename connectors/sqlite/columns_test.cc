#include "connectors/sqlite/columns.h"

#include <gtest/gtest.h>

#include <limits>

#include "connectors/sqlite/names.h"

namespace weir::sqlite {
namespace {

protocol::Inference inference(std::vector<std::string> types, std::optional<double> minimum = {},
                              std::optional<double> maximum = {}) {
  protocol::Inference out;
  out.types = std::move(types);
  if (minimum || maximum) out.numeric = {.minimum = minimum, .maximum = maximum};
  return out;
}

TEST(SqliteColumns, KindOfALocation) {
  struct Case {
    protocol::Inference inference;
    std::string_view expected;
  };
  const Case cases[] = {
      {inference({"integer"}), "integer INTEGER"},
      {inference({"integer", "null"}), "integer INTEGER"},
      {inference({"integer"}, 0, 4294967295.0), "integer INTEGER"},
      {inference({"integer"}, -9223372036854775808.0, 9223372036854775807.0), "integer INTEGER"},
      {inference({"integer"}, 0, 18446744073709551615.0), "decimal TEXT"},
      {inference({"integer"}, -1e30), "decimal TEXT"},
      {inference({"number"}), "real REAL"},
      {inference({"fractional"}), "real REAL"},
      {inference({"fractional", "integer"}), "real REAL"},
      {inference({"boolean"}), "boolean BOOLEAN"},
      {inference({"string"}), "text TEXT"},
      {inference({"null", "string"}), "text TEXT"},
      {inference({"object"}), "json TEXT"},
      {inference({"array", "null"}), "json TEXT"},
      {inference({"integer", "string"}), "json TEXT"},
      {inference({"boolean", "string"}), "json TEXT"},
      {inference({"boolean", "number"}), "json TEXT"},
      {inference({"null"}), "none"},
      {inference({}), "none"},
  };
  for (const Case& c : cases) {
    const auto kind = kind_of(c.inference);
    EXPECT_EQ(kind ? fmt::format("{} {}", name_of(*kind), declared_type(*kind)) : "none",
              c.expected);
  }
  protocol::Inference numeric_string = inference({"string"});
  numeric_string.string = protocol::Inference::String{};
  numeric_string.string->format = "integer";
  EXPECT_EQ(kind_of(numeric_string), ColumnKind::kText);
  protocol::Inference never = inference({"string"});
  never.exists = protocol::Exists::kCannot;
  EXPECT_EQ(kind_of(never), std::nullopt);
}

TEST(SqliteColumns, KindOfADeclaredType) {
  struct Case {
    std::string_view type;
    ColumnKind wanted;
    std::optional<ColumnKind> expected;
  };
  using enum ColumnKind;
  const Case cases[] = {
      {"BIGINT", kText, kInteger},
      {"VARCHAR(10)", kJson, kJson},
      {"text", kInteger, kText},
      {"double precision", kText, kReal},
      {"Boolean", kText, kBoolean},
      {"NUMERIC", kText, {}},
      {"", kText, {}},
      {"BLOB", kText, {}},
      {"JSON", kJson, {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.type);
    EXPECT_EQ(kind_of_declared(c.type, c.wanted), c.expected);
  }
}

// Rows: what is stored; columns: what is wanted; in the order of the enum.
TEST(SqliteColumns, Join) {
  constexpr std::string_view kTable[] = {
      "integer real - - decimal json",  //
      "real real - - json json",        //
      "- - boolean - - json",           //
      "- - - text - json",              //
      "decimal json - - decimal json",  //
      "json json json json json json",
  };
  for (int stored = 0; stored < 6; ++stored) {
    std::string row;
    for (int wanted = 0; wanted < 6; ++wanted) {
      const auto kind = join(static_cast<ColumnKind>(stored), static_cast<ColumnKind>(wanted));
      row += (wanted > 0 ? " " : "") + std::string(kind ? name_of(*kind) : "-");
    }
    EXPECT_EQ(row, kTable[stored]);
  }
}

TEST(SqliteColumns, TextFormIsGolden) {
  const std::vector<Column> columns = {
      {.name = "id", .kind = ColumnKind::kInteger, .role = ColumnRole::kKey},
      {.name = "a \"b\"", .kind = ColumnKind::kDecimal, .role = ColumnRole::kValue},
      {.name = "flow_document", .kind = ColumnKind::kJson, .role = ColumnRole::kDocument},
      {.name = "old", .kind = ColumnKind::kBoolean, .role = ColumnRole::kFormer},
  };
  const std::string text = R"([{"name":"id","kind":"integer","role":"key"},)"
                           R"({"name":"a \"b\"","kind":"decimal","role":"value"},)"
                           R"({"name":"flow_document","kind":"json","role":"document"},)"
                           R"({"name":"old","kind":"boolean","role":"former"}])";
  EXPECT_EQ(columns_to_json(columns), text);
  auto back = columns_from_json(text);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(*back, columns);
  for (const std::string_view bad :
       {"", "{}", R"([{"name":"id","kind":"blob","role":"key"}])", "[1]"}) {
    EXPECT_EQ(columns_from_json(bad).error().code, Code::kCorrupt) << bad;
  }
}

protocol::Binding binding(std::vector<std::string> fields) {
  protocol::Binding out;
  out.collection.name = "acme/orders";
  for (const std::string& field : fields) {
    protocol::Projection projection;
    projection.field = field;
    projection.inference = inference({field == "nothing" ? "null" : "string"});
    out.collection.projections.push_back(projection);
  }
  return out;
}

TEST(SqliteColumns, SelectionsThatNoTableCanHold) {
  struct Case {
    std::vector<std::string> projections;
    protocol::FieldSelection selection;
    bool delta;
    std::string_view expected;
  };
  const Case cases[] = {
      {{"a", "b", "doc"}, {{"a"}, {"b"}, "doc", {}}, false, ""},
      {{"a"}, {{"a"}, {}, "", {}}, true, ""},
      {{"A", "a", "doc"}, {{"a"}, {"A"}, "doc", {}}, false, "differ in the case of letters only"},
      {{"a"}, {{"a"}, {}, "", {}}, false, "needs the document"},
      {{"doc"}, {{}, {}, "doc", {}}, false, "needs a key"},
      {{"a"}, {{}, {}, "", {}}, true, "no field is selected"},
      {{"a"}, {{"b"}, {}, "", {}}, true, "has no field \"b\""},
      {{"a", "nothing"}, {{"a"}, {"nothing"}, "", {}}, true, "can only be null"},
  };
  for (const Case& c : cases) {
    protocol::Binding b = binding(c.projections);
    b.field_selection = c.selection;
    b.delta_updates = c.delta;
    auto columns = columns_of(b);
    const std::string message = columns ? "" : columns.error().message;
    EXPECT_NE(message.find(c.expected), std::string::npos) << message;
    EXPECT_EQ(columns.has_value(), c.expected.empty());
  }
}

TEST(SqliteNames, QuotesAndFolds) {
  EXPECT_EQ(quoted(R"(a"b)"), R"("a""b")");
  EXPECT_EQ(quoted_text("it's"), "'it''s'");
  EXPECT_EQ(folded("ÄBc_Z9"), "Äbc_z9");
  EXPECT_TRUE(same_name("Orders", "oRDERS"));
  EXPECT_FALSE(same_name("Ä", "ä"));
}

}  // namespace
}  // namespace weir::sqlite
