#include "json/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "base/random.h"

namespace weir::json {
namespace {

TEST(Number, Grammar) {
  for (const std::string_view text :
       {"0", "-0", "1", "10", "1.0", "0.10", "1e1", "1E-1", "-1.5e+07", "1e0001"}) {
    EXPECT_TRUE(is_number_text(text)) << text;
  }
  for (const std::string_view text : {"", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1.e1",
                                      "0x1", "1 ", " 1", "NaN", "Infinity", "1_0"}) {
    EXPECT_FALSE(is_number_text(text)) << text;
  }
  EXPECT_TRUE(is_integer_text("-10"));
  for (const std::string_view text : {"1.0", "1e1", "-", "", "00", "-01"})
    EXPECT_FALSE(is_integer_text(text)) << text;
}

TEST(Number, Integers) {
  struct Case {
    std::string_view text;
    std::optional<std::int64_t> literal, integral;
    std::optional<std::uint64_t> literal_unsigned, integral_unsigned;
  };
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::uint64_t kUMax = std::numeric_limits<std::uint64_t>::max();
  constexpr std::nullopt_t no = std::nullopt;
  const Case cases[] = {
      {"0", 0, 0, 0u, 0u},
      {"-0", 0, 0, 0u, 0u},
      {"-0.0", no, 0, no, 0u},
      {"0e99999999999999999999", no, 0, no, 0u},
      {"-1", -1, -1, no, no},
      {"9223372036854775807", kMax, kMax, std::uint64_t{kMax}, std::uint64_t{kMax}},
      {"9223372036854775808", no, no, std::uint64_t{kMax} + 1, std::uint64_t{kMax} + 1},
      {"-9223372036854775808", kMin, kMin, no, no},
      {"-9223372036854775809", no, no, no, no},
      {"18446744073709551615", no, no, kUMax, kUMax},
      {"18446744073709551616", no, no, no, no},
      {"1.0", no, 1, no, 1u},
      {"1e2", no, 100, no, 100u},
      {"1200e-2", no, 12, no, 12u},
      {"-9.223372036854775808e18", no, kMin, no, no},
      {"1.8446744073709551615e19", no, no, no, kUMax},
      {"1e19", no, no, no, 10'000'000'000'000'000'000u},
      {"1e20", no, no, no, no},
      {"1.5", no, no, no, no},
      {"1e-1", no, no, no, no},
      {"1e99999999999999999999", no, no, no, no},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(to_int64(c.text), c.literal) << c.text;
    EXPECT_EQ(integral_int64(c.text), c.integral) << c.text;
    EXPECT_EQ(to_uint64(c.text), c.literal_unsigned) << c.text;
    EXPECT_EQ(integral_uint64(c.text), c.integral_unsigned) << c.text;
  }
}

TEST(Number, Integral) {
  for (const std::string_view text :
       {"0", "-0.0", "1.0", "1.50e1", "1e400", "123456789012345678901234567890",
        "1e99999999999999999999999"}) {
    EXPECT_TRUE(is_integral(text)) << text;
  }
  for (const std::string_view text : {"0.5", "15e-1", "1e-400", "1e-99999999999999999999999"}) {
    EXPECT_FALSE(is_integral(text)) << text;
  }
}

TEST(Number, Doubles) {
  EXPECT_EQ(to_double("0.1"), 0.1);
  EXPECT_EQ(to_double("-1e400"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(to_double("1e-400"), 0.0);
  EXPECT_EQ(to_double("123456789012345678901234567890"), 123456789012345678901234567890.0);
  for (const std::string_view text :
       {"0", "0.1", "0.10", "1e2", "9007199254740992", "1e22", "5e-324"}) {
    EXPECT_TRUE(exact_as_double(text)) << text;
  }
  for (const std::string_view text :
       {"9007199254740993", "0.1000000000000000000001", "1e400", "1e-400"}) {
    EXPECT_FALSE(exact_as_double(text)) << text;
  }
  EXPECT_EQ(shortest_double(0.1), "0.1");
  EXPECT_EQ(shortest_double(-0.0), "-0");
}

TEST(Number, ShortestReadsBack) {
  Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = random.next();
    double value = 0;
    static_assert(sizeof(value) == sizeof(bits));
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isfinite(value)) continue;
    const std::string text = shortest_double(value);
    ASSERT_TRUE(is_number_text(text)) << text;
    ASSERT_EQ(to_double(text), value) << text;
    ASSERT_TRUE(exact_as_double(text)) << text;
  }
}

TEST(Number, ExactOrder) {
  // Ascending; texts of one row are equal.
  const std::vector<std::vector<std::string_view>> rows = {
      {"-1e100000000000000000000000000000001", "-10e100000000000000000000000000000000"},
      {"-1e100000000000000000000000000000000"},
      {"-1e400"},
      {"-18446744073709551616", "-1.8446744073709551616e19"},
      {"-2"},
      {"-1.5", "-15e-1"},
      {"-1e-400"},
      {"-1e-100000000000000000000000000000000"},
      {"0", "-0", "0.000", "0e5", "-0e99999999999999999999999999"},
      {"1e-100000000000000000000000000000001", "0.1e-100000000000000000000000000000000"},
      {"1e-100000000000000000000000000000000"},
      {"1e-400"},
      {"0.1", "1e-1", "0.10"},
      {"0.1000000000000000000000000000001"},
      {"1", "1.0", "1e0", "10e-1"},
      {"9007199254740992"},
      {"9007199254740993", "9007199254740993.0"},
      {"1e400", "10e399"},
      {"1.0000001e400"},
      {"1e99999999999999999", "0.1e100000000000000000"},
      {"1e100000000000000000000000000000000"},
      {"2e100000000000000000000000000000000", "0.02e100000000000000000000000000000002"}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows.size(); ++j) {
      for (const auto a : rows[i]) {
        for (const auto b : rows[j]) {
          EXPECT_EQ(compare_numbers(a, b), (i > j) - (i < j)) << a << " and " << b;
        }
      }
    }
  }
}

TEST(Number, Sums) {
  struct Case {
    std::string_view a, b, sum;
  };
  constexpr Case cases[] = {
      {"0", "0", "0"},
      {"-0", "0.0", "0"},
      {"1", "2", "3"},
      {"0.1", "0.2", "0.3"},
      {"1.5", "1.50", "3"},
      {"1", "-1", "0"},
      {"1", "-1.25", "-0.25"},
      {"999", "1", "1000"},
      {"-999", "-1", "-1000"},
      {"1e20", "1e-5", "100000000000000000000.00001"},
      {"18446744073709551615", "18446744073709551615", "36893488147419103230"},
      {"1e30", "-1", "999999999999999999999999999999"},
      {"1", "-1e30", "-999999999999999999999999999999"},
      {"120e1", "0", "1200"},
      {"0.001", "0.0090", "0.01"},
  };
  for (const Case& c : cases) {
    for (const auto& [x, y] : {std::pair(c.a, c.b), std::pair(c.b, c.a)}) {
      const auto sum = add_decimals(x, y);
      ASSERT_TRUE(sum.has_value()) << x << " + " << y;
      EXPECT_EQ(*sum, c.sum) << x << " + " << y;
    }
  }
  EXPECT_TRUE(add_decimals("1e4095", "1").has_value());
  for (const std::string_view text : {"1e4097", "1e-4097", "1e99999999999999999999"}) {
    const auto sum = add_decimals(text, "1");
    ASSERT_FALSE(sum.has_value()) << text;
    EXPECT_EQ(sum.error().code, Code::kLimit);
  }
  EXPECT_EQ(add_decimals("x", "1").error().code, Code::kInvalid);
}

TEST(Number, Multiples) {
  struct Case {
    std::string_view value, divisor;
    bool multiple;
  };
  constexpr Case cases[] = {
      {"0", "3", true},
      {"-9", "3", true},
      {"10", "3", false},
      {"-9223372036854775808", "2", true},
      {"4.5", "1.5", true},
      {"35", "1.5", false},
      {"0.0075", "0.0001", true},
      {"0.00751", "0.0001", false},
      {"1e308", "0.5", true},
      {"1e308", "0.123456789", false},
      {"1e308", "7", false},
      {"1.1", "0.1", true},
      {"19.99", "0.01", true},
      {"123456789012345678901234567890", "10", true},
      {"123456789012345678901234567890", "11", false},
      {"864197523086419752308641975230", "123456789012345678901234567890", true},
      {"864197523086419752308641975231", "123456789012345678901234567890", false},
      {"2e30", "1125899906842624000000001", false},
      {"1e70", "1267650600228229401496703205376e-30", true},
      {"1e99999999999999999999", "3", false},
      {"1", "0", false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(is_multiple_of(c.value, c.divisor), c.multiple) << c.value << " of " << c.divisor;
  }
}

TEST(Number, SumsOfIntegersAgreeWithTheMachine) {
  Random random(11);
  for (int i = 0; i < 5000; ++i) {
    const auto a = static_cast<std::int64_t>(random.next()) >> (1 + random.below(60));
    const auto b = static_cast<std::int64_t>(random.next()) >> (1 + random.below(60));
    EXPECT_EQ(*add_decimals(std::to_string(a), std::to_string(b)), std::to_string(a + b));
    EXPECT_EQ(compare_numbers(std::to_string(a) + ".0", std::to_string(b)), (a > b) - (a < b));
  }
}

}  // namespace
}  // namespace weir::json
