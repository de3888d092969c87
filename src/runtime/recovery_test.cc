#include "runtime/recovery.h"

#include <gtest/gtest.h>

namespace weir::runtime {
namespace {

const std::string kSession(32, 'a');
const std::string kOther(32, 'b');

protocol::Binding binding(const std::string& table, std::uint32_t backfill = 0) {
  protocol::Binding out;
  out.resource_path = {table};
  out.backfill = backfill;
  out.collection.name = "acme/" + table;
  out.state_key = protocol::state_key(out.resource_path, backfill);
  out.journal_read_suffix = "materialize/acme/tables/" + out.state_key;
  return out;
}

// A checkpoint with an entry of weir's own.
protocol::Checkpoint checkpoint(std::uint64_t n) {
  delivery::Entry entry;
  entry.n = n;
  entry.session = kSession;
  entry.max_keys["orders"] = "\x15\x07";
  protocol::Checkpoint out;
  out.sources["acme/orders/pivot=00;materialize/acme/tables/orders"].read_through = 100;
  out.ack_intents[std::string(delivery::kEntryKey)] = *delivery::encode(entry);
  return out;
}

struct World {
  std::vector<protocol::Binding> bindings = {binding("orders")};
  connector::Opened opened;
  Remembered remembered;
  std::vector<delivery::TriggerTerms> triggers;
  bool take_over = false;

  World() {
    opened.bindings.resize(1);
    remembered.confirmed_state = "{}";
  }
  Result<Recovered> recover() const {
    return runtime::recover({.materialization = "acme/tables",
                             .bindings = &bindings,
                             .opened = &opened,
                             .remembered = &remembered,
                             .triggers = &triggers,
                             .take_over = take_over});
  }
};

TEST(Recovery, TheDestinationsCheckpointIsTheBase) {
  World world;
  world.opened.checkpoint = checkpoint(7);
  const auto recovered = world.recover();
  ASSERT_TRUE(recovered) << recovered.error().message;
  EXPECT_FALSE(recovered->runtime_holds_checkpoint);
  EXPECT_EQ(recovered->base.n, 7u);
  EXPECT_EQ(recovered->max_keys[0], "\x15\x07");
  EXPECT_EQ(recovered->sources.size(), 1u);
  EXPECT_TRUE(recovered->notices.empty());
}

TEST(Recovery, AnExplicitlyEmptyDestinationStartsFromNothingWhateverTheStoreHolds) {
  World world;
  world.opened.checkpoint.emplace();
  world.remembered.checkpoint = checkpoint(9);
  world.remembered.max_keys["orders"] = "\x15\x09";
  const auto recovered = world.recover();
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered->base.n, 0u);
  EXPECT_TRUE(recovered->sources.empty());
  // The table stood there before this opening: what it holds is not known.
  EXPECT_EQ(recovered->max_keys[0], kUnknownMaxKey);
  world.opened.bindings[0].created = true;
  EXPECT_EQ(world.recover()->max_keys[0], "");
}

TEST(Recovery, AForeignCheckpointNeedsTakeOver) {
  World world;
  world.opened.checkpoint = checkpoint(7);
  world.opened.checkpoint->ack_intents.clear();
  ASSERT_FALSE(world.recover());
  EXPECT_EQ(world.recover().error().code, Code::kRefused);
  world.take_over = true;
  const auto recovered = world.recover();
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered->base.n, 0u);
  EXPECT_EQ(recovered->sources.begin()->second.read_through, 100);
  EXPECT_EQ(recovered->max_keys[0], kUnknownMaxKey);
}

TEST(Recovery, ANewerWeirsKeyIsRefusedEvenWithTakeOver) {
  World world;
  world.opened.checkpoint = checkpoint(7);
  world.opened.checkpoint->ack_intents["weir/owed/v2"] = "{}";
  world.take_over = true;
  ASSERT_FALSE(world.recover());
  EXPECT_EQ(world.recover().error().code, Code::kRefused);
}

TEST(Recovery, TheClassIsTold) {
  World world;
  world.remembered.checkpoint = checkpoint(3);
  world.remembered.max_keys["orders"] = "\x15\x03";
  const auto recovered = world.recover();
  ASSERT_TRUE(recovered);
  EXPECT_TRUE(recovered->runtime_holds_checkpoint);
  EXPECT_EQ(recovered->base.n, 3u);
  EXPECT_EQ(recovered->max_keys[0], "\x15\x03");
  // … by presence, and a change of it is an error, not another class.
  world.remembered.runtime_holds_checkpoint = false;
  EXPECT_EQ(world.recover().error().code, Code::kInvalid);
  world.opened.checkpoint = checkpoint(3);
  EXPECT_TRUE(world.recover());
  world.remembered.runtime_holds_checkpoint = true;
  EXPECT_EQ(world.recover().error().code, Code::kInvalid);
}

TEST(Recovery, AReplacedTableStartsAnew) {
  World world;
  world.bindings = {binding("orders", 1)};
  world.opened.checkpoint = checkpoint(7);
  world.opened.bindings[0].replaced = true;
  const auto recovered = world.recover();
  ASSERT_TRUE(recovered);
  EXPECT_TRUE(recovered->sources.empty());
  EXPECT_EQ(recovered->base.max_keys.count("orders"), 0u);
  EXPECT_EQ(recovered->max_keys[0], "");
}

TEST(Recovery, PositionsOfTablesThatAreSwitchedOffAreKept) {
  World world;
  world.bindings = {binding("users")};
  world.opened.checkpoint = checkpoint(7);
  world.opened.bindings[0].created = true;
  const auto recovered = world.recover();
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered->sources.size(), 1u);
  EXPECT_EQ(recovered->base.max_keys.at("orders"), "\x15\x07");
}

TEST(Recovery, ARestoredTableIsSaidAndGoneOnFrom) {
  World world;
  world.opened.checkpoint = checkpoint(7);
  world.remembered.marks = {{.trigger = "t", .after = 8, .through = 9, .tid = {kSession, 9}}};
  const auto recovered = world.recover();
  ASSERT_TRUE(recovered);
  ASSERT_EQ(recovered->notices.size(), 1u);
  EXPECT_NE(recovered->notices[0].find("older than what was delivered"), std::string::npos);
  EXPECT_EQ(recovered->base.n, 7u);
}

TEST(Recovery, ConnectorStateBelongsToTheTransactionThatCommitted) {
  World world;
  world.remembered.confirmed_state = R"({"at":6})";
  world.remembered.state_in_doubt = {delivery::Tid{kSession, 7}, R"({"at":7})"};
  world.opened.checkpoint = checkpoint(7);
  EXPECT_EQ(world.recover()->connector_state, R"({"at":7})");
  world.opened.checkpoint = checkpoint(6);
  EXPECT_EQ(world.recover()->connector_state, R"({"at":6})");
  // The same number, but of another session: that transaction was rolled back.
  world.remembered.state_in_doubt->first = {kOther, 6};
  EXPECT_EQ(world.recover()->connector_state, R"({"at":6})");
}

TEST(Recovery, WhatEstuaryOwedIsTakenOverOnlyWhereNothingWasCommitted) {
  World world;
  world.triggers.emplace_back();
  world.triggers.back().identity = "t";
  world.triggers.back().label = "hook";
  world.remembered.trigger_params =
      R"({"collection_names":["acme/orders"],"connector_image":"","materialization_name":"acme/tables",)"
      R"("flow_published_at_min":"","flow_published_at_max":"","run_id":"2026-01-01T00:00:00Z"})";
  world.opened.checkpoint = checkpoint(2);
  world.opened.checkpoint->ack_intents.clear();
  world.take_over = true;
  const auto recovered = world.recover();
  ASSERT_TRUE(recovered) << recovered.error().message;
  EXPECT_EQ(recovered->base.n, 1u);
  EXPECT_EQ(recovered->base.triggers.at("t").cut.size(), 1u);
  EXPECT_EQ(world.recover()->base, recovered->base);  // the same identity every time
  world.opened.checkpoint = checkpoint(2);
  EXPECT_TRUE(world.recover()->base.triggers.empty());
  // It wrote them before its commit, and the endpoint knows of none.
  world.opened.checkpoint.emplace();
  EXPECT_TRUE(world.recover()->base.triggers.empty());
}

}  // namespace
}  // namespace weir::runtime
