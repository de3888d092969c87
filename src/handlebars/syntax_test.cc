#include <gmock/gmock.h>

#include "handlebars/test_support.h"

namespace weir::handlebars {
namespace {

using testing::HasSubstr;

TEST(Syntax, TextAndEscapes) {
  expect_rendered({
      {"", "{}", ""},
      {"{ } }} {{{{raw}}}}{{x}}{{{{/raw}}}}", "{}", "{ } }} {{x}}"},
      {R"(\{{x}} {{x}})", R"({"x":1})", "{{x}} 1"},
      {R"(\\{{x}})", R"({"x":1})", R"(\1)"},
      {R"(\\\{{x}})", R"({"x":1})", R"(\\1)"},
      {R"(\{{{x}}})", R"({"x":1})", "{{{x}}}"},
      {R"(\{{x)", "{}", "{{x"},
      {R"(\{{x}}\{{y}}\\{{x}})", R"({"x":1})", R"({{x}}{{y}}\1)"},
      {R"(a\nA\"b)", "{}", R"(a\nA\"b)"},
      {std::string_view("a\0b", 3), "{}", std::string_view("a\0b", 3)},
      {R"(\{{#if x}}y)", "{}", "{{#if x}}y"},
  });
}

TEST(Syntax, ClosingBraces) {
  expect_rendered({
      {R"({"a":{{n}}})", R"({"n":1})", R"({"a":1})"},
      {R"({"a":{"b":{{n}}}})", R"({"n":1})", R"({"a":{"b":1}})"},
      {R"({"a":{"b":{"c":{{n}}}}})", R"({"n":1})", R"({"a":{"b":{"c":1}}})"},
      {R"({"a":{{{n}}}})", R"({"n":1})", R"({"a":1})"},
      {R"({"a":{{n~}}})", R"({"n":1})", R"({"a":1})"},
      {"{{n}}}", R"({"n":1})", "1}"},
      {R"({ {{#if n}}"a":1{{/if}}})", R"({"n":1})", R"({ "a":1})"},
      {"{{#if n}}}{{/if}}}", R"({"n":1})", "}}"},
      {"{{~{n}~}} .", R"({"n":1})", "1."},
      {"{{{n}~}} .", R"({"n":1})", "1."},
      {"{{{ n }}}{{& n }}", R"({"n":1})", "11"},
      {"{{{n}}", R"({"n":1})", "error 1:5: this tag has to be closed by }}}"},
      {"{{{#if n}}1{{/if}}", R"({"n":1})", "error 1:4: this character cannot stand in a tag"},
  });
}

TEST(Syntax, Comments) {
  expect_rendered({
      {"a{{! x }}b{{!}}c{{!----}}d{{!--}}e", "{}", "abcde"},
      {"{{!--x}}y--}}z", "{}", "z"},
      {"{{!-- {{#if}} --}}z", "{}", "z"},
      {"{{!-- - --}}{{! -- x}}z", "{}", "z"},
      {"a {{~! x }} b", "{}", "a b"},
      {"a {{!-- x --~}} b", "{}", "a b"},
      {"a {{! x", "{}", "error 1:3: the comment is not closed"},
      {"a\n {{!-- x }}", "{}", "error 2:2: the comment is not closed"},
  });
}

TEST(Syntax, NamesAndPaths) {
  expect_rendered({
      {"{{X-Api-Key}}{{a:b}}{{q?}}{{$x_1}}", R"({"X-Api-Key":1,"a:b":2,"q?":3,"$x_1":4})", "1234"},
      {"{{données}}{{日本}}{{1a}}", R"({"données":1,"日本":2,"1a":3})", "123"},
      {"{{h.X-Api-Key}}{{h.[with space]}}{{h/[with space]}}",
       R"({"h":{"X-Api-Key":1,"with space":2}})", "122"},
      {R"({{[a]b\]]}}|{{[x\\]}})", R"({"a":1})", "error 1:7: this character cannot follow \"b\""},
      {R"({{[a\]b]}}{{[x\\]}}{{[c\d]}})", R"({"a]b":1,"x\\":2,"c\\d":3})", "123"},
      {"{{[]}}{{[this]}}{{[..]}}{{a.[this]}}", R"({"":1,"this":2,"..":3,"a":{"this":4}})", "1234"},
      {"{{a.0}}{{a.[1]}}{{a/2}}{{b.0.x}}{{b.0/x}}", R"({"a":[1,2,3],"b":[{"x":4}]})", "12344"},
      {"{{a.0.1}}", R"({"a":[[7,8]]})", "8"},
      {"{{a.true}}{{a.null}}", R"({"a":{"true":1,"null":2}})", "12"},
      {"{{0}}{{12}}{{true}}{{\"foo bar\"}}{{'x'}}", R"({"0":1,"12":2,"true":3,"foo bar":4,"x":5})",
       "12345"},
      {"{{.}}{{this}}{{./.}}", "7", "777"},
      {"{{./a}}{{this.a}}{{this/a}}{{a/b.c}}", R"({"a":{"b":{"c":1}}})",
       R"({\"b\":{\"c\":1}}{\"b\":{\"c\":1}}{\"b\":{\"c\":1}}1)"},
      {"{{\n a\t}}{{# if a }}x{{/ if }}{{ else_x }}", R"({"a":1,"else_x":2})", "1x2"},
      {"{{truest}}{{elsewhere}}{{as}}", R"({"truest":1,"elsewhere":2,"as":3})", "123"},
      {"{{a\u00a0b}}", R"({"a":1})", "error 1:3: there is no helper \"a\""},
      {"{{a.length}}{{s.length}}{{o.length}}", R"({"a":[1,2],"s":"日本語","o":{"length":9}})",
       "239"},
      {"{{a}}", R"({"a":-0})", "-0"},
  });
}

struct BadTemplate {
  std::string_view text;
  std::string_view error;
};

TEST(Syntax, Errors) {
  constexpr BadTemplate kCases[] = {
      {"{{a.this}}", "1:3: \"a.this\" is no path"},
      {"x{{#if a}}{{foo/../bar}}", "1:13: \"foo/..\" is no path"},
      {"{{a..b}}", "1:4: a name has to follow this separator"},
      {"{{a.}}", "1:4: a name has to follow this separator"},
      {"{{[a]. b}}", "1:6: a name has to follow this separator"},
      {"{{a.\"b\"}}", "1:5: expected a name after the separator, found b"},
      {"{{.a}}", "1:3: expected a name, found ."},
      {"{{ #if a}}", "1:4: this character cannot stand in a tag"},
      {"a\n\n {{foo}", "3:7: this tag has to be closed by }}"},
      {"日本 {{foo", "1:4: the tag that opens here is not closed"},
      {"{{foo &}}", "1:7: this character cannot stand in a tag"},
      {"{{foo wo\"rld\"}}", "1:9: this character cannot follow \"wo\""},
      {"{{foo \"bar}}", "1:7: the string that opens here is not closed"},
      {"{{foo [bar}}", "1:7: the bracket that opens here is not closed"},
      {"{{foo \"a\\d\"}}", "1:9: strings are written as in JSON"},
      {"{{foo \"\\ud800\"}}", "1:8: strings are written as in JSON"},
      {"{{#if a}}", "1:1: the block \"if\" is not closed"},
      {"a\n{{#if a}}{{#each b}}{{/each}}", "2:1: the block \"if\" is not closed"},
      {"{{/if}}", "1:1: this tag closes a block that is not open"},
      {"{{#if a}}{{/unless}}", "1:10: the open block is \"if\", not \"unless\""},
      {"{{#a.b}}{{/a/b}}", "1:9: the open block is \"a.b\", not \"a/b\""},
      {"x{{else}}", "1:2: else outside of a block"},
      {"{{else if a}}", "1:1: else outside of a block"},
      {"{{^}}", "1:1: else outside of a block"},
      {"{{#if a}}{{else}}{{else}}{{/if}}", "1:18: this block has no place for another else"},
      {"{{^if a}}{{else if b}}{{/if}}", "1:10: this block has no place for another else"},
      {"{{#if a}}{{else if b}}{{/unless}}", "1:23: the open block is \"if\", not \"unless\""},
      {"{{#each a as ||}}{{/each}}", "1:15: expected the name of a block parameter, found |"},
      {"{{#each a as |x}}{{/each}}", "1:16: expected a name or |, found the end of the tag"},
      {"{{foo a=1 b}}", "1:11: arguments without a name come before those with one"},
      {"{{foo a=}}", "1:9: expected a name, found the end of the tag"},
      {"{{foo (bar}}", "1:11: expected an argument or ), found the end of the tag"},
      {"{{(lookup a 1) b}}", "1:16: a subexpression takes no arguments from outside"},
      {"{{foo ((a) b)}}", "1:8: expected a name, found ("},
      {"{{}}", "1:3: expected a name, found the end of the tag"},
      {"{{@}}", "1:4: expected the name of a data variable, found the end of the tag"},
      {"{{> a b c}}", "1:9: a partial takes one context"},
      {"{{#*inline \"a\"}}{{else}}{{/inline}}", "1:17: this block has no place for another else"},
      {"{{#> a}}{{^}}{{/a}}", "1:9: this block has no place for another else"},
      {"{{{{raw}}}} {{x}}", "1:1: the raw block is not closed"},
      {"{{{{raw}}}}{{{{/war}}}}", "1:12: the open block is \"raw\", not \"war\""},
      {"{{{{raw}} x {{{{/raw}}}}", "1:8: this tag has to be closed by }}}}"},
      {"{{helperMissing}}", "1:3: \"helperMissing\" is a name of the language"},
      {"{{#if (blockHelperMissing)}}{{/if}}", "1:8: \"blockHelperMissing\" is a name"},
  };
  for (const BadTemplate& c : kCases) {
    const auto result = Template::parse(c.text);
    ASSERT_FALSE(result.has_value()) << c.text;
    EXPECT_THAT(result.error().text(), testing::StartsWith(std::string(c.error))) << c.text;
  }
}

TEST(Syntax, LiteralArguments) {
  expect_rendered({
      {R"({{default undefined "a\nb\t\"\\\/"}})", "{}", R"(a\nb\t\"\\/)"},
      {R"({{{default null 'it\'s "x" é 😀'}}})", "{}", "it's \"x\" é 😀"},
      {"{{{default null \"a\nb\"}}}", "{}", "a\nb"},
      {"{{json 1}}{{json -1.50}}{{json 007}}{{json -00.5}}", "{}", "1-1.507-0.5"},
      {"{{json true}}{{json false}}{{json null}}{{json undefined}}", "{}", "truefalsenullnull"},
      {"{{json 1e3}}", R"({"1e3":5})", "5"},
      {"{{#if a includeZero=false includeZero=true}}x{{/if}}", R"({"a":0})", "x"},
      {"{{json (default a (len (json b)))}}", R"({"a":null,"b":[10]})", "4"},
  });
}

TEST(Syntax, Tree) {
  const BadTemplate cases[] = {
      {"{{#each a as |x|}}{{x.y}}{{else if b}}c{{else}}{{> p q r=1}}{{/each}}",
       "BLOCK:\n  PATH:each [PATH:a]\n  PROGRAM:\n    BLOCK PARAMS: [ x ]\n    {{ PATH:x/y [] }}\n"
       "  {{^}}\n    BLOCK:\n      PATH:if [PATH:b]\n      PROGRAM:\n        CONTENT[ 'c' ]\n"
       "      {{^}}\n        {{> PARTIAL:p PATH:q HASH{r=NUMBER{1}} }}\n"},
      {"{{(lookup a \"b\")}}{{f (g 1 x=@y) h=(i)}}",
       "{{ PATH:lookup [PATH:a, \"b\"] }}\n"
       "{{ PATH:f [PATH:g [NUMBER{1}] HASH{x=@PATH:y}] HASH{h=PATH:i []} }}\n"},
      {"{{{{raw}}}} {{x}} {{{{/raw}}}}",
       "BLOCK:\n  PATH:raw []\n  PROGRAM:\n    CONTENT[ ' {{x}} ' ]\n"},
      {"{{#*inline \"a\"}}b{{/inline}}",
       "DIRECTIVE BLOCK:\n  PATH:inline [\"a\"]\n  PROGRAM:\n    CONTENT[ 'b' ]\n"},
  };
  for (const BadTemplate& c : cases) EXPECT_EQ(parsed(c.text).print(), c.error) << c.text;
}

TEST(Syntax, RawBlocks) {
  expect_rendered({
      {"{{{{raw}}}} {{x}} {{{{y}}}}z{{{{/y}}}} \\{{ {{{{/raw}}}}", "{}",
       " {{x}} {{{{y}}}}z{{{{/y}}}} \\{{ "},
      {"{{{{if a}}}}{{x}}{{{{/if}}}}", R"({"a":1})", "{{x}}"},
      {"{{{{if a}}}}{{x}}{{{{/if}}}}", R"({"a":0})", ""},
      {"{{{{nope}}}}{{x}}{{{{/nope}}}}", "{}", "error 1:5: \"nope\" is not in the data"},
      {"a\n{{{{raw}}}}\n {{x}}\n{{{{/raw}}}}\nb", "{}", "a\n {{x}}\nb"},
  });
}

}  // namespace
}  // namespace weir::handlebars
