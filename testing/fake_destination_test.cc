// What only the fake can do: its faults, and the classes that hold no checkpoint.
#include "testing/fake_destination.h"

#include <gtest/gtest.h>

#include "testing/destination_fixture.h"

namespace weir::testing {
namespace {

using connector::OpenRequest;
using Rows = std::map<std::string, std::string>;

OpenRequest request(std::string state = "{}") {
  OpenRequest out;
  out.spec.name = "acme/mat";
  out.spec.config_json = "{}";
  out.spec.bindings = {orders_binding("t")};
  out.owner = {.task = "acme/mat",
               .host = "here",
               .boot_id = "b",
               .pid = 1,
               .pid_started = 1,
               .state_id = "s",
               .since = "then"};
  out.connector_state = std::move(state);
  return out;
}

Rows one(std::int64_t id, std::int64_t amount) {
  return {{fmt::format("15{:02x}", id), order_document(id, amount)}};
}

TEST(FakeDestination, CommitFaults) {
  struct Case {
    CommitFault fault;
    Code code;
    bool applied;
  };
  const Case cases[] = {
      {CommitFault::kFails, Code::kUnavailable, false},
      {CommitFault::kAnswerLost, Code::kUnknown, true},
      {CommitFault::kLostBeforeApplied, Code::kUnknown, false},
      {CommitFault::kHeld, Code::kUnknown, false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(static_cast<int>(c.fault));
    FakeServer server(FakeClass::kHoldsCheckpoint);
    Session session(server.connect());
    ASSERT_TRUE(session.open(request()).has_value());
    server.fail_next_commit(c.fault);
    auto result = session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1));
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, c.code);
    EXPECT_EQ(server.rows("t"), c.applied ? one(1, 1) : Rows{});
    EXPECT_FALSE(session.destination().acknowledge().has_value());
  }
}

TEST(FakeDestination, HeldCommitArrivesLateUnlessFenced) {
  for (const bool reopened : {false, true}) {
    SCOPED_TRACE(reopened);
    FakeServer server(FakeClass::kHoldsCheckpoint);
    {
      Session session(server.connect());
      ASSERT_TRUE(session.open(request()).has_value());
      server.fail_next_commit(CommitFault::kHeld);
      ASSERT_FALSE(session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)).has_value());
    }
    Session next(server.connect());
    if (reopened) ASSERT_TRUE(next.open(request()).has_value());
    EXPECT_EQ(server.complete_held(), !reopened);
    EXPECT_EQ(server.rows("t"), reopened ? Rows{} : one(1, 1));
    EXPECT_FALSE(server.complete_held()) << "only once";
  }
}

TEST(FakeDestination, StagedRowsAreAppliedOnAcknowledgeAlsoOfALaterSession) {
  FakeServer server(FakeClass::kStages);
  std::string state;
  {
    Session session(server.connect());
    auto opened = session.open(request());
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(opened->checkpoint, std::nullopt);
    ASSERT_TRUE(session.load({}).has_value());
    ASSERT_TRUE(session.store({{.id = 1, .amount = 1}}).has_value());
    auto committed = session.destination().start_commit(checkpoint_at(1));
    ASSERT_TRUE(committed.has_value() && committed->has_value());
    state = (*committed)->updated_json;
    EXPECT_EQ(state, R"({"staged":[1]})");
    EXPECT_EQ(server.rows("t"), Rows{});
  }
  Session session(server.connect());
  ASSERT_TRUE(session.open(request(state)).has_value());
  EXPECT_EQ(server.rows("t"), Rows{});
  for (int i = 0; i < 2; ++i) {  // idempotent
    auto acknowledged = session.destination().acknowledge();
    if (i == 1) break;
    ASSERT_TRUE(acknowledged.has_value() && acknowledged->has_value());
    EXPECT_EQ((*acknowledged)->updated_json, R"({"staged":[]})");
  }
  EXPECT_EQ(server.rows("t"), one(1, 1));
}

TEST(FakeDestination, PushedDocumentsAreOutBeforeTheCommit) {
  FakeServer server(FakeClass::kPushes);
  Session session(server.connect());
  OpenRequest delta = request();
  delta.spec.bindings = {delta_binding("t")};
  ASSERT_TRUE(session.open(delta).has_value());
  EXPECT_FALSE(session.destination().can_upsert());
  ASSERT_TRUE(session.load({}).has_value());
  ASSERT_TRUE(session.store({{.id = 1, .amount = 1}}).has_value());
  EXPECT_EQ(server.data().pushed.size(), 1u);
}

TEST(FakeDestination, BrokenContractsShow) {
  struct Case {
    std::string_view what;
    std::vector<OrderRow> rows;
    std::string_view words;
  };
  const Case cases[] = {
      {"unsorted", {{.id = 2}, {.id = 3}, {.id = 1}}, "not sorted"},
      {"twice", {{.id = 2}, {.id = 2}}, "not sorted"},
      {"exists, wrongly", {{.id = 5, .exists = connector::Exists::kYes}}, "no such row"},
      {"does not exist, wrongly", {{.id = 1}}, "exists already"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    FakeServer server(FakeClass::kHoldsCheckpoint);
    Session session(server.connect());
    ASSERT_TRUE(session.open(request()).has_value());
    ASSERT_TRUE(session.transact({{.id = 1}}, checkpoint_at(1)).has_value());
    ASSERT_TRUE(session.load({}).has_value());
    auto stored = session.store(c.rows);
    ASSERT_FALSE(stored.has_value());
    EXPECT_NE(stored.error().message.find(c.words), std::string::npos) << stored.error().message;
  }
  FakeServer server(FakeClass::kHoldsCheckpoint);
  Session early(server.connect());
  EXPECT_FALSE(early.store({}).has_value());
}

TEST(FakeDestination, HookEndsASessionBetweenCallsAndStateCanBePutBack) {
  FakeServer server(FakeClass::kHoldsCheckpoint);
  Session session(server.connect());
  ASSERT_TRUE(session.open(request()).has_value());
  const FakeData backup = server.data();
  ASSERT_TRUE(session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)).has_value());
  server.set_before_call([](std::string_view call) -> Status {
    if (call == "flush") return error(Code::kUnavailable, "the connection died");
    return {};
  });
  EXPECT_FALSE(session.load({1}).has_value());
  EXPECT_FALSE(session.store({}).has_value());
  EXPECT_EQ(server.rows("t"), one(1, 1));
  server.set_data(backup);
  EXPECT_EQ(server.rows("t"), Rows{});
}

TEST(FakeDestination, CallsAreRecorded) {
  FakeServer server(FakeClass::kHoldsCheckpoint);
  Session session(server.connect());
  ASSERT_TRUE(session.open(request()).has_value());
  ASSERT_TRUE(session.load({1}).has_value());
  ASSERT_TRUE(session.store({{.id = 1}}).has_value());
  ASSERT_TRUE(session.destination().start_commit(checkpoint_at(1)).has_value());
  EXPECT_EQ(server.take_calls(),
            (std::vector<std::string>{"open", "acknowledge", "load 1 keys", "flush", "store 1 rows",
                                      "finish_store", "commit"}));
}

}  // namespace
}  // namespace weir::testing
