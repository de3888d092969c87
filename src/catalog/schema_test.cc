// Schemas of collections made self-contained, and the schemas of the triggers block.
#include <gtest/gtest.h>

#include "catalog/test_catalog.h"
#include "catalog/trigger_schema.h"
#include "catalog/validate.h"
#include "catalog/well_known.h"
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

// Collections of this write schema, each with its read schema.
std::string reading(std::string_view collections) {
  std::string out = "collections:\n";
  for (std::size_t at = 0; at < collections.size();) {
    const std::size_t end = collections.find('\n', at);
    const std::string_view line = collections.substr(at, end - at);
    const std::size_t colon = line.find(": ");
    out += fmt::format(
        "  {}: {{ key: [/id], writeSchema: {{ type: object, required: [id], additionalProperties: "
        "false, properties: {{ id: {{ type: string }}, at: {{ type: string, format: date }} }} }}, "
        "readSchema: {} }}\n",
        line.substr(0, colon), line.substr(colon + 2));
    at = end + 1;
  }
  return out;
}

Loaded load_reading(std::string_view collections, InferredSchemaOf inferred = nullptr) {
  MemoryFiles files({{"flow.yaml", reading(collections)}});
  LoadOptions options = test_options(files);
  options.inferred_schema = std::move(inferred);
  return load({"flow.yaml"}, options);
}

// "integer must", or "" where there is no such field.
std::string field(const Loaded& loaded, const char* collection, const char* name) {
  const protocol::Projection* p =
      loaded.catalog.collections.at(collection).spec.find_projection(name);
  if (p == nullptr) return "";
  std::string out;
  for (const std::string& type : p->inference.types) out += type + " ";
  return out + (p->inference.exists == protocol::Exists::kMust ? "must" : "may");
}

constexpr std::string_view kInferredHere =
    "{ $id: \"flow://inferred-schema\", type: object, required: [id], properties: { id: { type: "
    "string }, n: { type: integer } } }";

TEST(WellKnownSchemas, InlinedOnesComeFirst) {
  const auto never = [](const Collection&) -> std::optional<InferredSchema> {
    ADD_FAILURE() << "asked for an inlined schema";
    return std::nullopt;
  };
  const std::string by_id = fmt::format(
      "by_id: {{ $defs: {{ here: {} }}, allOf: [{{ $ref: \"flow://relaxed-write-schema\" }}, {{ "
      "$ref: \"flow://inferred-schema\" }}] }}\n",
      kInferredHere);
  const std::string by_name =
      "by_name: { $defs: { flow://inferred-schema: { type: object, required: [id], properties: { "
      "id: { type: string }, n: { type: boolean } } } }, allOf: [{ $ref: "
      "\"flow://relaxed-write-schema\" }, { $ref: \"flow://inferred-schema\" }] }\n";
  const Loaded loaded = load_reading(by_id + by_name, never);
  EXPECT_EQ(brief(loaded.problems), "");
  EXPECT_EQ(field(loaded, "by_id", "n"), "integer may");
  EXPECT_EQ(field(loaded, "by_id", "id"), "string must");
  EXPECT_EQ(field(loaded, "by_name", "n"), "boolean may");
  EXPECT_FALSE(is_inferred(loaded.catalog.collections.at("by_id").spec));
  // Relaxed: what the write schema says of types, formats and closing is gone.
  const std::string& schema = loaded.catalog.collections.at("by_id").spec.read_schema_json;
  EXPECT_NE(schema.find(R"("properties":{"id":{},"at":{}})"), std::string::npos) << schema;
}

TEST(WellKnownSchemas, ConnectorSchemasOfTheWriteSchema) {
  const Loaded loaded = load_text(R"(
collections:
  c:
    key: [/id]
    writeSchema:
      $defs: { flow://connector-schema: { $id: "flow://connector-schema", type: object, required: [id], properties: { id: { type: integer }, name: { type: string } } } }
      $ref: flow://connector-schema
      properties: { ssn: { redact: { strategy: block } } }
    readSchema: { allOf: [{ $ref: "flow://write-schema" }] }
  unknown:
    key: [/id]
    schema: { $ref: "flow://connector-schema", type: object, required: [id], properties: { id: { type: integer } } }
)");
  EXPECT_EQ(brief(loaded.problems),
            "W112 12:21 /collections/unknown/schema/$ref flow://connector-schema is not inlined: "
            "it admits anything\n");
  EXPECT_EQ(field(loaded, "c", "name"), "string may");
  EXPECT_EQ(field(loaded, "c", "id"), "integer must");
}

constexpr std::string_view kUsual =
    "c: { allOf: [{ $ref: \"flow://relaxed-write-schema\" }, { $ref: \"flow://inferred-schema\" "
    "}] }\n";

TEST(WellKnownSchemas, OurOwnInferenceStandsForTheInferredOne) {
  const auto inferred = [](bool complete) {
    return [complete](const Collection& collection) -> std::optional<InferredSchema> {
      EXPECT_EQ(collection.spec.name, "c");
      return InferredSchema{
          R"({"type":"object","required":["id"],"properties":{"id":{"type":"string"},"extra":{"type":["null","integer"]}}})",
          7, complete};
    };
  };
  const Loaded loaded = load_reading(kUsual, inferred(true));
  EXPECT_EQ(brief(loaded.problems), "");
  EXPECT_EQ(field(loaded, "c", "extra"), "integer null may");
  EXPECT_TRUE(is_inferred(loaded.catalog.collections.at("c").spec));
  EXPECT_EQ(brief(load_reading(kUsual, inferred(false)).problems),
            "W112 2:241 /collections/c/readSchema/allOf/1/$ref flow://inferred-schema is inferred "
            "from the first 7 documents alone\n");
}

TEST(WellKnownSchemas, ThePlaceholderStandsWhereNothingIsKnown) {
  const auto none = [](const Collection&) { return std::optional<InferredSchema>(); };
  const Loaded loaded = load_reading(kUsual, none);
  EXPECT_EQ(brief(loaded.problems),
            "W112 2:241 /collections/c/readSchema/allOf/1/$ref flow://inferred-schema is not "
            "known: no documents of \"c\" were found to infer it from\n");
  const Collection& c = loaded.catalog.collections.at("c");
  EXPECT_TRUE(c.usable);
  EXPECT_TRUE(is_inferred(c.spec));
  // The write schema is not relaxed then, and no document fits.
  EXPECT_EQ(field(loaded, "c", "id"), "string must");
  EXPECT_NE(c.spec.read_schema_json.find(R"("required":["inferredSchemaIsNotAvailable"])"),
            std::string::npos);
  const Loaded open = load_reading(kUsual);
  EXPECT_EQ(brief(open.problems),
            "W112 2:241 /collections/c/readSchema/allOf/1/$ref flow://inferred-schema is not "
            "inlined: it admits anything\n");
  EXPECT_EQ(field(open, "c", "id"), "string must");
  const Loaded pulled = load_reading(
      "c: { $defs: { flow://inferred-schema: { $id: \"flow://inferred-schema\", required: [_meta], "
      "properties: { _meta: { required: [inferredSchemaIsNotAvailable], properties: { "
      "inferredSchemaIsNotAvailable: { const: true } } } } } }, allOf: [{ $ref: "
      "\"flow://relaxed-write-schema\" }, { $ref: \"flow://inferred-schema\" }] }\n");
  EXPECT_EQ(brief(pulled.problems),
            "W112 2:182 /collections/c/readSchema flow://inferred-schema is inlined as the "
            "placeholder that no document fits\n");
  EXPECT_EQ(field(pulled, "c", "id"), "string must");
}

TEST(WellKnownSchemas, TheInferredOneMayBeAllThatAReadSchemaIs) {
  const auto none = [](const Collection&) { return std::optional<InferredSchema>(); };
  for (const InferredSchemaOf& inferred : {InferredSchemaOf(), InferredSchemaOf(none)}) {
    const Loaded loaded = load_reading("c: { $ref: \"flow://inferred-schema\" }\n", inferred);
    EXPECT_TRUE(loaded.catalog.collections.at("c").usable) << brief(loaded.problems);
    EXPECT_EQ(field(loaded, "c", "id"), "string must");
  }
}

TEST(WellKnownSchemas, UnknownOnesLeadNowhere) {
  EXPECT_EQ(brief(load_reading("c: { $ref: \"flow://nothing\" }\n").problems),
            "E302 2:190 /collections/c/readSchema/$ref there is no schema flow://nothing\n");
}

TEST(WellKnownSchemas, RelaxingLeavesTheRest) {
  json::Arena arena;
  const auto relaxed = [&](std::string_view text) {
    const auto tree = json::parse_text(text, arena);
    EXPECT_TRUE(tree) << text;
    return json::to_text(relaxed_schema(arena, *tree));
  };
  struct Relaxed {
    std::string_view schema, expected;
  };
  constexpr Relaxed cases[] = {
      {"true", "true"},
      {R"({"type":"object","required":["a"],"format":"x","title":"t"})", R"({"title":"t"})"},
      {R"({"const":1,"enum":[1],"minLength":1,"maxLength":2,"redact":{},"x-str-minimum":1,"x-str-maximum":1,"minimum":3})",
       R"({"minimum":3})"},
      {R"({"additionalProperties":false,"properties":{"type":{"type":"string"},"a":{"items":{"type":"integer"}}}})",
       R"({"properties":{"type":{},"a":{"items":{}}}})"},
      {R"({"additionalProperties":{"type":"string"},"additionalItems":{"type":"string"}})",
       R"({"additionalProperties":{},"additionalItems":{}})"},
      {R"({"$defs":{"d":{"type":"object","$id":"i"}},"definitions":{"e":{"required":[]}},"$ref":"#/$defs/d"})",
       R"({"$defs":{"d":{"$id":"i"}},"definitions":{"e":{}},"$ref":"#/$defs/d"})"},
      {R"({"allOf":[{"type":"object"},true],"items":[{"type":"null"}]})",
       R"({"allOf":[{},true],"items":[{}]})"},
      // These stay as they are, with all that is in them.
      {R"({"anyOf":[{"type":"object"}],"oneOf":[{"required":["a"]}],"if":{"const":1},"patternProperties":{"^x":{"type":"string"}}})",
       R"({"anyOf":[{"type":"object"}],"oneOf":[{"required":["a"]}],"if":{"const":1},"patternProperties":{"^x":{"type":"string"}}})"},
      {R"({"default":{"type":"x"},"reduce":{"strategy":"merge"}})",
       R"({"default":{"type":"x"},"reduce":{"strategy":"merge"}})"},
  };
  for (const Relaxed& c : cases) EXPECT_EQ(relaxed(c.schema), c.expected) << c.schema;
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
