#include "json/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"
#include "json/events.h"
#include "json/number.h"
#include "json/utf8.h"

namespace weir::json {
namespace {

Value read(std::string_view text, Arena& arena) {
  auto value = parse_text(text, arena);
  EXPECT_TRUE(value.has_value()) << text << ": " << (value ? "" : value.error().message);
  return value ? *value : Value();
}

TEST(Value, CompactTextKeepsNumbersAndOrder) {
  constexpr std::string_view cases[] = {"null",
                                        "true",
                                        "false",
                                        "0",
                                        "-0",
                                        "1.50",
                                        "1E+2",
                                        "123456789012345678901234567890",
                                        "\"\"",
                                        "\"a\\\"b\\\\c\"",
                                        "\"\\b\\f\\n\\r\\t\\u0000\\u001f\"",
                                        "\"\x7f/\xC3\xA9\"",
                                        "[]",
                                        "{}",
                                        "[1,[2,{}]]",
                                        "{\"b\":1,\"a\":{\"\":null}}"};
  Arena arena;
  for (const std::string_view text : cases) EXPECT_EQ(to_text(read(text, arena)), text);
}

TEST(Value, PrettyText) {
  Arena arena;
  EXPECT_EQ(to_pretty_text(read("{\"a\":[1,{}],\"b\":[]}", arena)),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}\n");
}

TEST(Value, FindGivesTheLastOfAName) {
  const Member members[] = {{"a", Value::boolean(false), {}},
                            {"", Value::boolean(true), {}},
                            {"a", Value::boolean(true), {}}};
  const Value object = Value::object(members);
  ASSERT_NE(object.find("a"), nullptr);
  EXPECT_TRUE(object.find("a")->as_bool());
  EXPECT_NE(object.find(""), nullptr);
  EXPECT_EQ(object.find("b"), nullptr);
  EXPECT_EQ(Value::boolean(true).find("a"), nullptr);
}

TEST(Value, DeepCopyOutlivesItsSource) {
  Arena target;
  Value copy;
  {
    Arena source;
    copy = deep_copy(target, read("{\"a\": [1, \"x\", null]}", source));
  }
  EXPECT_EQ(to_text(copy), "{\"a\":[1,\"x\",null]}");
  EXPECT_EQ(copy.members()[0].place.column, 2u);
  EXPECT_EQ(copy.members()[0].value.place().column, 7u);
}

TEST(Value, Order) {
  // Ascending; each row is equal to itself only.
  constexpr std::string_view rows[] = {"null",
                                       "false",
                                       "true",
                                       "-1e400",
                                       "-2",
                                       "-1.5",
                                       "0",
                                       "0.1",
                                       "1",
                                       "18446744073709551615",
                                       "18446744073709551615.5",
                                       "1e400",
                                       "\"\"",
                                       "\"a\"",
                                       "\"aa\"",
                                       "\"b\"",
                                       "\"\xC3\xA9\"",
                                       "[]",
                                       "[null]",
                                       "[1]",
                                       "[1,0]",
                                       "[2]",
                                       "{}",
                                       "{\"a\":1}",
                                       "{\"b\":0,\"a\":1}",
                                       "{\"a\":2}",
                                       "{\"b\":0}"};
  Arena arena;
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    for (std::size_t j = 0; j < std::size(rows); ++j) {
      const Value a = read(rows[i], arena);
      const Value b = read(rows[j], arena);
      EXPECT_EQ(compare(a, b), (i > j) - (i < j)) << rows[i] << " and " << rows[j];
      EXPECT_EQ(equal(a, b), i == j) << rows[i] << " and " << rows[j];
    }
  }
}

TEST(Value, EqualityIsOfValues) {
  constexpr std::pair<std::string_view, std::string_view> cases[] = {
      {"1", "1.0"}, {"100", "1e2"}, {"0", "-0.0"}, {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1.0}"}};
  Arena arena;
  for (const auto& [a, b] : cases) {
    EXPECT_TRUE(equal(read(a, arena), read(b, arena))) << a << " and " << b;
    EXPECT_EQ(compare(read(a, arena), read(b, arena)), 0) << a << " and " << b;
  }
}

TEST(Value, LargeObjectsInAnyOrderAreEqual) {
  std::string forth = "{", back = "{";
  for (int i = 0; i < 100; ++i) {
    forth += fmt::format("{}\"k{}\":{}", i == 0 ? "" : ",", i, i);
    back += fmt::format("{}\"k{}\":{}", i == 0 ? "" : ",", 99 - i, 99 - i);
  }
  Arena arena;
  EXPECT_TRUE(equal(read(forth + "}", arena), read(back + "}", arena)));
  EXPECT_FALSE(equal(read(forth + "}", arena), read(back + ",\"k\":1}", arena)));
}

TEST(Arena, ResetKeepsTheLargestBlock) {
  Arena arena;
  for (int i = 0; i < 1000; ++i) arena.copy("some text of some length");
  EXPECT_GE(arena.bytes_used(), 24'000u);
  arena.reset();
  EXPECT_EQ(arena.bytes_used(), 0u);
  void* first = arena.allocate(8);
  arena.reset();
  EXPECT_EQ(arena.allocate(8), first);
  Arena moved = std::move(arena);
  EXPECT_EQ(moved.copy("x"), "x");
}

TEST(Utf8, OneCodePoint) {
  struct Case {
    std::string_view text;
    std::uint32_t value;
    std::uint32_t length;
  };
  constexpr Case cases[] = {
      {"", 0, 0},
      {"a", 'a', 1},
      {"\xC3\xA9", 0xE9, 2},
      {"\xE2\x82\xAC", 0x20AC, 3},
      {"\xF0\x9F\x92\xA9", 0x1F4A9, 4},
      {"\xF4\x8F\xBF\xBF", 0x10FFFF, 4},
      {"\x80", 0, 0},
      {"\xC0\x80", 0, 0},
      {"\xC1\xBF", 0, 0},
      {"\xE0\x80\x80", 0, 0},
      {"\xED\xA0\x80", 0, 0},
      {"\xF0\x80\x80\x80", 0, 0},
      {"\xF4\x90\x80\x80", 0, 0},
      {"\xF5\x80\x80\x80", 0, 0},
      {"\xC3", 0, 0},
      {"\xC3x", 0, 0},
      {"\xFF", 0, 0},
  };
  for (const Case& c : cases) {
    const CodePoint point = decode_utf8(c.text);
    EXPECT_EQ(point.length, c.length);
    EXPECT_EQ(point.value, c.value);
    if (c.length == 0) continue;
    std::string back;
    append_utf8(back, c.value);
    EXPECT_EQ(back, c.text);
    EXPECT_EQ(count_code_points(c.text), 1u);
  }
}

// A random value; every shape and odd string can occur.
void random_text(Random& random, int depth, std::string& out) {
  constexpr std::string_view kScalars[] = {"null",
                                           "true",
                                           "false",
                                           "0",
                                           "-0",
                                           "-1.5e-7",
                                           "12345678901234567890123",
                                           "1e999",
                                           "\"\"",
                                           "\"\xC3\xA9\xF0\x9F\x92\xA9\"",
                                           "\"\\\"\\\\\\n\\u0001\""};
  const std::uint64_t choice = random.below(depth > 5 ? 2 : 5);
  if (choice < 2) {
    out += kScalars[random.below(std::size(kScalars))];
    return;
  }
  const std::uint64_t count = random.below(5);
  const bool object = choice < 4;
  out += object ? '{' : '[';
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    if (object) out += fmt::format("\"n{}\\u0001{}\":", i, random.below(3));
    random_text(random, depth + 1, out);
  }
  out += object ? '}' : ']';
}

TEST(Value, ParsingWhatWasWrittenGivesTheSame) {
  Random random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    random_text(random, 0, text);
    Arena arena;
    const Value value = read(text, arena);
    ASSERT_EQ(to_text(value), text);
    const Value pretty = read(to_pretty_text(value), arena);
    ASSERT_TRUE(equal(value, pretty));
    ASSERT_EQ(compare(value, deep_copy(arena, pretty)), 0);
  }
}

}  // namespace
}  // namespace weir::json
