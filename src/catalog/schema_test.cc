// Schemas of collections made self-contained, and the schemas of the triggers block.
#include <gtest/gtest.h>

#include "catalog/test_catalog.h"
#include "catalog/trigger_schema.h"
#include "catalog/validate.h"
#include "json/events.h"

namespace weir::catalog {
namespace {

// The written schema of collection `c`, which says `schema`.
std::string bundled(std::string_view schema, std::map<std::string, std::string> files) {
  const Loaded loaded =
      load_text(fmt::format("collections: {{ c: {{ schema: {}, key: [/id] }} }}\n", schema),
                std::move(files));
  std::string problems;
  for (const Problem& p : loaded.problems) problems += fmt::format("{} {}\n", p.code, p.message);
  return problems.empty() ? loaded.catalog.collections.at("c").spec.write_schema_json : problems;
}

constexpr std::string_view kId = R"("type":"object","required":["id"])";

std::map<std::string, std::string> files() {
  const std::string types = R"({"Id": {"$anchor": "ident", "type": "string"},
    "Self": {"type": "object", "properties": {"next": {"$ref": "#/Self"}, "id": {"$ref": "#ident"}}},
    "a b/c": {"type": "null"}, "other": {"$ref": "../more.json#/definitions/x"}})";
  return {
      {"s/types.json", types},
      {"more.json",
       R"({"$id": "https://example.com/more", "definitions": {"x": {"default": {"$ref": "data"}, "type": "number"}}})"},
      {"whole.json",
       fmt::format(
           R"({{{},"properties":{{"id":{{"$ref":"#/$defs/i"}}}},"$defs":{{"i":{{"type":"string"}}}}}})",
           kId)},
      {"inner.json",
       fmt::format(
           R"({{"deep":{{{},"properties":{{"id":{{"$ref":"#/other"}}}}}},"other":{{"type":"string"}}}})",
           kId)},
  };
}

struct Case {
  std::string schema, expected;
};
void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.schema);
    EXPECT_EQ(bundled(c.schema, files()), c.expected);
  }
}

TEST(SchemaBundle, ReferencesElsewhereBecomeDefinitions) {
  check({
      // A whole file is taken as it is.
      {"whole.json",
       fmt::format(
           R"({{{},"properties":{{"id":{{"$ref":"#/$defs/i"}}}},"$defs":{{"i":{{"type":"string"}}}}}})",
           kId)},
      // Of a part of a file, what it refers to comes along.
      {"inner.json#/deep",
       fmt::format(R"({{{},"properties":{{"id":{{"$ref":"#/$defs/inner.json-other"}}}},)"
                   R"("$defs":{{"inner.json-other":{{"type":"string"}}}}}})",
                   kId)},
      {fmt::format(
           R"({{{},"properties":{{"id":{{"$ref":"s/types.json#ident"}},"s":{{"$ref":"s/types.json#/Self"}}}}}})",
           kId),
       fmt::format(
           R"({{{},"properties":{{"id":{{"$ref":"#/$defs/s-types.json-Id"}},"s":{{"$ref":"#/$defs/s-types.json-Self"}}}},)"
           R"("$defs":{{"s-types.json-Id":{{"type":"string"}},"s-types.json-Self":{{"type":"object","properties":{{)"
           R"("next":{{"$ref":"#/$defs/s-types.json-Self"}},"id":{{"$ref":"#/$defs/s-types.json-Id"}}}}}}}}}})",
           kId)},
      {fmt::format(
           R"({{{},"properties":{{"id":{{"type":"string"}},"o":{{"$ref":"s/types.json#/other"}},)"
           R"("n":{{"$ref":"s/types.json#/a%20b~1c"}}}}}})",
           kId),
       fmt::format(
           R"({{{},"properties":{{"id":{{"type":"string"}},"o":{{"$ref":"#/$defs/s-types.json-other"}},)"
           R"("n":{{"$ref":"#/$defs/s-types.json-a-b-1c"}}}},"$defs":{{)"
           R"("s-types.json-other":{{"$ref":"#/$defs/more.json-definitions-x"}},"s-types.json-a-b-1c":{{"type":"null"}},)"
           R"("more.json-definitions-x":{{"default":{{"$ref":"data"}},"type":"number"}}}}}})",
           kId)},
  });
}

TEST(SchemaBundle, NamesOfTheUsersAreLeftAlone) {
  check({
      // Properties may have the names of keywords.
      {fmt::format(
           R"({{{},"properties":{{"id":{{"type":"string"}},"$ref":{{"type":"null"}},"default":{{"$ref":"s/types.json#/Id"}}}}}})",
           kId),
       fmt::format(
           R"({{{},"properties":{{"id":{{"type":"string"}},"$ref":{{"type":"null"}},"default":{{"$ref":"#/$defs/s-types.json-Id"}}}},)"
           R"("$defs":{{"s-types.json-Id":{{"type":"string"}}}}}})",
           kId)},
      // Names that are taken are left alone.
      {fmt::format(
           R"({{{},"properties":{{"id":{{"$ref":"s/types.json#/Id"}}}},"$defs":{{"s-types.json-Id":true}}}})",
           kId),
       fmt::format(
           R"({{{},"properties":{{"id":{{"$ref":"#/$defs/s-types.json-Id-2"}}}},)"
           R"("$defs":{{"s-types.json-Id":true,"s-types.json-Id-2":{{"type":"string"}}}}}})",
           kId)},
      // A document's own name for a part of itself.
      {fmt::format(
           R"({{{},"properties":{{"id":{{"$ref":"https://example.com/i"}}}},"$defs":{{"i":{{"$id":"https://example.com/i","type":"string"}}}}}})",
           kId),
       fmt::format(
           R"({{{},"properties":{{"id":{{"$ref":"https://example.com/i"}}}},"$defs":{{"i":{{"$id":"https://example.com/i","type":"string"}}}}}})",
           kId)},
  });
}

TEST(SchemaBundle, NothingBesideTheTargetIsTakenAlong) {
  const Loaded loaded = load_text(R"(
collections:
  c:
    schema:
      type: object
      properties: { id: { $ref: "flow.yaml#/collections/d/schema/properties/id" } }
      required: [id]
    key: [/id]
  d: { schema: { type: object, properties: { id: { type: string } }, required: [id] }, key: [/id] }
materializations:
  m:
    endpoint: { sqlite: { path: canary } }
    bindings: []
)");
  EXPECT_TRUE(loaded.ok()) << format_report(loaded.problems);
  EXPECT_EQ(loaded.catalog.collections.at("c").spec.write_schema_json.find("canary"),
            std::string::npos);
}

TEST(SchemaBundle, WellKnownSchemasOfReading) {
  const Loaded loaded = load_text(R"(
collections:
  inlined:
    writeSchema: { type: object, properties: { id: { type: string } }, required: [id] }
    readSchema:
      $defs: { flow://inferred-schema: { $id: "flow://inferred-schema", properties: { n: { type: integer } } } }
      allOf: [{ $ref: "flow://relaxed-write-schema" }, { $ref: "flow://inferred-schema" }]
    key: [/id]
  own:
    writeSchema: { type: object, properties: { id: { type: string } }, required: [id] }
    readSchema: { allOf: [{ $ref: "flow://write-schema" }, { $ref: "flow://inferred-schema" }] }
    key: [/id]
  unknown:
    writeSchema: { type: object, properties: { id: { type: string } }, required: [id] }
    readSchema: { $ref: "flow://nothing" }
    key: [/id]
)");
  EXPECT_EQ(brief(loaded.problems),
            "W112 11:68 /collections/own/readSchema/allOf/1/$ref flow://inferred-schema is not "
            "inlined: it admits anything\n"
            "E302 15:25 /collections/unknown/readSchema/$ref there is no schema flow://nothing\n");
  const auto& inlined = loaded.catalog.collections.at("inlined").spec;
  EXPECT_NE(inlined.find_projection("n"), nullptr);
  EXPECT_EQ(inlined.find_projection("id")->inference.exists, protocol::Exists::kMust);
  EXPECT_EQ(loaded.catalog.collections.at("own").spec.find_projection("id")->inference.types,
            std::vector<std::string>{"string"});
}

// --- the triggers block
// ------------------------------------------------------------------------------------------

std::shared_ptr<const json::Schema> compiled(std::string_view text) {
  const auto tree = json::parse_tree(text);
  EXPECT_TRUE(tree);
  json::SchemaStore store;
  EXPECT_TRUE(store.add("test://triggers", tree->root));
  json::SchemaOptions options;
  options.keywords = {"secret"};
  options.regex = json::re2_regex_factory();
  auto schema = store.compile("test://triggers", options);
  EXPECT_TRUE(schema) << schema.error().message;
  return schema ? *schema : nullptr;
}

enum class Valid { kNowhere, kOurs, kBoth };
struct TriggersCase {
  std::string_view block;
  Valid valid;
};
constexpr TriggersCase kBlocks[] = {
    {R"({"config": []})", Valid::kBoth},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}"}]})", Valid::kBoth},
    {R"({"interval": "5m", "config": []})", Valid::kBoth},
    {R"({"interval": null, "config": []})", Valid::kBoth},
    {R"({"config": [{"url": "https://example.com/", "method": "PUT", "headers": {"A": "b"}, "payloadTemplate": "{}",
         "timeout": "10s", "maxAttempts": 0}]})",
     Valid::kBoth},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "timeout": null}]})",
     Valid::kBoth},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "timeout": "2d", "maxAttempts": 7.0}]})",
     Valid::kBoth},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "name": "a.b-c_1", "enabled": false,
         "delivery": "background", "onExhausted": "discard", "interval": "1h", "mergePending": true,
         "secrets": {"key": "v"}}]})",
     Valid::kOurs},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "delivery": "inline",
         "onExhausted": "failTask"}]})",
     Valid::kOurs},
    {R"({"config": [], "interval": "1h 30m"})", Valid::kOurs},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "timeout": "500ms"}]})",
     Valid::kOurs},
    {R"({"config": [], "interval": "5m and more"})", Valid::kNowhere},
    {R"({})", Valid::kNowhere},
    {R"({"config": {}})", Valid::kNowhere},
    {R"({"config": [{}]})", Valid::kNowhere},
    {R"({"config": [{"url": "https://example.com/"}]})", Valid::kNowhere},
    {R"({"config": [{"url": 1, "payloadTemplate": "{}"}]})", Valid::kNowhere},
    {R"({"config": [], "retries": 1})", Valid::kNowhere},
    {R"({"config": [], "interval": "soon"})", Valid::kNowhere},
    {R"({"config": [], "interval": 5})", Valid::kNowhere},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "method": "post"}]})",
     Valid::kNowhere},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "method": "GET"}]})",
     Valid::kNowhere},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "headers": {"A": 1}}]})",
     Valid::kNowhere},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "headers": null}]})",
     Valid::kNowhere},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "timeoutSecs": 30}]})",
     Valid::kNowhere},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "maxAttempts": -1}]})",
     Valid::kNowhere},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "maxAttempts": 1.5}]})",
     Valid::kNowhere},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "name": "a b"}]})",
     Valid::kNowhere},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "delivery": "later"}]})",
     Valid::kNowhere},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "delivery": "background",
         "onExhausted": "failTask"}]})",
     Valid::kNowhere},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "secrets": {"a": null}}]})",
     Valid::kNowhere},
    {R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "debounce": {"quiet": "1m"}}]})",
     Valid::kNowhere},
};

TEST(TriggerSchema, PublishedDocumentsAreOursAndTheLoaderAgrees) {
  const auto published = compiled(published_trigger_schema());
  const auto ours = compiled(trigger_schema());
  for (const TriggersCase& c : kBlocks) {
    SCOPED_TRACE(c.block);
    const auto block = json::parse_tree(c.block);
    ASSERT_TRUE(block);
    EXPECT_EQ(published->is_valid(block->root), c.valid == Valid::kBoth);
    EXPECT_EQ(ours->is_valid(block->root), c.valid != Valid::kNowhere);
    const Loaded loaded =
        load_text(fmt::format("materializations: {{ m: {{ endpoint: {{ sqlite: {{ path: x }} }}, "
                              "bindings: [], triggers: {} }} }}\n",
                              c.block));
    EXPECT_EQ(loaded.ok(), c.valid != Valid::kNowhere) << format_report(loaded.problems);
  }
}

TEST(TriggerSchema, SecretPlacesAreMarked) {
  const auto block = json::parse_tree(
      R"({"config": [{"url": "https://example.com/", "payloadTemplate": "{}", "headers": {"A": "b"}, "secrets": {"c": "d"}}]})");
  json::Outcome outcome;
  compiled(trigger_schema())->validate(block->root, outcome);
  ASSERT_TRUE(outcome.valid);
  std::vector<std::string> secrets;
  for (const json::Annotation& a : outcome.annotations)
    secrets.emplace_back(a.instance->as_string());
  EXPECT_EQ(secrets, (std::vector<std::string>{"b", "d"}));
}

}  // namespace
}  // namespace weir::catalog
