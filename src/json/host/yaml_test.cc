#include "json/host/yaml.h"

#include <gtest/gtest.h>

#include "json/pointer.h"

namespace weir::json {
namespace {

// The value's JSON, or "line:column: message".
std::string read(std::string_view text) {
  Arena arena;
  const auto value = parse_yaml(text, arena);
  if (value) return to_text(*value);
  return fmt::format("{}:{}: {}", value.error().place.line, value.error().place.column,
                     value.error().message);
}

TEST(Yaml, ScalarsOfTheCoreSchema) {
  struct Case {
    std::string_view text, json;
  };
  constexpr Case cases[] = {
      {"", "null"},
      {"# only a comment\n", "null"},
      {"~", "null"},
      {"null", "null"},
      {"NULL", "null"},
      {"nUll", "\"nUll\""},
      {"true", "true"},
      {R"("a\N\_\L\u00e9")", "\"a\xc2\x85\xc2\xa0\xe2\x80\xa8\xc3\xa9\""},
      {"False", "false"},
      {"yes", "\"yes\""},
      {"on", "\"on\""},
      {"0", "0"},
      {"-0", "-0"},
      {"1.50", "1.50"},
      {"1e3", "1e3"},
      {"12345678901234567890123", "12345678901234567890123"},
      {"+12", "12"},
      {".5", "0.5"},
      {"-.5e1", "-0.5e1"},
      {"1.", "1.0"},
      {"1.e3", "1.0e3"},
      {"0x1F", "31"},
      {"0o17", "15"},
      {"0xFFFFFFFFFFFFFFFF", "18446744073709551615"},
      {"0x1FFFFFFFFFFFFFFFF", "\"0x1FFFFFFFFFFFFFFFF\""},
      {"0x", "\"0x\""},
      {"0123", "\"0123\""},
      {"+0123", "\"+0123\""},
      {"1_000", "\"1_000\""},
      {"1:30", "\"1:30\""},
      {".", "\".\""},
      {"-", "[null]"},
      {"+", "\"+\""},
      {"1.2.3", "\"1.2.3\""},
      {"2026-11-22", "\"2026-11-22\""},
      {"'1'", "\"1\""},
      {"\"true\"", "\"true\""},
      {"''", "\"\""},
      {"\"a\\tb\\u00e9\\x41\"",
       "\"a\\tb\xC3\xA9"
       "A\""},
      {"!!str 1", "\"1\""},
      {"!!int 7", "7"},
      {"!!float 7", "7"},
      {"!!bool true", "true"},
      {"!!null ~", "null"},
      {"! x", "\"x\""},
      {"a b\n  c", "\"a b c\""},
      {"|\n  a\n   b\n", "\"a\\n b\\n\""},
      {">-\n  a\n  b\n", "\"a b\""},
      {"\xEF\xBB\xBF"
       "a: 1",
       "{\"a\":1}"},
      {"a: 1\r\nb: 2\r\n", "{\"a\":1,\"b\":2}"},
      {"{a: 1, \"b\": [x, 2], c: }", "{\"a\":1,\"b\":[\"x\",2],\"c\":null}"},
      {"1: a\ntrue: b\n", "{\"1\":\"a\",\"true\":\"b\"}"},
      {"---\na: 1\n...\n", "{\"a\":1}"},
      {"%YAML 1.2\n---\na: 1\n", "{\"a\":1}"},
      {"{\"json\": [1, true, null, \"x\"]}", "{\"json\":[1,true,null,\"x\"]}"},
  };
  for (const Case& c : cases) EXPECT_EQ(read(c.text), c.json) << c.text;
}

TEST(Yaml, AliasesAndMergeKeys) {
  struct Case {
    std::string_view text, json;
  };
  constexpr Case cases[] = {
      {"a: &x [1, 2]\nb: *x\n", "{\"a\":[1,2],\"b\":[1,2]}"},
      {"a: &x\n  k: 1\nb:\n  <<: *x\n  j: 2\n", "{\"a\":{\"k\":1},\"b\":{\"j\":2,\"k\":1}}"},
      {"a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}\n",
       "{\"a\":{\"k\":1,\"l\":2},\"b\":{\"k\":3,\"l\":2}}"},
      {"- &x {k: 1}\n- &y {k: 2, l: 3}\n- {<<: [*x, *y]}\n",
       "[{\"k\":1},{\"k\":2,\"l\":3},{\"k\":1,\"l\":3}]"},
      {"- &x {k: 1}\n- &y {<<: *x, l: 3}\n- {<<: *y}\n",
       "[{\"k\":1},{\"l\":3,\"k\":1},{\"l\":3,\"k\":1}]"},
      {"<<: {a: 1}\n", "{\"a\":1}"},
      {"'<<': 1\n", "{\"<<\":1}"},
      {"&k a: *k\n", "{\"a\":\"a\"}"},
      {"a: &x ~\nb: *x\n", "{\"a\":null,\"b\":null}"},
      {"a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}"},
  };
  for (const Case& c : cases) EXPECT_EQ(read(c.text), c.json) << c.text;
}

TEST(Yaml, RefusesWithPlaceAndWithoutValues) {
  struct Case {
    std::string_view text, message;
  };
  constexpr Case cases[] = {
      {"a: 1\nb:\n  c: 1\n  c: 2\n", "4:3: the name \"c\" stands twice in this map, first at 3:3"},
      {"<<: {c: 1, c: 2}\n", "1:12: the name \"c\" stands twice in this map, first at 1:6"},
      {"a: 1\n---\nb: 2\n", "2:1: a second document; one file holds one YAML document"},
      {"a: .inf\n", "1:4: infinities and NaN have no JSON form; put it in quotes if it is text"},
      {"- -.INF\n", "1:3: infinities and NaN have no JSON form; put it in quotes if it is text"},
      {"a: .nan\n", "1:4: infinities and NaN have no JSON form; put it in quotes if it is text"},
      {"a: !!int canary2\n", "1:4: the scalar is not what its tag says"},
      {"a: !!int 1.5\n", "1:4: the scalar is not what its tag says"},
      {"a: !env canary2\n", "1:4: a tag that is not of the core schema; remove it"},
      {"a: !!binary aGk=\n", "1:4: a tag that is not of the core schema; remove it"},
      {"a: !!set {x}\n", "1:4: a tag that is not of the core schema; remove it"},
      {"? [a]\n: 1\n", "1:3: a name must be text; put it in quotes if it should be"},
      {"~: 1\n", "1:1: a name must be text; put it in quotes if it should be"},
      {"a: &x [*x]\n", "1:8: an alias inside of what it stands for"},
      {"a: &x {b: *x}\n", "1:11: an alias inside of what it stands for"},
      {"&x a: &y\n  <<: *y\n", "2:7: a map that merges itself"},
      {"a: {<<: 1}\n", "1:9: << takes a map or a list of maps"},
      {"a: {<<: [{}, 1]}\n", "1:14: << takes a map or a list of maps"},
      {"a: *canary2\n", "1:4: the referenced anchor is not defined"},
      {"a: \"canary2\n", "1:4: a quoted text that does not end"},
      {"a: \"\\q\"\n", "1:7: unknown escape character"},
      {"password: canary2: x\n",
       "1:18: a ':' that cannot stand here; put a text that holds one in quotes"},
      {"a: [canary2\nb: 1\n", "2:2: a list that does not end, or is badly indented"},
      {"a:\n\t- 1\n", "2:2: illegal block entry"},
      {"a: \x01\n", "1:4: a control character; write it as an escape in double quotes"},
      {"a: b\x04", "1:5: a control character; write it as an escape in double quotes"},
      {"a: \xFF\n", "1:4: not UTF-8"},
      {"a: 1\n b: 2\n", "2:3: a ':' that cannot stand here; put a text that holds one in quotes"},
      {"a: 'it''s\n", "1:4: a quoted text that does not end"},
      {"- &x \"a\\\"\n", "1:3: a quoted text that does not end"},
      {"a: @x\n", "1:4: unknown token"},
  };
  for (const Case& c : cases) EXPECT_EQ(read(c.text), c.message) << c.text;
}

TEST(Yaml, PlacesOfNamesAndValues) {
  Arena arena;
  const auto value = parse_yaml("a: 1\nlist:\n  - x: {y: \"\xC3\xA9\", z: 2}\n", arena);
  ASSERT_TRUE(value.has_value());
  const auto expect = [](Place place, std::uint32_t line, std::uint32_t column) {
    EXPECT_EQ(place.line, line);
    EXPECT_EQ(place.column, column);
  };
  const Member& list = value->members()[1];
  expect(list.place, 2, 1);
  expect(list.value.place(), 3, 3);
  const Member& x = list.value.items()[0].members()[0];
  expect(x.place, 3, 5);
  expect(x.value.place(), 3, 8);
  expect(x.value.members()[0].value.place(), 3, 12);
  expect(x.value.members()[1].place, 3, 18);  // columns count bytes
  expect(x.value.members()[1].value.place(), 3, 21);
}

TEST(Yaml, PlacesOfBlockScalars) {
  Arena arena;
  std::vector<YamlBlock> blocks;
  const auto value = parse_yaml(
      "a: |\n  one\n  two\nb: !!str &x >- # why\n\n\n    three\nc: \"|\"\nd:\n  e: |2\n     four\n",
      arena, &blocks);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(
      to_text(*value),
      "{\"a\":\"one\\ntwo\\n\",\"b\":\"\\n\\nthree\",\"c\":\"|\",\"d\":{\"e\":\" four\\n\"}}");
  std::string places;
  for (const YamlBlock& block : blocks) {
    places += fmt::format("{}:{} {}:{}\n", block.scalar.line, block.scalar.column,
                          block.content.line, block.content.column);
  }
  EXPECT_EQ(places, "1:4 2:3\n4:4 5:5\n10:6 11:5\n");
  EXPECT_EQ(value->find("a")->place().line, blocks[0].scalar.line);
  EXPECT_EQ(value->find("a")->place().column, blocks[0].scalar.column);
}

TEST(Yaml, AliasesCannotExplode) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    text += fmt::format(
        "a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  }
  EXPECT_NE(read(text).find("aliases expand to more than 1000000 nodes"), std::string::npos);
  std::string chain = "a0: &a0 {k0: 1}\n";
  for (int i = 1; i < 300; ++i)
    chain += fmt::format("a{0}: &a{0} {{<<: *a{1}, k{0}: 1}}\n", i, i - 1);
  EXPECT_NE(read(chain).find("nested deeper than 128 levels"), std::string::npos);
}

TEST(Yaml, DepthAndSizeAreLimited) {
  const std::string open(kDepthMax, '[');
  const std::string close(kDepthMax, ']');
  EXPECT_EQ(read(open + "1" + close), open + "1" + close);
  EXPECT_EQ(read(open + "[]" + close), "1:129: nested deeper than 128 levels");
  EXPECT_NE(read(std::string(100'000, '[')).find("deep"), std::string::npos);
  EXPECT_EQ(read(std::string(kYamlBytesMax + 1, ' ')), "0:0: longer than 16777216 bytes");
}

}  // namespace
}  // namespace weir::json
