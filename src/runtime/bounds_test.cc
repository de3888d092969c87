#include <gtest/gtest.h>

#include "delivery/window.h"
#include "document/tuple.h"
#include "runtime/connector_state.h"
#include "runtime/key_bounds.h"
#include "runtime/recovery.h"

namespace weir::runtime {
namespace {

std::string key(std::int64_t n) {
  std::string out;
  document::pack_int(out, n);
  return out;
}

TEST(KeyBounds, AKeyAboveTheBoundNeedsNoLoad) {
  KeyBounds bounds({{}}, {key(10)}, false);
  EXPECT_EQ(bounds.need(0, key(10)), LoadNeed::kLoad);
  EXPECT_EQ(bounds.need(0, key(11)), LoadNeed::kAbsent);
  bounds.seen(0, key(20));
  // The open transaction's own keys are combined, not loaded: the old bound rules until it ends.
  EXPECT_EQ(bounds.need(0, key(11)), LoadNeed::kAbsent);
  EXPECT_EQ(bounds.bound(0), key(20));
  bounds.next_transaction();
  EXPECT_EQ(bounds.need(0, key(11)), LoadNeed::kLoad);
  EXPECT_EQ(bounds.need(0, key(21)), LoadNeed::kAbsent);
}

TEST(KeyBounds, NothingStoredAndUnknown) {
  KeyBounds bounds({{}, {}}, {"", std::string(kUnknownMaxKey)}, false);
  EXPECT_EQ(bounds.need(0, key(-5)), LoadNeed::kAbsent);
  EXPECT_EQ(bounds.need(1, key(1'000'000)), LoadNeed::kLoad);
  bounds.seen(1, key(1));
  EXPECT_EQ(bounds.bound(1), kUnknownMaxKey);
}

TEST(KeyBounds, LoadsThatCannotMatter) {
  KeyBounds bounds({{.delta_updates = true}, {.upsert = true}}, {key(10), key(10)}, false);
  EXPECT_EQ(bounds.need(0, key(3)), LoadNeed::kUnneeded);
  EXPECT_EQ(bounds.need(1, key(3)), LoadNeed::kUnneeded);
  EXPECT_EQ(bounds.need(1, key(11)), LoadNeed::kAbsent);
}

TEST(KeyBounds, TheConnectorCanSwitchItOff) {
  KeyBounds bounds({{}}, {key(10)}, true);
  EXPECT_EQ(bounds.need(0, key(11)), LoadNeed::kLoad);
}

TEST(KeyBounds, ALongKeyIsCarriedAsABoundAboveIt) {
  std::string long_key;
  document::pack_string(long_key, std::string(5000, 'x'));
  KeyBounds bounds({{}}, {""}, false);
  bounds.seen(0, long_key);
  EXPECT_LE(bounds.bound(0).size(), delivery::kMaxKeyBytes);
  EXPECT_GT(bounds.bound(0), long_key);
}

TEST(ConnectorState, ReplacesAndPatches) {
  struct Case {
    std::string before, update;
    bool patch;
    std::string after;
  };
  const Case cases[] = {
      {R"({"a":1})", R"({"b":2})", false, R"({"b":2})"},
      {R"({"a":1})", R"({"b":2})", true, R"({"a":1,"b":2})"},
      {R"({"a":1,"b":2})", R"({"a":null})", true, R"({"b":2})"},
      {R"({"a":{"x":1,"y":2}})", R"({"a":{"y":null,"z":{"q":null,"r":3}}})", true,
       R"({"a":{"x":1,"z":{"r":3}}})"},
      {R"({"a":[1]})", R"({"a":[2,null]})", true, R"({"a":[2,null]})"},
      {R"({"a":1})", R"("text")", true, R"("text")"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.before + " " + c.update);
    ConnectorState state(c.before);
    ASSERT_TRUE(state.update(connector::StateUpdate{c.update, c.patch}));
    EXPECT_EQ(state.json(), c.after);
    EXPECT_TRUE(state.take_changed());
    EXPECT_FALSE(state.take_changed());
  }
  ConnectorState state("{}");
  ASSERT_TRUE(state.update(std::nullopt));
  EXPECT_FALSE(state.take_changed());
  EXPECT_FALSE(state.update(connector::StateUpdate{"{", true}));
}

}  // namespace
}  // namespace weir::runtime
