#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "base/clock.h"
#include "base/digest.h"
#include "base/duration.h"
#include "base/log.h"
#include "base/queue.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/wake.h"

namespace weir {
namespace {

TEST(Clock, FormatsWithSixDigitsInUtc) {
  const Timestamp time(std::chrono::microseconds(1'795'367'784'123'456));
  EXPECT_EQ(format_timestamp(time), "2026-11-22T17:16:24.123456Z");
  EXPECT_EQ(format_timestamp(Timestamp{}), "1970-01-01T00:00:00.000000Z");
}

TEST(Clock, ReadsBackWhatItWrites) {
  struct Case {
    std::string_view text;
    std::string_view expected;  // empty: refused
  };
  constexpr Case cases[] = {
      {"2026-11-22T17:03:04.123456Z", "2026-11-22T17:03:04.123456Z"},
      {"2026-11-22T17:03:04Z", "2026-11-22T17:03:04.000000Z"},
      {"2026-11-22T19:03:04.5+02:00", "2026-11-22T17:03:04.500000Z"},
      {"2026-11-22 17:03:04.123456789-00:30", "2026-11-22T17:33:04.123456Z"},
      {"1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.900000Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"},
      {"2023-02-29T00:00:00Z", ""},
      {"2026-11-22T24:00:00Z", ""},
      {"2026-11-22T17:03:04", ""},
      {"2026-11-22T17:03:04.Z", ""},
      {"2026-11-22T17:03:04Zx", ""},
      {"", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    Timestamp time;
    ASSERT_EQ(parse_timestamp(c.text, &time), !c.expected.empty());
    if (!c.expected.empty()) EXPECT_EQ(format_timestamp(time), c.expected);
  }
}

TEST(Duration, ReadsHumantime) {
  struct Case {
    std::string_view text;
    long milliseconds;  // -1: refused
  };
  constexpr Case cases[] = {
      {"30s", 30'000},
      {"0s", 0},
      {"1h 30m", 5'400'000},
      {"1h30m", 5'400'000},
      {"500ms", 500},
      {"2days", 172'800'000},
      {"1us", 1},
      {"1ns", 1},
      {"1 hour 1 min", 3'660'000},
      {"1M", 2'630'016'000},
      {" 5m ", 300'000},
      {"10", -1},
      {"s", -1},
      {"", -1},
      {"-1s", -1},
      {"1.5s", -1},
      {"5 parsecs", -1},
      {"99999999999999999999999s", -1},
      {"11y", -1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto duration = parse_duration(c.text);
    EXPECT_EQ(duration ? duration->count() : -1, c.milliseconds);
  }
}

TEST(Duration, WritesTheShortestForm) {
  EXPECT_EQ(format_duration(std::chrono::seconds(1800)), "30m");
  EXPECT_EQ(format_duration(std::chrono::seconds(90)), "1m 30s");
  EXPECT_EQ(format_duration(std::chrono::milliseconds(0)), "0s");
  EXPECT_EQ(format_duration(std::chrono::hours(49)), "2d 1h");
  EXPECT_EQ(format_duration(std::chrono::milliseconds(1'001)), "1s 1ms");
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    const std::chrono::milliseconds duration(random.below(10'000'000'000));
    EXPECT_EQ(parse_duration(format_duration(duration)).value(), duration);
  }
}

TEST(Secret, CannotBePrintedAndLeavesNothingBehind) {
  Secret secret(std::string("hunter2"));
  std::ostringstream out;
  out << secret;
  EXPECT_EQ(out.str(), "[secret]");
  const Secret moved = std::move(secret);
  EXPECT_EQ(moved.reveal(), "hunter2");
  EXPECT_TRUE(secret.empty());  // NOLINT(bugprone-use-after-move): that it is wiped is the point
  std::string bytes = "a secret that is longer than a short string can hold";
  const char* at = bytes.data();
  wipe(bytes);
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(at[0], '\0');
  EXPECT_EQ(at[20], '\0');
}

TEST(Text, Base32AndBase64AndHex) {
  // Vectors of RFC 4648, lower case and without padding for base32.
  EXPECT_EQ(base32_lower(""), "");
  EXPECT_EQ(base32_lower("f"), "my");
  EXPECT_EQ(base32_lower("foob"), "mzxw6yq");
  EXPECT_EQ(base32_lower("foobar"), "mzxw6ytboi");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(from_base64("Zm9vYmE="), "fooba");
  EXPECT_EQ(from_base64(""), "");
  for (const std::string_view bad : {"Zm9vYmE", "Zm9v=mE=", "Zh==", "Zm 9", "===="}) {
    EXPECT_EQ(from_base64(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(hex_lower("\x00\xff"), "");  // The literal ends at its NUL.
  EXPECT_EQ(hex_lower(std::string_view("\x00\xff", 2)), "00ff");
  EXPECT_EQ(from_hex("00fF"), std::string("\x00\xff", 2));
  EXPECT_EQ(from_hex("0"), std::nullopt);
  EXPECT_EQ(from_hex("0g"), std::nullopt);
}

TEST(Text, Utf8) {
  for (const std::string_view good : {"", "a", "é", "日本", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(valid_utf8(good));
  for (const std::string_view bad :
       {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe6\x97", "a\x80"}) {
    EXPECT_FALSE(valid_utf8(bad));
  }
}

TEST(Text, DidYouMean) {
  EXPECT_EQ(did_you_mean("ordres", {"orders", "users"}), " (did you mean \"orders\"?)");
  EXPECT_EQ(did_you_mean("heders", {"headers", "method"}), " (did you mean \"headers\"?)");
  EXPECT_EQ(did_you_mean("zebra", {"headers", "method"}), "");
}

TEST(Digest, KnownAnswers) {
  EXPECT_EQ(hex_lower(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_lower(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha1 pieces;
  pieces.update("a");
  pieces.update("bc");
  EXPECT_EQ(pieces.finish(), sha1("abc"));
}

TEST(Random, TheSameSeedGivesTheSameNumbers) {
  Random a(42);
  Random b(42);
  EXPECT_EQ(a.next(), b.next());
  EXPECT_EQ(Random(0).next(), 0xe220a8397b1dcdafu);  // SplitMix64's published first output.
}

Result<int> half(int n) {
  if (n % 2 != 0) return error(Code::kInvalid, "{} is odd", n);
  return n / 2;
}
Result<int> quarter(int n) {
  WEIR_TRY(const int once, half(n));
  WEIR_TRY(const int twice, half(once));
  return twice;
}

TEST(Result, TryPassesErrorsUp) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message, "3 is odd");
  EXPECT_EQ(with_context("here", quarter(6).error()).message, "here: 3 is odd");
}

TEST(Log, TextQuotesAndJsonKeepsNumbers) {
  std::string last;
  set_log_sink([&](std::string_view line) { last = line; });
  log(LogLevel::kInfo, "committed", {{"rows", 12}, {"name", "a b"}, {"path", "x/y"}});
  EXPECT_EQ(last.substr(28), "info  committed rows=12 name=\"a b\" path=x/y");
  set_log_format(LogFormat::kJson);
  log(LogLevel::kWarn, "a \"quote\"", {{"rows", 12}, {"why", "line\nbreak"}});
  EXPECT_EQ(last.substr(36),
            R"("level":"warn","message":"a \"quote\"","rows":12,"why":"line\nbreak"})");
  set_log_format(LogFormat::kText);
  last.clear();
  log(LogLevel::kDebug, "not at this level");
  EXPECT_EQ(last, "");
  set_log_sink(nullptr);
}

TEST(Queue, WaitsForRoomAndEndsWhenClosed) {
  WakeUp ready;
  BoundedQueue<int> queue(1, &ready);
  EXPECT_TRUE(queue.push(1));
  std::thread producer([&] { EXPECT_TRUE(queue.push(2)); });  // Waits until 1 was taken.
  EXPECT_TRUE(ready.wait(std::chrono::seconds(10)));
  EXPECT_EQ(queue.try_pop(), 1);
  while (true) {
    if (const auto item = queue.try_pop()) {
      EXPECT_EQ(*item, 2);
      break;
    }
    ready.wait(std::chrono::seconds(10));
  }
  queue.close();
  producer.join();
  EXPECT_FALSE(queue.push(3));
  EXPECT_TRUE(queue.closed_and_empty());
}

}  // namespace
}  // namespace weir
