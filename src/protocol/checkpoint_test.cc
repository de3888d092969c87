#include "protocol/checkpoint.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace weir::protocol {
namespace {

std::string from_hex_or_die(std::string_view hex) {
  auto bytes = from_hex(hex);
  EXPECT_TRUE(bytes.has_value()) << hex;
  return bytes.value_or("");
}

Checkpoint sample() {
  Checkpoint checkpoint;
  checkpoint.sources["b;r"] = {.read_through = 10, .producers = {}};
  checkpoint.sources["a;r"] = {
      .read_through = 300,
      .producers = {{std::string("\x03\x02\x03\x04\x05\x06", 6), {.last_ack = 7, .begin = -1}},
                    {std::string("\x01\x02\x03\x04\x05\x06", 6),
                     {.last_ack = 0x0102030405060708, .begin = 5}}}};
  checkpoint.ack_intents["z"] = std::string("\0x", 2);
  checkpoint.ack_intents["y"] = "";
  return checkpoint;
}

// The bytes are worked out by hand from the published tags: maps and producers ascend by key.
TEST(Checkpoint, EncodesTheGoldenBytes) {
  EXPECT_EQ(hex_lower(encode(sample())),
            "0a410a03613b72123a08ac02"
            "12150a06010203040506120b0908070605040302011005"
            "121e0a06030203040506121409070000000000000010ffffffffffffffffff01"
            "0a090a03623b721202080a"
            "12050a01791200"
            "12070a017a12020078");
}

TEST(Checkpoint, RoundTrips) {
  const Checkpoint cases[] = {
      {},
      sample(),
      {.sources = {{"committed-close",
                    {.read_through = 0,
                     .producers = {{std::string("\x01\0\0\0\0\0", 6),
                                    {.last_ack = 9, .begin = 0}}}}}},
       .ack_intents = {}},
      {.sources = {},
       .ack_intents = {{"", "empty name"}, {"weir/owed/v1", std::string(3 << 20, '\xfe')}}},
  };
  for (const Checkpoint& c : cases) {
    const std::string bytes = encode(c);
    auto decoded = decode_checkpoint(bytes);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(*decoded, c);
    EXPECT_EQ(encode(*decoded), bytes);
  }
}

TEST(Checkpoint, ReadsWhatOthersWrite) {
  struct Case {
    std::string_view what, hex;
    Checkpoint expected;
  };
  const Case cases[] = {
      {"nothing", "", {}},
      {"the sentinel for an explicitly empty checkpoint", "f8ffffff0f01", {}},
      {"unknown fields at every level",
       "1a0178"
       "0a0d0a01611a017812050807"
       "1a0178",
       {.sources = {{"a", {.read_through = 7, .producers = {}}}}, .ack_intents = {}}},
      {"maps out of order",
       "12060a017a120178"
       "12060a0179120178",
       {.sources = {}, .ack_intents = {{"y", "x"}, {"z", "x"}}}},
      {"a producer without state",
       "0a110a0161120c"
       "120a0a06010203040506"
       "1200",
       {.sources = {{"a",
                     {.read_through = 0,
                      .producers = {{std::string("\1\2\3\4\5\6", 6),
                                     {.last_ack = 0, .begin = 0}}}}}},
        .ack_intents = {}}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    auto decoded = decode_checkpoint(from_hex_or_die(c.hex));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(*decoded, c.expected);
  }
}

TEST(Checkpoint, RefusesWhatCannotBeOne) {
  struct Case {
    std::string_view what, hex;
  };
  const Case cases[] = {
      {"cut short", "0a410a03"},
      {"a wire type that does not exist", "0f"},
      {"a producer id of five bytes",
       "0a100a0161120b"
       "12090a050102030405"
       "1200"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    auto decoded = decode_checkpoint(from_hex_or_die(c.hex));
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().code, Code::kCorrupt);
  }
}

}  // namespace
}  // namespace weir::protocol
