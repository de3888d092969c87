// One test for each rule of the protocol that these books keep, under the name that the protocol
// gives it.
#include "delivery/ledger.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weir::delivery {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Timestamp at(std::int64_t s) {
  return Timestamp(seconds(1'795'366'800 + s));
}
const Timestamp kNow = at(0);
std::string session(int k) {
  return fmt::format("{:032x}", k);
}
TableRef table(const std::string& name) {
  return {.state_key = name, .path = {name}, .collection = "acme/" + name};
}

TriggerTerms terms(const std::string& identity) {
  TriggerTerms out;
  out.identity = identity;
  out.label = identity;
  out.words = "1";
  return out;
}

// "(0,1] (1,3]parked open (3,4]due"
std::string show(const Ledger& ledger, const std::string& identity) {
  const auto found = ledger.owed().find(identity);
  if (found == ledger.owed().end()) return "nothing";
  std::string out = found->second.orphaned ? "orphaned " : "";
  for (const Window& w : found->second.cut) {
    out += fmt::format("({},{}]{} ", w.after, w.through, w.parked ? "parked" : "");
  }
  if (const auto& open = found->second.open) {
    out += fmt::format("open ({},{}]{} ", open->after, open->through, open->due ? "due" : "");
  }
  if (!out.empty()) out.pop_back();
  return out.empty() ? "nothing" : out;
}

std::string show(const std::vector<Ready>& ready) {
  std::string out;
  for (const Ready& r : ready) {
    out += fmt::format("{}{} ({},{}]{}", out.empty() ? "" : " ", r.key.trigger, r.key.after,
                       r.key.through, r.redelivery ? " again" : "");
  }
  return out;
}

// A task's books with what survives a session: the committed entry and the marks.
class Books {
 public:
  explicit Books(std::vector<TriggerTerms> triggers) : triggers_(std::move(triggers)) { open(); }

  Status open() {
    ++sessions_;
    auto recovered = Ledger::recover(entry_, triggers_, known_);
    if (!recovered) return tl::unexpected(recovered.error());
    ledger_ = std::make_unique<Ledger>(*std::move(recovered));
    return {};
  }
  Status open(std::vector<TriggerTerms> triggers) {
    triggers_ = std::move(triggers);
    return open();
  }

  void compose(bool touched = true) {
    TransactionFacts facts;
    facts.run_id = facts.started = facts.ended = kNow;
    if (touched) facts.tables = {{.table = 0, .documents = 1, .stored = 1}};
    const auto entry = ledger_->compose(session(sessions_), facts, {}, {table("orders")});
    ASSERT_TRUE(entry.has_value());
    // What is committed went through its bytes.
    const auto bytes = encode(*entry);
    ASSERT_TRUE(bytes.has_value());
    const auto decoded = decode_entry(*bytes);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    ASSERT_EQ(*decoded, *entry);
    composed_ = *entry;
  }
  void commit() {
    entry_ = composed_;
    ledger_->release();
  }
  void transact(bool touched = true) {
    compose(touched);
    commit();
  }
  // The commit took effect, and nobody heard of it.
  void commit_unheard() { entry_ = composed_; }

  std::string start(Timestamp now = kNow) { return show(ledger_->take_ready(now)); }
  void deliver(const std::string& trigger, std::uint64_t after, std::uint64_t through,
               Timestamp now = kNow) {
    known_.marks.push_back(ledger_->delivered({trigger, after, through}, now));
  }
  void discard(const std::string& trigger, std::uint64_t after, std::uint64_t through) {
    known_.marks.push_back(ledger_->discarded({trigger, after, through}, kNow));
  }
  // Unsynced, hence lost with a crash.
  void lose_marks() { known_.marks.clear(); }

  Ledger& operator*() { return *ledger_; }
  Ledger* operator->() { return ledger_.get(); }
  Entry entry_;
  Known known_;

 private:
  std::vector<TriggerTerms> triggers_;
  std::unique_ptr<Ledger> ledger_;
  Entry composed_;
  int sessions_ = 0;
};

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

// An entry with kCutMax requests, and a window behind them.
void fill(Books& books) {
  for (std::size_t i = 0; i < kCutMax; ++i) {
    books.transact();
    ASSERT_TRUE(books.open().has_value());
  }
  books.transact();
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
