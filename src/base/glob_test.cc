#include "base/glob.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Glob, MatchesNames) {
  struct Case {
    std::string part;
    std::string name;
    bool matches;
  };
  const Case kCases[] = {
      {"a.jsonl", "a.jsonl", true},
      {"a.jsonl", "a.json", false},
      {"*.jsonl", "a.jsonl", true},
      {"*.jsonl", ".jsonl", false},  // hidden
      {".*", ".jsonl", true},
      {"\\.*", ".jsonl", true},
      {"*", "", true},
      {"a*b*c", "aXbYbZc", true},
      {"a*b*c", "aXbYbZ", false},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"[a-c]x", "bx", true},
      {"[a-c]x", "dx", false},
      {"[!a-c]x", "dx", true},
      {"[]]", "]", true},
      {"[!]]", "]", false},
      {"[a\\]b]", "]", true},
      {"[a-]", "-", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"a b\n*", "a b\nc", true},
      {"\xff*", "\xff\xfe", true},
      {std::string(40, '*') + "b", std::string(2000, 'a'), false},  // in no time
  };
  for (const Case& each : kCases)
    EXPECT_EQ(matches_name(each.part, each.name), each.matches) << each.part << " " << each.name;
}

TEST(Glob, WhatIsEscapedMatchesItself) {
  for (const std::string name : {"a.jsonl", "a[1]*?.json", "back\\slash", "{x}", "sp ace"}) {
    const std::string pattern = escaped_pattern(name);
    EXPECT_TRUE(check_file_pattern(pattern)) << pattern;
    EXPECT_TRUE(matches_name(pattern, name)) << pattern;
    EXPECT_FALSE(is_wild(pattern)) << pattern;
    EXPECT_EQ(unescaped_part(pattern), name);
  }
  EXPECT_TRUE(is_wild("a*"));
  EXPECT_TRUE(is_wild("[a]"));
}

TEST(Glob, SaysWhatIsWrongWithAPattern) {
  const std::pair<std::string, std::string> kCases[] = {
      {"", "the pattern is empty"},
      {"data/", "it ends in a folder"},
      {"data/**", "it ends in a folder"},
      {"..", "it ends in a folder"},
      {"/", "it ends in a folder"},
      {"a[b", "a [ without its ]"},
      {"a\\", "a backslash with nothing behind it"},
      {"a**/b", "** stands for folders"},
      {std::string("a\0b", 3), "no file name has a byte of zero"},
      {std::string(kPatternBytesMax + 1, 'a'), "a pattern of 4097 bytes"},
  };
  for (const auto& [pattern, message] : kCases) {
    const Status checked = check_file_pattern(pattern);
    ASSERT_FALSE(checked) << pattern;
    EXPECT_TRUE(checked.error().message.starts_with(message)) << checked.error().message;
  }
  for (const std::string good : {"a", "./a", "../a/*.json", "/x/**/y[0-9].gz", "a//b"})
    EXPECT_TRUE(check_file_pattern(good)) << good;
}

TEST(Glob, PartsHaveNoDots) {
  EXPECT_EQ(pattern_parts("./a//b/../c"), (std::vector<std::string>{"a", "b", "..", "c"}));
  EXPECT_EQ(pattern_parts("/a/*"), (std::vector<std::string>{"/", "a", "*"}));
}

}  // namespace
}  // namespace weir
