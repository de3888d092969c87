// weir validate, weir build, weir schema triggers
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/fixture.h"
#include "tests/cli/program.h"

namespace weir::cli {
namespace {

TEST(Validate, AGoodCatalog) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const Ran ran = folder.run({"validate"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("1 materialization, 2 collections: 0 errors"), std::string::npos)
      << ran.err;
  EXPECT_EQ(folder.run({"validate", "--json"}).out, "[]\n");
  // Nothing was made.
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    files += entry.exists() ? 1 : 0;
  EXPECT_EQ(files, 1u);
}

TEST(Validate, ProblemsHavePlaceCodeAndRemedy) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + R"(
materializations:
  acme/shop:
    endpoint: { sqlite: { path: shop.sqlite } }
    bindings:
      - { resource: { table: orders }, source: acme/order }
)");
  const Ran ran = folder.run({"validate"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(ran.out, "");
  EXPECT_NE(ran.err.find("flow.yaml:26:"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("did you mean \"acme/orders\"?"), std::string::npos) << ran.err;
  const json::Tree report = parse(folder.run({"validate", "--json"}).out);
  ASSERT_TRUE(report.root.is_array());
  ASSERT_GE(report.root.size(), 1u);
  const json::Value& row = report.root.items()[0];
  EXPECT_EQ(member(row, "severity"), "error");
  EXPECT_EQ(member(row, "code").substr(0, 1), "E");
  EXPECT_EQ(member(row, "file"), "flow.yaml");
  EXPECT_EQ(member(row, "line"), "26");
  for (const char* name : {"column", "pointer", "message", "remedy"})
    EXPECT_NE(row.find(name), nullptr) << name;
  // Other commands refuse it alike.
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 3);
  EXPECT_EQ(folder.run({"build"}).code, 3);
}

TEST(Validate, WarningsAreErrorsWhenStrict) {
  const Folder folder;
  folder.write("flow.yaml", shop_with_triggers(trigger("ci", "https://ci.example.com/hook")));
  const Ran loose = folder.run({"validate"});
  EXPECT_EQ(loose.code, 0) << loose.err;
  EXPECT_NE(loose.err.find("warning"), std::string::npos) << loose.err;
  EXPECT_EQ(folder.run({"validate", "--strict"}).code, 3);
}

TEST(Validate, WaysOutOfAnEndpointThatCannotBeRun) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop + R"(
  acme/warehouse:
    endpoint: { connector: { image: "example/materialize-warehouse:v1", config: {} } }
    bindings: [{ source: acme/orders, resource: { table: orders } }]
)");
  const Ran refused = folder.run({"run", "--until-caught-up"});
  EXPECT_EQ(refused.code, 3);
  EXPECT_NE(refused.err.find("\"acme/warehouse\""), std::string::npos) << refused.err;
  EXPECT_EQ(folder.run({"run", "--until-caught-up", "--name", "acme/warehouse"}).code, 3);
  const Ran named = folder.run({"run", "--until-caught-up", "--name", "acme/shop"});
  EXPECT_EQ(named.code, 0) << named.err;
  EXPECT_EQ(folder.run({"build", "--name", "acme/shop"}).code, 0);
  const std::string name = "materializations: { acme/warehouse: ";
  for (const char* over : {"null", "{ shards: { disable: true } }", "{ delete: true }",
                           "{ endpoint: { sqlite: { path: other.sqlite } } }"}) {
    folder.write("over.yaml", name + over + " }\n");
    const Ran ran = folder.run({"run", "flow.yaml", "over.yaml", "--until-caught-up"});
    EXPECT_EQ(ran.code, 0) << over << "\n" << ran.err;
  }
}

TEST(Validate, FilesThatAreNotThere) {
  const Folder folder;
  const Ran none = folder.run({"validate"});
  EXPECT_EQ(none.code, 3);
  EXPECT_NE(none.err.find("flow.yaml"), std::string::npos);
}

TEST(Examples, AreFreeOfWarnings) {
  const Folder folder;
  const std::string root = std::filesystem::current_path().string();
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("examples")) {
    // examples_test.cc runs those of examples/estuary, whose endpoint this build cannot run.
    if (entry.path().filename() != "flow.yaml" ||
        entry.path().string().starts_with("examples/estuary"))
      continue;
    ++found;
    const Ran ran = folder.run({"validate", "--strict", root + "/" + entry.path().string()});
    EXPECT_EQ(ran.code, 0) << ran.err;
  }
  EXPECT_GE(found, 1u);
}

TEST(Explain, EachCodeHasAPage) {
  const Folder folder;
  const json::Tree all = parse(folder.run({"explain", "--json"}).out);
  ASSERT_GT(all.root.size(), 10u);
  for (const json::Value& row : all.root.items()) {
    for (const char* name : {"severity", "title", "explanation", "remedy"}) {
      EXPECT_NE(member(row, name), "") << member(row, "code");
    }
  }
  const Ran one = folder.run({"explain", "w101"});
  EXPECT_EQ(one.code, 0);
  EXPECT_EQ(one.out.substr(0, 15), "W101 (warning):");
  EXPECT_NE(folder.run({"explain"}).out.find("W101  "), std::string::npos);
  EXPECT_EQ(folder.run({"explain", "W999"}).code, 2);
}

TEST(Build, PrintsTheSpecificationWithoutSecrets) {
  const Folder folder;
  folder.write("flow.yaml",
               shop_with_triggers(trigger("ci", "https://ci.example.com/hook",
                                          "  headers: { Authorization: Bearer-canary-4711 }\n")));
  const Ran ran = folder.run({"build"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out.find("canary-4711"), std::string::npos);
  const json::Tree built = parse(ran.out);
  ASSERT_EQ(built.root.size(), 1u);
  const json::Value& spec = built.root.items()[0];
  EXPECT_EQ(member(spec, "name"), "acme/shop");
  ASSERT_NE(spec.find("bindings"), nullptr);
  EXPECT_EQ(spec.find("bindings")->size(), 2u);
  ASSERT_NE(spec.find("triggers"), nullptr);
  EXPECT_TRUE(spec.find("triggers")->is_object());
  EXPECT_EQ(folder.run({"build", "--name", "acme/shop"}).out, ran.out);
  const Ran unknown = folder.run({"build", "--name", "acme/shopp"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_NE(unknown.err.find("did you mean \"acme/shop\"?"), std::string::npos) << unknown.err;
}

TEST(Schema, TriggersAsPublishedAndOurs) {
  const Folder folder;
  const json::Tree published = parse(folder.run({"schema", "triggers", "--published"}).out);
  const json::Tree ours = parse(folder.run({"schema", "triggers"}).out);
  EXPECT_EQ(member(published.root, "$schema"), "https://json-schema.org/draft/2019-09/schema");
  const auto properties = [](const json::Value& root) {
    return root.find("$defs")->find("TriggerConfig")->find("properties");
  };
  const json::Value* theirs = properties(published.root);
  ASSERT_NE(theirs, nullptr);
  EXPECT_EQ(theirs->size(), 6u);
  for (const json::Member& each : theirs->members()) {
    EXPECT_NE(properties(ours.root)->find(each.name), nullptr) << each.name;
  }
  const json::Value* secret = theirs->find("headers")->find("additionalProperties")->find("secret");
  ASSERT_NE(secret, nullptr);
  EXPECT_TRUE(secret->as_bool());
}

// Every option that the schema names is one that the catalog takes, so that the two cannot drift
// apart.
TEST(Schema, EveryOptionOfOursIsTaken) {
  const Folder folder;
  folder.write("flow.yaml", shop_with_triggers(trigger("ci", "https://ci.example.com/hook",
                                                       "  enabled: true\n"
                                                       "  method: PUT\n"
                                                       "  headers: { X-Key: '${env:KEY}' }\n"
                                                       "  timeout: 10s\n"
                                                       "  maxAttempts: 5\n"
                                                       "  delivery: background\n"
                                                       "  onExhausted: park\n"
                                                       "  interval: 1h 30m\n"
                                                       "  secrets: { key: '${file:key.txt}' }\n")));
  const Ran ran = folder.run({"validate"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  folder.write("flow.yaml", shop_with_triggers(trigger("ci", "https://ci.example.com/hook",
                                                       "  mergePending: false\n")));
  EXPECT_EQ(folder.run({"validate"}).code, 0);
  folder.write("flow.yaml", shop_with_triggers(
                                trigger("ci", "https://ci.example.com/hook", "  maxAttempt: 5\n")));
  EXPECT_EQ(folder.run({"validate"}).code, 3);
}

}  // namespace
}  // namespace weir::cli
