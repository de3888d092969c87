#include "document/shape.h"

#include <gtest/gtest.h>

#include "json/events.h"

namespace weir::document {
namespace {

// A pattern is a prefix here: enough to tell which of them applies.
class PrefixRegex : public json::Regex {
 public:
  explicit PrefixRegex(std::string prefix) : prefix_(std::move(prefix)) {}
  bool search(std::string_view text) const override { return text.starts_with(prefix_); }

 private:
  std::string prefix_;
};
const json::RegexFactory kPrefixes =
    [](std::string_view pattern) -> Result<std::unique_ptr<json::Regex>> {
  return std::make_unique<PrefixRegex>(std::string(pattern.substr(1)));
};

struct Parsed {
  json::Tree tree;
  ShapePtr shape;
};
Parsed shape_of(std::string_view schema) {
  auto tree = json::parse_tree(schema);
  EXPECT_TRUE(tree) << schema;
  Parsed out{std::move(*tree), nullptr};
  out.shape = infer_shape(out.tree.root);
  return out;
}

std::string_view name_of(Existence exists) {
  switch (exists) {
    case Existence::kMust: return "must";
    case Existence::kMay: return "may";
    case Existence::kImplicit: return "implicit";
    case Existence::kCannot: return "cannot";
  }
  return "?";
}

// "must integer|string maxLength=3 …": what a table wants to compare.
std::string describe(const Located& at) {
  std::string out(name_of(at.exists));
  std::string types;
  for (const std::string& name : at.shape->types.names())
    types += (types.empty() ? "" : "|") + name;
  out += " " + (types.empty() ? "nothing" : at.shape->types == Types::any() ? "any" : types);
  const Shape& s = *at.shape;
  if (!s.format.empty()) out += " format=" + s.format;
  if (!s.content_encoding.empty()) out += " encoding=" + s.content_encoding;
  if (!s.content_type.empty()) out += " type=" + s.content_type;
  if (s.max_length) out += fmt::format(" maxLength={}", *s.max_length);
  if (s.minimum) out += fmt::format(" min={}", *s.minimum);
  if (s.maximum) out += fmt::format(" max={}", *s.maximum);
  if (s.min_items != 0) out += fmt::format(" minItems={}", s.min_items);
  if (s.max_items) out += fmt::format(" maxItems={}", *s.max_items);
  if (!s.title.empty()) out += " title=" + s.title;
  if (!s.description.empty()) out += " description=" + s.description;
  if (!s.default_json.empty()) out += " default=" + s.default_json;
  if (s.secret) out += " secret";
  return out;
}

struct Case {
  std::string_view schema;
  std::string_view pointer;
  std::string_view expected;
};

void check(std::span<const Case> cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(fmt::format("{} at {}", c.schema, c.pointer));
    const auto at = locate(shape_of(c.schema).shape, c.pointer, kPrefixes);
    ASSERT_TRUE(at) << at.error().message;
    EXPECT_EQ(describe(*at), c.expected);
  }
}

TEST(Shape, OwnKeywords) {
  constexpr Case cases[] = {
      {"true", "", "must any"},
      {"false", "", "cannot nothing"},
      {"{}", "", "must any"},
      {R"({"type":"string"})", "", "must string"},
      {R"({"type":["integer","null"]})", "", "must integer|null"},
      {R"({"type":"number"})", "", "must number"},
      {R"({"type":"string","format":"date-time","maxLength":9,"contentEncoding":"base64",)"
       R"("contentMediaType":"image/png"})",
       "", "must string format=date-time encoding=base64 type=image/png maxLength=9"},
      {R"({"type":"integer","minimum":-1,"exclusiveMaximum":10})", "",
       "must integer min=-1 max=10"},
      {R"({"title":"T","description":"D","default":{"a":1},"secret":true})", "",
       "must any title=T description=D default={\"a\":1} secret"},
      {R"({"airbyte_secret":true})", "", "must any secret"},
      {R"({"const":"x"})", "", "must string"},
      {R"({"const":1.0})", "", "must integer"},
      {R"({"const":1.5})", "", "must fractional"},
      {R"({"enum":["a",null,3]})", "", "must integer|null|string"},
      {R"({"type":"string","enum":["a",null,3]})", "", "must string"},
      {R"({"type":"array","minItems":1,"maxItems":3})", "", "must array minItems=1 maxItems=3"},
  };
  check(cases);
}

TEST(Shape, Objects) {
  constexpr std::string_view kObject =
      R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"object","properties":)"
      R"({"c":{"type":"integer"}},"required":["c"]}},"required":["a","z"],)"
      R"("patternProperties":{"^p_":{"type":"boolean"},"^p_i":{"type":["boolean","null"]}},)"
      R"("additionalProperties":{"type":"number"}})";
  constexpr std::string_view kNullable =
      R"({"type":["object","null"],"properties":{"a":{}},"required":["a"]})";
  constexpr std::string_view kClosed =
      R"({"type":"object","properties":{"a":{}},"additionalProperties":false})";
  constexpr Case cases[] = {
      {kObject, "/a", "must string"},
      {kObject, "/b", "may object"},
      {kObject, "/b/c", "may integer"},
      {kObject, "/b/d", "implicit any"},
      {kObject, "/z", "must number"},  // required, though only the additional schema speaks of it
      {kObject, "/p_x", "implicit boolean"},
      {kObject, "/p_int", "implicit boolean"},  // both patterns apply
      {kObject, "/other", "implicit number"},
      {kObject, "/a/b", "cannot nothing"},  // a string has no members
      {kObject, "/other/0", "cannot nothing"},
      {kNullable, "/a", "may any"},  // the whole may be null
      {kClosed, "/a", "may any"},
      {kClosed, "/b", "cannot nothing"},
      {R"({"properties":{"a":false}})", "/a", "cannot nothing"},
      {R"({"properties":{"a/b":{"type":"null"}}})", "/a~1b", "may null"},
      {R"({"allOf":[{"properties":{"a":{}}}],"unevaluatedProperties":false})", "/a", "may any"},
      {R"({"allOf":[{"properties":{"a":{}}}],"unevaluatedProperties":false})", "/b",
       "cannot nothing"},
  };
  check(cases);
}

TEST(Shape, Arrays) {
  constexpr std::string_view kTuple =
      R"({"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],)"
      R"("items":{"type":"boolean"},"minItems":1,"maxItems":4})";
  constexpr std::string_view kOldTuple =
      R"({"type":"array","items":[{"type":"string"}],"additionalItems":false})";
  constexpr Case cases[] = {
      {kTuple, "/0", "must string"},
      {kTuple, "/1", "may integer"},
      {kTuple, "/2", "implicit boolean"},
      {kTuple, "/-", "implicit boolean"},
      {kTuple, "/4", "cannot nothing"},
      {kTuple, "/x", "cannot nothing"},
      {kOldTuple, "/0", "may string"},
      {kOldTuple, "/1", "cannot nothing"},
      {R"({"type":"array","items":{"type":"object","properties":{"a":{"type":"null"}}}})", "/5/a",
       "implicit null"},
      {R"({"properties":{"0":{"type":"string"}},"items":{"type":"integer"}})", "/0",
       "may integer|string"},
  };
  check(cases);
}

TEST(Shape, Combinations) {
  constexpr std::string_view kVariants =
      R"({"type":"object","oneOf":[)"
      R"({"properties":{"kind":{"const":"a"},"v":{"type":"integer","minimum":1}},"required":["kind","v"]},)"
      R"({"properties":{"kind":{"const":"b"},"v":{"type":"string","maxLength":3}},"required":["kind"]}]})";
  constexpr Case cases[] = {
      {R"({"allOf":[{"type":["string","null"]},{"type":["string","integer"]}]})", "",
       "must string"},
      {R"({"type":"number","allOf":[{"type":"integer"},{"minimum":2},{"minimum":1,"maximum":9}]})",
       "", "must integer min=2 max=9"},
      {R"({"maxLength":5,"allOf":[{"maxLength":3},{"format":"date"}],"type":"string"})", "",
       "must string format=date maxLength=3"},
      {R"({"anyOf":[{"type":"string","maxLength":3},{"type":"string","maxLength":7}]})", "",
       "must string maxLength=7"},
      {R"({"anyOf":[{"type":"string","maxLength":3},{"type":"string"}]})", "", "must string"},
      {R"({"anyOf":[{"type":"null"},{"type":"string","maxLength":7,"format":"date"}]})", "",
       "must null|string format=date maxLength=7"},  // a null has no length: nothing is lost
      {R"({"anyOf":[{"type":"integer","minimum":3},{"type":"number","minimum":1}]})", "",
       "must number min=1"},
      {R"({"title":"outer","anyOf":[{"title":"x"},{"title":"y"}]})", "", "must any title=outer"},
      {kVariants, "", "must object"},
      {kVariants, "/kind", "must string"},
      {kVariants, "/v", "may integer|string maxLength=3 min=1"},
      {R"({"allOf":[{"additionalProperties":false},{"properties":{"x":{"type":"string"}}}]})", "/x",
       "cannot nothing"},
      {R"({"allOf":[{"required":["x"]},{"properties":{"x":{"type":"string"}}}],"type":"object"})",
       "/x", "must string"},
      {R"({"anyOf":[{"patternProperties":{"^p":{"type":"string"}},"additionalProperties":{"type":"null"}},)"
       R"({"additionalProperties":{"type":"integer"}}],"type":"object"})",
       "/px", "implicit integer|null|string"},
      {R"({"type":"object","properties":{"op":{"type":"string"}},)"
       R"("if":{"properties":{"op":{"const":"d"}}},"then":{"properties":{"x":{"type":"null"}}},)"
       R"("else":{"properties":{"x":{"type":"string"}}}})",
       "/x", "may null|string"},
      {R"({"type":"object","properties":{"op":{"type":"string"}},)"
       R"("if":{"properties":{"op":{"const":"d"}}},"then":{"required":["op"]}})",
       "/op", "may string"},
      {R"({"anyOf":[false,{"type":"integer"}]})", "", "must integer"},
      {R"({"anyOf":[{"type":"array","minItems":2,"prefixItems":[{"type":"string"}]},)"
       R"({"type":"array","minItems":1,"items":{"type":"integer"}}]})",
       "/0", "must integer|string"},
  };
  check(cases);
}

TEST(Shape, References) {
  constexpr Case cases[] = {
      {R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"string"}}})", "", "must string"},
      {R"({"$ref":"#/$defs/a%20b~1c","$defs":{"a b/c":{"type":"string"}}})", "", "must string"},
      {R"({"title":"here","$ref":"#/$defs/a","$defs":{"a":{"title":"there","type":"null"}}})", "",
       "must null title=here"},
      {R"({"$ref":"#x","$defs":{"a":{"$anchor":"x","type":"null"}}})", "", "must null"},
      {R"({"$ref":"flow://write-schema","$defs":{"a":{"$id":"flow://write-schema","type":"null"}}})",
       "", "must null"},
      {R"({"$ref":"flow://w#/properties/b","$defs":{"a":{"$id":"flow://w","properties":{"b":{"type":"null"}}}}})",
       "", "must null"},
      {R"({"$ref":"elsewhere.json"})", "", "must any"},
      {R"({"$ref":"#/nowhere"})", "", "must any"},
      {R"({"type":"object","properties":{"next":{"$ref":"#"}}})", "/next", "may any"},
  };
  check(cases);
}

TEST(Shape, ListsNamedLocationsParentsFirst) {
  const Parsed parsed = shape_of(
      R"({"type":"object","required":["id"],"properties":{"id":{"type":"integer"},)"
      R"("at":{"type":"object","properties":{"x":{"type":"number"},"gone":false}},)"
      R"("tags":{"type":"array","items":{"type":"string"}}},"patternProperties":{"^p":{}}})");
  std::string out;
  for (const NamedLocation& location : locations(parsed.shape)) {
    out += fmt::format("{}: {}\n", location.pointer, describe(location.located));
  }
  EXPECT_EQ(out,
            ": must object\n"
            "/at: may object\n"
            "/at/x: may number\n"
            "/id: must integer\n"
            "/tags: may array\n");
}

TEST(Shape, PointersAreChecked) {
  EXPECT_FALSE(locate(Shape::anything(), "a", nullptr));
  EXPECT_TRUE(locate(Shape::anything(), "/a/b", nullptr));
}

// Each level mentions the next twice: without sharing, this would take 2^60 steps.
TEST(Shape, SharedPartsAreInferredOnce) {
  std::string defs;
  for (int i = 0; i < 60; ++i) {
    defs +=
        fmt::format(R"("d{0}":{{"type":"object","properties":{{"a":{{"$ref":"#/$defs/d{1}"}},)"
                    R"("b":{{"allOf":[{{"$ref":"#/$defs/d{1}"}},{{"$ref":"#/$defs/e{1}"}}]}}}}}},)"
                    R"("e{0}":{{"type":"object","properties":{{"a":{{"$ref":"#/$defs/e{1}"}},)"
                    R"("b":{{"$ref":"#/$defs/e{1}"}}}}}},)",
                    i, i + 1);
  }
  const std::string schema = fmt::format(
      R"({{"anyOf":[{{"$ref":"#/$defs/d0"}},{{"$ref":"#/$defs/e0"}}],"$defs":{{{}"d60":{{}},"e60":{{}}}}}})",
      defs);
  const Parsed parsed = shape_of(schema);
  const auto at = locate(parsed.shape, "/a/b/a/b", nullptr);
  ASSERT_TRUE(at);
  EXPECT_EQ(describe(*at), "may object");
  EXPECT_EQ(locations(parsed.shape).size(), kLocationsMax);
}

TEST(Shape, DeepNestingEndsInAnything) {
  std::string schema = "{\"type\":\"null\"}";
  std::string pointer;
  for (std::size_t i = 0; i < kShapeDepthMax - 1; ++i) {
    schema = fmt::format(R"({{"type":"object","properties":{{"a":{}}}}})", schema);
    pointer += "/a";
  }
  const auto at = locate(shape_of(schema).shape, pointer, nullptr);
  EXPECT_EQ(describe(*at), "may null");
}

TEST(Types, Names) {
  EXPECT_EQ(Types::any().names(),
            (std::vector<std::string>{"array", "boolean", "null", "number", "object", "string"}));
  EXPECT_EQ(Types(Types::kFractional).names(), (std::vector<std::string>{"fractional"}));
  EXPECT_TRUE(Types().names().empty());
}

}  // namespace
}  // namespace weir::document
