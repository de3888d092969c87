#include "document/sum.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace weir::document {
namespace {

json::Value value_of(std::string_view text) {
  if (text.front() == '"') return json::Value::string(text.substr(1, text.size() - 2));
  return json::Value::number(text);
}

std::string sum(std::string_view a, std::string_view b) {
  json::Arena arena;
  const auto total = add_values(arena, value_of(a), value_of(b));
  return total ? json::to_text(*total) : "error: " + total.error().message;
}

TEST(Sum, Table) {
  struct Case {
    std::string_view a, b, expected;
  };
  constexpr Case kCases[] = {
      {"1", "2", "3"},
      {"-0", "0", "0"},
      {"5", "-7", "-2"},
      {"9223372036854775807", "1", "9223372036854775808"},
      {"18446744073709551614", "1", "18446744073709551615"},
      {"18446744073709551615", "-18446744073709551615",
       "error: the sum does not fit in 64 bits; use numeric strings for such sums"},
      {"18446744073709551615", "-9223372036854775808", "9223372036854775807"},
      {"18446744073709551615", "1",
       "error: the sum does not fit in 64 bits; use numeric strings for such sums"},
      {"-9223372036854775808", "-1",
       "error: the sum does not fit in 64 bits; use numeric strings for such sums"},
      {"0.1", "0.2", "0.3"},
      {"1", "0.5", "1.5"},
      {"0.5", "0.5", "1.0"},
      {"1.50", "-1.5", "0.0"},
      {"1e2", "1", "101.0"},
      {"99999999999999.9", "0.1", "100000000000000.0"},
      {"1e308", "1e308",
       "error: the sum does not fit in a 64-bit float; use numeric strings for it"},
      {R"("0.10")", R"("0.2")", R"("0.3")"},
      {R"("1")", "2", R"("3")"},
      {"1.5", R"("99999999999999999999999999")", R"("100000000000000000000000000.5")"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(std::string(c.a) + " + " + std::string(c.b));
    const std::string total = sum(c.a, c.b);
    if (c.expected == "100000000000000.0") {
      EXPECT_EQ(std::stod(total), 1e14);  // shortest form, with or without an exponent
      EXPECT_NE(total.find_first_of(".e"), std::string::npos);
    } else {
      EXPECT_EQ(total, c.expected);
    }
  }
}

TEST(Sum, WhatCanBeSummed) {
  EXPECT_TRUE(is_summable(value_of("1e400")));
  EXPECT_TRUE(is_summable(value_of(R"("-12.5")")));
  EXPECT_FALSE(is_summable(value_of(R"("12 ")")));
  EXPECT_FALSE(is_summable(value_of(R"("")")));
  EXPECT_FALSE(is_summable(json::Value()));
}

std::string random_number(Random& random) {
  std::string text = random.one_in(2) ? "-" : "";
  text += std::to_string(random.next() >> (1 + random.below(63)));
  if (random.one_in(2)) text += "." + std::to_string(random.below(1000));
  if (random.one_in(10)) text += "e" + std::to_string(random.below(4));
  return text;
}

// The running sum gives up rather than differ.
TEST(Sum, RunningSumEqualsAChain) {
  Random random(5);
  int steps = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string chain = random_number(random);
    RunningSum running;
    if (!running.start(chain)) continue;
    for (int term = 0; term < 8; ++term) {
      const std::string next = random_number(random);
      if (!running.add(next)) break;
      chain = sum(chain, next);
      std::string text;
      running.append_text(text);
      ASSERT_EQ(text, chain);
      ++steps;
    }
  }
  EXPECT_GT(steps, 1000);
}

TEST(Sum, FloatsDoNotDependOnTheirOrder) {
  Random random(6);
  for (int i = 0; i < 1000; ++i) {
    std::vector<std::string> terms;
    for (int t = 0; t < 6; ++t) {
      terms.push_back((random.one_in(2) ? "-" : "") + std::to_string(random.below(1'000'000)) +
                      "." + std::to_string(random.below(1000)));
    }
    const std::string left = sum(sum(sum(terms[0], terms[1]), terms[2]), terms[3]);
    const std::string right = sum(terms[0], sum(sum(terms[1], terms[3]), terms[2]));
    ASSERT_EQ(left, right);
  }
}

}  // namespace
}  // namespace weir::document
