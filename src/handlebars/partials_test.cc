#include "handlebars/test_support.h"

namespace weir::handlebars {
namespace {

TEST(Partials, Inline) {
  const std::string_view data = R"({"x":1,"l":[{"x":2},{"x":3}],"name":"p"})";
  const RenderCase cases[] = {
      {"{{#*inline \"p\"}}[{{x}}]{{/inline}}{{> p}}{{#each l}}{{> p}}{{/each}}", data, "[1][2][3]"},
      // They hold in their whole block, before the definition too.
      {"{{> p}}{{#*inline \"p\"}}a{{/inline}}", data, "a"},
      {"{{#*inline \"p\"}}a{{/inline}}{{#*inline \"p\"}}b{{/inline}}{{> p}}", data, "b"},
      {"{{#*inline \"p\"}}a{{/inline}}{{#if x}}{{#*inline \"p\"}}b{{/inline}}{{> p}}{{/if}}{{> p}}",
       data, "ba"},
      {"{{#if x}}{{#*inline \"p\"}}b{{/inline}}{{/if}}{{> p}}", data,
       "error 1:45: there is no partial \"p\""},
      // Computed names, quoted names, names with slashes.
      {"{{#*inline \"p\"}}a{{/inline}}{{> (lookup this \"name\")}}{{> \"p\"}}", data, "aa"},
      {"{{#*inline \"a/b.c\"}}a{{/inline}}{{> a/b.c}}", data, "a"},
      {"{{> (lookup l 0)}}", data, "error 1:5: the name of a partial has to be a string"},
      // Context and named values.
      {"{{#*inline \"p\"}}{{x}}{{y}}{{/inline}}{{> p y=9}}{{> p l.0 y=8}}{{> p this x=7 y=6}}",
       data, "192876"},
      {"{{#*inline \"p\"}}{{this}}{{/inline}}{{> p \"s\"}}{{> p 5}}", data, "s5"},
      {"{{#*inline \"p\"}}{{y}}{{/inline}}{{> p \"s\" y=1}}", data, "1"},
      {"{{#*inline \"p\"}}{{x}}{{/inline}}{{> p x=1 x=2}}", data, "2"},
      {"{{#*inline \"p\"}}{{x}}{{/inline}}{{> p gone}}", data,
       "error 1:39: \"gone\" is not in the data"},
      {"{{#*inline \"p\"}}{{x}}{{/inline}}{{> p y=gone}}", data,
       "error 1:41: \"gone\" is not in the data"},
      // Loop variables reach in, the caller's contexts do not.
      {"{{#*inline \"p\"}}{{@index}}{{@root.x}}{{/inline}}{{#each l}}{{> p}}{{/each}}", data,
       "0111"},
      {"{{#*inline \"p\"}}{{../x}}{{/inline}}{{#each l}}{{> p}}{{/each}}", data,
       "error 1:19: \"../x\" climbs above the outermost context"},
      // Block parameters of where it was defined.
      {"{{#each l as |v|}}{{#*inline \"p\"}}{{v.x}}{{/inline}}{{#with @root}}{{> "
       "p}}{{/with}}{{/each}}",
       data, "23"},
      {"{{* inline \"p\"}}", data,
       "error 1:1: there is no decorator \"inline\"; {{#*inline \"name\"}} is the only one"},
      {"{{#*other \"p\"}}{{/other}}", data,
       "error 1:1: there is no decorator \"other\"; {{#*inline \"name\"}} is the only one"},
      {"{{#*inline}}{{/inline}}", data,
       "error 1:1: inline needs one argument, the partial's name in quotes"},
  };
  expect_rendered(cases);
}

TEST(Partials, Blocks) {
  const std::string_view data = R"({"x":1,"o":{"x":2},"l":["a","b"]})";
  const RenderCase cases[] = {
      {"{{#> gone}}{{x}}{{/gone}}{{#> gone o}}{{x}}{{../x}}{{/gone}}", data, "121"},
      {"{{#*inline \"p\"}}<{{> @partial-block}}>{{/inline}}{{#> p}}{{x}}{{/p}}", data, "<1>"},
      {"{{#*inline \"p\"}}{{#each l}}{{> @partial-block}}{{/each}}{{/inline}}"
       "{{#> p}}({{this}}{{@index}}){{/p}}",
       data, "(a0)(b1)"},
      {"{{#*inline \"p\"}}{{> @partial-block}}{{/inline}}{{> p}}", data,
       "error 1:17: there is no partial \"@partial-block\""},
      {"{{#*inline \"p\"}}{{#if @partial-block}}y{{else}}n{{/if}}{{/inline}}{{> p}}{{#> p}}{{/p}}",
       data, "ny"},
      // Inline partials of the block reach the partial; those of the partial do not reach the
      // block.
      {"{{#*inline \"p\"}}{{> q}}{{/inline}}{{#> p}}{{#*inline \"q\"}}Q{{/inline}}{{/p}}", data,
       "Q"},
      {"{{#*inline \"p\"}}{{#if 1}}{{#*inline \"q\"}}Q{{/inline}}{{> "
       "@partial-block}}{{/if}}{{/inline}}"
       "{{#> p}}{{> q}}{{/p}}",
       data, "error 1:100: there is no partial \"q\""},
      // Nested: inside a block the outer @partial-block is meant.
      {"{{#*inline \"in\"}}[{{> @partial-block}}]{{/inline}}"
       "{{#*inline \"out\"}}{{#> in}}({{> @partial-block}}){{/in}}{{/inline}}{{#> "
       "out}}{{x}}{{/out}}",
       data, "[(1)]"},
      {"{{#with o as |p|}}{{#> gone ../l}}{{p.x}}{{/gone}}{{/with}}", data, "2"},
  };
  expect_rendered(cases);
}

TEST(Partials, FromOutside) {
  const Template outer = parsed("<{{x}}{{> inner}}{{> @partial-block}}>");
  const Template inner = parsed("\n{{gone}}");
  RenderOptions options;
  options.partials = {{"outer", &outer}};
  EXPECT_EQ(rendered("{{#*inline \"inner\"}}i{{/inline}}{{#> outer}}{{x}}{{/outer}}", R"({"x":1})",
                     options),
            "<1i1>");
  options.partials["inner"] = &inner;
  EXPECT_EQ(rendered("{{#> outer}}{{/outer}}", R"({"x":1})", options),
            "error 2:3: \"gone\" is not in the data (in the partial \"inner\")");
}

TEST(Partials, Indentation) {
  const std::string_view text =
      "{{#*inline \"p\"}}\na\n\n{{x}}\n{{/inline}}\n[\n  {{> p}}\n\t{{> p}}\nz {{> p}}]";
  EXPECT_EQ(rendered(text, R"({"x":"1"})"), "[\n  a\n  \n  1\n\ta\n\t\n\t1\nz a\n\n1\n]");
  RenderOptions options;
  options.prevent_indent = true;
  EXPECT_EQ(rendered(text, R"({"x":"1"})", options), "[\n  a\n\n1\n\ta\n\n1\nz a\n\n1\n]");
}

}  // namespace
}  // namespace weir::handlebars
