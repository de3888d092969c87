#include "secrets/bech32.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace weir::secrets {
namespace {

TEST(Bech32, ValidTexts) {
  // The examples of BIP 173 whose data are whole bytes; its limit of 90 characters does not apply.
  struct Case {
    std::string_view text, prefix, hex;
  } cases[] = {
      {"A12UEL5L", "a", ""},
      {"a12uel5l", "a", ""},
      {"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef",
       "00443214c74254b635cf84653a56d7c675be77df"},
      {"?1ezyfcl", "?", ""},
      {"an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pv"
       "x",
       "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio", ""},
  };
  for (const Case& c : cases) {
    const auto decoded = bech32_decode(c.text);
    ASSERT_TRUE(decoded) << c.text << ": " << decoded.error().message;
    EXPECT_EQ(decoded->prefix, c.prefix);
    EXPECT_EQ(hex_lower(decoded->bytes), c.hex);
    if (!decoded->upper) EXPECT_EQ(bech32_encode(c.prefix, decoded->bytes), c.text);
  }
}

TEST(Bech32, InvalidTexts) {
  for (const std::string_view text :
       {"", "1", "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "A1G7SGD8", "10a06t8",
        "1qzzfhee", "a12UEL5L", "a12uel5m",
        "\x20"
        "1nwldj5",
        "de1lg7wt\xff"}) {
    EXPECT_FALSE(bech32_decode(text)) << text;
  }
}

TEST(Bech32, RoundTripOfAnyLength) {
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    const std::string text = bech32_encode("some-prefix", bytes);
    const auto decoded = bech32_decode(text);
    ASSERT_TRUE(decoded) << text;
    EXPECT_EQ(decoded->bytes, bytes);
    for (std::size_t at = 0; at < text.size(); at += 5) {
      std::string changed = text;
      changed[at] = changed[at] == 'q' ? 'p' : 'q';
      EXPECT_FALSE(bech32_decode(changed)) << changed;
    }
    bytes += static_cast<char>(i * 7);
  }
}

}  // namespace
}  // namespace weir::secrets
