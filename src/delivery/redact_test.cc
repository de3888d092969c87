#include "delivery/redact.h"

#include <gtest/gtest.h>

namespace weir::delivery {
namespace {

std::vector<Secret> secrets(std::initializer_list<const char*> texts) {
  std::vector<Secret> out;
  for (const char* text : texts) out.emplace_back(std::string(text));
  return out;
}

TEST(Redact, EverySpelling) {
  const auto hidden = secrets({"Bearer tok/en 1", "pa\"ss", "abc"});
  const std::pair<std::string_view, std::string_view> kRows[] = {
      {"nothing here", "nothing here"},
      {"got Bearer tok/en 1!", "got [secret]!"},
      {"only the word tok/en", "only the word [secret]"},
      {"in a URL tok%2Fen", "in a URL [secret]"},
      {"raw pa\"ss", "raw [secret]"},
      {"JSON pa\\\"ss", "JSON [secret]"},
      {"URL pa%22ss", "URL [secret]"},
      {"short ones stay: abc", "short ones stay: abc"},
      {"pa\"sspa\"ss", "[secret][secret]"},
  };
  for (const auto& [text, want] : kRows) EXPECT_EQ(without_secrets(text, hidden, false), want);
}

TEST(Redact, TheLongestGoesFirst) {
  EXPECT_EQ(without_secrets("secret-and-more", secrets({"secret", "secret-and-more"}), false),
            "[secret]");
}

TEST(Redact, ABrokenOffEndMayBeTheBeginningOfASecret) {
  EXPECT_EQ(without_secrets("error: 12345", secrets({"123456789"}), false), "error: 12345");
  EXPECT_EQ(without_secrets("error: 12345", secrets({"123456789"}), true), "erro");
  EXPECT_EQ(without_secrets("123", secrets({"123456789"}), true), "");
}

TEST(Printable, CleansAndCuts) {
  EXPECT_EQ(printable("a\tb\r\nc\x7f", 100), "a b  c");
  EXPECT_EQ(printable("caf\xc3\xa9 \xff\xc3", 100), "caf\xc3\xa9 ??");
  EXPECT_EQ(printable("caf\xc3\xa9", 4), "caf");
  EXPECT_EQ(printable("\xf0\x9f\x98\x80!", 4), "\xf0\x9f\x98\x80");
  EXPECT_EQ(printable("", 4), "");
}

}  // namespace
}  // namespace weir::delivery
