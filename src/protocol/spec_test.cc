#include "protocol/spec.h"

#include <gtest/gtest.h>

namespace weir::protocol {
namespace {

TEST(Spec, StateKey) {
  struct Case {
    std::vector<std::string> path;
    std::uint32_t backfill;
    std::string_view expected;
  };
  const Case cases[] = {
      {{"orders"}, 0, "orders"},
      {{"a b", "c"}, 0, "a%20b%2Fc"},
      {{"a b", "c"}, 1, "a%20b%2Fc.v1"},
      {{"-_+.=Az09"}, 12, "-_+.=Az09.v12"},
      {{"sch", "t\"x"}, 0, "sch%2Ft%22x"},
      {{"b\u00fccher"}, 0, "b\u00fccher"},  // a letter stays
      {{"\u20ac"}, 0, "%E2%82%AC"},         // a currency sign is none
      {{"\u8868"}, 3, "\u8868.v3"},
      {{"\xff"}, 0, "%FF"},  // no UTF-8: byte by byte
      {{"\xc3"}, 0, "%C3"},
      {{"\xf0\x9f\x98\x80"}, 0, "%F0%9F%98%80"},
      {{}, 0, ""},
  };
  for (const Case& c : cases) EXPECT_EQ(state_key(c.path, c.backfill), c.expected);
}

TEST(Spec, DifferentPathsHaveDifferentKeysUnlessJoinedAlike) {
  EXPECT_NE(state_key({"a", "b"}, 0), state_key({"a", "c"}, 0));
  EXPECT_NE(state_key({"a"}, 1), state_key({"a"}, 2));
}

TEST(Spec, SourceKey) {
  EXPECT_EQ(source_key("acme/orders/pivot=00", "materialize/acme/db/orders.v1"),
            "acme/orders/pivot=00;materialize/acme/db/orders.v1");
}

TEST(Spec, FindProjection) {
  CollectionSpec spec;
  for (const std::string_view field : {"a", "a/b", "flow_document"}) {
    spec.projections.emplace_back().field = field;
  }
  ASSERT_NE(spec.find_projection("a/b"), nullptr);
  EXPECT_EQ(spec.find_projection("a/b"), &spec.projections[1]);
  EXPECT_EQ(spec.find_projection("b"), nullptr);
  EXPECT_EQ(spec.find_projection(""), nullptr);
}

}  // namespace
}  // namespace weir::protocol
