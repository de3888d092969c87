// Sessions one after the other on the fake endpoint, store and journals. What scenarios cannot
// play: an endpoint that holds the checkpoint and has a connector state as well.
#include "runtime/session.h"

#include <gtest/gtest.h>

#include "testing/fake_clock.h"
#include "testing/fake_destination.h"
#include "testing/fake_http.h"
#include "testing/fake_journal.h"
#include "testing/fake_store.h"
#include "testing/memory_spill.h"
#include "testing/world.h"

namespace weir::runtime {
namespace {

constexpr const char* kCatalog = R"(
collections:
  shop/orders:
    key: [/id]
    schema: { type: object, required: [id], properties: { id: { type: integer } } }
materializations:
  shop/tables:
    endpoint: { sqlite: { path: scenario.db } }
    bindings: [{ resource: { table: orders }, source: shop/orders }]
)";

// What the endpoint was told of connector states, and how it behaves.
struct States {
  std::vector<std::string> opened_with;
  int commits = 0;
  bool undecided = false;  // the next commits are started, and never happen
};

// Gives a state with each commit it starts: {"n":1}, {"n":2}, …
class WithState : public connector::Destination {
 public:
  WithState(std::unique_ptr<connector::Destination> inner, States& states)
      : inner_(std::move(inner)), states_(states) {}

  Result<std::vector<protocol::ValidatedBinding>> validate(
      const std::string& config, std::span<const protocol::ValidateBinding> bindings) override {
    return inner_->validate(config, bindings);
  }
  Result<connector::Opened> open(const connector::OpenRequest& request) override {
    states_.opened_with.push_back(request.connector_state);
    return inner_->open(request);
  }
  bool can_upsert() const override { return inner_->can_upsert(); }
  Result<std::optional<connector::StateUpdate>> acknowledge() override {
    if (lost_) return error(Code::kUnknown, "the commit's outcome is not known");
    return inner_->acknowledge();
  }
  Status load(std::span<const connector::LoadKey> keys) override { return inner_->load(keys); }
  Result<std::optional<connector::StateUpdate>> flush(
      const connector::LoadedSink& loaded) override {
    return inner_->flush(loaded);
  }
  Status store(std::span<const connector::StoreRow> rows) override { return inner_->store(rows); }
  Result<std::vector<connector::Counts>> finish_store() override { return inner_->finish_store(); }
  Result<std::optional<connector::StateUpdate>> start_commit(
      const protocol::Checkpoint& checkpoint) override {
    lost_ = states_.undecided;
    if (!lost_) {
      const auto done = inner_->start_commit(checkpoint);
      if (!done) return tl::unexpected(done.error());
    }
    return connector::StateUpdate{fmt::format(R"({{"n":{}}})", ++states_.commits), false};
  }
  Status close() override { return inner_->close(); }
  void interrupt() override { inner_->interrupt(); }

 private:
  std::unique_ptr<connector::Destination> inner_;
  States& states_;
  bool lost_ = false;
};

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::World world({});
    ASSERT_TRUE(world.set_catalog(kCatalog));
    built_ = world.built();
  }

  // One process's life: opens, reads what there is, and dies. The error that ended it, or "".
  std::string live(std::size_t batches_kept) {
    auto store = disk_.open();
    delivery::Dispatcher dispatcher(http_, clock_, Random(1), [] {});
    WakeUp wake;
    ShardDeps deps;
    deps.make_destination = [this]() -> Result<std::unique_ptr<connector::Destination>> {
      return std::make_unique<WithState>(server_.connect(), states_);
    };
    deps.journals = &journals_;
    deps.store = store->get();
    deps.dispatcher = &dispatcher;
    deps.spill = &spill_;
    deps.clock = &clock_;
    deps.wake = &wake;
    deps.owner_is_dead = [](const connector::Owner&) { return true; };
    Random random(++lives_);
    Session session(built_, options_, deps, random);
    std::string ended;
    if (const Status opened = session.open(); !opened) ended = opened.error().message;
    for (bool more = ended.empty(); more;) {
      const auto progress = session.step(false);
      if (!progress) ended = progress.error().message;
      more = progress && progress->worked;
    }
    disk_.crash(std::min(batches_kept, disk_.unsynced()));
    return ended;
  }

  catalog::BuiltMaterialization built_;
  ShardOptions options_;
  testing::FakeClock clock_;
  testing::FakeJournals journals_{clock_};
  testing::FakeServer server_{testing::FakeClass::kHoldsCheckpoint};
  testing::FakeDisk disk_;
  testing::FakeHttp http_;
  testing::MemorySpill spill_;
  States states_;
  std::uint64_t lives_ = 0;
};

// The state of a commit whose confirmation was lost is the confirmed one once it was recovered:
// the commit after it may take its place beside, and be rolled back.
TEST_F(SessionTest, AStateInDoubtIsConfirmedBeforeTheNextOneIs) {
  journals_.append("shop/orders", {R"({"id":1})"});
  EXPECT_EQ(live(0), "");
  journals_.append("shop/orders", {R"({"id":2})"});
  states_.undecided = true;
  EXPECT_EQ(live(0), "the commit's outcome is not known");
  states_.undecided = false;
  states_.opened_with.clear();
  EXPECT_EQ(live(0), "");
  ASSERT_FALSE(states_.opened_with.empty());
  EXPECT_EQ(states_.opened_with.back(), R"({"n":1})");
}

// Nobody waits in vain for an answer.
TEST(Shard, TakesNoCommandsOnceItHasEnded) {
  testing::World world({});
  ASSERT_TRUE(world.set_catalog(kCatalog));
  ShardOptions options;
  options.until_caught_up = true;
  world.start(options);
  world.settle();
  ASSERT_TRUE(world.ended().has_value());
  const Status posted =
      world.shard().post({.trigger = "hook", .request_id = "", .answer = [](const auto&) {}});
  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().code, Code::kUnavailable);
}

TEST(Shard, AnswersCommandsThatComeWithItsEnd) {
  testing::World world({});
  ASSERT_TRUE(world.set_catalog(kCatalog));
  world.start();
  world.settle();
  std::string answer;
  const auto keep = [&answer](const Result<std::string>& said) {
    answer = said ? *said : said.error().message;
  };
  world.shard().stop();
  ASSERT_TRUE(world.shard().post({.trigger = "hook", .request_id = "", .answer = keep}));
  world.settle();
  ASSERT_TRUE(world.ended().has_value());
  EXPECT_NE(answer.find("hook owes no such request"), std::string::npos) << answer;
}

// What nobody can read comes to lie behind it, and that is said while no session is open.
TEST(Shard, WhatIsBehindIsSaidWhileItIsStuck) {
  testing::World world({});
  ASSERT_TRUE(world.set_catalog(kCatalog));
  world.start();
  world.append("shop/orders", {R"({"id":1})"});
  world.settle();
  EXPECT_TRUE(world.status().caught_up);
  EXPECT_EQ(world.status().bytes_behind, 0);
  world.append("shop/orders", {R"({"id":"bad"})"});
  world.settle();
  EXPECT_EQ(world.status().state, TaskState::kStuck);
  EXPECT_FALSE(world.status().caught_up);
  const std::int64_t behind = world.status().bytes_behind;
  EXPECT_GT(behind, 0);
  world.append("shop/orders", {R"({"id":2})", R"({"id":3})"});
  world.advance(std::chrono::seconds(6));
  EXPECT_EQ(world.status().state, TaskState::kStuck);
  EXPECT_GT(world.status().bytes_behind, behind);
}

}  // namespace
}  // namespace weir::runtime
