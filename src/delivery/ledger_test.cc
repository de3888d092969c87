// One test for each rule of the protocol that these books keep, under the name that the protocol
// gives it.
#include "delivery/ledger_fixture.h"

namespace weir::delivery {
namespace {

using namespace ledger_fixture;

TEST(Ledger, ReleaseOnAck) {
  Books books({terms("a")});
  books.compose();
  EXPECT_EQ(books.start(), "");
  books.commit();
  EXPECT_EQ(books.start(), "a (0,1]");
}

TEST(Ledger, NoCutInCommit) {
  Books books({terms("a")});
  books.transact();
  books.compose();
  // (0,1] is part of what is being committed as (0,2]: it must not be sent alone.
  EXPECT_EQ(books.start(), "");
  EXPECT_EQ(books->next_wake(kNow), std::nullopt);
  books.commit();
  EXPECT_EQ(books.start(), "a (0,2]");
}

TEST(Ledger, DeliveriesGoOnInACommit) {
  Books books({terms("a")});
  books.transact();
  EXPECT_EQ(books.start(), "a (0,1]");
  books.compose();
  books.deliver("a", 0, 1);
  books.commit();
  EXPECT_EQ(show(*books, "a"), "open (1,2]due");
  // The entry still has it; a mark says that it is done.
  EXPECT_EQ(books.entry_.triggers.at("a").cut.size(), 1u);
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(show(*books, "a"), "(1,2]");
}

TEST(Ledger, ParkingGoesOnInACommit) {
  Books books({terms("a")});
  books.transact();
  books.start();
  books.compose();
  books->parked({"a", 0, 1});
  books.commit();
  EXPECT_EQ(show(*books, "a"), "(0,1]parked open (1,2]due");
}

TEST(Ledger, CarryAll) {
  Books books({terms("a")});
  books.transact();
  books.start();  // (0,1] is in flight
  for (int i = 0; i < 3; ++i) books.transact();
  EXPECT_EQ(books.entry_.triggers.at("a").cut.size(), 1u);
  books.lose_marks();
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(show(*books, "a"), "(0,1] (1,4]");
}

TEST(Ledger, CutOnOpen) {
  Books books({terms("a")});
  books.transact();
  books.transact();
  EXPECT_EQ(show(*books, "a"), "open (0,2]due");
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(show(*books, "a"), "(0,2]");
  books.transact();
  EXPECT_EQ(show(*books, "a"), "(0,2] open (2,3]due");
}

TEST(Ledger, CutOnOpenOfADisabledTrigger) {
  TriggerTerms off = terms("a");
  Books books({off});
  books.transact();
  off.enabled = false;
  ASSERT_TRUE(books.open({off}).has_value());
  EXPECT_EQ(show(*books, "a"), "(0,1]");
  books.transact();
  books.transact();
  EXPECT_EQ(books.start(), "");
  EXPECT_EQ(show(*books, "a"), "(0,1] open (1,3]due");
  off.enabled = true;
  ASSERT_TRUE(books.open({off}).has_value());
  EXPECT_EQ(books.start(), "a (0,1]");
}

TEST(Ledger, NothingDueIsNotCutOnOpen) {
  Books books({terms("a")});
  books.transact(/*touched=*/false);
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(show(*books, "a"), "open (0,1]");
  books.transact();
  EXPECT_EQ(books.start(), "a (0,2]");
}

TEST(Ledger, NoCutWhenFull) {
  Books books({terms("a")});
  fill(books);
  EXPECT_EQ(books.entry_.triggers.at("a").cut.size(), kCutMax);
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(show(*books, "a"), "(0,1] (1,2] (2,3] (3,4] (4,5] (5,6] (6,7] (7,8] open (8,9]due");
  // All delivered: the next session could not know, so the window is not cut before a shorter entry
  // is committed.
  for (std::uint64_t i = 0; i < kCutMax; ++i) {
    EXPECT_EQ(books.start(), fmt::format("a ({},{}]", i, i + 1));
    EXPECT_FALSE(books->wants_empty_commit());
    books.deliver("a", i, i + 1);
  }
  EXPECT_EQ(books.start(), "");
  EXPECT_TRUE(books->wants_empty_commit());
  books.compose(/*touched=*/false);
  EXPECT_FALSE(books->wants_empty_commit());
  books.commit();
  EXPECT_FALSE(books->wants_empty_commit());
  EXPECT_EQ(books.start(), "a (8,10]");
}

TEST(Ledger, FullAgainAfterRestartsOwesNineRecordsAtMost) {
  Books books({terms("a")});
  for (int i = 0; i < 40; ++i) {
    books.transact();
    ASSERT_TRUE(books.open().has_value());
    const Owed& owed = books->owed().at("a");
    ASSERT_LE(owed.cut.size() + (owed.open ? 1 : 0), kCutMax + 1);
  }
}

TEST(Ledger, WithoutRestartsOwesTwoRecordsAtMost) {
  Books books({terms("a")});
  for (int i = 0; i < 20; ++i) {
    books.transact();
    books.start();
    const Owed& owed = books->owed().at("a");
    ASSERT_LE(owed.cut.size() + (owed.open ? 1 : 0), 2u);
  }
}

TEST(Ledger, HoldWhenParked) {
  Books books({terms("a")});
  books.transact();
  EXPECT_EQ(books.start(), "a (0,1]");
  books->parked({"a", 0, 1});
  books.transact();
  books.transact();
  EXPECT_EQ(books.start(), "");
  EXPECT_EQ(show(*books, "a"), "(0,1]parked open (1,3]due");
  ASSERT_TRUE(books->redeliver({"a", 0, 1}, std::nullopt).has_value());
  EXPECT_EQ(books.start(), "a (0,1]");
  books.deliver("a", 0, 1);
  EXPECT_EQ(books.start(), "a (1,3]");
}

TEST(Ledger, ParkSurvivesARestart) {
  Books books({terms("a")});
  books.transact();
  books.start();
  books->parked({"a", 0, 1});
  books.transact();
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(show(*books, "a"), "(0,1]parked (1,2]");
  EXPECT_EQ(books.start(), "a (1,2]");
}

TEST(Ledger, EditingTheTriggerEndsPark) {
  TriggerTerms trigger = terms("a");
  Books books({trigger});
  books.transact();
  books.start();
  books->parked({"a", 0, 1});
  books.transact();
  books.known_.words["a"] = trigger.words;
  ASSERT_TRUE(books.open({trigger}).has_value());
  EXPECT_EQ(show(*books, "a"), "(0,1]parked (1,2]");
  trigger.words = "2";
  ASSERT_TRUE(books.open({trigger}).has_value());
  EXPECT_EQ(show(*books, "a"), "(0,1] (1,2]");
}

TEST(Ledger, MarkPerTrigger) {
  Books books({terms("a"), terms("b")});
  books.transact();
  EXPECT_EQ(books.start(), "a (0,1] b (0,1]");
  books.deliver("a", 0, 1);
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(show(*books, "a"), "nothing");
  EXPECT_EQ(show(*books, "b"), "(0,1]");
}

TEST(Ledger, TidInMark) {
  Books books({terms("a")});
  const Entry before = books.entry_;
  books.transact();
  books.start();
  books.deliver("a", 0, 1);
  // The destination is put back; transaction 1 is done again, by another session.
  books.entry_ = before;
  ASSERT_TRUE(books.open().has_value());
  books.transact();
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(books.start(), "a (0,1]");
}

TEST(Ledger, DestinationDecides) {
  Books books({terms("a")});
  books.transact();
  books.compose();
  // The commit of 2 was rolled back: the next session starts from 1.
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(books->n(), 1u);
  EXPECT_EQ(show(*books, "a"), "(0,1]");
  // It took effect, and nobody heard.
  books.compose();
  books.commit_unheard();
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(books->n(), 2u);
  EXPECT_EQ(show(*books, "a"), "(0,1] (1,2]");
}

TEST(Ledger, DueAtCompose) {
  Books books({terms("a")});
  books.transact(/*touched=*/false);
  EXPECT_EQ(books.start(), "");
  EXPECT_FALSE(books->anything_owed());
  books.transact();
  EXPECT_TRUE(books->anything_owed());
  EXPECT_EQ(books.start(), "a (0,2]");
}

TEST(Ledger, KeepOrphans) {
  Books books({terms("a"), terms("b")});
  books.transact();
  ASSERT_TRUE(books.open({terms("b")}).has_value());
  EXPECT_EQ(show(*books, "a"), "orphaned (0,1]");
  EXPECT_EQ(books.start(), "b (0,1]");
  EXPECT_EQ(books->terms("a"), nullptr);
  books.deliver("b", 0, 1);
  books.transact();
  EXPECT_TRUE(books.entry_.triggers.at("a").orphaned);
  EXPECT_EQ(books.entry_.triggers.at("a").cut.size(), 1u);
  // Its own again when it returns; what was committed meanwhile is not its business.
  ASSERT_TRUE(books.open({terms("a"), terms("b")}).has_value());
  EXPECT_EQ(show(*books, "a"), "(0,1]");
  books.transact();
  EXPECT_EQ(show(*books, "a"), "(0,1] open (2,3]due");
}

TEST(Ledger, AnOrphanThatOwesNothingIsForgotten) {
  Books books({terms("a"), terms("b")});
  books.transact();
  books.start();
  books.deliver("a", 0, 1);
  ASSERT_TRUE(books.open({terms("b")}).has_value());
  EXPECT_EQ(show(*books, "a"), "nothing");
  books.transact();
  EXPECT_EQ(books.entry_.triggers.count("a"), 0u);
}

TEST(Ledger, OrphansAreBounded) {
  std::vector<TriggerTerms> many;
  for (std::size_t i = 0; i <= kOrphanedMax; ++i) many.push_back(terms(fmt::format("t{}", i)));
  Books books(many);
  books.transact();
  const Status refused = books.open({});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_NE(refused.error().message.find("redeliver"), std::string::npos);
  EXPECT_NE(refused.error().message.find("discard"), std::string::npos);
  EXPECT_TRUE(books.open({many.front()}).has_value());
}

TEST(Ledger, ANewTriggerStartsAtTheCurrentTransaction) {
  Books books({terms("a")});
  books.transact();
  books.transact();
  ASSERT_TRUE(books.open({terms("a"), terms("b")}).has_value());
  EXPECT_EQ(show(*books, "b"), "nothing");
  books.transact();
  EXPECT_EQ(show(*books, "b"), "open (2,3]due");
}

TriggerTerms named(const std::string& identity, const std::string& former) {
  TriggerTerms out = terms(identity);
  out.former_identity = former;
  return out;
}

TEST(Ledger, ATriggerThatGainsANameTakesOver) {
  Books books({terms("url")});
  books.transact();
  ASSERT_TRUE(books.open({named("ci", "url")}).has_value());
  // The window may have been sent: it keeps the identity, and the label that its body shows.
  EXPECT_EQ(show(*books, "url"), "(0,1]");
  EXPECT_EQ(books->terms("url")->identity, "ci");
  const std::vector<Ready> ready = books->take_ready(kNow);
  ASSERT_EQ(show(ready), "url (0,1]");
  EXPECT_EQ(ready[0].label, "url");
  EXPECT_TRUE(books->in_flight("ci"));
  EXPECT_TRUE(books->in_flight("url"));
  books.transact();
  EXPECT_EQ(books.start(), "");  // one at a time, whatever it is called
  books.deliver("url", 0, 1);
  EXPECT_EQ(books.start(), "ci (1,2]");
  books.transact();
  EXPECT_EQ(books.entry_.triggers.count("url"), 0u);
}

TEST(Ledger, ANameTakesOverAWindowThatIsNotDue) {
  Books books({terms("url")});
  books.transact(/*touched=*/false);
  ASSERT_TRUE(books.open({named("ci", "url")}).has_value());
  EXPECT_EQ(show(*books, "ci"), "open (0,1]");
  EXPECT_EQ(show(*books, "url"), "nothing");
  books.transact();
  EXPECT_EQ(books.start(), "ci (0,2]");
}

TEST(Ledger, ANameTakesNothingFromATriggerThatIsThere) {
  Books books({terms("url")});
  books.transact();
  ASSERT_TRUE(books.open({named("ci", "url"), terms("url")}).has_value());
  EXPECT_EQ(show(*books, "ci"), "nothing");
  EXPECT_EQ(books->terms("url")->identity, "url");
  EXPECT_EQ(books.start(), "url (0,1]");
}

TEST(Ledger, ANameTakesOverAcrossRestarts) {
  Books books({terms("url")});
  books.transact();
  const TriggerTerms ci = named("ci", "url");
  ASSERT_TRUE(books.open({ci}).has_value());
  books.transact();
  ASSERT_TRUE(books.open({ci}).has_value());
  EXPECT_EQ(show(*books, "url"), "(0,1]");
  EXPECT_EQ(show(*books, "ci"), "(1,2]");
  EXPECT_EQ(books.start(), "url (0,1]");
  books.deliver("url", 0, 1);
  EXPECT_EQ(books.start(), "ci (1,2]");
}

TriggerTerms unmerged() {
  TriggerTerms out = terms("a");
  out.merge_pending = false;
  return out;
}

TEST(Ledger, MergePendingFalseCutsEachTransaction) {
  Books books({unmerged()});
  books.transact();
  books.transact(/*touched=*/false);
  books.transact();
  EXPECT_EQ(show(*books, "a"), "(0,1] (1,3]");
  EXPECT_EQ(books.start(), "a (0,1]");
  EXPECT_EQ(books.start(), "");
  books.deliver("a", 0, 1);
  EXPECT_EQ(books.start(), "a (1,3]");
}

TEST(Ledger, MergePendingFalseMergesWhenTheEntryIsFull) {
  Books books({unmerged()});
  for (std::size_t i = 0; i < kCutMaxUnmerged; ++i) books.transact();
  EXPECT_EQ(books.entry_.triggers.at("a").cut.size(), kCutMaxUnmerged);
  books.transact();
  books.transact();
  EXPECT_EQ(books.entry_.triggers.at("a").cut.size(), kCutMaxUnmerged);
  EXPECT_EQ(books->owed().at("a").open->after, kCutMaxUnmerged);
  EXPECT_EQ(books->owed().at("a").open->through, kCutMaxUnmerged + 2);
  ASSERT_TRUE(books.open().has_value());
  EXPECT_EQ(books->owed().at("a").cut.size(), kCutMaxUnmerged);
  // One delivery makes room, once a commit has told so.
  books.start();
  books.deliver("a", 0, 1);
  books.transact();
  EXPECT_EQ(books->owed().at("a").cut.size(), kCutMaxUnmerged - 1);
  books.transact();
  EXPECT_EQ(books->owed().at("a").cut.size(), kCutMaxUnmerged);
  EXPECT_EQ(books->owed().at("a").cut.back().through, kCutMaxUnmerged + 4);
}

TEST(Ledger, MergePendingFalseMergesWhenTheEntryIsLarge) {
  Books books({unmerged()});
  std::vector<TableRef> tables;
  TransactionFacts facts;
  facts.run_id = kNow;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    tables.push_back(table(fmt::format("table{:0300}", i)));
    facts.tables.push_back({.table = i, .documents = 1, .stored = 1});
  }
  const auto entry = books->compose(session(1), facts, {}, tables);
  ASSERT_TRUE(entry.has_value());
  EXPECT_TRUE(entry->triggers.at("a").cut.empty());
  EXPECT_TRUE(entry->triggers.at("a").open.has_value());
}

}  // namespace
}  // namespace weir::delivery
