#include "json/host/re2_regex.h"

#include <gtest/gtest.h>

namespace weir::json {
namespace {

TEST(Re2Regex, Searches) {
  struct Case {
    std::string_view pattern, text;
    bool found;
  };
  constexpr Case cases[] = {
      {"a+", "xxaay", true},
      {"^a*$", "aaa", true},
      {"^a*$", "ab", false},
      {"^abc$", "abc\n", false},
      {"^.$", "\n", false},
      {"^.$", "\r", false},
      {"^.$", "\xE2\x80\xA8", false},
      {"^.$", "\xF0\x9F\x90\xB2", true},
      {"^\\cC\\cc$", "\x03\x03", true},
      {"^\\d$", "\xDF\x80", false},
      {"^\\D$", "\xDF\x80", true},
      {"^\\w$", "\xC3\xA9", false},
      {"^\\W$", "\xC3\xA9", true},
      {"^[\\w]$", "_", true},
      {"^[^\\w]$", "_", false},
      {"^[\\W]$", "_", false},
      {"^[\\W_]$", "_", true},
      {"^\\s+$", " \t\n\v\f\r\xC2\xA0\xEF\xBB\xBF\xE2\x80\xA9", true},
      {"^\\S$", "\x01", true},
      {"\\bfoo\\b", "a foo b", true},
      {"\\bfoo\\b", "afoo", false},
      {"^[\\b]$", "\b", true},
      {"^\\p{Letter}+$", "\xC3\xA9t", true},
      {"^\\p{Lu}$", "a", false},
      {"^\\P{Lu}$", "a", true},
      {"^[\\p{digit}x]+$", "x\xE0\xA7\xAA", true},
      {"^\\p{Script=Greek}$", "\xCE\xB1", true},
      {"^\\u0041\\x42\\u{1F432}\\uD83D\\uDC32$", "AB\xF0\x9F\x90\xB2\xF0\x9F\x90\xB2", true},
      {"^(?<year>\\d{4})-(?:\\d\\d)$", "2026-11", true},
      {"^(a|b)*?c$", "abac", true},
      {"^a{2}$", "aa", true},
      {"^a{2,}$", "aaaa", true},
      {"^a{2,3}$", "aaaa", false},
      {"^a{,3}$", "a{,3}", true},
      {"^{}]$", "{}]", true},
      {"^[a-c-]+$", "b-", true},
      {"^[-a]+$", "-a", true},
      {"^[a-\\d]+$", "a-1", true},
      {"^[\\d-x]+$", "1-x", true},
      {"^[[]$", "[", true},
      {"^[[:alpha:]]$", "a]", true},
      {"[]", "", false},
      {"^[^]$", "\n", true},
      {"^\\-\\@\\\"\\/\\.$", "-@\"/.", true},
      {"^\\0$", {"\0", 1}, true},
      {"", "", true},
      {"(?:)", "x", true},
      {"^\\^\\$\\\\$", "^$\\", true},
  };
  for (const Case& c : cases) {
    const auto regex = re2_regex_factory()(c.pattern);
    ASSERT_TRUE(regex.has_value()) << c.pattern << ": " << regex.error().message;
    EXPECT_EQ((*regex)->search(c.text), c.found) << c.pattern << " in " << c.text;
  }
}

TEST(Re2Regex, RefusesByName) {
  struct Case {
    std::string_view pattern, message;
  };
  constexpr Case cases[] = {
      {"a(?=b)", "the regular expression uses look-around at byte 1, which is not supported"},
      {"(?!b)", "the regular expression uses look-around at byte 0, which is not supported"},
      {"(?<=b)", "the regular expression uses look-around at byte 0, which is not supported"},
      {"(?<!b)", "the regular expression uses look-around at byte 0, which is not supported"},
      {"(a)\\1", "the regular expression uses a back-reference at byte 3, which is not supported"},
      {"\\k<a>", "the regular expression uses a back-reference at byte 0, which is not supported"},
      {"a{1001}",
       "the regular expression uses more than 1000 repetitions at byte 1, which is not supported"},
      {"\\p{Alphabetic}",
       "the regular expression uses an unknown property at byte 0, which is not supported"},
      {"\\uD800",
       "the regular expression uses half of a surrogate pair at byte 0, which is not supported"},
      {"\\a", "the regular expression has an unknown escape at byte 0"},
      {"x\\", "the regular expression has an unknown escape at byte 1"},
      {"\\u12", "the regular expression has a bad \\u at byte 0"},
      {"\\u{110000}", "the regular expression has a bad \\u{…} at byte 0"},
      {"\\x1", "the regular expression has a bad \\x at byte 0"},
      {"\\c1", "the regular expression has a bad \\c at byte 0"},
      {"\\012", "the regular expression has an octal escape at byte 0"},
      {"\\pL", "the regular expression has a bad \\p{…} at byte 0"},
      {"(a", "the regular expression has a group that does not end at byte 2"},
      {"a)", "the regular expression has ')' without '(' at byte 1"},
      {"^(abc]", "the regular expression has a group that does not end at byte 6"},
      {"x[abc", "the regular expression has a '[' that does not end at byte 1"},
      {"[z-a]", "the regular expression has a range that ends before it starts at byte 1"},
      {"(?i)a", "the regular expression has an unknown kind of group at byte 0"},
      {"(?<>a)", "the regular expression has a bad group name at byte 0"},
      {"*a", "the regular expression is not valid: no argument for repetition operator: *"},
      {"a**", "the regular expression is not valid: bad repetition operator: **"},
  };
  for (const Case& c : cases) {
    const auto regex = re2_regex_factory()(c.pattern);
    ASSERT_FALSE(regex.has_value()) << c.pattern;
    EXPECT_EQ(regex.error().message, c.message);
    EXPECT_EQ(regex.error().code, Code::kInvalid);
  }
  EXPECT_EQ(re2_regex_factory()(std::string(kPatternBytesMax + 1, 'a')).error().code, Code::kLimit);
}

}  // namespace
}  // namespace weir::json
