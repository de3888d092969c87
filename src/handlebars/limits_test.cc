#include <gmock/gmock.h>

#include "handlebars/test_support.h"

namespace weir::handlebars {
namespace {

std::string repeat(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::string nested(std::string_view open, std::string_view close, std::size_t depth) {
  return repeat(open, depth) + repeat(close, depth);
}

TEST(Limits, TemplateBytes) {
  const std::string most(kTemplateBytesMax, 'x');
  EXPECT_EQ(rendered(most, "{}"), most);
  EXPECT_EQ(rendered(most + "x", "{}"), "error 1:1: the template has 65537 bytes, more than 65536");
}

TEST(Limits, Nesting) {
  constexpr std::size_t kMax = kNestingMax;
  struct Case {
    std::string_view what;
    std::string deepest;
    std::string too_deep;
  };
  const Case cases[] = {
      {"blocks", nested("{{#if a}}", "{{/if}}", kMax), nested("{{#if a}}", "{{/if}}", kMax + 1)},
      {"else chains", "{{#if a}}" + repeat("{{else if a}}", kMax - 1) + "{{/if}}",
       "{{#if a}}" + repeat("{{else if a}}", kMax) + "{{/if}}"},
      {"subexpressions", "{{not " + nested("(not ", ")", kMax).insert(5 * kMax, "a") + "}}",
       "{{not " + nested("(not ", ")", kMax + 1).insert(5 * (kMax + 1), "a") + "}}"},
      {"inline partials", nested("{{#*inline \"p\"}}", "{{/inline}}", kMax),
       nested("{{#*inline \"p\"}}", "{{/inline}}", kMax + 1)},
      {"partial blocks", nested("{{#> p}}", "{{/p}}", kMax),
       nested("{{#> p}}", "{{/p}}", kMax + 1)},
  };
  for (const Case& c : cases) {
    EXPECT_FALSE(rendered(c.deepest, R"({"a":1})").starts_with("error")) << c.what;
    EXPECT_THAT(rendered(c.too_deep, R"({"a":1})"),
                testing::HasSubstr("nested deeper than 64 levels"))
        << c.what;
  }
}

TEST(Limits, PartialsThatCallThemselves) {
  EXPECT_EQ(rendered("{{#*inline \"p\"}}{{> p}}{{/inline}}{{> p}}", "{}"),
            "error 1:17: partials nested deeper than 64 levels");
  EXPECT_EQ(rendered("{{#*inline \"p\"}}{{#if a}}{{#if a}}{{#if a}}{{#if a}}{{> p}}"
                     "{{/if}}{{/if}}{{/if}}{{/if}}{{/inline}}{{> p}}",
                     R"({"a":1})"),
            "error 1:26: more than 256 blocks and partials at one time");
  // A list of lists as deep as the data is fine.
  EXPECT_EQ(rendered("{{#*inline \"p\"}}{{n}}{{#each c}}{{> p}}{{/each}}{{/inline}}{{> p}}",
                     R"({"n":1,"c":[{"n":2,"c":[{"n":3,"c":[]}]},{"n":4,"c":[]}]})"),
            "1234");
}

TEST(Limits, CallsOfPartials) {
  // Each calls the next one twice: 2^60 calls, no output, no depth to speak of.
  std::string text;
  for (int i = 0; i < 60; ++i) {
    const std::string next = std::to_string(i + 1);
    text += "{{#*inline \"p" + std::to_string(i) + "\"}}{{> p" + next + "}}{{> p" + next +
            "}}{{/inline}}";
  }
  EXPECT_THAT(rendered(text + "{{#*inline \"p60\"}}{{/inline}}{{> p0}}", "{}"),
              testing::HasSubstr("more than 1000000 passes of loops and calls of partials"));
}

std::string list_of(std::size_t count) {
  return R"({"l":[)" + repeat("0,", count - 1) + "0]}";
}

TEST(Limits, Iterations) {
  const std::string twice = "{{#each l}}{{#each @root.l}}{{/each}}{{/each}}";
  EXPECT_EQ(rendered(twice, list_of(999)), "");  // 999 + 999²
  EXPECT_THAT(rendered(twice, list_of(1000)), testing::HasSubstr("more than 1000000 passes"));
  EXPECT_THAT(rendered("{{#l}}{{#@root.l}}{{/@root.l}}{{/l}}", list_of(1000)),
              testing::HasSubstr("more than 1000000 passes"));
}

TEST(Limits, Output) {
  const std::string text = "{{#each l}}0123456789abcdef{{/each}}";
  EXPECT_EQ(rendered(text, list_of(65536)).size(), kOutputBytesMax);
  EXPECT_THAT(rendered(text, list_of(65537)),
              testing::HasSubstr("the output has more than 1048576 bytes"));
  EXPECT_THAT(rendered("{{json l}}{{{l}}}{{l}}", list_of(300000)),
              testing::HasSubstr("1:11: the output has more than 1048576 bytes"));
}

TEST(Limits, Steps) {
  // Each segment of a path counts, so few passes are enough.
  const std::string text = "{{#each l}}{{#if a" + repeat(".a", 20'000) + "}}{{/if}}{{/each}}";
  EXPECT_EQ(rendered(text, list_of(900)), "");
  EXPECT_THAT(rendered(text, list_of(1100)),
              testing::HasSubstr("rendering takes more than 20000000 steps"));
}

TEST(Limits, Scratch) {
  EXPECT_THAT(rendered("{{#each l}}{{#if (json @root.s)}}{{/if}}{{/each}}",
                       "{\"s\":\"" + std::string(1 << 20, 's') + "\"," + list_of(20).substr(1)),
              testing::HasSubstr("helpers made more than 16777216 bytes of values"));
}

TEST(Limits, LongNamesAreCutInMessages) {
  const std::string got = rendered("{{" + repeat("é", 1000) + "}}", "{}");
  EXPECT_LT(got.size(), 200u);
  EXPECT_THAT(got, testing::HasSubstr("é…\" is not in the data"));
  EXPECT_THAT(rendered("{{[a\nb]}}", "{}"), testing::HasSubstr(R"("a\nb" is not in the data)"));
}

}  // namespace
}  // namespace weir::handlebars
