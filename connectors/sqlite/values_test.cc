#include "connectors/sqlite/values.h"

#include <gtest/gtest.h>

#include <cmath>

#include "document/tuple.h"

namespace weir::sqlite {
namespace {

using document::pack_big_integer;
using document::pack_bool;
using document::pack_bytes;
using document::pack_double;
using document::pack_int;
using document::pack_null;
using document::pack_string;
using document::pack_uint;

template <typename Pack, typename... Args>
std::string packed(Pack pack, Args... args) {
  std::string out;
  pack(out, args...);
  return out;
}

class SqliteValues : public ::testing::Test {
 protected:
  SqliteValues() : database_(*Database::open(":memory:", OpenMode::kReadWriteCreate)) {
    EXPECT_TRUE(define_convert(database_->handle()).has_value());
    EXPECT_TRUE(database_
                    ->execute("CREATE TABLE t (integer INTEGER, real REAL, boolean BOOLEAN,"
                              " text TEXT, decimal TEXT, json TEXT)")
                    .has_value());
  }

  // What a column of the kind holds after the value was stored: "type:text", or "stuck".
  std::string stored(ColumnKind kind, const std::string& value) {
    const std::string name(name_of(kind));
    Statement insert = *database_->prepare("INSERT INTO t (" + name + ") VALUES (?1)");
    TupleBinder binder("\"t\"");
    const Column column{.name = name, .kind = kind, .role = ColumnRole::kValue};
    if (auto status = binder.bind(insert, 1, value, {&column, 1}, Nulls::kAllow); !status) {
      EXPECT_EQ(status.error().code, Code::kInvalid);
      EXPECT_NE(status.error().message.find("\"" + name + "\""), std::string::npos);
      return "stuck";
    }
    EXPECT_TRUE(insert.run("insert").has_value());
    const std::string at = " FROM t WHERE rowid = last_insert_rowid()";
    return *database_->query_text("SELECT typeof(" + name + ")" + at) + ":" +
           *database_->query_text("SELECT " +
                                  (kind == ColumnKind::kReal
                                       ? "iif(real IS NULL, '', printf('%!.17g', real))"
                                       : name) +
                                  at);
  }

  std::unique_ptr<Database> database_;
};

TEST_F(SqliteValues, EachKindHoldsAValueExactlyOrNotAtAll) {
  const double two53 = 9007199254740992.0;
  struct Case {
    std::string_view what;
    std::string value;
    // in the order integer, real, boolean, text, decimal, json
    std::array<std::string_view, 6> expected;
  };
  const Case cases[] = {
      {"null", packed(pack_null), {"null:", "null:", "null:", "null:", "null:", "null:"}},
      {"7", packed(pack_int, 7), {"integer:7", "real:7.0", "stuck", "stuck", "text:7", "text:7"}},
      {"2^53",
       packed(pack_int, 9007199254740992),
       {"integer:9007199254740992", "real:9007199254740992.0", "stuck", "stuck",
        "text:9007199254740992", "text:9007199254740992"}},
      {"2^53 + 1",
       packed(pack_int, 9007199254740993),
       {"integer:9007199254740993", "stuck", "stuck", "stuck", "text:9007199254740993",
        "text:9007199254740993"}},
      {"the smallest",
       packed(pack_int, std::numeric_limits<std::int64_t>::min()),
       {"integer:-9223372036854775808", "real:-9.2233720368547758e+18", "stuck", "stuck",
        "text:-9223372036854775808", "text:-9223372036854775808"}},
      {"the largest",
       packed(pack_int, std::numeric_limits<std::int64_t>::max()),
       {"integer:9223372036854775807", "stuck", "stuck", "stuck", "text:9223372036854775807",
        "text:9223372036854775807"}},
      {"2^63",
       packed(pack_uint, 1ULL << 63),
       {"stuck", "real:9.2233720368547758e+18", "stuck", "stuck", "text:9223372036854775808",
        "text:9223372036854775808"}},
      {"2^64 - 1",
       packed(pack_uint, ~0ULL),
       {"stuck", "stuck", "stuck", "stuck", "text:18446744073709551615",
        "text:18446744073709551615"}},
      {"2^70",
       packed(pack_big_integer, "1180591620717411303424"),
       {"stuck", "real:1.1805916207174113e+21", "stuck", "stuck", "text:1180591620717411303424",
        "text:1180591620717411303424"}},
      {"-(2^70) - 1",
       packed(pack_big_integer, "-1180591620717411303425"),
       {"stuck", "stuck", "stuck", "stuck", "text:-1180591620717411303425",
        "text:-1180591620717411303425"}},
      {"0.1",
       packed(pack_double, 0.1),
       {"stuck", "real:0.10000000000000001", "stuck", "stuck", "stuck", "text:0.1"}},
      {"3.0",
       packed(pack_double, 3.0),
       {"integer:3", "real:3.0", "stuck", "stuck", "text:3", "text:3"}},
      {"-0.0",
       packed(pack_double, -0.0),
       {"integer:0", "real:0.0", "stuck", "stuck", "text:0", "text:-0"}},
      {"2^53 as a float",
       packed(pack_double, two53),
       {"integer:9007199254740992", "real:9007199254740992.0", "stuck", "stuck",
        "text:9007199254740992", "text:9007199254740992"}},
      {"1e300",
       packed(pack_double, 1e300),
       {"stuck", "real:1.0e+300", "stuck", "stuck", "", "text:1e+300"}},
      {"true",
       packed(pack_bool, true),
       {"stuck", "stuck", "integer:1", "stuck", "stuck", "text:true"}},
      {"false",
       packed(pack_bool, false),
       {"stuck", "stuck", "integer:0", "stuck", "stuck", "text:false"}},
      {"a text",
       packed(pack_string, "it's \"so\""),
       {"stuck", "stuck", "stuck", "text:it's \"so\"", "stuck", "text:\"it's \\\"so\\\"\""}},
      {"a text of digits",
       packed(pack_string, "12"),
       {"stuck", "stuck", "stuck", "text:12", "stuck", "text:\"12\""}},
      {"the empty text",
       packed(pack_string, ""),
       {"stuck", "stuck", "stuck", "text:", "stuck", "text:\"\""}},
      {"an object",
       packed(pack_bytes, R"({"a":1})"),
       {"stuck", "stuck", "stuck", "stuck", "stuck", R"(text:{"a":1})"}},
  };
  for (const Case& c : cases) {
    for (int kind = 0; kind < 6; ++kind) {
      SCOPED_TRACE(fmt::format("{} into {}", c.what, name_of(static_cast<ColumnKind>(kind))));
      if (c.expected[kind].empty()) continue;  // 301 digits
      EXPECT_EQ(stored(static_cast<ColumnKind>(kind), c.value), c.expected[kind]);
    }
  }
}

TEST_F(SqliteValues, TextsWithNulAreWhole) {
  const std::string text("a\0b", 3);
  Statement select = *database_->prepare("SELECT length(CAST(?1 AS BLOB)), ?1 = ?2");
  TupleBinder binder("\"t\"");
  const Column columns[] = {{.name = "a", .kind = ColumnKind::kText, .role = ColumnRole::kValue},
                            {.name = "b", .kind = ColumnKind::kText, .role = ColumnRole::kValue}};
  const std::string value = packed(pack_string, text) + packed(pack_string, text);
  ASSERT_TRUE(binder.bind(select, 1, value, columns, Nulls::kAllow).has_value());
  ASSERT_TRUE(*select.step("select"));
  EXPECT_EQ(select.integer(0), 3);
  EXPECT_EQ(select.integer(1), 1);
}

TEST_F(SqliteValues, TuplesThatDoNotFitTheColumns) {
  struct Case {
    std::string_view what;
    std::string value;
    Nulls nulls;
    Code code;
  };
  const Case cases[] = {
      {"too short", "", Nulls::kAllow, Code::kCorrupt},
      {"too long", packed(pack_int, 1) + packed(pack_int, 2), Nulls::kAllow, Code::kCorrupt},
      {"no tuple", "\x7f", Nulls::kAllow, Code::kCorrupt},
      {"null in a key", packed(pack_null), Nulls::kRefuse, Code::kInvalid},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    Statement select = *database_->prepare("SELECT ?1");
    TupleBinder binder("\"t\"");
    const Column column{.name = "a", .kind = ColumnKind::kInteger, .role = ColumnRole::kKey};
    auto status = binder.bind(select, 1, c.value, {&column, 1}, c.nulls);
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, c.code) << status.error().message;
  }
}

TEST_F(SqliteValues, Convert) {
  struct Case {
    std::string_view call, expected;
  };
  const Case cases[] = {
      {"weir_convert(7, 'integer', 'real')", "real:7.0"},
      {"weir_convert(9007199254740993, 'integer', 'real')", "error"},
      {"weir_convert(7, 'integer', 'decimal')", "text:7"},
      {"weir_convert(7, 'integer', 'json')", "text:7"},
      {"weir_convert(0.1, 'real', 'json')", "text:0.1"},
      {"weir_convert(0.1 + 0.2, 'real', 'json')", "text:0.30000000000000004"},
      {"weir_convert(1, 'boolean', 'json')", "text:true"},
      {"weir_convert('a\"b', 'text', 'json')", "text:\"a\\\"b\""},
      {"weir_convert('18446744073709551615', 'decimal', 'json')", "text:18446744073709551615"},
      {"weir_convert('12', 'decimal', 'real')", "real:12.0"},
      {"weir_convert(NULL, 'text', 'json')", "null:"},
      {"weir_convert(x'00', 'text', 'json')", "error"},
      {"weir_convert('x', 'text', 'integer')", "error"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.call);
    auto type = database_->query_text(fmt::format("SELECT typeof({})", c.call));
    const std::string got =
        type ? *type + ":" + *database_->query_text(fmt::format("SELECT {}", c.call)) : "error";
    EXPECT_EQ(got, c.expected);
  }
}

}  // namespace
}  // namespace weir::sqlite
