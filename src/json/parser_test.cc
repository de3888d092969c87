#include <gtest/gtest.h>

#include "json/events.h"
#include "json/pointer.h"

namespace weir::json {
namespace {

TEST(Parser, Accepts) {
  struct Case {
    std::string_view text, compact;
  };
  constexpr Case cases[] = {
      {" \t\r\n1\n", "1"},
      {"[ ]", "[]"},
      {"{ }", "{}"},
      {"{\"a\" : [ 1 , true , null ] , \"b\" : \"x\"}", "{\"a\":[1,true,null],\"b\":\"x\"}"},
      {"\"\\u0041\\u00e9\\u20AC\\uD83D\\udca9\"", "\"A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x92\xA9\""},
      {"\"\\/\\b\\f\\n\\r\\t\\\"\\\\\"", "\"/\\b\\f\\n\\r\\t\\\"\\\\\""},
      {"-0.0e-00", "-0.0e-00"},
      {"\"\\u0000\"", "\"\\u0000\""},
  };
  for (const Case& c : cases) {
    const auto tree = parse_tree(c.text);
    ASSERT_TRUE(tree.has_value()) << c.text << ": " << tree.error().message;
    EXPECT_EQ(to_text(tree->root), c.compact);
  }
}

TEST(Parser, RefusesWithPlace) {
  struct Case {
    std::string_view text, message;
  };
  constexpr Case cases[] = {
      {"", "1:1: expected a value, found the end of the text"},
      {" \n ", "2:2: expected a value, found the end of the text"},
      {"1 2", "1:3: expected the end of the text after the value"},
      {"[1,]", "1:4: expected a value after ','"},
      {"[1 2]", "1:4: expected ',' or ']' after an item"},
      {"[1", "1:3: expected ',' or ']' after an item, found the end of the text"},
      {"[", "1:2: expected a value, found the end of the text"},
      {"{\"a\":1,}", "1:8: expected a name in double quotes"},
      {"{a:1}", "1:2: expected a name in double quotes"},
      {"{\"a\" 1}", "1:6: expected ':' after a name"},
      {"{\"a\":}", "1:6: expected a value"},
      {"{\"a\":1 \"b\":2}", "1:8: expected ',' or '}' after a member"},
      {"tru", "1:1: expected true"},
      {"nul1", "1:1: expected null"},
      {"fals", "1:1: expected false"},
      {"truex", "1:5: expected the end of the text after the value"},
      {"01", "1:1: a number may not start with 0 and another digit"},
      {"-", "1:2: expected a digit after '-', found the end of the text"},
      {"-x", "1:2: expected a digit after '-'"},
      {"1.", "1:3: expected a digit after '.', found the end of the text"},
      {"1.e5", "1:3: expected a digit after '.'"},
      {"1e+", "1:4: expected a digit in the exponent, found the end of the text"},
      {"+1", "1:1: expected a value"},
      {".5", "1:1: expected a value"},
      {"NaN", "1:1: expected a value"},
      {"'a'", "1:1: expected a value"},
      {"\"a", "1:1: a string that does not end"},
      {"[\n \"a\n\"]", "2:4: a control character in a string must be escaped"},
      {"\"\x01\"", "1:2: a control character in a string must be escaped"},
      {"\"\\x\"", "1:2: an unknown escape in a string"},
      {"\"\\", "1:2: an unknown escape in a string"},
      {"\"\\u12g4\"", "1:2: expected four hexadecimal digits after \\u"},
      {"\"\\uD800\"", "1:2: half of a surrogate pair"},
      {"\"\\uD800\\u0041\"", "1:2: half of a surrogate pair"},
      {"\"\\uDC00\"", "1:2: half of a surrogate pair"},
      {"\"\xC3\"", "1:2: not UTF-8"},
      {"\"ab\xED\xA0\x80\"", "1:4: not UTF-8"},
      {"\xEF\xBB\xBF{}", "1:1: expected a value"},
      {"// c\n1", "1:1: expected a value"},
      {"{\"a\":1,\n \"b\":2,\n \"a\":3}",
       "3:2: the name \"a\" stands twice in this object, first at 1:2"},
  };
  for (const Case& c : cases) {
    const auto tree = parse_tree(c.text);
    ASSERT_FALSE(tree.has_value()) << c.text;
    EXPECT_EQ(tree.error().message, c.message);
    EXPECT_EQ(tree.error().code, Code::kInvalid);
  }
}

TEST(Parser, PlacesOfNamesAndValues) {
  const auto tree = parse_tree("{\n  \"a\": [1,\r\n   {\"\xC3\xA9\": 2}]\n}");
  ASSERT_TRUE(tree.has_value());
  const Member& a = tree->root.members()[0];
  EXPECT_EQ(tree->root.place().line, 1u);
  EXPECT_EQ(a.place.line, 2u);
  EXPECT_EQ(a.place.column, 3u);
  EXPECT_EQ(a.value.place().column, 8u);
  const Value& inner = a.value.items()[1];
  EXPECT_EQ(inner.place().line, 3u);
  EXPECT_EQ(inner.place().column, 4u);
  EXPECT_EQ(inner.members()[0].place.column, 5u);
  EXPECT_EQ(inner.members()[0].value.place().column, 11u);  // columns count bytes
}

TEST(Parser, LastOfDuplicatesWins) {
  struct Case {
    std::string_view text, compact;
  };
  constexpr Case cases[] = {
      {"{\"a\":1,\"b\":2,\"a\":3}", "{\"b\":2,\"a\":3}"},
      {"{\"a\":1,\"a\":2,\"a\":3}", "{\"a\":3}"},
      {"{\"x\":{\"a\":1,\"a\":2}}", "{\"x\":{\"a\":2}}"},
      {"{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,\"1\":2}",
       "{\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,\"1\":2}"},
  };
  for (const Case& c : cases) {
    const auto tree = parse_tree(c.text, Duplicates::kLastWins);
    ASSERT_TRUE(tree.has_value());
    EXPECT_EQ(to_text(tree->root), c.compact);
    EXPECT_FALSE(parse_tree(c.text).has_value());
  }
}

TEST(Parser, DepthIsLimited) {
  const std::string open(kDepthMax, '[');
  const std::string close(kDepthMax, ']');
  EXPECT_TRUE(parse_tree(open + close).has_value());
  const auto deep = parse_tree(open + "{}" + close);
  ASSERT_FALSE(deep.has_value());
  EXPECT_EQ(deep.error().message, "1:129: nested deeper than 128 levels");
  EXPECT_FALSE(parse_tree(std::string(1'000'000, '[')).has_value());
}

class StopAtNull : public TreeBuilder {
 public:
  using TreeBuilder::TreeBuilder;
  bool null(Place) override { return false; }
};

TEST(Parser, AHandlerMayStop) {
  Arena arena;
  StopAtNull handler(arena);
  const auto parsed = parse_events("[1,\n null, x", handler);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_TRUE(parsed.error().stopped);
  EXPECT_EQ(parsed.error().error.place.line, 2u);
  EXPECT_EQ(parsed.error().error.place.column, 2u);
}

TEST(Pointer, FindsAndPrints) {
  const auto tree = parse_tree("{\"a\":[10,{\"b/c\":1,\"m~n\":2,\"\":3,\"0\":4}],\"01\":5}");
  ASSERT_TRUE(tree.has_value());
  struct Case {
    std::string_view pointer, found;  // empty: nothing
  };
  constexpr Case cases[] = {{"/a/0", "10"}, {"/a/1/b~1c", "1"}, {"/a/1/m~0n", "2"},
                            {"/a/1/", "3"}, {"/a/1/0", "4"},    {"/01", "5"},
                            {"/a/01", ""},  {"/a/2", ""},       {"/a/-", ""},
                            {"/a/-0", ""},  {"/a/0/x", ""},     {"/b", ""},
                            {"/a/1e0", ""}, {"/", ""},          {"/a/18446744073709551616", ""}};
  for (const Case& c : cases) {
    const auto pointer = Pointer::parse(c.pointer);
    ASSERT_TRUE(pointer.has_value()) << c.pointer;
    EXPECT_EQ(pointer->text(), c.pointer);
    const Value* found = pointer->find(tree->root);
    EXPECT_EQ(found == nullptr ? "" : to_text(*found), c.found) << c.pointer;
  }
  EXPECT_EQ(Pointer().find(tree->root), &tree->root);
  EXPECT_EQ(Pointer().child("a/b").child("~").text(), "/a~1b/~0");
  for (const std::string_view bad : {"a", "/~", "/~2", "#/a"}) {
    EXPECT_FALSE(Pointer::parse(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace weir::json
