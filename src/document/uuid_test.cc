#include "document/uuid.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace weir::document {
namespace {

constexpr Producer kProducer = {0x03, 0x02, 0xab, 0xcd, 0xef, 0x01};

TEST(Uuid, TheUnixEpoch) {
  const Uuid uuid{kUnixEpochClock, kProducer, 0};
  EXPECT_EQ(format_uuid(uuid), "13814000-1dd2-11b2-8000-0302abcdef01");
  EXPECT_EQ(clock_of(Timestamp{}), kUnixEpochClock);
  EXPECT_EQ(time_of(kUnixEpochClock), Timestamp{});
  EXPECT_EQ(format_clock(kUnixEpochClock), "1970-01-01T00:00:00Z");
}

TEST(Uuid, CounterAndFlagsShareTheSequence) {
  const Uuid uuid{kUnixEpochClock + 5, kProducer, static_cast<std::uint16_t>(Flags::kAck)};
  EXPECT_EQ(format_uuid(uuid), "13814000-1dd2-11b2-9402-0302abcdef01");
  const auto parsed = parse_uuid("13814000-1DD2-11B2-9402-0302ABCDEF01");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->clock, kUnixEpochClock + 5);
  EXPECT_EQ(parsed->flags, 2);
  EXPECT_EQ(parsed->producer, kProducer);
}

TEST(Uuid, ParsesWhatItFormats) {
  Random random(11);
  for (int i = 0; i < 1000; ++i) {
    Uuid uuid;
    uuid.clock = random.next();
    uuid.flags = static_cast<std::uint16_t>(random.below(1024));
    for (auto& byte : uuid.producer) byte = static_cast<std::uint8_t>(random.next());
    const auto parsed = parse_uuid(format_uuid(uuid));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->clock, uuid.clock);
    EXPECT_EQ(parsed->flags, uuid.flags);
    EXPECT_EQ(parsed->producer, uuid.producer);
  }
}

TEST(Uuid, RefusesWhatIsNone) {
  constexpr std::string_view kBroken[] = {
      "",
      "13814000-1dd2-11b2-8000-0302abcdef0",
      "13814000-1dd2-11b2-8000-0302abcdef011",
      "138140001-dd2-11b2-8000-0302abcdef01",
      "13814000-1dd2-11b2-8000-0302abcdef0g",
      "13814000-1dd2-41b2-8000-0302abcdef01",  // version 4
      "13814000-1dd2-11b2-c000-0302abcdef01",  // another variant
      "{3814000-1dd2-11b2-8000-0302abcdef01",
  };
  for (const std::string_view text : kBroken) EXPECT_FALSE(parse_uuid(text)) << text;
}

TEST(Uuid, ClocksAsTimes) {
  struct Case {
    std::int64_t micros;
    std::uint64_t ticks;  // added: 100 ns << 4 | counter
    std::string_view expected;
  };
  constexpr Case kCases[] = {
      {0, 1, "1970-01-01T00:00:00.000000004Z"},
      {0, 16, "1970-01-01T00:00:00.0000001Z"},
      {500'000, 0, "1970-01-01T00:00:00.5Z"},
      {1'795'367'784'123'456, 0, "2026-11-22T17:16:24.123456Z"},
      {1'795'367'784'123'456, 35, "2026-11-22T17:16:24.123456212Z"},
      {1'709'164'800'000'000, 0, "2024-02-29T00:00:00Z"},
  };
  for (const Case& c : kCases) {
    const Timestamp time{std::chrono::microseconds(c.micros)};
    EXPECT_EQ(format_clock(clock_of(time) + c.ticks), c.expected);
    EXPECT_EQ(time_of(clock_of(time) + c.ticks % 160), time);
  }
}

TEST(Uuid, ClocksBeforeTheEpochSaturate) {
  EXPECT_EQ(format_clock(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_clock(kUnixEpochClock - 1), "1970-01-01T00:00:00Z");
  EXPECT_EQ(time_of(17), Timestamp{});
}

}  // namespace
}  // namespace weir::document
