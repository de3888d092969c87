#include <random>

#include "handlebars/test_support.h"

namespace weir::handlebars {
namespace {

RenderOptions lenient() {
  RenderOptions options;
  options.strict = false;
  return options;
}

TEST(Render, ValuesAsText) {
  const std::string_view data =
      R"({"s":"a","t":true,"f":false,"n":null,"i":12345678901234567890,"d":1.0,"e":1e21,"z":-0,
          "a":[1,"x",null],"o":{"k":[1.50,"q\""]},"ea":[],"eo":{}})";
  const RenderCase cases[] = {
      {"{{s}}{{t}}{{f}}|{{n}}|{{{n}}}|", data, "atruefalse|||"},
      {"{{i}} {{d}} {{e}} {{z}}", data, "12345678901234567890 1.0 1e21 -0"},
      {"{{{a}}} {{{o}}} {{ea}} {{eo}}", data, R"([1,"x",null] {"k":[1.50,"q\""]} [] {})"},
      {"{{a}} {{&o}}", data, R"([1,\"x\",null] {"k":[1.50,"q\""]})"},
      {"{{o}}", data, R"({\"k\":[1.50,\"q\\\"\"]})"},
      {"{{json s}} {{json n}} {{json o}} {{{json a}}}", data,
       R"("a" null {"k":[1.50,"q\""]} [1,"x",null])"},
      {"{{i}}{{d}}", data, "123456789012345678901.0"},
  };
  expect_rendered(cases);
}

TEST(Render, StringsAreEscapedForTheInsideOfAJsonString) {
  const std::string_view data = "{\"x\":\"a\\\"b\\\\c\\n\\t\\u0001/é\\u007f</script>&'\"}";
  expect_rendered({
      {"{{x}}", data, "a\\\"b\\\\c\\n\\t\\u0001/é\x7f</script>&'"},
      {"{{{x}}}", data, "a\"b\\c\n\t\x01/é\x7f</script>&'"},
      {"{{json x}}", data, "\"a\\\"b\\\\c\\n\\t\\u0001/é\x7f</script>&'\""},
      {"{{#each this}}{{@key}}{{/each}}", R"({"a\"b":1})", "a\\\"b"},
      {"{{default n x}}", R"({"n":null,"x":"\""})", "\\\""},
  });
}

TEST(Render, OtherEscapes) {
  RenderOptions options;
  options.escape = Escape::kHtml;
  EXPECT_EQ(rendered("{{x}}{{{x}}}", R"({"x":"&<>\"'`="})", options),
            "&amp;&lt;&gt;&quot;&#x27;&#x60;&#x3D;&<>\"'`=");
  options.escape = Escape::kNone;
  EXPECT_EQ(rendered("{{x}}", R"({"x":"&<>\"'`="})", options), "&<>\"'`=");
}

// Whatever a value holds, it stays one string at its place.
TEST(Render, ValuesCannotLeaveTheirQuotes) {
  const Template payload = parsed(
      R"({"id":"{{x}}","list":[{{#each l}}"{{this}}"{{#unless @last}},{{/unless}}{{/each}}],"v":{{json x}},"n":{{n}}})");
  constexpr std::string_view kAttacks[] = {R"(","admin":true,"x":")",
                                           "\"}",
                                           "\\",
                                           "\\\"",
                                           "\n",
                                           "{{n}}",
                                           "{{{x}}}",
                                           "\\u0022",
                                           "'",
                                           "\x01\x1f",
                                           "\xe2\x80\xa8",
                                           "</script>",
                                           "${n}"};
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string attack;
    for (std::uint64_t left = 1 + random() % 4; left > 0; --left) {
      attack += kAttacks[random() % std::size(kAttacks)];
    }
    const json::Value value = json::Value::string(attack);
    const json::Value list[] = {value, value};
    const json::Member members[] = {{.name = "x", .value = value, .place = {}},
                                    {.name = "l", .value = json::Value::array(list), .place = {}},
                                    {.name = "n", .value = json::Value::number("17"), .place = {}}};
    const auto out = render(payload, json::Value::object(members));
    ASSERT_TRUE(out.has_value());
    const auto back = json::parse_tree(*out);
    ASSERT_TRUE(back.has_value()) << *out;
    ASSERT_EQ(back->root.members().size(), 4u) << *out;
    EXPECT_EQ(back->root.find("id")->as_string(), attack);
    EXPECT_EQ(back->root.find("v")->as_string(), attack);
    EXPECT_EQ(back->root.find("list")->items()[1].as_string(), attack);
  }
}

TEST(Render, StrictErrorsNameThePath) {
  expect_rendered({
      {"{{a}}", "{}", "error 1:3: \"a\" is not in the data"},
      {"x\n  {{a.b.c}}", R"({"a":{"b":{}}})", "error 2:5: \"a.b.c\" is not in the data"},
      {"{{a.b}}", R"({"a":null})", "error 1:3: \"a.b\" is not in the data"},
      {"{{a.b}}", R"({"a":"text"})", "error 1:3: \"a.b\" is not in the data"},
      {"{{a.b}}", R"({"a":5})", "error 1:3: \"a.b\" is not in the data"},
      {"{{a.5}}{{a.x}}", R"({"a":[1]})", "error 1:3: \"a.5\" is not in the data"},
      {"é{{@index}}", "{}", "error 1:4: \"@index\" is not in the data"},
      {"{{#a}}x{{/a}}", "{}", "error 1:4: \"a\" is not in the data"},
      {"{{^a}}x{{/a}}", "{}", "error 1:4: \"a\" is not in the data"},
      {"{{#a}}x{{else}}y{{/a}}", "{}", "error 1:4: \"a\" is not in the data"},
      {"{{nope a}}", R"({"a":1})", "error 1:3: there is no helper \"nope\""},
      {"{{lne a}}", R"({"a":1})", "error 1:3: there is no helper \"lne\" (did you mean \"len\"?)"},
      {"{{#nope a}}{{/nope}}", R"({"a":1})", "error 1:4: there is no helper \"nope\""},
      {"{{a.b c}}", "{}", "error 1:3: there is no helper \"a.b\""},
      {"{{> p}}", "{}", "error 1:1: there is no partial \"p\""},
      {"{{../a}}", R"({"a":1})", "error 1:3: \"../a\" climbs above the outermost context"},
      {"{{#if ../a}}{{/if}}", R"({"a":1})",
       "error 1:7: \"../a\" climbs above the outermost context"},
      {"{{#each l}}{{../../a}}{{/each}}", R"({"a":1,"l":[1]})",
       "error 1:14: \"../../a\" climbs above the outermost context"},
      {"{{json a}}", "{}", "error 1:8: \"a\" is not in the data"},
      {"{{#if (eq a 1)}}{{/if}}", "{}", "error 1:11: \"a\" is not in the data"},
      {"{{#if (lookup a \"x\")}}{{/if}}", R"({"a":{}})",
       "error 1:8: \"lookup\" finds nothing in \"a\""},
      {"{{lookup a \"x\"}}", "{}", "error 1:3: \"lookup\" finds nothing in \"a\""},
  });
}

TEST(Render, ErrorsHoldNoValues) {
  const std::string_view data = R"({"a":"SECRET","o":{"SECRET":1},"l":["SECRET"]})";
  for (const std::string_view text :
       {"{{lookup o a}}x{{lookup a o}}", "{{#each a}}{{/each}}", "{{gt a o}}", "{{a.b}}",
        "{{#each l}}{{x}}{{/each}}", "{{> (lookup l 0)}}", "{{gt o l}}", "{{lookup l a}}"}) {
    const std::string got = rendered(text, data);
    EXPECT_TRUE(got.starts_with("error ")) << text << " gave " << got;
    EXPECT_EQ(got.find("SECRET"), std::string::npos) << got;
  }
}

TEST(Render, NamesOfPrototypesAreMissing) {
  for (const std::string_view name :
       {"constructor", "toString", "__proto__", "valueOf", "hasOwnProperty", "__defineGetter__"}) {
    for (const std::string_view data : {"{}", "[]", "\"x\"", "1"}) {
      const std::string text = "{{this." + std::string(name) + "}}";
      EXPECT_TRUE(rendered(text, data).starts_with("error 1:3: ")) << text << data;
      EXPECT_EQ(rendered(text, data, lenient()), "");
    }
    EXPECT_EQ(rendered("{{" + std::string(name) + "}}", "{\"" + std::string(name) + "\":1}"), "1");
  }
}

TEST(Render, LenientPrintsNothing) {
  expect_rendered({{"[{{a}}{{a.b.c}}{{../x}}{{@nope}}]", "{}", "[]"},
                   {"[{{lookup a \"x\"}}{{#each a}}1{{/each}}{{#with a}}2{{/with}}]", "{}", "[]"},
                   {"[{{#a}}1{{else}}2{{/a}}]", "{}", "[2]"},
                   {"{{nope 1}}", "{}", "error 1:3: there is no helper \"nope\""},
                   {"{{> p}}", "{}", "error 1:1: there is no partial \"p\""}},
                  lenient());
}

TEST(Render, Contexts) {
  const std::string_view data =
      R"({"t":"T","a":{"b":{"c":"C"},"n":null},"l":[{"x":1},{"x":2}],"s":["p","q"],"len":"L"})";
  const RenderCase cases[] = {
      {"{{#with a}}{{#with b}}{{c}}{{../../t}}{{@root.t}}{{/with}}{{/with}}", data, "CTT"},
      {"{{#each l}}{{x}}{{../t}}{{#if x}}{{../t}}{{/if}}{{/each}}", data, "1TT2TT"},
      {"{{#with this}}{{#with .}}{{t}}{{/with}}{{/with}}", data, "T"},
      {"{{#each s}}{{.}}{{../t}}{{/each}}", data, "pTqT"},
      {"{{#a}}{{b.c}}{{../t}}{{/a}}", data, "CT"},
      {"{{#l}}{{x}}{{@index}}{{/l}}", data, "1021"},
      {"{{#if t}}{{else}}{{/if}}{{#unless t}}x{{else}}{{t}}{{/unless}}", data, "T"},
      {"{{this.len}}{{./len}}{{lookup this \"len\"}}", data, "LLL"},
      {"{{len}}", data, "error 1:3: \"len\" takes 1 argument, not 0"},
      {"{{#each a}}{{@key}}{{#if @last}}.{{else}},{{/if}}{{/each}}", data, "b,n."},
      {"{{#with a}}{{n}}{{#each ../l}}{{../b.c}}{{/each}}{{/with}}", data, "CC"},
  };
  expect_rendered(cases);
}

TEST(Render, ValueBlocks) {
  const std::string_view data =
      R"({"t":true,"f":false,"n":null,"e":"","z":0,"ea":[],"eo":{},"l":[1,2],"o":{"k":3},"k":4})";
  const RenderCase cases[] = {
      {"{{#t}}{{k}}{{/t}}{{#f}}1{{else}}{{k}}{{/f}}", data, "44"},
      {"{{#n}}1{{else}}2{{/n}}{{#ea}}1{{else}}2{{/ea}}", data, "22"},
      {"{{#e}}1{{/e}}{{#z}}2{{/z}}{{#eo}}3{{/eo}}", data, "123"},
      {"{{#l}}{{this}}{{/l}}{{#o}}{{k}}{{/o}}{{^f}}5{{/f}}{{^t}}6{{/t}}", data, "1235"},
      {"{{#l as |v i|}}{{v}}{{i}}{{/l}}", data, "1021"},
  };
  expect_rendered(cases);
}

TEST(Render, BlockParameters) {
  const std::string_view data = R"({"l":["a","b"],"o":{"k":"v"},"i":"I","eq":"E"})";
  const RenderCase cases[] = {
      {"{{#each l as |v i|}}{{i}}{{v}}{{#each ../o as |w k|}}{{i}}{{k}}{{w}}{{/each}}{{/each}}",
       data, "0a0kv1b1kv"},
      {"{{#with o as |x|}}{{x.k}}{{#with x as |y|}}{{y.k}}{{x.k}}{{/with}}{{/with}}", data, "vvv"},
      // They win over helpers and data, and end with their block.
      {"{{#each l as |eq i|}}{{eq}}{{/each}}{{i}}", data, "abI"},
      {"{{#each l as |i|}}{{#each ../o as |i|}}{{i}}{{/each}}{{i}}{{/each}}", data, "vavb"},
      {"{{#each l as |v|}}{{this.v}}{{/each}}", data, "error 1:21: \"this.v\" is not in the data"},
      {"{{#if l as |v|}}{{v}}{{/if}}", data, "error 1:19: \"v\" is not in the data"},
      {"{{#each l as |a b c|}}{{c}}{{/each}}", data, "error 1:25: \"c\" is not in the data"},
  };
  expect_rendered(cases);
  EXPECT_EQ(rendered("{{#each e as |v|}}{{else}}{{v}}{{/each}}", R"({"e":[],"v":"data"})"), "data");
}

TEST(Render, LoopVariables) {
  const std::string_view data = R"({"l":["a","b","c"],"o":{"x":1,"y":2},"m":[[1,2],[3]]})";
  const RenderCase cases[] = {
      {"{{#each l}}{{@index}}{{@key}}{{@first}}{{@last}} {{/each}}", data,
       "00truefalse 11falsefalse 22falsetrue "},
      {"{{#each o}}{{@index}}{{@key}}{{this}} {{/each}}", data, "0x1 1y2 "},
      {"{{#each m}}{{#each this}}{{@../index}}{{@index}}{{this}} {{/each}}{{/each}}", data,
       "001 012 103 "},
      {"{{#each l}}{{#if @first}}{{else}},{{/if}}\"{{this}}\"{{/each}}", data, "\"a\",\"b\",\"c\""},
      {"{{#each l}}{{#unless @last}}{{this}}{{/unless}}{{/each}}", data, "ab"},
      {"{{#each l}}{{#with @root.o}}{{@index}}{{x}}{{/with}}{{/each}}", data, "011121"},
      {"{{#each l}}{{@../index}}{{/each}}", data, "error 1:14: \"@../index\" is not in the data"},
  };
  expect_rendered(cases);
  EXPECT_EQ(rendered("{{#each this}}{{@key}} {{/each}}", R"({"b":1,"10":2,"a":3,"2":4})"),
            "b 10 a 2 ");
}

TEST(Render, ElseChains) {
  const std::string_view text =
      "{{#if a}}A{{else if b}}B{{else unless c}}C{{else each d}}{{this}}{{else}}E{{/if}}";
  expect_rendered({{text, R"({"a":1})", "A"},
                   {text, R"({"a":0,"b":1})", "B"},
                   {text, R"({"a":0,"b":0,"c":0})", "C"},
                   {text, R"({"a":0,"c":1,"d":[1,2]})", "12"},
                   {text, R"({"c":1,"d":[]})", "E"},
                   {"{{#each l as |v|}}{{v}}{{else with o as |w|}}{{w.x}}{{/each}}",
                    R"({"l":[],"o":{"x":1}})", "1"}});
}

// What renders under strict rules renders the same without them.
TEST(Render, StrictOnlyAddsErrors) {
  const std::string_view data = R"({"a":1,"l":[1,{"b":"x"}],"o":{"p":null}})";
  constexpr std::string_view kPieces[] = {"{{a}}",
                                          "{{o}}",
                                          "{{#each l}}{{@index}}{{/each}}",
                                          "{{#with o}}{{p}}{{../a}}{{/with}}",
                                          "{{lookup l 1}}",
                                          "{{#if q}}1{{else}}2{{/if}}",
                                          "{{q}}",
                                          "{{default q a}}",
                                          "{{#l}}{{b}}{{/l}}",
                                          "{{#each q}}x{{/each}}",
                                          "{{#each q}}x{{else}}y{{/each}}",
                                          "{{json o.p}}",
                                          "{{len l}}"};
  std::mt19937_64 random(11);
  int successes = 0;
  for (int round = 0; round < 400; ++round) {
    std::string text;
    for (std::uint64_t left = random() % 4; left > 0; --left) {
      text += kPieces[random() % std::size(kPieces)];
    }
    const std::string strict = rendered(text, data);
    if (strict.starts_with("error")) continue;
    ++successes;
    EXPECT_EQ(rendered(text, data, lenient()), strict) << text;
  }
  EXPECT_GT(successes, 100);
}

TEST(Render, OutermostDataVariables) {
  const auto variables = json::parse_tree(R"({"level":3})");
  RenderOptions options;
  options.data = &variables->root;
  EXPECT_EQ(
      rendered("{{@level}}{{#each l}}{{@level}}{{@../level}}{{/each}}", R"({"l":[1]})", options),
      "333");
}

}  // namespace
}  // namespace weir::handlebars
