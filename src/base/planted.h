// Planted bugs: rules that a test can switch off, one at a time, to see that the judges of the
// promises notice. Compiled in only with WEIR_PLANTED_BUGS; elsewhere planted() is a constant
// false and costs nothing. Those marked with a name in `code` are rules of the protocol in
// docs/architecture.md; a test plants each one and says which judge caught it.
#pragma once

#ifdef WEIR_PLANTED_BUGS
#include <atomic>
#include <cstdlib>
#endif

namespace weir {

enum class Bug {
  kNone,
  // Rules of the protocol.
  kCarryAll,            // `carry_all`: the entry carries this transaction's window only
  kDestinationDecides,  // `destination_decides`: the store's own copy of the checkpoint rules
  kCutOnOpen,           // `cut_on_open`: a session goes on merging into the window it found
  kNoCutWhenFull,       // `no_cut_when_full`
  kNoCutInCommit,       // `no_cut_in_commit`
  kTidInId,             // `tid_in_id`: a request id names the number of its transaction only
  kTidInMark,           // `tid_in_mark`: so does a mark
  kMarkPerTrigger,      // `mark_per_trigger`: one trigger's mark counts for all
  kWordsInId,           // `words_in_id`: an edited template keeps its revision
  kKeyInCheckpoint,     // `key_in_checkpoint`: largest keys are those of the first commit
  kNameByContent,       // `name_by_content`: an unnamed trigger is known by its position
  kStateByTid,          // `state_by_tid`: connector state in doubt is believed
  kHoldWhenParked,      // `hold_when_parked`
  kKeepOrphans,         // `keep_orphans`: what a removed trigger owes is dropped
  kFence,               // `fence`: an older session commits
  kReleaseOnAck,        // `release_on_ack`: windows are owed before their commit is known
  kLoadAfterAck,        // `load_after_ack`: keys of the transaction before are not loaded
  kAckBeforeDelivery,   // `ack_before_delivery`: a session delivers before it acknowledges
  kSyncCommit,          // `sync_commit`: class B commits without a sync
  // Others.
  kMergeForgetsTables,   // a merged window tells of its newest transaction only
  kRunIdStandsStill,     // run ids repeat where the clock does
  kLostAnswerIsGood,     // no answer counts as delivered
  kInlineIsNotAwaited,   // rows are stored before inline requests are through
  kBackgroundIsAwaited,  // background requests hold up rows
  kTwoInFlight,          // a trigger's next request does not wait for the one before
  kArrivalIsForgotten,   // journals that grew are not looked at
  kPositionLags,         // a commit carries the position of the one before
  kSumForgets,           // a sum keeps its first term
  kEchoIsKept,           // what a receiver echoes is not searched for secrets
  kNothingIsWiped,       // secrets stay in memory that was given back
};

#ifdef WEIR_PLANTED_BUGS
// In a program, WEIR_PLANTED_BUG plants one by its number.
inline Bug bug_of_environment() {
  const char* number = std::getenv("WEIR_PLANTED_BUG");
  return number == nullptr ? Bug::kNone : static_cast<Bug>(std::atoi(number));
}
inline std::atomic<Bug> planted_bug{bug_of_environment()};
inline bool planted(Bug bug) {
  return planted_bug.load(std::memory_order_relaxed) == bug;
}
inline void plant(Bug bug) {
  planted_bug = bug;
}
#else
constexpr bool planted(Bug) {
  return false;
}
#endif

}  // namespace weir
