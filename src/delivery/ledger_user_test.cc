// Timers, the user's words, tables, marks: what the model of the protocol leaves to these tests.
#include "delivery/ledger_fixture.h"

namespace weir::delivery {
namespace {

using namespace ledger_fixture;

TriggerTerms every_five_minutes() {
  TriggerTerms out = terms("a");
  out.interval = minutes(5);
  return out;
}

TEST(Ledger, IntervalCountsFromTheLastDelivery) {
  Books books({every_five_minutes()});
  books.transact();
  EXPECT_EQ(books.start(), "a (0,1]");
  books.deliver("a", 0, 1, at(10));
  books.transact();
  EXPECT_EQ(books.start(at(11)), "");
  EXPECT_EQ(books->next_wake(at(11)), at(310));
  EXPECT_FALSE(books->inline_owed(at(11)));
  books.transact();
  EXPECT_EQ(books.start(at(310)), "a (1,3]");
}

TEST(Ledger, IntervalOutlivesARestart) {
  Books books({every_five_minutes()});
  books.transact();
  books.start();
  books.deliver("a", 0, 1, at(10));
  books.transact();
  ASSERT_TRUE(books.open().has_value());
  // Only the range is fixed; the first attempt waits for the timer.
  EXPECT_EQ(show(*books, "a"), "(1,2]");
  EXPECT_EQ(books.start(at(20)), "");
  EXPECT_FALSE(books->inline_owed(at(20)));
  EXPECT_EQ(books->next_wake(at(20)), at(310));
  EXPECT_TRUE(books->inline_owed(at(310)));
  EXPECT_EQ(books.start(at(310)), "a (1,2]");
}

TEST(Ledger, AClockSetBackHoldsNothingForLongerThanAnInterval) {
  Books books({every_five_minutes()});
  books.transact();
  books.start(at(0));
  books.deliver("a", 0, 1, at(100'000));
  books.transact();
  EXPECT_EQ(books.start(at(0)), "");
  EXPECT_EQ(books->next_wake(at(0)), at(300));
  EXPECT_EQ(books.start(at(300)), "a (1,2]");
}

TEST(Ledger, InlineOwed) {
  TriggerTerms background = terms("b");
  background.inline_delivery = false;
  Books books({terms("a"), background});
  EXPECT_FALSE(books->inline_owed(kNow));
  books.transact();
  EXPECT_TRUE(books->inline_owed(kNow));
  EXPECT_EQ(books.start(), "a (0,1] b (0,1]");
  EXPECT_TRUE(books->inline_owed(kNow));
  books.deliver("a", 0, 1);
  EXPECT_FALSE(books->inline_owed(kNow));
  books.transact();
  books.start();
  books->parked({"a", 1, 2});
  EXPECT_FALSE(books->inline_owed(kNow));
}

TEST(Ledger, DiscardIsPendingUntilCommittedWithout) {
  Books books({terms("a")});
  books.transact();
  books.start();
  books->parked({"a", 0, 1});
  books.transact();
  ASSERT_TRUE(books->can_discard({"a", 0, 1}).has_value());
  books.discard("a", 0, 1);
  EXPECT_EQ(show(*books, "a"), "open (1,2]due");
  EXPECT_TRUE(books->discard_pending({"a", 0, 1}));
  EXPECT_TRUE(books->wants_empty_commit());
  // Pending still, should the process die now.
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(show(*books, "a"), "(1,2]");
  EXPECT_TRUE(books->discard_pending({"a", 0, 1}));
  books.transact(/*touched=*/false);
  EXPECT_FALSE(books->discard_pending({"a", 0, 1}));
  EXPECT_FALSE(books->wants_empty_commit());
}

TEST(Ledger, DiscardOfAnOpenWindowCutsIt) {
  Books books({terms("a")});
  books.transact();
  books.start();
  books->parked({"a", 0, 1});
  books.transact();
  books.compose();
  EXPECT_EQ(books->can_discard({"a", 1, 2}).error().code, Code::kUnavailable);
  books.commit();
  EXPECT_EQ(books->can_discard({"a", 1, 2}).error().code, Code::kNotFound);
  books.discard("a", 1, 3);
  EXPECT_EQ(show(*books, "a"), "(0,1]parked");
  books.transact();
  EXPECT_EQ(show(*books, "a"), "(0,1]parked open (3,4]due");
}

TEST(Ledger, DiscardInACommit) {
  Books books({terms("a")});
  books.transact();
  books.start();
  books->parked({"a", 0, 1});
  books.compose();
  books.discard("a", 0, 1);
  books.commit();
  EXPECT_EQ(show(*books, "a"), "open (1,2]due");
  EXPECT_TRUE(books->discard_pending({"a", 0, 1}));
}

TEST(Ledger, DiscardOfAFullTriggersWindowIsRefused) {
  Books books({terms("a")});
  fill(books);
  const Status refused = books->can_discard({"a", kCutMax, kCutMax + 1});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
}

TEST(Ledger, DiscardOfAnOrphan) {
  Books books({terms("a")});
  books.transact();
  ASSERT_TRUE(books.open({}).has_value());
  books.discard("a", 0, 1);
  EXPECT_TRUE(books->wants_empty_commit());
  books.transact(/*touched=*/false);
  EXPECT_EQ(books.entry_.triggers.count("a"), 0u);
  EXPECT_FALSE(books->anything_owed());
}

TEST(Ledger, RedeliverOutranksMarks) {
  Books books({terms("a")});
  books.transact();
  books.start();
  const Window facts = books->owed().at("a").cut[0];
  books.deliver("a", 0, 1);
  EXPECT_EQ(books->redeliver({"a", 0, 1}, std::nullopt).error().code, Code::kNotFound);
  ASSERT_TRUE(books->redeliver({"a", 0, 1}, facts).has_value());
  EXPECT_TRUE(books->anything_owed());
  EXPECT_EQ(books.start(), "a (0,1] again");
  books.deliver("a", 0, 1);
  EXPECT_FALSE(books->anything_owed());
}

TEST(Ledger, RedeliveryThatIsAbortedWaitsAgain) {
  Books books({terms("a")});
  books.transact();
  books.start();
  const Window facts = books->owed().at("a").cut[0];
  books.deliver("a", 0, 1);
  ASSERT_TRUE(books->redeliver({"a", 0, 1}, facts).has_value());
  books.start();
  books->aborted({"a", 0, 1});
  EXPECT_EQ(books.start(), "a (0,1] again");
  books->parked({"a", 0, 1});  // nothing to park: it is owed no more
  EXPECT_EQ(books.start(), "");
}

TEST(Ledger, RedeliverKnowsItsTrigger) {
  Books books({terms("a")});
  books.transact();
  ASSERT_TRUE(books.open({}).has_value());
  const Status refused = books->redeliver({"a", 0, 1}, std::nullopt);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::kInvalid);
}

TEST(Ledger, AdoptedFactsFindTheirTables) {
  Books books({terms("a")});
  books.transact();
  Window facts{.after = 0, .through = 1, .session = session(9), .due = true};
  facts.tables = {{.table = 0, .documents = 2}, {.table = 1, .documents = 3}};
  const Window adopted = books->adopt(facts, {table("gone"), table("orders")});
  ASSERT_EQ(adopted.tables.size(), 2u);
  const std::vector<TableRef>& tables = books->committed().tables;
  EXPECT_EQ(tables[adopted.tables[0].table], table("orders"));
  EXPECT_EQ(adopted.tables[0].documents, 3u);
  EXPECT_EQ(tables[adopted.tables[1].table], table("gone"));
  books.transact();
  EXPECT_EQ(books->committed().tables[adopted.tables[1].table], table("gone"));
}

TEST(Ledger, TablesOfBindingsThatAreGoneStayWhileSomethingRefersToThem) {
  Books books({terms("a")});
  const auto touch = [&](const std::string& name) {
    TransactionFacts facts;
    facts.run_id = kNow;
    facts.tables = {{.table = 1, .documents = 1, .stored = 1}};
    const auto entry = books->compose(session(1), facts, {}, {table("unused"), table(name)});
    ASSERT_TRUE(entry.has_value());
    books.entry_ = *entry;
    books->release();
  };
  touch("old");
  touch("new");
  const Owed& owed = books->owed().at("a");
  std::set<std::string> names;
  for (const TableFacts& facts : owed.open->tables) {
    names.insert(books->committed().tables[facts.table].state_key);
  }
  EXPECT_EQ(names, (std::set<std::string>{"new", "old"}));
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(books->committed().tables.size(), 2u);
}

TEST(Ledger, RunIdRisesStrictly) {
  Books books({terms("a")});
  books.transact();
  const Timestamp first = books.entry_.last_run_id;
  books.transact();  // at the very same time
  EXPECT_EQ(books.entry_.last_run_id, first + std::chrono::microseconds(1));
}

TEST(Ledger, MarksArePrunedTwoCommitsAfterTheirRangeLeftTheEntry) {
  Books books({terms("a")});
  for (std::uint64_t i = 0; i < 2; ++i) {
    books.transact();
    books.start();
    books.deliver("a", i, i + 1, at(static_cast<std::int64_t>(i)));
  }
  // The entry of transaction 2 has (0,1] not, but (1,2] as its open window.
  std::string pruned;
  const auto prune = [&] {
    for (const Mark& mark : books->take_prunable()) {
      pruned += fmt::format("({},{}] at {} ", mark.after, mark.through, books->n());
    }
  };
  for (int i = 0; i < 6; ++i) {
    prune();
    books.transact(/*touched=*/false);
  }
  prune();
  // The second is the newest of its trigger and stays.
  EXPECT_EQ(pruned, "(0,1] at 4 ");
}

TEST(Ledger, TheNewestDeliveryStaysBesideANewerDiscard) {
  Books books({every_five_minutes()});
  books.transact();
  books.start();
  books.deliver("a", 0, 1, at(-1000));
  books.transact();
  books.start();
  books->parked({"a", 1, 2});
  books.discard("a", 1, 2);
  for (int i = 0; i < 6; ++i) {
    books.transact(/*touched=*/false);
    EXPECT_TRUE(books->take_prunable().empty());
  }
}

TEST(Ledger, OneInFlightPerTrigger) {
  Books books({terms("a")});
  books.transact();
  ASSERT_TRUE(books.open().has_value());
  books.transact();
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(show(*books, "a"), "(0,1] (1,2]");
  EXPECT_EQ(books.start(), "a (0,1]");
  EXPECT_EQ(books.start(), "");
  books->aborted({"a", 0, 1});
  EXPECT_EQ(books.start(), "a (0,1]");
  books.deliver("a", 0, 1);
  EXPECT_EQ(books.start(), "a (1,2]");
}

}  // namespace
}  // namespace weir::delivery
