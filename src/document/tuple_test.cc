#include "document/tuple.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "base/text.h"
#include "json/events.h"
#include "json/number.h"

namespace weir::document {
namespace {

std::string packed(std::string_view json, Numbers numbers = Numbers::kKey) {
  auto tree = json::parse_tree(json);
  EXPECT_TRUE(tree) << json;
  std::string out;
  if (Status status = pack_value(out, tree->root, numbers); !status) {
    return "error: " + status.error().message;
  }
  return hex_lower(out);
}

struct Vector {
  std::string_view json, hex;
};

TEST(Tuple, PublishedVectors) {
  constexpr Vector kVectors[] = {
      {"null", "00"},
      {"false", "26"},
      {"true", "27"},
      {"0", "14"},
      {"1", "1501"},
      {"255", "15ff"},
      {"256", "160100"},
      {"-1", "13fe"},
      {"-255", "1300"},
      {"-256", "12feff"},
      {"9223372036854775807", "1c7fffffffffffffff"},
      {"18446744073709551615", "1cffffffffffffffff"},
      {"-9223372036854775808", "0c7fffffffffffffff"},
      {"-5551212", "11ab4b93"},
      {R"("F\u00d4O\u0000bar")", "0246c3944f00ff62617200"},
      {R"("")", "0200"},
      {"[1, 2]", "015b312c325d00"},
      {R"({"a" : null})", "017b2261223a6e756c6c7d00"},
      {"0.5", "21bfe0000000000000"},
      {"-0.5", "21401fffffffffffff"},
  };
  for (const Vector& v : kVectors) {
    SCOPED_TRACE(v.json);
    EXPECT_EQ(packed(v.json), v.hex);
  }
}

TEST(Tuple, IntegersBeyond64Bits) {
  constexpr Vector kVectors[] = {
      {"18446744073709551616", "1d09010000000000000000"},
      {"-9223372036854775809", "0c7ffffffffffffffe"},
      {"-18446744073709551615", "0c0000000000000000"},
      {"-18446744073709551616", "0bf6feffffffffffffffff"},
  };
  for (const Vector& v : kVectors) {
    SCOPED_TRACE(v.json);
    EXPECT_EQ(packed(v.json), v.hex);
  }
  EXPECT_EQ(packed(std::string(615, '9')), "error: an integer of more than 614 digits");
  EXPECT_EQ(packed(std::string(614, '9')).substr(0, 4), "1dff");
}

TEST(Tuple, OneAndOnePointZeroAreOneKey) {
  constexpr std::string_view kOnes[] = {"1", "1.0", "1e0", "10e-1", "1.000", "0.1E1"};
  for (const std::string_view one : kOnes) EXPECT_EQ(packed(one), "1501") << one;
  EXPECT_EQ(packed("-0.0"), "14");
  EXPECT_EQ(packed("1e19"), packed("10000000000000000000"));
  EXPECT_EQ(packed("1e20"), "21c415af1d78b58c40") << "beyond 64 bits a float stays one";
}

TEST(Tuple, ValuesKeepFloatsAndAreNeverRounded) {
  EXPECT_EQ(packed("1.0", Numbers::kValue), "21bff0000000000000");
  EXPECT_EQ(packed("1", Numbers::kValue), "1501");
  EXPECT_EQ(packed("0.1", Numbers::kValue), "21bfb999999999999a");
  for (const auto* inexact :
       {"0.1000000000000000055511151231257827", "1e400", "12345678901234567.5"}) {
    EXPECT_EQ(packed(inexact, Numbers::kValue).substr(0, 6), "error:") << inexact;
    EXPECT_EQ(packed(inexact, Numbers::kKey).substr(0, 6), "error:") << inexact;
  }
}

std::string text_of(const Element& element) {
  struct Visitor {
    std::string operator()(Null) const { return "null"; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::int64_t n) const { return std::to_string(n); }
    std::string operator()(std::uint64_t n) const { return std::to_string(n) + "u"; }
    std::string operator()(double d) const { return json::shortest_double(d) + "f"; }
    std::string operator()(std::string_view s) const { return "\"" + std::string(s) + "\""; }
    std::string operator()(const Bytes& b) const { return "b" + std::string(b.text); }
    std::string operator()(const BigInteger& n) const { return "big" + n.text; }
  };
  return std::visit(Visitor{}, element);
}

TEST(Tuple, ReadsWhatItPacks) {
  std::string tuple;
  pack_null(tuple);
  pack_string(tuple, std::string_view("a\0b", 3));
  pack_string(tuple, std::string_view("\0", 1));
  pack_string(tuple, "plain");
  pack_bytes(tuple, "[1]");
  pack_double(tuple, -2.5);
  pack_uint(tuple, std::numeric_limits<std::uint64_t>::max());
  pack_int(tuple, std::numeric_limits<std::int64_t>::min());
  pack_big_integer(tuple, "-123456789012345678901234567890");
  pack_big_integer(tuple, "123456789012345678901234567890");
  pack_big_integer(tuple, "-10000000000000000000");
  pack_bool(tuple, true);
  std::vector<std::string> read;
  for (TupleReader reader(tuple); !reader.done();) {
    const auto element = reader.next();
    ASSERT_TRUE(element);
    read.push_back(text_of(*element));
  }
  EXPECT_EQ(read, (std::vector<std::string>{
                      "null", std::string("\"a\0b\"", 5), std::string("\"\0\"", 3), "\"plain\"",
                      "b[1]", "-2.5f", "18446744073709551615u", "-9223372036854775808",
                      "big-123456789012345678901234567890", "big123456789012345678901234567890",
                      "big-10000000000000000000", "true"}));
}

TEST(Tuple, TextsStayValidWhileReading) {
  std::string tuple;
  for (int i = 0; i < 20; ++i) pack_string(tuple, std::string_view("\0x", 2));
  std::vector<Element> elements;
  TupleReader reader(tuple);
  while (!reader.done()) elements.push_back(*reader.next());
  for (const Element& element : elements) {
    EXPECT_EQ(std::get<std::string_view>(element), std::string_view("\0x", 2));
  }
}

TEST(Tuple, RefusesWhatIsNone) {
  constexpr std::string_view kBroken[] = {
      "02",   "0261",   "026100ff", "15", "1500",   "160001",
      "13ff", "21bff0", "20",       "05", "30",     "ff",
      "1d",   "1d0901", "1d0101",   "0b", "0bf6ff", "1d09000000000000000000"};
  for (const std::string_view hex : kBroken) {
    const std::string bytes = *from_hex(hex);
    TupleReader reader(bytes);
    const auto element = reader.next();
    ASSERT_FALSE(element) << hex;
    EXPECT_EQ(element.error().code, Code::kCorrupt) << hex;
  }
}

// Numbers and strings at random; comparing bytes must compare them.
TEST(Tuple, BytesOrderAsValuesDo) {
  Random random(7);
  std::vector<json::Value> values;
  json::Arena arena;
  for (int i = 0; i < 400; ++i) {
    std::string text;
    switch (random.below(5)) {
      case 0:
        text = std::to_string(static_cast<std::int64_t>(random.next() >> random.below(64)));
        break;
      case 1: text = "-" + std::to_string((random.next() >> random.below(64)) | 1); break;
      case 2: text = "1" + std::to_string(random.next()) + std::to_string(random.next()); break;
      case 3: text = "-1" + std::to_string(random.next()) + std::to_string(random.next()); break;
      default: {
        std::string word(random.below(4), 'a');
        for (char& c : word) c = "ab\0\xff"[random.below(4)];
        values.push_back(json::Value::copied_string(arena, word));
        continue;
      }
    }
    values.push_back(json::Value::number(arena.copy(text)));
  }
  const auto code_order = [](const json::Value& a, const json::Value& b) {
    // In tuples texts come before numbers.
    if (a.is_string() != b.is_string()) return a.is_string() ? -1 : 1;
    return json::compare(a, b);
  };
  std::vector<std::string> tuples;
  for (const json::Value& value : values) {
    std::string tuple;
    ASSERT_TRUE(pack_value(tuple, value, Numbers::kKey));
    tuples.push_back(std::move(tuple));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = 0; j < values.size(); ++j) {
      const int by_bytes = tuples[i].compare(tuples[j]);
      const int by_value = code_order(values[i], values[j]);
      ASSERT_EQ(by_bytes < 0, by_value < 0) << i << ' ' << j;
      ASSERT_EQ(by_bytes > 0, by_value > 0) << i << ' ' << j;
    }
  }
}

TEST(Tuple, FloatsOrderAsTheyShould) {
  constexpr double kAscending[] = {-1e300, -2.5, -0.5, -1e-300, 1e-300, 0.25, 0.5, 2.5, 1e300};
  std::string before;
  for (const double value : kAscending) {
    std::string tuple;
    pack_double(tuple, value);
    EXPECT_LT(before, tuple) << value;
    before = tuple;
  }
}

TEST(Tuple, BoundedAbove) {
  const auto bound = [](std::string_view hex, std::size_t max) {
    return hex_lower(bounded_above(*from_hex(hex), max));
  };
  EXPECT_EQ(bound("026161616100", 6), "026161616100");
  EXPECT_EQ(bound("026161616100", 4), "026161ff");
  EXPECT_EQ(bound("1cffffffffffffffff", 4), "ff") << "a byte of ff does not make way for ff";
  EXPECT_EQ(bound("0261ffff616100", 4), "02ff");
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    std::string tuple;
    pack_string(tuple, std::string(random.below(12), static_cast<char>(random.next())));
    pack_uint(tuple, random.next() >> random.below(64));
    const std::string upper = bounded_above(tuple, 1 + random.below(12));
    ASSERT_GE(upper, tuple);
  }
}

}  // namespace
}  // namespace weir::document
