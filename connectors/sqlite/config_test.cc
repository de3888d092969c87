#include "connectors/sqlite/config.h"

#include <gtest/gtest.h>

#include "json/events.h"

namespace weir::sqlite {
namespace {

TEST(SqliteConfig, Endpoint) {
  struct Case {
    std::string_view config, expected;
  };
  const Case cases[] = {
      {R"({"path":"/data/a.db"})", "/data/a.db soft"},
      {R"({"path":"/data/a.db","hardDelete":true})", "/data/a.db hard"},
      {R"({"path":":memory:"})",
       "endpoint.sqlite.path: must be the path of a file; a database in memory could not keep what "
       "was committed"},
      {R"({"path":"file:a.db?mode=memory"})", "endpoint.sqlite.path: must be the path of a file"},
      {R"({"path":"a.db"})", "endpoint.sqlite.path: must be the path of a file"},
      {R"({"path":"/a\u0000b"})", "endpoint.sqlite.path: must be the path of a file"},
      {R"({"path":"/a","hard_delete":true})",
       "endpoint.sqlite: unknown option `hard_delete` (did you mean \"hardDelete\"?)"},
      {R"({"hardDelete":true})", "endpoint.sqlite: `path` is missing"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.config);
    auto got = parse_endpoint(c.config);
    const std::string text =
        got ? got->path + (got->hard_delete ? " hard" : " soft") : got.error().message;
    EXPECT_EQ(text.substr(0, c.expected.size()), c.expected);
  }
}

TEST(SqliteConfig, Resource) {
  struct Case {
    std::string_view config, expected;
  };
  const Case cases[] = {
      {R"({"table":"orders"})", "orders"},
      {R"({"table":"a \"b\" c","delta_updates":true})", "a \"b\" c delta"},
      {R"({"table":"orders","delta_updates":null})", "orders"},
      {R"({"table":""})", "resource.table: must be a text"},
      {R"({"tabel":"orders"})", "resource: `table` is missing"},
      {R"({"table":"t","deltaUpdates":true})",
       "resource: unknown option `deltaUpdates` (did you mean \"delta_updates\"?)"},
      {R"({"table":"SQLite_x"})", "resource.table: the name \"SQLite_x\" is kept"},
      {R"({"table":"WEIR_tables"})", "resource.table: the name \"WEIR_tables\" is kept"},
      {R"({"table":"Flow_Checkpoints_v1"})", "resource.table: the name"},
      {R"({"table":"a\u0000b"})", "resource.table: holds a NUL character"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.config);
    auto got = parse_resource(c.config);
    const std::string text =
        got ? got->table + (got->delta_updates ? " delta" : "") : got.error().message;
    EXPECT_EQ(text.substr(0, c.expected.size()), c.expected);
  }
}

TEST(SqliteConfig, SchemasAreJsonAndNameTheOptions) {
  for (const std::string_view schema : {endpoint_schema_json(), resource_schema_json()}) {
    auto tree = json::parse_tree(schema);
    ASSERT_TRUE(tree.has_value()) << tree.error().message;
    EXPECT_EQ(tree->root.find("properties")->size(), 2u);
  }
}

}  // namespace
}  // namespace weir::sqlite
