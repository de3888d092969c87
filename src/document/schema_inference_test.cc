#include "document/schema_inference.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "json/events.h"

namespace weir::document {
namespace {

std::string infer(const std::vector<std::string>& documents) {
  SchemaInference inference;
  for (const std::string& text : documents) {
    const auto tree = json::parse_tree(text);
    EXPECT_TRUE(tree) << text;
    inference.add(tree->root);
  }
  return inference.schema_json();
}

TEST(SchemaInference, SaysTypesFormatsAndWhatIsRequired) {
  struct Case {
    std::vector<std::string> documents;
    std::string schema;
  };
  const Case kCases[] = {
      {{}, "true"},
      {{"{}"}, R"({"type":"object"})"},
      {{R"({"a":1,"b":"x"})", R"({"a":2})"},
       R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a"]})"},
      {{R"({"a":1})", R"({"a":null})"},
       R"({"type":"object","properties":{"a":{"type":["integer","null"]}},"required":["a"]})"},
      {{R"({"a":1})", R"({"a":1.5})"},
       R"({"type":"object","properties":{"a":{"type":"number"}},"required":["a"]})"},
      {{R"({"a":10.0})"},
       R"({"type":"object","properties":{"a":{"type":"number"}},"required":["a"]})"},
      // Beyond 64 signed bits, a column of integers cannot hold it: the bound makes it another one.
      {{R"({"a":9223372036854775807})", R"({"a":-9223372036854775808})"},
       R"({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]})"},
      {{R"({"a":9223372036854775808})", R"({"a":1})"},
       R"({"type":"object","properties":{"a":{"type":"integer","maximum":1e+300}},"required":["a"]})"},
      {{R"({"a":[1,-9223372036854775809,null]})"},
       R"({"type":"object","properties":{"a":{"type":"array","items":{"type":["integer","null"],"minimum":-1e+300}}},"required":["a"]})"},
      {{R"({"a":9223372036854775808})", R"({"a":1.5})"},
       R"({"type":"object","properties":{"a":{"type":"number"}},"required":["a"]})"},
      {{R"({"a":1})", R"({"a":"x"})", R"({"a":true})"},
       R"({"type":"object","properties":{"a":{"type":["boolean","integer","string"]}},"required":["a"]})"},
      {{R"({"a":[1,"x",null]})", R"({"a":[]})"},
       R"({"type":"object","properties":{"a":{"type":"array","items":{"type":["integer","null","string"]}}},"required":["a"]})"},
      // Null and nothing else: what it is there for is not known.
      {{R"({"a":null,"b":{"c":null}})", R"({"a":null,"b":{"c":null,"d":[null]}})"},
       R"({"type":"object","properties":{"a":{},"b":{"type":"object","properties":{"c":{},"d":{"type":"array","items":{}}},"required":["c"]}},"required":["a","b"]})"},
      {{R"({"a":null})", "{}"}, R"({"type":"object","properties":{"a":{}}})"},
      {{R"({"a":[]})"},
       R"({"type":"object","properties":{"a":{"type":"array"}},"required":["a"]})"},
      {{R"({"a":[{"b":1},{"b":2,"c":true}]})"},
       R"({"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"b":{"type":"integer"},"c":{"type":"boolean"}},"required":["b"]}}},"required":["a"]})"},
      {{R"({"o":{"x":1}})", R"({"o":{"x":1,"y":2}})", R"({"z":0})"},
       R"({"type":"object","properties":{"o":{"type":"object","properties":{"x":{"type":"integer"},"y":{"type":"integer"}},"required":["x"]},"z":{"type":"integer"}}})"},
      {{"[1]", "3"}, R"({"type":["array","integer"],"items":{"type":"integer"}})"},
  };
  for (const Case& each : kCases) EXPECT_EQ(infer(each.documents), each.schema);
}

TEST(SchemaInference, FormatsAreThoseThatAllTextsHave) {
  const std::pair<std::vector<std::string>, std::string> kCases[] = {
      {{"2024-01-31", "1999-12-01"}, "date"},
      {{"2024-01-31", "2024-13-01"}, ""},
      {{"2024-01-31T00:00:00Z", "2024-01-31T00:00:00.5+02:00"}, "date-time"},
      {{"2024-01-31T00:00:00Z", "2024-01-31"}, ""},
      {{"12:00:00Z"}, "time"},
      {{"66b6fbdc-0871-4b47-87ae-bd4d4dc40cf2"}, "uuid"},
      {{"a@example.com"}, "email"},
      {{"10.0.0.1"}, "ipv4"},
      {{"::1"}, "ipv6"},
      {{"12", "-7"}, "integer"},
      {{"12", "-7.5"}, "number"},
      {{"12", "x"}, ""},
      {{"007"}, ""},  // a zero in front means something
      {{"12345678901234567890123"}, "number"},
      {{"12e45"}, ""},
      {{""}, ""},
      {{"12", ""}, ""},
      {{std::string(kInferredTextBytesMax + 1, '1')}, ""},
  };
  for (const auto& [texts, format] : kCases) {
    std::vector<std::string> documents;
    for (const std::string& text : texts) documents.push_back("\"" + text + "\"");
    const std::string expected = format.empty()
                                     ? R"({"type":"string"})"
                                     : R"({"type":"string","format":")" + format + R"("})";
    EXPECT_EQ(infer(documents), expected) << texts.front();
  }
  // Other types beside it take nothing away.
  EXPECT_EQ(infer({R"("2024-01-31")", "null", "3"}),
            R"({"type":["integer","null","string"],"format":"date"})");
}

std::string wide(int from, int to, std::string_view value, bool with_id) {
  std::string text = "{";
  if (with_id) text += R"("id":1,)";
  for (int i = from; i < to; ++i) text += fmt::format("\"n{}\":{},", i, value);
  text.back() = '}';
  return text;
}

TEST(SchemaInference, AnObjectOfTooManyNamesIsAMap) {
  const int half = static_cast<int>(kInferredPropertiesMax) * 2 / 3;
  const std::string expected =
      R"({"type":"object","properties":{"id":{"type":"integer"}},"required":["id"],)"
      R"("additionalProperties":{"type":["integer","string"]}})";
  EXPECT_EQ(infer({wide(0, half, "1", true), wide(half, 2 * half, "\"x\"", true)}), expected);
  // A member that later objects lack becomes one of the others.
  EXPECT_EQ(infer({wide(0, half, "true", true), wide(half, 2 * half, "\"x\"", true),
                   wide(0, 3, "\"y\"", false)}),
            R"({"type":"object","additionalProperties":{"type":["boolean","integer","string"]}})");
  EXPECT_EQ(infer({wide(0, 2 * half, "1", false)}),
            R"({"type":"object","additionalProperties":{"type":"integer"}})");
}

TEST(SchemaInference, WhatIsBeyondALimitIsLeftOpen) {
  std::string deep = "1";
  for (std::size_t i = 0; i < kInferredDepthMax + 5; ++i) deep = "{\"a\":" + deep + "}";
  const std::string schema = infer({deep});
  std::size_t named = 0;
  for (std::size_t at = 0; (at = schema.find("\"properties\"", at)) != std::string::npos; ++at)
    ++named;
  EXPECT_EQ(named, kInferredDepthMax);
  EXPECT_EQ(infer({"{\"" + std::string(kInferredNameBytesMax + 1, 'n') + "\":1}"}),
            R"({"type":"object"})");
  // Locations: many objects of many members each. What is admitted is still everything shown.
  std::string many = "{";
  for (int i = 0; i < 20; ++i) many += fmt::format("\"o{}\":{},", i, wide(0, 700, "1", false));
  many.back() = '}';
  std::string changed = many;
  for (std::size_t at = 0; (at = changed.find(":1", at)) != std::string::npos;)
    changed.replace(at, 2, ":\"x\"");
  const std::string both = infer({many, changed});
  EXPECT_EQ(both.find(R"({"type":"string"})"), std::string::npos) << "a type was forgotten";
  EXPECT_NE(both.find(R"({"type":["integer","string"]})"), std::string::npos);
  EXPECT_EQ(both.find(R"("o19")"), std::string::npos);
}

// Any order of the same documents gives the same bytes, and the schema admits each of them.
TEST(SchemaInference, OrderDoesNotMatter) {
  Random random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> documents;
    for (int i = 0; i < 12; ++i) {
      std::string text = "{";
      for (const std::string_view name : {"a", "b", "c", "d"}) {
        if (random.one_in(3)) continue;
        constexpr std::string_view kValues[] = {"1",        "2.5",      "\"x\"", "\"2024-01-01\"",
                                                "null",     "[1]",      "{}",    "{\"k\":[null]}",
                                                "[[true]]", "{\"k\":1}"};
        text += fmt::format("\"{}\":{},", name, kValues[random.below(std::size(kValues))]);
      }
      if (text.back() == ',') text.pop_back();
      documents.push_back(text + "}");
    }
    const std::string schema = infer(documents);
    for (std::size_t i = documents.size() - 1; i > 0; --i)
      std::swap(documents[i], documents[random.below(i + 1)]);
    ASSERT_EQ(infer(documents), schema);
  }
}

TEST(SchemaInference, ItsShapeIsThatOfItsSchema) {
  SchemaInference inference;
  const auto tree = json::parse_tree(R"({"a":[{"b":"2024-01-01"}],"c":1})");
  ASSERT_TRUE(tree);
  inference.add(tree->root);
  EXPECT_EQ(inference.documents(), 1u);
  const ShapePtr shape = inference.shape();
  EXPECT_EQ(shape->required.size(), 2u);
  EXPECT_EQ(shape->properties.at("a")->items->properties.at("b")->format, "date");
}

}  // namespace
}  // namespace weir::document
