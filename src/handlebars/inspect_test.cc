#include <gmock/gmock.h>

#include "handlebars/test_support.h"

namespace weir::handlebars {
namespace {

using testing::ElementsAre;

std::string joined(const std::vector<std::string>& paths) {
  std::string out;
  for (const std::string& path : paths) out += (out.empty() ? "" : " ") + path;
  return out;
}

TEST(Paths, OfTheRoot) {
  struct Case {
    std::string_view text;
    std::string_view paths;
  };
  constexpr Case kCases[] = {
      {"text", ""},
      {"{{a}}{{b.c}}{{a}}{{{d/e}}}{{json f}}", "a b.c d.e f"},
      {"{{headers.X-Api-Key}}{{headers.[with space]}}{{[a.b]}}{{l.0.x}}",
       "[a.b] headers.X-Api-Key headers.[with space] l.0.x"},
      {"{{@root.a}}{{this.b}}{{./c}}{{\"d\"}}{{@index}}", "a b c d"},
      {"{{#each tables}}{{inserted}}{{/each}}", "tables tables.inserted"},
      {"{{#each tables}}{{this}}{{@key}}{{../a}}{{@root.b}}{{#if c}}{{../d}}{{/if}}{{/each}}",
       "a b d tables tables.c"},
      {"{{#each a}}{{#each b}}{{c}}{{../d}}{{../../e}}{{/each}}{{else}}{{f}}{{/each}}",
       "a a.b a.b.c a.d e f"},
      {"{{#with a.b}}{{c}}{{#with ../d}}{{e}}{{/with}}{{/with}}", "a.b a.b.c d d.e"},
      {"{{#with this}}{{a}}{{/with}}{{#with @root}}{{b}}{{/with}}", "a b"},
      {"{{#each tables as |t name|}}{{t.stored}}{{name}}{{#with t as "
       "|u|}}{{u.x}}{{/with}}{{/each}}",
       "tables tables.stored tables.x"},
      {"{{lookup a \"x\"}}{{lookup b k}}{{lookup (lookup c \"d\") 0}}", "a.x b.* c.d c.d.0 k"},
      {"{{lookup this \"x\"}}", "x"},
      {"{{lookup this k}}", "* k"},
      {"{{#each (lookup a k)}}{{b}}{{/each}}", "a.* k"},
      {"{{#with (lookup a \"x\")}}{{b}}{{/with}}", "a.x a.x.b"},
      {"{{#with (default a b)}}{{c}}{{/with}}", "a a.c b b.c"},
      {"{{#if (eq a (len b))}}{{c}}{{else if d}}{{e}}{{/if}}", "a b c d e"},
      {"{{this}}", "*"},
      {"{{json @root}}", "*"},
      {"{{#each this}}{{a}}{{/each}}", "*"},
      {"{{#each a}}{{this}}{{.}}{{b}}{{/each}}", "a a.b"},
      // May be a list, an object, or just true.
      {"{{#a}}{{b}}{{../c}}{{/a}}", "a a.b b c"},
      {"{{#if x includeZero=y}}{{/if}}{{log z}}", "x y z"},
      {"{{^a}}{{b}}{{/a}}", "a b"},
      {"{{{{raw}}}}{{a}}{{{{/raw}}}}{{! {{b}} }}\\{{c}}", ""},
  };
  for (const Case& c : kCases) EXPECT_EQ(joined(parsed(c.text).paths()), c.paths) << c.text;
}

TEST(Paths, ThroughPartials) {
  struct Case {
    std::string_view text;
    std::string_view paths;
  };
  constexpr Case kCases[] = {
      {"{{#*inline \"p\"}}{{a}}{{/inline}}", ""},
      {"{{#*inline \"p\"}}{{a}}{{@root.z}}{{/inline}}{{> p}}{{> p b}}{{#each c}}{{> p}}{{/each}}",
       "a b b.a c c.a z"},
      {"{{#*inline \"p\"}}{{a}}{{x.b}}{{/inline}}{{> p x=c.d}}", "a c.d c.d.b x.b"},
      {"{{#*inline \"p\"}}{{> @partial-block}}{{/inline}}{{#with a}}{{#> "
       "p}}{{b}}{{../c}}{{/p}}{{/with}}",
       "a a.b a.c c"},
      {"{{#*inline \"p\"}}{{n}}{{#each c}}{{> p}}{{/each}}{{/inline}}{{> p}}", "c c.* n"},
      {"{{> outside a}}", "* a"},
      {"{{#> outside}}{{a}}{{/outside}}", "* a"},
      {"{{#*inline \"p\"}}{{a}}{{/inline}}{{> (lookup this \"n\")}}", "* a n"},
  };
  for (const Case& c : kCases) EXPECT_EQ(joined(parsed(c.text).paths()), c.paths) << c.text;
}

// Where the level of a context is in doubt, both answers are named; beyond a bound, everything.
TEST(Paths, NameTooMuchRatherThanTooLittle) {
  EXPECT_EQ(joined(parsed("{{#with foo}}{{#with ../foo}}{{../bar}}{{/with}}{{/with}}").paths()),
            "bar foo foo.bar");
  std::string deep = "{{x}}";
  for (const char name : std::string_view("abcdefgh")) {
    deep = std::string("{{#") + name + "}}" + deep + "{{/" + name + "}}";
  }
  EXPECT_THAT(parsed(deep).paths(), testing::Contains("*"));
}

TEST(Problems, AreFoundWithoutData) {
  const Template bad = parsed(
      "{{nope 1}}{{#if a}}{{else}}\n{{len}}{{/if}}{{#each x y}}{{/each}}\n"
      "{{#lookup a b}}{{/lookup}}{{if a}}{{> gone}}{{* deco}}{{json (lne a)}}{{> p}}"
      "{{#*inline}}{{/inline}}{{#> gone}}{{/gone}}");
  std::vector<std::string> texts;
  for (const TemplateError& problem : bad.problems({"p"})) texts.push_back(problem.text());
  EXPECT_THAT(
      texts,
      ElementsAre(
          "1:3: there is no helper \"nope\"", "2:3: \"len\" takes 1 argument, not 0",
          "2:18: \"each\" takes 1 argument, not 2", "3:4: \"lookup\" is no block: {{lookup …}}",
          "3:29: \"if\" is a block: {{#if …}}…{{/if}}", "3:35: there is no partial \"gone\"",
          "3:45: there is no decorator \"deco\"; {{#*inline \"name\"}} is the only one",
          "3:63: there is no helper \"lne\" (did you mean \"len\"?)",
          "3:78: inline needs one argument, the partial's name in quotes"));
  EXPECT_THAT(parsed("{{a}}{{#a}}{{/a}}{{#eq a 1}}{{/eq}}{{#*inline \"q\"}}{{/inline}}{{> q}}"
                     "{{#each a as |len|}}{{len}}{{/each}}")
                  .problems(),
              testing::IsEmpty());
}

// Where "LINE:COLUMN" of the template each piece of the output came from.
std::string places(std::string_view text, std::string_view data, std::string_view at) {
  const auto tree = json::parse_tree(data);
  SourceMap map;
  const auto out = render(parsed(text), tree->root, {}, &map);
  EXPECT_TRUE(out.has_value());
  if (!out) return out.error().text();
  std::string result;
  for (const char mark : at) {
    const SourceMapEntry entry = locate(map, *out, out->find(mark));
    if (!result.empty()) result += ' ';
    result += std::to_string(entry.line) + ":" + std::to_string(entry.column) +
              (entry.literal ? "t" : "m");
  }
  return result;
}

TEST(SourceMap, LeadsBackToTheTemplate) {
  struct Case {
    std::string_view text;
    std::string_view data;
    std::string_view marks;  // characters of the output
    std::string_view places;
  };
  constexpr Case kCases[] = {
      {"{\"a\": 1,\n é b\"{{x}}\" z}", R"({"x":"12345q"})", "1ab5z", "1:7t 1:3t 2:4t 2:6m 2:13t"},
      {"{{#each l}}\n  {{this}}w\n{{/each}}v", R"({"l":["a","b"]})", "abwv",
       "2:3m 2:3m 2:11t 3:10t"},
      {"{{#*inline \"p\"}}\na{{x}}\nc\n{{/inline}}\n[\n    {{> p}}\n]", R"({"x":"b"})", "[abc]",
       "5:1t 2:1t 2:2m 3:1t 7:1t"},
      {"{{{json x}}}y", R"({"x":{"k":1}})", "{ky", "1:1m 1:1m 1:13t"},
  };
  for (const Case& c : kCases) EXPECT_EQ(places(c.text, c.data, c.marks), c.places) << c.text;
}

TEST(SourceMap, TemplatesFromOutsideAreTheirCall) {
  const Template outside = parsed("\n\n o{{x}}{{> @partial-block}}");
  RenderOptions options;
  options.partials = {{"outside", &outside}};
  const auto tree = json::parse_tree(R"({"x":"X"})");
  SourceMap map;
  const auto out = render(parsed("a\n {{#> outside}}b{{/outside}}"), tree->root, options, &map);
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ(*out, "a\n \n\n oXb");
  const auto place = [&](char mark) {
    const SourceMapEntry entry = locate(map, *out, out->find(mark));
    return std::pair(entry.line, entry.column);
  };
  EXPECT_EQ(place('a'), std::pair(1u, 1u));
  EXPECT_EQ(place('o'), std::pair(2u, 2u));
  EXPECT_EQ(place('X'), std::pair(2u, 2u));
  EXPECT_EQ(place('b'), std::pair(2u, 16u));
}

TEST(SourceMap, Edges) {
  EXPECT_EQ(locate({}, "", 0).line, 0u);
  SourceMap map;
  const auto out = render(parsed("ab"), json::Value(), {}, &map);
  EXPECT_EQ(locate(map, *out, 99).column, 3u);
}

}  // namespace
}  // namespace weir::handlebars
