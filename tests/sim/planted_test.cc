// Each planted bug is caught, by the judge that is there for it, within a stated number of
// histories; and each judge catches one that no other notices.
#include <gtest/gtest.h>

#include "base/planted.h"
#include "testing/sim.h"

namespace weir::testing {
namespace {

struct Row {
  Bug bug;
  const char* name;
  Judge judge;  // that must be among those that catch it
  int runs;     // within so many histories, seeds 1, 2, …
  bool alone;   // no other judge spoke until then
  SimProfile profile{};
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {Bug::kCarryAll, "carry_all", Judge::kLost, 50, true},
      {Bug::kDestinationDecides, "destination_decides", Judge::kLost, 100, false},
      {Bug::kCutOnOpen, "cut_on_open", Judge::kGapless, 50, true},
      {Bug::kNoCutWhenFull,
       "no_cut_when_full",
       Judge::kBounded,
       50,
       false,
       {.endpoint = Endpoint::kFakeA,
        .faults = std::vector<Fault>{Fault::kCrash, Fault::kReceiverLost, Fault::kReceiverFails},
        .steps = 300}},
      {Bug::kNoCutInCommit,
       "no_cut_in_commit",
       Judge::kGapless,
       400,
       true,
       {.endpoint = {}, .faults = std::vector<Fault>{Fault::kReceiverHangs}, .steps = 100}},
      {Bug::kTidInId, "tid_in_id", Judge::kWords, 300, false},
      {Bug::kTidInMark,
       "tid_in_mark",
       Judge::kLost,
       600,
       true,
       {.endpoint = Endpoint::kFakeA,
        .faults = std::vector<Fault>{Fault::kCrash, Fault::kDeath, Fault::kTableRestored}}},
      {Bug::kMarkPerTrigger, "mark_per_trigger", Judge::kLost, 50, true},
      {Bug::kWordsInId, "words_in_id", Judge::kWords, 500, true},
      {Bug::kKeyInCheckpoint, "key_in_checkpoint", Judge::kContract, 50, false},
      {Bug::kNameByContent, "name_by_content", Judge::kLost, 50, true},
      {Bug::kStateByTid, "state_by_tid", Judge::kState, 50, true},
      {Bug::kHoldWhenParked, "hold_when_parked", Judge::kBounded, 200, true},
      {Bug::kKeepOrphans, "keep_orphans", Judge::kLost, 150, true},
      {Bug::kReleaseOnAck, "release_on_ack", Judge::kPhantom, 50, true},
      {Bug::kLoadAfterAck, "load_after_ack", Judge::kContract, 50, true},
      {Bug::kAckBeforeDelivery, "ack_before_delivery", Judge::kEarly, 100, true},
      {Bug::kSyncCommit, "sync_commit", Judge::kPhantom, 50, false},
      {Bug::kMergeForgetsTables, "merge_forgets_tables", Judge::kFacts, 50, true},
      {Bug::kRunIdStandsStill, "run_id_stands_still", Judge::kOrder, 50, true},
      {Bug::kLostAnswerIsGood, "lost_answer_is_good", Judge::kLost, 50, false},
      {Bug::kInlineIsNotAwaited, "inline_is_not_awaited", Judge::kInline, 100, true},
      {Bug::kBackgroundIsAwaited, "background_is_awaited", Judge::kIsolated, 600, true},
      {Bug::kTwoInFlight, "two_in_flight", Judge::kBounded, 50, true},
      {Bug::kArrivalIsForgotten, "arrival_is_forgotten", Judge::kLive, 50, true},
      {Bug::kPositionLags, "position_lags", Judge::kFacts, 50, false},
      {Bug::kSumForgets, "sum_forgets", Judge::kRows, 50, true},
      {Bug::kEchoIsKept, "echo_is_kept", Judge::kSecrets, 50, true},
  };
  return kRows;
}

class PlantedTest : public ::testing::TestWithParam<Row> {
 protected:
  void TearDown() override { plant(Bug::kNone); }
};

TEST_P(PlantedTest, IsCaught) {
  const Row& row = GetParam();
  std::map<Judge, int> caught;  // the first history in which each judge spoke
  int first = 0;
  for (int seed = 1; seed <= row.runs; ++seed) {
    plant(row.bug);
    const SimResult result = simulate(static_cast<std::uint64_t>(seed), row.profile);
    plant(Bug::kNone);
    for (const Finding& finding : result.findings) caught.try_emplace(finding.judge, seed);
    if (!result.findings.empty() && first == 0) first = seed;
    if (caught.count(row.judge) != 0) break;
  }
  std::string by;
  for (const auto& [judge, seed] : caught)
    by += fmt::format("{}{} ({})", by.empty() ? "" : ", ", name_of(judge), seed);
  std::printf("%-24s history %d: %s\n", row.name, first, by.c_str());
  if (row.alone) EXPECT_EQ(caught.size(), 1u) << row.name << " is also caught by others: " << by;
  EXPECT_TRUE(caught.count(row.judge) != 0)
      << row.name << " is not caught by " << name_of(row.judge);
}

TEST(Planted, EachJudgeCatchesOneAlone) {
  std::set<Judge> alone;
  for (const Row& row : rows()) {
    if (row.alone) alone.insert(row.judge);
  }
  EXPECT_EQ(alone.size(), static_cast<std::size_t>(Judge::kContract) + 1);
}

INSTANTIATE_TEST_SUITE_P(All, PlantedTest, ::testing::ValuesIn(rows()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace weir::testing
