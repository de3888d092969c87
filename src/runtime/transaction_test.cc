#include "runtime/transaction.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir::runtime {
namespace {

using std::chrono::milliseconds;

constexpr Instant kStart{};

// Drives a transaction through the steps it asks for, until it asks for one of `until`.
std::string steps(Transaction& transaction, const View& view, Step until) {
  std::string out;
  for (int i = 0; i < 100; ++i) {
    const Step step = transaction.next(view).step;
    if (!out.empty()) out += ' ';
    out += name_of(step);
    if (step == until) return out;
    if (step == Step::kWait || step == Step::kStopped || step == Step::kRead) return out;
    transaction.done(step);
  }
  return out + " …";
}

Transaction settled(const TransactionTerms& terms) {
  Transaction transaction(terms);
  transaction.done(Step::kAcknowledge);
  return transaction;
}

TEST(Transaction, BeginsByAcknowledgingWhatWasRecovered) {
  Transaction transaction({});
  EXPECT_EQ(transaction.next({}).step, Step::kAcknowledge);
  transaction.done(Step::kAcknowledge);
  // There is nothing to release: recovery took over what is owed.
  EXPECT_EQ(transaction.next({}).step, Step::kWait);
}

TEST(Transaction, GoesThroughItsStepsWhereTheDestinationHoldsTheCheckpoint) {
  Transaction transaction = settled({});
  transaction.read(1, kStart);
  EXPECT_EQ(steps(transaction, {.now = kStart}, Step::kWait),
            "flush store compose start commit persist commit acknowledge release wait");
}

TEST(Transaction, PersistsBeforeTheFirstRowWhereTheRuntimeHoldsTheCheckpoint) {
  Transaction transaction = settled({.runtime_holds_checkpoint = true});
  transaction.read(1, kStart);
  EXPECT_EQ(steps(transaction, {.now = kStart}, Step::kWait),
            "flush persist store compose start commit persist commit acknowledge release wait");
}

TEST(Transaction, NoRowIsStoredWhileAnInlineRequestIsOwed) {
  Transaction transaction = settled({});
  transaction.read(1, kStart);
  EXPECT_EQ(steps(transaction, {.now = kStart, .inline_owed = true}, Step::kStore), "flush wait");
  EXPECT_EQ(transaction.head(), HeadState::kInline);
  EXPECT_EQ(steps(transaction, {.now = kStart}, Step::kStore), "store");
}

TEST(Transaction, ClosesAtOnceWhenCaughtUpAndGrowsUnderBacklog) {
  Transaction transaction = settled({});
  transaction.read(1, kStart);
  EXPECT_EQ(transaction.next({.now = kStart, .documents_waiting = true}).step, Step::kRead);
  EXPECT_EQ(transaction.next({.now = kStart, .documents_waiting = false}).step, Step::kFlush);
}

TEST(Transaction, WaitsForItsMinimumDuration) {
  Transaction transaction = settled({.min_duration = milliseconds(100)});
  transaction.read(1, kStart);
  const Next next = transaction.next({.now = kStart + milliseconds(40)});
  EXPECT_EQ(next.step, Step::kWait);
  EXPECT_EQ(next.until, kStart + milliseconds(100));
  EXPECT_EQ(transaction.next({.now = kStart + milliseconds(100)}).step, Step::kFlush);
}

TEST(Transaction, ClosesWhenFullOrOldButOnlyAtABoundary) {
  struct Case {
    const char* what;
    View view;
    Step expected;
  };
  const milliseconds old(1000);
  const Case cases[] = {
      {"young and small", {.now = kStart, .documents_waiting = true}, Step::kRead},
      {"old", {.now = kStart + old, .documents_waiting = true}, Step::kFlush},
      {"full", {.now = kStart, .documents_waiting = true, .bytes_combined = 100}, Step::kFlush},
      {"full inside a run",
       {.now = kStart, .documents_waiting = true, .at_boundary = false, .bytes_combined = 100},
       Step::kRead},
      {"stopping", {.now = kStart, .documents_waiting = true, .stopping = true}, Step::kFlush},
      {"stopping inside a run",
       {.now = kStart, .at_boundary = false, .stopping = true},
       Step::kRead},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    Transaction transaction = settled({.max_duration = old, .bytes_max = 100});
    transaction.read(1, kStart);
    EXPECT_EQ(transaction.next(c.view).step, c.expected);
  }
}

TEST(Transaction, StopsOnlyWithNothingOpen) {
  Transaction transaction = settled({});
  transaction.read(3, kStart);
  EXPECT_EQ(steps(transaction, {.now = kStart, .stopping = true}, Step::kStopped),
            "flush store compose start commit persist commit acknowledge release stopped");
}

TEST(Transaction, AnEmptyOneCommitsWhenTheLedgerWantsIt) {
  Transaction transaction = settled({});
  EXPECT_EQ(steps(transaction, {.now = kStart, .empty_commit_wanted = true}, Step::kAcknowledge),
            "flush store compose start commit persist commit acknowledge");
}

TEST(Transaction, ReadsBesideTheTailButFlushesOnlyAfterIt) {
  Transaction transaction = settled({});
  transaction.read(1, kStart);
  EXPECT_EQ(steps(transaction, {.now = kStart}, Step::kAcknowledge),
            "flush store compose start commit persist commit acknowledge");
  transaction.read(1, kStart);  // of the next one, while the tail is at work
  EXPECT_EQ(transaction.next({.now = kStart}).step, Step::kAcknowledge);
  transaction.done(Step::kAcknowledge);
  EXPECT_EQ(transaction.next({.now = kStart}).step, Step::kRelease);
  transaction.done(Step::kRelease);
  EXPECT_EQ(transaction.next({.now = kStart}).step, Step::kFlush);
}

}  // namespace
}  // namespace weir::runtime
