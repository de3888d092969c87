#include "handlebars/test_support.h"

namespace weir::handlebars {
namespace {

constexpr std::string_view kData = R"({"x":1,"f":0,"l":["a","b"]})";

TEST(Whitespace, Tildes) {
  expect_rendered({
      {" \n{{~x~}}\n \t ", kData, "1"},
      {"a {{~x}} b", kData, "a1 b"},
      {"a {{x~}} b", kData, "a 1b"},
      {"a\u00a0\ufeff{{~x~}}\u2003\u2028b", kData, "a1b"},
      {"a {{~#if x~}} b {{~/if~}} c", kData, "abc"},
      {"a {{#if x~}} b {{~else~}} c {{~/if}} d", kData, "a b d"},
      {"a {{#if f~}} b {{~else~}} c {{~/if}} d", kData, "a c d"},
      {"a {{#if f}} b {{else~}} c {{/if~}} d", kData, "a c d"},
      {"a {{#if f}} b {{~else if x~}} c {{~else}} d {{/if}} e", kData, "a c e"},
      // The closing tag trims the last branch and no other.
      {"{{#if f}}1{{else if x}} 2 {{else}} 3 {{~/if}}", kData, " 2 "},
      {"{{#if f}}1{{else if f}} 2 {{else if x}} 3 {{~/if}}", kData, " 3"},
      {"a {{~!c~}} b {{~> @partial-block}}", kData,
       "error 1:14: there is no partial"
       " \"@partial-block\""},
  });
}

TEST(Whitespace, TagsAloneOnTheirLine) {
  expect_rendered({
      {"a\n{{#if x}}\nb\n{{/if}}\nc", kData, "a\nb\nc"},
      {"a\n  {{#if x}}  \n  b\n\t{{/if}}\t\nc", kData, "a\n  b\nc"},
      {"a\r\n{{#if x}}\r\nb\r\n{{/if}}\r\nc", kData, "a\r\nb\r\nc"},
      {"{{#if x}}\nb\n{{/if}}", kData, "b\n"},
      {"{{#if f}}\nb\n{{else}}\nc\n{{/if}}\n", kData, "c\n"},
      {"{{#if f}}\nb\n  {{else if x}}\nc\n  {{else}}\nd\n  {{/if}}\n", kData, "c\n"},
      {"a\n{{! x }}\nb\n  {{!-- y\n z --}}\nc", kData, "a\nb\nc"},
      {"{{! x }}\n", kData, ""},
      {"  {{! x }}", kData, ""},
      {"a\n{{x}}\nb", kData, "a\n1\nb"},
      {"a\n {{{x}}} \nb", kData, "a\n 1 \nb"},
      // Open and close are judged on their own.
      {"a {{#if x}}\nb\n{{/if}} c", kData, "a \nb\n c"},
      {"a\n{{#if x}}\nb{{/if}}\nc", kData, "a\nb\nc"},
      {"a\n{{#if x}}b\n{{/if}}\nc", kData, "a\nb\nc"},
      // Two tags on one line: neither stands alone.
      {"{{#if x}}{{#if x}}\na\n{{/if}}{{/if}}", kData, "\na\n"},
      {"{{#if x}} {{#if x}}\na\n{{/if}} {{/if}}", kData, " \na\n "},
      {"{{#if x}}\n{{#if x}}\na\n{{/if}}\n{{/if}}\n", kData, "a\n"},
      // A list that stays tidy.
      {"[\n  {{#each l}}\n  \"{{this}}\"{{#unless @last}},{{/unless}}\n  {{/each}}\n]\n", kData,
       "[\n  \"a\",\n  \"b\"\n]\n"},
      {"a\n{{#*inline \"p\"}}\nz\n{{/inline}}\n  {{> p}}\nb", kData, "a\n  z\nb"},
      {"a\n{{#> p}}\nz\n{{/p}}\nb", kData, "a\nz\nb"},
  });
}

TEST(Whitespace, StandaloneCanBeSwitchedOff) {
  const auto result = Template::parse("{{#if x}}\nb\n{{/if}}\n", {.ignore_standalone = true});
  ASSERT_TRUE(result.has_value());
  const auto data = json::parse_tree(kData);
  EXPECT_EQ(render(*result, data->root), "\nb\n\n");
}

}  // namespace
}  // namespace weir::handlebars
