#include "json/schema.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "json/events.h"
#include "json/schema_node.h"

namespace weir::json {
namespace {

// Patterns are plain substrings here; the real expressions are tested with their adapter.
class Substring : public Regex {
 public:
  explicit Substring(std::string_view text) : text_(text) {}
  bool search(std::string_view text) const override {
    return text.find(text_) != std::string_view::npos;
  }

 private:
  std::string text_;
};

Result<std::unique_ptr<Regex>> substring(std::string_view pattern) {
  if (pattern.starts_with('(')) return error(Code::kInvalid, "not a regular expression");
  return std::make_unique<Substring>(pattern);
}

SchemaOptions options(std::vector<std::string> keywords = {}) {
  SchemaOptions result;
  result.keywords = std::move(keywords);
  result.regex = substring;
  return result;
}

Result<std::shared_ptr<const Schema>> try_compile(std::string_view text,
                                                  const SchemaOptions& with = options()) {
  const auto tree = parse_tree(text);
  EXPECT_TRUE(tree.has_value()) << text;
  SchemaStore store;
  WEIR_RETURN_IF_ERROR(store.add("test:s", tree->root));
  return store.compile("test:s", with);
}

std::shared_ptr<const Schema> compile(std::string_view text,
                                      const SchemaOptions& with = options()) {
  auto schema = try_compile(text, with);
  EXPECT_TRUE(schema.has_value()) << text << ": " << (schema ? "" : schema.error().message);
  return schema ? *schema : nullptr;
}

TEST(Schema, RefusesWhatItCannotRead) {
  struct Case {
    std::string_view schema, message;
  };
  constexpr Case cases[] = {
      {"1", "test:s#: a schema is an object or a boolean, not number"},
      {R"({"properties":{"a b":{"type":"text"}}})",
       "test:s#/properties/a%20b/type: must be one or a list of null, boolean, integer, number, "
       "string, array, "
       "object"},
      {R"({"type":[]})",
       "test:s#/type: must be one or a list of null, boolean, integer, number, string, array, "
       "object"},
      {R"({"items":{"minimum":"1"}})", "test:s#/items/minimum: must be a number"},
      {R"({"multipleOf":0})", "test:s#/multipleOf: must be a number above 0"},
      {R"({"maxLength":-1})", "test:s#/maxLength: must be an integer from 0 on"},
      {R"({"maxItems":1.5})", "test:s#/maxItems: must be an integer from 0 on"},
      {R"({"enum":1})", "test:s#/enum: must be a list of values"},
      {R"({"required":["a",1]})", "test:s#/required: must be a list of names"},
      {R"({"properties":[]})", "test:s#/properties: must be an object of schemas"},
      {R"({"properties":{"a":1}})",
       "test:s#/properties/a: a schema is an object or a boolean, not number"},
      {R"({"allOf":[]})", "test:s#/allOf: must be a list of at least one schema"},
      {R"({"anyOf":{}})", "test:s#/anyOf: must be a list of at least one schema"},
      {R"({"uniqueItems":1})", "test:s#/uniqueItems: must be true or false"},
      {R"({"pattern":1})", "test:s#/pattern: must be a regular expression"},
      {R"({"pattern":"("})", "test:s#/pattern: not a regular expression"},
      {R"({"patternProperties":{"(":{}}})", "test:s#/patternProperties: not a regular expression"},
      {R"({"format":1})", "test:s#/format: must be the name of a format"},
      {R"({"dependentRequired":{"a":1}})", "test:s#/dependentRequired: must be a list of names"},
      {R"({"$ref":1})", "test:s#/$ref: must be the URI of a schema"},
      {R"({"$ref":"#/$defs/a"})", "test:s#/$ref: test:s has nothing at /$defs/a"},
      {R"({"$ref":"#a"})", "test:s#/$ref: test:s has no anchor \"a\""},
      {R"({"allOf":[{"$ref":"flow://other"}]})",
       "test:s#/allOf/0/$ref: no schema is registered under flow://other"},
      {R"({"$defs":{"a":{"$anchor":"x"},"b":{"$anchor":"x"}}})",
       "test:s#/$defs/b: the anchor \"x\" stands twice in this schema"},
  };
  for (const Case& c : cases) {
    const auto schema = try_compile(c.schema);
    ASSERT_FALSE(schema.has_value()) << c.schema;
    EXPECT_EQ(schema.error().message, c.message);
    EXPECT_EQ(schema.error().code, Code::kInvalid);
  }
}

TEST(Schema, ExplainsProblemsByPlaceWithoutValues) {
  struct Case {
    std::string_view schema, instance, problems;
  };
  constexpr Case cases[] = {
      {R"({"type":["string","integer"]})", "1.5",
       " test:s#/type: expected integer or string, found number\n"},
      {R"({"type":["null","number","array"]})", "\"x\"",
       " test:s#/type: expected null, number or array, found string\n"},
      {R"({"properties":{"a":{"minimum":3},"b":{"maxLength":1}},"required":["a","c"]})",
       R"({"a":1,"b":"secret"})",
       "/a test:s#/properties/a/minimum: must be above or equal to 3\n"
       "/b test:s#/properties/b/maxLength: is longer than 1 characters\n"
       " test:s#/required: the property \"c\" is missing\n"},
      {R"({"exclusiveMaximum":3,"multipleOf":2})", "3",
       " test:s#/exclusiveMaximum: must be below 3\n test:s#/multipleOf: must be a multiple of "
       "2\n"},
      {R"({"additionalProperties":false,"properties":{"a":true}})", R"({"a":1,"x/y":2})",
       "/x~1y test:s#/additionalProperties: nothing is allowed here\n"},
      {R"({"items":{"type":"null"}})", "[null,1]",
       "/1 test:s#/items/type: expected null, found integer\n"},
      {R"({"enum":[1,2]})", "3",
       " test:s#/enum: is not one of the 2 values that are allowed here\n"},
      {R"({"const":"a"})", "\"b\"", " test:s#/const: is not the value that is allowed here\n"},
      {R"({"pattern":"abc"})", "\"b\"", " test:s#/pattern: does not match the pattern abc\n"},
      {R"({"not":{"type":"null"}})", "null", " test:s#/not: matches what is not allowed\n"},
      {R"({"uniqueItems":true})", "[1,1.0]", " test:s#/uniqueItems: has an item twice\n"},
      {R"({"contains":{"const":1}})", "[2]", " test:s#/contains: fewer than 1 items match\n"},
      {R"({"contains":true,"maxContains":1})", "[2,2]",
       " test:s#/maxContains: more than 1 items match\n"},
      {R"({"dependentRequired":{"a":["b"]}})", R"({"a":1})",
       " test:s#/dependentRequired: the property \"b\" is missing, which \"a\" needs beside it\n"},
      {R"({"oneOf":[{"type":"null"},{"const":1}]})", "2",
       " test:s#/oneOf: matches none of the 2 alternatives\n"},
      {R"({"oneOf":[true,true]})", "2",
       " test:s#/oneOf: matches more than one of the 2 alternatives\n"},
      // The alternative that got further is the one that was meant.
      {R"({"anyOf":[{"type":"string"},{"properties":{"a":{"type":"null"}}}]})", R"({"a":1})",
       "/a test:s#/anyOf/1/properties/a/type: expected null, found integer\n"},
      {R"({"unevaluatedProperties":false,"allOf":[{"properties":{"a":true}}]})", R"({"a":1,"b":2})",
       "/b test:s#/unevaluatedProperties: nothing is allowed here\n"},
      {R"({"propertyNames":{"maxLength":1}})", R"({"ab":1})",
       "/ab test:s#/propertyNames/maxLength: is longer than 1 characters\n"},
  };
  for (const Case& c : cases) {
    const auto schema = compile(c.schema);
    const auto instance = parse_tree(c.instance);
    Outcome outcome;
    schema->validate(instance->root, outcome);
    EXPECT_FALSE(outcome.valid);
    EXPECT_FALSE(schema->is_valid(instance->root));
    std::string problems;
    for (const SchemaProblem& problem : outcome.problems) {
      problems += fmt::format("{} {}: {}\n", problem.instance_pointer, problem.schema_location,
                              problem.message);
    }
    EXPECT_EQ(problems, c.problems) << c.schema;
  }
}

TEST(Schema, ProblemsAreLimited) {
  const auto schema = compile(R"({"items":false})");
  std::string text = "[1";
  for (int i = 0; i < 1000; ++i) text += ",1";
  const auto instance = parse_tree(text + "]");
  Outcome outcome;
  schema->validate(instance->root, outcome);
  EXPECT_EQ(outcome.problems.size(), kSchemaProblemsMax);
}

// "POINTER keyword=value" of each annotation, in order.
std::string annotations(const Schema& schema, const Value& root, const Outcome& outcome) {
  std::string out;
  for (const Annotation& annotation : outcome.annotations) {
    const AnnotationSite& site = schema.sites()[annotation.site];
    EXPECT_EQ(site.id, annotation.site);
    out += annotation.instance == &root ? "root" : to_text(*annotation.instance);
    out += fmt::format(" {}={}\n", site.keyword, to_text(site.value));
  }
  return out;
}

TEST(Schema, AnnotationsInOrderOfEvaluation) {
  struct Case {
    std::string_view schema, instance, annotations;
  };
  constexpr Case cases[] = {
      {R"({"$ref":"#/$defs/a","reduce":1,"allOf":[{"reduce":3}],"$defs":{"a":{"reduce":2}}})",
       "null", "root reduce=1\nroot reduce=2\nroot reduce=3\n"},
      {R"({"anyOf":[{"reduce":1,"type":"string"},{"reduce":2},{"reduce":3}]})", "0",
       "root reduce=2\nroot reduce=3\n"},
      {R"({"oneOf":[{"reduce":1,"const":0},{"reduce":2,"const":1}]})", "1", "root reduce=2\n"},
      {R"({"if":{"reduce":1,"const":0},"then":{"reduce":2},"else":{"reduce":3}})", "1",
       "root reduce=3\n"},
      {R"({"not":{"reduce":1,"const":0}})", "1", ""},
      {R"({"reduce":0,"properties":{"a":{"reduce":1}},"additionalProperties":{"reduce":2}})",
       R"({"b":7,"a":8})", "root reduce=0\n7 reduce=2\n8 reduce=1\n"},
      {R"({"properties":{"a":{"reduce":1}},"$ref":"#/$defs/r","$defs":{"r":{"properties":{"a":{"reduce":2}}}}})",
       R"({"a":8})", "8 reduce=1\n8 reduce=2\n"},
      {R"({"title":"not asked for","secret":true,"reduce":{"strategy":"sum"}})", "0",
       "root reduce={\"strategy\":\"sum\"}\n"},
      // What a failed subschema said does not count, however deep.
      {R"({"anyOf":[{"properties":{"a":{"reduce":1},"b":false}},true]})", R"({"a":1,"b":2})", ""},
  };
  for (const Case& c : cases) {
    const auto schema = compile(c.schema, options({"reduce"}));
    const auto instance = parse_tree(c.instance);
    Outcome outcome;
    schema->validate(instance->root, outcome);
    EXPECT_TRUE(outcome.valid) << c.schema;
    EXPECT_EQ(annotations(*schema, instance->root, outcome), c.annotations) << c.schema;
  }
}

TEST(Schema, InvalidInstancesHaveNoAnnotations) {
  const auto schema = compile(R"({"title":"t","properties":{"a":{"title":"a"}},"required":["b"]})");
  const auto instance = parse_tree(R"({"a":1})");
  Outcome outcome;
  outcome.annotations.resize(3);
  schema->validate(instance->root, outcome);
  EXPECT_FALSE(outcome.valid);
  EXPECT_TRUE(outcome.annotations.empty());
  EXPECT_FALSE(outcome.problems.empty());
}

TEST(Schema, OlderDialectsAndListsOfItems) {
  struct Case {
    std::string_view schema, instance;
    bool valid;
  };
  constexpr Case cases[] = {
      {R"({"items":[{"type":"string"}],"additionalItems":false})", "[\"a\"]", true},
      {R"({"items":[{"type":"string"}],"additionalItems":false})", "[\"a\",1]", false},
      {R"({"items":[],"additionalItems":false})", "[1]", false},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":{"type":"null"}},)"
       R"("$ref":"#/definitions/a"})",
       "1", false},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"a":["b"]}})",
       R"({"a":1})", false},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#","unevaluatedProperties":false})",
       R"({"a":1})", true},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#","$defs":{"x":{"$id":"#y","type":"null"}},)"
       R"("$ref":"#y"})",
       "1", false},
      {R"({"$schema":"http://example.com/unknown","type":"null"})", "1", false},
      {R"({"then":false})", "1", true},
      {R"({"minContains":2})", "[1]", true},
      // What `contains` matched counts as evaluated since 2020-12 only.
      {R"({"contains":{"const":1},"unevaluatedItems":false})", "[1]", true},
      {R"({"$schema":"https://json-schema.org/draft/2019-09/schema","contains":{"const":1},)"
       R"("unevaluatedItems":false})",
       "[1]", false},
  };
  for (const Case& c : cases) {
    const auto instance = parse_tree(c.instance);
    EXPECT_EQ(compile(c.schema)->is_valid(instance->root), c.valid)
        << c.schema << " on " << c.instance;
  }
}

TEST(Schema, EndlessReferencesEndInvalid) {
  const auto schema = compile(R"({"$ref":"#"})");
  Outcome outcome;
  schema->validate(Value(), outcome);
  EXPECT_FALSE(outcome.valid);
  ASSERT_FALSE(outcome.problems.empty());
  EXPECT_EQ(outcome.problems[0].message,
            "the schema applies more than 1024 subschemas inside each other");
  EXPECT_FALSE(schema->is_valid(Value()));
}

TEST(Schema, RecursiveSchemasTakeTheDeepestInstances) {
  const auto schema =
      compile(R"({"allOf":[{"$ref":"#/$defs/n"}],"$defs":{"n":{"anyOf":[{"type":"null"},)"
              R"({"allOf":[{"items":{"$ref":"#"},"type":"array"}]}]}}})");
  const auto instance =
      parse_tree(std::string(kDepthMax, '[') + "null" + std::string(kDepthMax, ']'));
  ASSERT_TRUE(instance.has_value());
  EXPECT_TRUE(schema->is_valid(instance->root));
}

TEST(Schema, ManyRequiredProperties) {
  std::string required, object;
  for (int i = 0; i < 100; ++i) {
    required += fmt::format("{}\"p{}\"", i == 0 ? "" : ",", i);
    object += fmt::format("{}\"p{}\":1", i == 0 ? "" : ",", i);
  }
  const auto schema = compile("{\"required\":[" + required + "],\"additionalProperties\":true}");
  const auto all = parse_tree("{" + object + "}");
  EXPECT_TRUE(schema->is_valid(all->root));
  const auto fewer = parse_tree("{" + object.substr(0, object.rfind(',')) + "}");
  Outcome outcome;
  schema->validate(fewer->root, outcome);
  ASSERT_EQ(outcome.problems.size(), 1u);
  EXPECT_EQ(outcome.problems[0].message, "the property \"p99\" is missing");
}

TEST(Schema, UnevaluatedOfLargeContainers) {
  std::string object = "{", items = "[";
  for (int i = 0; i < 300; ++i) {
    object += fmt::format("\"a{}\":1,", i);
    items += "1,";
  }
  const auto schema = compile(R"({"allOf":[{"patternProperties":{"a":true},"prefixItems":[true]}],)"
                              R"("anyOf":[{"contains":{"const":1}},{"type":"object"}],)"
                              R"("unevaluatedProperties":false,"unevaluatedItems":false})");
  EXPECT_TRUE(schema->is_valid(parse_tree(object + "\"ab\":1}")->root));
  EXPECT_FALSE(schema->is_valid(parse_tree(object + "\"b\":1}")->root));
  EXPECT_TRUE(schema->is_valid(parse_tree(items + "1]")->root));
  EXPECT_FALSE(schema->is_valid(parse_tree(items + "2]")->root));
}

TEST(SchemaStore, DocumentsAreCopiedAndOutlived) {
  std::shared_ptr<const Schema> schema;
  {
    SchemaStore store;
    {
      const auto tree = parse_tree(R"({"$id":"http://x/a","title":"T","$ref":"b#/$defs/c"})");
      ASSERT_TRUE(store.add("flow.yaml", tree->root).has_value());
      const auto other = parse_tree(R"({"$defs":{"c":{"type":"null","description":"D"}}})");
      ASSERT_TRUE(store.add("http://x/b", other->root).has_value());
    }
    EXPECT_TRUE(store.has("flow.yaml"));
    EXPECT_TRUE(store.has("http://x/a"));
    EXPECT_TRUE(store.has("http://x/b#/$defs/c"));
    EXPECT_FALSE(store.has("http://x/c"));
    auto compiled = store.compile("flow.yaml", options());
    ASSERT_TRUE(compiled.has_value()) << compiled.error().message;
    schema = *compiled;
    auto part = store.compile("http://x/b#/$defs/c", options());
    ASSERT_TRUE(part.has_value());
    EXPECT_EQ((*part)->root().location, "http://x/b#/$defs/c");
    EXPECT_EQ(store.compile("http://x/c", options()).error().message,
              "no schema is registered under http://x/c");
  }
  Outcome outcome;
  const Value null;
  schema->validate(null, outcome);
  EXPECT_EQ(annotations(*schema, null, outcome), "root title=\"T\"\nroot description=\"D\"\n");
  EXPECT_EQ(schema->sites()[1].schema_location, "http://x/b#/$defs/c");
}

TEST(SchemaStore, OneUriOneSchema) {
  const auto a = parse_tree(R"({"$id":"http://x/a","type":"null"})");
  const auto b = parse_tree(R"({"$id":"http://x/a","type":"string"})");
  SchemaStore store;
  ASSERT_TRUE(store.add("test:1", a->root).has_value());
  EXPECT_TRUE(store.add("test:1", a->root).has_value());
  EXPECT_TRUE(store.add("test:2", a->root).has_value());
  EXPECT_EQ(store.add("test:1", b->root).error().message,
            "test:1: another schema is registered under this URI");
  EXPECT_EQ(store.add("test:3", b->root).error().message,
            "http://x/a: another schema has the same $id");
}

TEST(SchemaNode, CanBeWalked) {
  const auto schema = compile(
      R"({"type":["object","null"],"title":"T","required":["a","z"],"reduce":{"strategy":"merge"},)"
      R"("properties":{"a":{"type":"integer","minimum":1,"maximum":1e2},)"
      R"("b":{"type":"string","format":"date","contentEncoding":"base64","maxLength":3},"me":{"$ref":"#"}},)"
      R"("patternProperties":{"x":{"type":"number"}},"additionalProperties":false,)"
      R"("items":{"const":1},"prefixItems":[true],"minItems":2,"allOf":[{"enum":[1,null]}],)"
      R"("if":true,"then":true,"else":false})");
  const SchemaNode& root = schema->root();
  EXPECT_EQ(root.id, 0u);
  EXPECT_EQ(root.location, "test:s#");
  EXPECT_EQ(root.types, kTypeObject | kTypeNull);
  EXPECT_EQ(root.keyword("title")->as_string(), "T");
  EXPECT_EQ(root.keyword("default"), nullptr);
  ASSERT_NE(root.object, nullptr);
  EXPECT_EQ(root.object->required.size(), 2u);
  const SchemaNode* a = root.object->property("a");
  EXPECT_EQ(a->types, kTypeInteger);
  EXPECT_EQ(a->number->minimum.integer, 1);
  EXPECT_EQ(a->number->maximum.text, "1e2");
  EXPECT_FALSE(a->number->exclusive_minimum);
  const SchemaNode* b = root.object->property("b");
  EXPECT_EQ(b->keyword("format")->as_string(), "date");
  EXPECT_EQ(b->keyword("contentEncoding")->as_string(), "base64");
  EXPECT_EQ(b->string->max_length, 3u);
  EXPECT_EQ(root.object->property("me")->ref, &root);
  EXPECT_EQ(root.object->property("z"), nullptr);
  EXPECT_EQ(root.object->property("missing"), nullptr);
  EXPECT_EQ(root.object->pattern_properties[0].schema->types, kTypeNumber | kTypeInteger);
  EXPECT_EQ(root.object->additional_properties->form, SchemaNode::Form::kNothing);
  EXPECT_EQ(root.array->prefix_items[0]->form, SchemaNode::Form::kAnything);
  EXPECT_EQ(root.array->items->constant->number_text(), "1");
  EXPECT_EQ(root.array->min_items, 2u);
  EXPECT_TRUE(root.all_of[0]->has_enum);
  EXPECT_EQ(root.all_of[0]->enumeration.size(), 2u);
  ASSERT_NE(root.else_schema, nullptr);
  std::vector<std::string> keywords;
  for (const NodeAnnotation& annotation : root.annotations) {
    keywords.push_back(schema->sites()[annotation.site].keyword);
  }
  EXPECT_EQ(keywords, (std::vector<std::string>{"title", "reduce"}));
}

}  // namespace
}  // namespace weir::json
