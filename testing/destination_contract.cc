#include "testing/destination_contract.h"

#include <map>

#include "testing/destination_fixture.h"

namespace weir::testing {

using connector::Counts;
using connector::Exists;
using connector::OpenRequest;
using Rows = std::vector<std::string>;

#define ASSERT_OK(expression)                                                   \
  do {                                                                          \
    auto&& ok_ = (expression);                                                  \
    ASSERT_TRUE(ok_.has_value()) << #expression << ": " << ok_.error().message; \
  } while (false)

namespace {

// The code and, if given, a part of the message.
template <typename T>
::testing::AssertionResult fails_with(Code code, std::string_view words, const Result<T>& result) {
  if (result.has_value()) return ::testing::AssertionFailure() << "it succeeded";
  const Error& error = result.error();
  if (error.code == code && error.message.find(words) != std::string::npos) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << name_of(error.code) << ": " << error.message;
}

std::vector<std::optional<std::uint64_t>> list(const Counts& c) {
  return {c.inserted, c.updated, c.deleted, c.unchanged};
}
std::vector<std::optional<std::uint64_t>> numbers(std::uint64_t i, std::uint64_t u, std::uint64_t d,
                                                  std::uint64_t n) {
  return {i, u, d, n};
}

}  // namespace

OpenRequest DestinationContract::request(std::int64_t pid) {
  OpenRequest out;
  out.spec.name = "acme/mat";
  out.spec.config_json = subject_->config_json(/*hard_delete=*/true);
  out.spec.bindings = {orders_binding("t")};
  out.owner = {.task = "acme/mat",
               .host = "here",
               .boot_id = "boot",
               .pid = pid,
               .pid_started = 1,
               .state_id = "state",
               .since = "2026-11-22T17:03:04.000000Z"};
  out.owner_is_dead = [](const connector::Owner&) { return false; };
  out.connector_state = "{}";
  return out;
}

Rows DestinationContract::rows(const std::string& table) {
  return subject_->rows(table).value_or(Rows{"no table"});
}

TEST_P(DestinationContract, FirstOpeningIsExplicitlyEmpty) {
  EXPECT_EQ(subject_->rows("t"), std::nullopt);
  Session session(subject_->connect());
  auto opened = session.open(request());
  ASSERT_OK(opened);
  ASSERT_TRUE(opened->checkpoint.has_value());
  EXPECT_TRUE(opened->checkpoint->empty());
  EXPECT_FALSE(opened->foreign);
  ASSERT_EQ(opened->bindings.size(), 1u);
  EXPECT_TRUE(opened->bindings[0].created);
  EXPECT_FALSE(opened->bindings[0].replaced);
  EXPECT_EQ(rows(), Rows{});
}

TEST_P(DestinationContract, RowsAndCheckpointAreCommittedTogetherAndComeBack) {
  Session first(subject_->connect());
  ASSERT_OK(first.open(request()));
  ASSERT_OK(first.load({}));
  ASSERT_OK(first.store({{.id = 1, .amount = 10}, {.id = 2, .amount = 20}}));
  EXPECT_EQ(rows(), Rows{}) << "seen before the commit";
  ASSERT_OK(first.destination().start_commit(checkpoint_at(5)));
  EXPECT_EQ(rows(), (Rows{"1 10", "2 20"}));
  ASSERT_OK(first.destination().acknowledge());
  ASSERT_OK(first.destination().close());

  Session second(subject_->connect());
  auto opened = second.open(request(101));
  ASSERT_OK(opened);
  EXPECT_EQ(opened->checkpoint, checkpoint_at(5));
  EXPECT_FALSE(opened->bindings[0].created);
  auto loaded = second.load({3, 2, 1});
  ASSERT_OK(loaded);
  EXPECT_EQ(*loaded, (Rows{order_document(1, 10), order_document(2, 20)}));
}

TEST_P(DestinationContract, IntentsComeBackByteForByte) {
  protocol::Checkpoint checkpoint = checkpoint_at(1);
  std::string bytes(3 << 20, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  checkpoint.ack_intents["weir/owed/v1"] = bytes;
  checkpoint.ack_intents[""] = "an empty name";
  checkpoint.ack_intents["odd # ; ä name"] = "";
  checkpoint.sources["committed-close"] = {
      .read_through = 0,
      .producers = {{std::string("\1\0\0\0\0\0", 6), {.last_ack = 3, .begin = 0}}}};
  {
    Session session(subject_->connect());
    ASSERT_OK(session.open(request()));
    ASSERT_OK(session.transact({}, checkpoint));
  }
  Session session(subject_->connect());
  auto opened = session.open(request());
  ASSERT_OK(opened);
  EXPECT_TRUE(opened->checkpoint == checkpoint);
}

TEST_P(DestinationContract, TransactionsFollowOneAnother) {
  Session session(subject_->connect());
  ASSERT_OK(session.open(request()));
  ASSERT_OK(session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)));
  ASSERT_OK(session.transact({}, checkpoint_at(2)));  // empty ones commit, too
  auto loaded = session.load({1, 7});
  ASSERT_OK(loaded);
  EXPECT_EQ(*loaded, Rows{order_document(1, 1)});
  ASSERT_OK(
      session.store({{.id = 1, .amount = 2, .exists = Exists::kYes}, {.id = 7, .amount = 7}}));
  ASSERT_OK(session.destination().start_commit(checkpoint_at(3)));
  EXPECT_EQ(rows(), (Rows{"1 2", "7 7"}));
}

TEST_P(DestinationContract, WhatWasNotCommittedIsGone) {
  {
    Session session(subject_->connect());
    ASSERT_OK(session.open(request()));
    ASSERT_OK(session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)));
    ASSERT_OK(session.load({}));
    ASSERT_OK(
        session.store({{.id = 1, .amount = 9, .exists = Exists::kYes}, {.id = 2, .amount = 9}}));
  }
  EXPECT_EQ(rows(), Rows{"1 1"});
  Session session(subject_->connect());
  auto opened = session.open(request());
  ASSERT_OK(opened);
  EXPECT_EQ(opened->checkpoint, checkpoint_at(1));
}

TEST_P(DestinationContract, EmptyCheckpointIsNotCommitted) {
  Session session(subject_->connect());
  ASSERT_OK(session.open(request()));
  EXPECT_TRUE(fails_with(Code::kInvalid, "empty checkpoint", session.transact({{.id = 1}}, {})));
  EXPECT_EQ(rows(), Rows{});
}

TEST_P(DestinationContract, FencedSessionCommitsNothingAndNamesTheOwner) {
  Session old(subject_->connect());
  ASSERT_OK(old.open(request(100)));
  ASSERT_OK(old.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)));

  Session young(subject_->connect());
  OpenRequest taking = request(101);
  taking.take_over = true;
  auto opened = young.open(taking);
  ASSERT_OK(opened);
  EXPECT_EQ(opened->checkpoint, checkpoint_at(1));
  EXPECT_FALSE(opened->foreign);

  EXPECT_TRUE(fails_with(Code::kRefused, "process 101 on here",
                         old.transact({{.id = 2, .amount = 2}}, checkpoint_at(2))));
  EXPECT_FALSE(old.destination().acknowledge().has_value()) << "the session is not spent";
  EXPECT_EQ(rows(), Rows{"1 1"});
  ASSERT_OK(young.transact({{.id = 3, .amount = 3}}, checkpoint_at(3)));
  EXPECT_EQ(rows(), (Rows{"1 1", "3 3"}));
  ASSERT_OK(old.destination().close());  // a spent session may be closed, and marks nothing
  ASSERT_OK(young.transact({}, checkpoint_at(4)));
}

TEST_P(DestinationContract, LivingOwnerIsNotDisturbedByARefusedOpening) {
  Session owner(subject_->connect());
  ASSERT_OK(owner.open(request(100)));
  Session other(subject_->connect());
  OpenRequest asking = request(101);
  asking.spec.bindings = {orders_binding("t", 1), orders_binding("u")};
  EXPECT_TRUE(fails_with(Code::kRefused, "process 100 on here", other.open(asking)));
  EXPECT_EQ(subject_->rows("u"), std::nullopt);
  ASSERT_OK(owner.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)));
  EXPECT_EQ(rows(), Rows{"1 1"});
}

TEST_P(DestinationContract, WhoMayOpen) {
  struct Case {
    std::string_view what;
    bool closed, dead, other_host, take_over;
    std::string_view refusal;  // empty: it opens
  };
  const Case cases[] = {
      {"closed", true, false, false, false, ""},
      {"closed on another host", true, false, true, false, ""},
      {"dead process of this host", false, true, false, false, ""},
      {"living process", false, false, false, false, "still running"},
      {"living process, taken over", false, false, false, true, ""},
      {"another host", false, true, true, false, "never closed"},
      {"another host, taken over", false, false, true, true, ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    subject_ = GetParam().make();
    Session first(subject_->connect());
    OpenRequest opening = request(100);
    if (c.other_host) opening.owner.host = "elsewhere";
    ASSERT_OK(first.open(opening));
    ASSERT_OK(first.transact({}, checkpoint_at(1)));
    if (c.closed) ASSERT_OK(first.destination().close());
    first.drop();

    Session second(subject_->connect());
    OpenRequest next = request(101);
    next.owner_is_dead = [&](const connector::Owner&) { return c.dead; };
    next.take_over = c.take_over;
    auto opened = second.open(next);
    if (c.refusal.empty()) {
      ASSERT_OK(opened);
      EXPECT_EQ(opened->checkpoint, checkpoint_at(1));
    } else {
      EXPECT_TRUE(fails_with(Code::kRefused, c.refusal, opened));
    }
  }
}

TEST_P(DestinationContract, SameProcessOpensAgainAfterAnUncleanEnd) {
  {
    Session session(subject_->connect());
    ASSERT_OK(session.open(request(100)));
  }
  Session session(subject_->connect());
  ASSERT_OK(session.open(request(100)));
}

TEST_P(DestinationContract, RowsCanBeStoredWithoutKnowingWhetherTheyExist) {
  Session session(subject_->connect());
  ASSERT_OK(session.open(request()));
  ASSERT_TRUE(session.destination().can_upsert());
  ASSERT_OK(session.transact({{.id = 2, .amount = 1}}, checkpoint_at(1)));
  ASSERT_OK(session.transact({{.id = 1, .amount = 5, .exists = Exists::kUnknown},
                              {.id = 2, .amount = 6, .exists = Exists::kUnknown}},
                             checkpoint_at(2)));
  EXPECT_EQ(rows(), (Rows{"1 5", "2 6"}));
}

TEST_P(DestinationContract, HardDeletesRemoveWhetherOrNotTheRowExists) {
  Session session(subject_->connect());
  ASSERT_OK(session.open(request()));
  ASSERT_OK(session.transact({{.id = 1, .amount = 1}, {.id = 2, .amount = 2}}, checkpoint_at(1)));
  ASSERT_OK(session.transact({{.id = 1, .exists = Exists::kUnknown, .deleted = true},
                              {.id = 3, .exists = Exists::kUnknown, .deleted = true},
                              {.id = 4, .exists = Exists::kNo, .deleted = true}},
                             checkpoint_at(2)));
  EXPECT_EQ(rows(), Rows{"2 2"});
}

TEST_P(DestinationContract, SoftDeletesKeepTheGivenDocument) {
  OpenRequest soft = request();
  soft.spec.config_json = subject_->config_json(/*hard_delete=*/false);
  Session session(subject_->connect());
  ASSERT_OK(session.open(soft));
  ASSERT_OK(session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)));
  ASSERT_OK(session.transact({{.id = 1, .amount = -1, .exists = Exists::kYes, .deleted = true},
                              {.id = 2, .amount = -2, .exists = Exists::kUnknown, .deleted = true}},
                             checkpoint_at(2)));
  EXPECT_EQ(rows(), (Rows{"1 -1", "2 -2"}));
}

TEST_P(DestinationContract, CountsAreExactWhereAskedForAndAbsentElsewhere) {
  OpenRequest counting = request();
  counting.spec.bindings = {orders_binding("t"), orders_binding("u"), delta_binding("v")};
  counting.count_changes = {true, false, true};
  Session session(subject_->connect());
  ASSERT_OK(session.open(counting));
  auto counts = session.transact({{.id = 1, .amount = 1},
                                  {.id = 2, .amount = 2},
                                  {.id = 3, .amount = 3},
                                  {.id = 1, .amount = 1, .binding = 1},
                                  {.id = 1, .amount = 1, .binding = 2},
                                  {.id = 1, .amount = 1, .binding = 2}},
                                 checkpoint_at(1));
  ASSERT_OK(counts);
  ASSERT_EQ(counts->size(), 3u);
  EXPECT_EQ(list((*counts)[0]), numbers(3, 0, 0, 0));
  EXPECT_EQ((*counts)[1].inserted, std::nullopt);
  EXPECT_EQ((*counts)[1].unchanged, std::nullopt);
  EXPECT_EQ(list((*counts)[2]), numbers(2, 0, 0, 0));

  counts = session.transact({{.id = 1, .amount = 1, .exists = Exists::kUnknown},
                             {.id = 2, .amount = 9, .exists = Exists::kYes},
                             {.id = 3, .exists = Exists::kYes, .deleted = true},
                             {.id = 4, .amount = 4, .exists = Exists::kUnknown},
                             {.id = 5, .exists = Exists::kUnknown, .deleted = true}},
                            checkpoint_at(2));
  ASSERT_OK(counts);
  EXPECT_EQ(list((*counts)[0]), numbers(1, 1, 1, 1));
  EXPECT_EQ(list((*counts)[2]), numbers(0, 0, 0, 0)) << "counts of the transaction before";
}

TEST_P(DestinationContract, SoftDeletesCountAsWhatHappensToTheRow) {
  OpenRequest counting = request();
  counting.spec.config_json = subject_->config_json(/*hard_delete=*/false);
  counting.count_changes = {true};
  Session session(subject_->connect());
  ASSERT_OK(session.open(counting));
  ASSERT_OK(session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)));
  auto counts =
      session.transact({{.id = 1, .amount = 2, .exists = Exists::kYes, .deleted = true},
                        {.id = 2, .amount = 2, .exists = Exists::kUnknown, .deleted = true}},
                       checkpoint_at(2));
  ASSERT_OK(counts);
  EXPECT_EQ(list((*counts)[0]), numbers(1, 1, 0, 0));
}

TEST_P(DestinationContract, DeltaUpdatesAppend) {
  OpenRequest delta = request();
  delta.spec.bindings = {delta_binding("t")};
  Session session(subject_->connect());
  ASSERT_OK(session.open(delta));
  ASSERT_OK(session.transact({{.id = 1, .amount = 1}, {.id = 1, .amount = 2}}, checkpoint_at(1)));
  ASSERT_OK(session.transact({{.id = 1, .amount = 3}, {.id = 1, .amount = 4, .deleted = true}},
                             checkpoint_at(2)));
  EXPECT_EQ(rows(), (Rows{"1 1", "1 2", "1 3", "1 4"}));
}

TEST_P(DestinationContract, SeveralBindingsAreOneTransaction) {
  OpenRequest two = request();
  two.spec.bindings = {orders_binding("t"), orders_binding("u")};
  Session session(subject_->connect());
  ASSERT_OK(session.open(two));
  ASSERT_OK(session.load({}));
  ASSERT_OK(session.store({{.id = 1, .amount = 1}, {.id = 1, .amount = 2, .binding = 1}}));
  EXPECT_EQ(rows("u"), Rows{});
  ASSERT_OK(session.destination().start_commit(checkpoint_at(1)));
  EXPECT_EQ(rows("t"), Rows{"1 1"});
  EXPECT_EQ(rows("u"), Rows{"1 2"});
  auto loaded = session.load({1}, 1);
  ASSERT_OK(loaded);
  EXPECT_EQ(*loaded, Rows{order_document(1, 2)});
}

TEST_P(DestinationContract, HigherBackfillStartsAnewAndLowerIsRefused) {
  {
    Session session(subject_->connect());
    ASSERT_OK(session.open(request()));
    ASSERT_OK(session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)));
    ASSERT_OK(session.destination().acknowledge());
    ASSERT_OK(session.destination().close());
  }
  OpenRequest higher = request();
  higher.spec.bindings = {orders_binding("t", 2)};
  {
    Session session(subject_->connect());
    auto opened = session.open(higher);
    ASSERT_OK(opened);
    EXPECT_TRUE(opened->bindings[0].replaced);
    EXPECT_FALSE(opened->bindings[0].created);
    EXPECT_EQ(opened->checkpoint, checkpoint_at(1)) << "other bindings may need it";
    EXPECT_EQ(rows(), Rows{});
    ASSERT_OK(session.transact({{.id = 1, .amount = 7}}, checkpoint_at(2)));
    ASSERT_OK(session.destination().acknowledge());
    ASSERT_OK(session.destination().close());
  }
  OpenRequest lower = request();
  lower.spec.bindings = {orders_binding("t", 1)};
  Session refused(subject_->connect());
  EXPECT_TRUE(fails_with(Code::kInvalid, "backfill: 2", refused.open(lower)));
  EXPECT_EQ(rows(), Rows{"1 7"});
  Session again(subject_->connect());
  auto opened = again.open(higher);
  ASSERT_OK(opened);
  EXPECT_FALSE(opened->bindings[0].replaced);
  EXPECT_EQ(rows(), Rows{"1 7"});
}

TEST_P(DestinationContract, ChangedKeyNamesTheBackfillToWrite) {
  {
    Session session(subject_->connect());
    ASSERT_OK(session.open(request()));
    ASSERT_OK(session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)));
  }
  OpenRequest changed = request();
  changed.spec.bindings[0].field_selection.keys = {"id", "amount"};
  changed.spec.bindings[0].field_selection.values.clear();
  Session session(subject_->connect());
  EXPECT_TRUE(fails_with(Code::kInvalid, "`backfill: 1`", session.open(changed)));
  EXPECT_EQ(rows(), Rows{"1 1"});
}

TEST_P(DestinationContract, TableOfSomebodyElseNeedsTakeOver) {
  {
    Session session(subject_->connect());
    ASSERT_OK(session.open(request()));
    ASSERT_OK(session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)));
    ASSERT_OK(session.destination().release_ownership());
    EXPECT_FALSE(session.destination().acknowledge().has_value()) << "the session is not spent";
  }
  Session refused(subject_->connect());
  EXPECT_TRUE(fails_with(Code::kRefused, "", refused.open(request())));
  EXPECT_EQ(rows(), Rows{"1 1"});

  Session session(subject_->connect());
  OpenRequest taking = request();
  taking.take_over = true;
  auto opened = session.open(taking);
  ASSERT_OK(opened);
  EXPECT_TRUE(opened->foreign);
  EXPECT_FALSE(opened->bindings[0].created);
  EXPECT_FALSE(opened->bindings[0].replaced);
  EXPECT_EQ(opened->checkpoint, checkpoint_at(1));
  ASSERT_OK(session.transact({{.id = 2, .amount = 2}}, checkpoint_at(2)));
  EXPECT_EQ(rows(), (Rows{"1 1", "2 2"}));
}

TEST_P(DestinationContract, AddedBindingIsCreatedBesideTheOthers) {
  {
    Session session(subject_->connect());
    ASSERT_OK(session.open(request()));
    ASSERT_OK(session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)));
  }
  OpenRequest more = request();
  more.spec.bindings = {orders_binding("t"), orders_binding("u")};
  Session session(subject_->connect());
  auto opened = session.open(more);
  ASSERT_OK(opened);
  EXPECT_FALSE(opened->bindings[0].created);
  EXPECT_TRUE(opened->bindings[1].created);
  EXPECT_EQ(opened->checkpoint, checkpoint_at(1));
}

TEST_P(DestinationContract, ValidateChangesNothing) {
  const auto config = subject_->config_json(true);
  const std::vector<protocol::ValidateBinding> bindings = {to_validate(orders_binding("t")),
                                                           to_validate(delta_binding("u"))};
  auto validated = subject_->connect()->validate(config, bindings);
  ASSERT_OK(validated);
  ASSERT_EQ(validated->size(), 2u);
  EXPECT_EQ((*validated)[0].resource_path, std::vector<std::string>{"t"});
  EXPECT_FALSE((*validated)[0].delta_updates);
  EXPECT_TRUE((*validated)[1].delta_updates);
  std::map<std::string, protocol::ConstraintType> types;
  for (const auto& c : (*validated)[0].constraints) types[c.field] = c.type;
  EXPECT_EQ(types["id"], protocol::ConstraintType::kFieldRequired);
  EXPECT_EQ(types["flow_document"], protocol::ConstraintType::kLocationRequired);
  EXPECT_EQ(types["amount"], protocol::ConstraintType::kLocationRecommended);
  EXPECT_EQ(subject_->rows("t"), std::nullopt);
}

}  // namespace weir::testing
