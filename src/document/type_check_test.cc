#include "document/type_check.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "document/test_support.h"

namespace weir::document {
namespace {

// Whether a walk can validate by this schema, and if so what it says of a document.
class Checked {
 public:
  explicit Checked(std::string_view schema) : schema_(compile_schema(schema)) {
    complete_ = plan_type_check(plan_, *schema_);
    plan_.finish();
  }
  bool complete() const { return complete_; }
  bool fits(std::string document) const {
    const std::size_t size = document.size();
    document.append(json::kDocumentPadding, '}');
    Walker walker(plan_);
    EXPECT_TRUE(walker.walk(std::string_view(document).substr(0, size)));
    return walker.fits();
  }
  bool is_valid(const std::string& document) const {
    json::Arena arena;
    return schema_->is_valid(*json::parse_text(document, arena, json::Duplicates::kLastWins));
  }

 private:
  std::shared_ptr<const json::Schema> schema_;
  WalkPlan plan_;
  bool complete_ = false;
};

TEST(TypeCheck, KnowsWhatItCannotCheck) {
  constexpr std::string_view kComplete[] = {
      "true",
      R"({"type":"object","properties":{"a":{"type":["integer","null"]}},"required":["a","b"]})",
      R"({"$ref":"#/$defs/x","$defs":{"x":{"type":"object"}},"title":"t","reduce":{"strategy":"merge"}})",
      R"({"allOf":[{"required":["a"]},{"properties":{"a":{"type":"array","items":{"type":"string"}}}}]})",
      R"({"additionalProperties":true,"properties":{"a":{"format":"date-time"}}})",
  };
  for (const auto schema : kComplete) EXPECT_TRUE(Checked(schema).complete()) << schema;
  constexpr std::string_view kMore[] = {
      "false",
      R"({"properties":{"a":{"minimum":1}}})",
      R"({"properties":{"a":{"maxLength":1}}})",
      R"({"properties":{"a":{"enum":[1]}}})",
      R"({"properties":{"a":{"const":1}}})",
      R"({"properties":{"a":{"items":{"minItems":1}}}})",
      R"({"additionalProperties":false})",
      R"({"patternProperties":{"^a":{"type":"string"}}})",
      R"({"minProperties":1})",
      R"({"anyOf":[{"required":["a"]},{"required":["b"]}]})",
      R"({"if":{"required":["a"]},"then":{"required":["b"]}})",
      R"({"not":{"required":["a"]}})",
      R"({"properties":{"0":{"type":"string"}}})",
      R"({"properties":{"a":{"$ref":"#"}}})",  // no end of locations
  };
  for (const auto schema : kMore) EXPECT_FALSE(Checked(schema).complete()) << schema;
}

std::string random_value(Random& random, int depth) {
  switch (random.below(depth > 0 ? 10 : 8)) {
    case 0: return "null";
    case 1: return "true";
    case 2: return "-12";
    case 3: return "1.50";
    case 4: return "2.0";
    case 5: return "1e2";
    case 6: return R"("s")";
    case 7: return "[]";
    case 8:
      return "[" + random_value(random, depth - 1) + "," + random_value(random, depth - 1) + "]";
    default: {
      std::string out = "{";
      for (const char* name : {"a", "b", "c"}) {
        if (random.one_in(2)) continue;
        out += std::string(out.size() > 1 ? "," : "") + "\"" + name +
               "\":" + random_value(random, depth - 1);
      }
      return out + "}";
    }
  }
}

std::string random_schema(Random& random, int depth) {
  constexpr std::string_view kTypes[] = {R"("integer")",
                                         R"("number")",
                                         R"("string")",
                                         R"("object")",
                                         R"("array")",
                                         R"(["null","integer"])",
                                         R"(["string","number","boolean"])",
                                         R"(["object","array","null"])"};
  std::string out = "{";
  const auto add = [&](const std::string& member) { out += (out.size() > 1 ? "," : "") + member; };
  if (random.one_in(2)) add(R"("type":)" + std::string(kTypes[random.below(std::size(kTypes))]));
  if (random.one_in(3)) add(random.one_in(2) ? R"("required":["a"])" : R"("required":["b","c"])");
  if (depth > 0 && !random.one_in(3)) {
    add(R"("properties":{"a":)" + random_schema(random, depth - 1) + R"(,"b":)" +
        random_schema(random, depth - 1) + "}");
  }
  if (depth > 0 && random.one_in(3)) add(R"("items":)" + random_schema(random, depth - 1));
  return out + "}";
}

TEST(TypeCheck, SaysWhatValidationSays) {
  Random random(9);
  int valid = 0;
  int invalid = 0;
  for (int round = 0; round < 60; ++round) {
    const std::string text = random_schema(random, 3);
    const Checked checked(text);
    ASSERT_TRUE(checked.complete()) << text;
    for (int i = 0; i < 40;) {
      const std::string document = random_value(random, 3);
      if (document.front() != '{') continue;
      ++i;
      const bool expected = checked.is_valid(document);
      ASSERT_EQ(checked.fits(document), expected) << text << '\n' << document;
      ++(expected ? valid : invalid);
    }
  }
  EXPECT_GT(valid, 100);
  EXPECT_GT(invalid, 100);
}

TEST(TypeCheck, ARepeatedNameIsLeftToTheSchema) {
  const Checked checked(R"({"properties":{"a":{"type":"integer"}},"required":["a"]})");
  EXPECT_FALSE(checked.fits(R"({"a":"x","a":1})"));
  EXPECT_TRUE(checked.is_valid(R"({"a":"x","a":1})"));
  EXPECT_FALSE(checked.fits(R"({"a":1,"a":"x"})"));
}

}  // namespace
}  // namespace weir::document
