#include "delivery/records.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "delivery/history.h"
#include "delivery/identity.h"
#include "delivery/take_over.h"
#include "store/keys.h"
#include "testing/fake_store.h"

namespace weir::delivery {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
const std::string kSession = "00112233445566778899aabbccddeeff";
const Timestamp kNow{seconds(1'795'366'800)};
const RequestKey kKey{"aaaa", 3, 5};

Mark mark() {
  return {.trigger = "aaaa",
          .after = 3,
          .through = 5,
          .tid = {kSession, 5},
          .at = kNow,
          .discarded = true};
}

Facts facts() {
  Window window{.after = 3, .through = 5, .session = kSession, .due = true};
  window.run_id = window.started = window.ended = kNow;
  window.tables = {{.table = 1, .documents = 2, .stored = 1},
                   {.table = 2, .documents = 4, .stored = 3, .inserted = 3}};
  return facts_of("ci", window,
                  {{.state_key = "unused", .path = {}, .collection = ""},
                   {.state_key = "x", .path = {"x"}, .collection = "c/x"},
                   {.state_key = "y", .path = {"s", "y"}, .collection = "c/y"}});
}

HistoryRecord attempt(std::uint32_t number, Event::Kind outcome, Timestamp at = kNow) {
  HistoryRecord out;
  out.key = kKey;
  out.label = "ci";
  out.request_id = "wr_x";
  out.revision = "abcdefgh";
  out.outcome = outcome;
  out.attempt = {.attempt = number, .at = at, .status = 500, .error = "", .response = "say \"no\""};
  out.attempt.took = milliseconds(12);
  out.attempt.bytes = 8;
  out.attempt.first_byte = std::chrono::microseconds(900);
  if (outcome == Event::Kind::kAttempt) out.attempt.next_at = at + seconds(1);
  out.reason = outcome == Event::Kind::kAttempt ? "" : "ci: gave up";
  return out;
}

TEST(Records, GoldenBytes) {
  constexpr const char* kGolden = "tests/golden/records/v1.txt";
  const std::string actual =
      encode(mark()) + "\n" + encode(facts()) + "\n" +
      encode(UserRecord{.key = kKey, .request_id = "wr_x", .at = kNow, .facts = facts()}) + "\n" +
      encode(UserRecord{.key = kKey, .request_id = "wr_x", .at = kNow}) + "\n" +
      encode(attempt(1, Event::Kind::kAttempt)) + "\n" +
      encode(attempt(2, Event::Kind::kExhausted)) + "\n";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(kGolden, std::ios::binary) << actual;
    ADD_FAILURE() << "rewrote " << kGolden << "; run again without UPDATE_GOLDEN";
    return;
  }
  std::ifstream in(kGolden, std::ios::binary);
  EXPECT_EQ(actual, std::string(std::istreambuf_iterator<char>(in), {}));
}

TEST(Records, ReadBack) {
  EXPECT_EQ(decode_mark(encode(mark())).value_or(Mark{}), mark());
  EXPECT_EQ(decode_facts(encode(facts())).value_or(Facts{}), facts());
  for (const UserRecord& record :
       {UserRecord{.key = kKey, .request_id = "wr_x", .at = kNow, .facts = facts()},
        UserRecord{.key = kKey, .request_id = "wr_x", .at = kNow}}) {
    EXPECT_EQ(decode_user_record(encode(record)).value_or(UserRecord{}), record);
  }
  for (const Event::Kind kind :
       {Event::Kind::kAttempt, Event::Kind::kDelivered, Event::Kind::kPermanent,
        Event::Kind::kExhausted, Event::Kind::kCancelled}) {
    EXPECT_EQ(decode_history_record(encode(attempt(1, kind))).value_or(HistoryRecord{}),
              attempt(1, kind));
  }
}

TEST(Records, FactsStandOnTheirOwn) {
  const Facts own = facts();
  ASSERT_EQ(own.tables.size(), 2u);
  EXPECT_EQ(own.tables[own.window.tables[0].table].state_key, "x");
  EXPECT_EQ(own.tables[own.window.tables[1].table].state_key, "y");
}

TEST(Records, ANewerVersionIsRefusedAndGarbageIsCorrupt) {
  std::string newer = encode(mark());
  newer.replace(newer.find("\"version\":1"), 11, "\"version\":2");
  EXPECT_EQ(decode_mark(newer).error().code, Code::kRefused);
  for (const std::string& text :
       {std::string("{}"), std::string("[]"), std::string(""), std::string(R"({"version":1})"),
        std::string(R"({"version":0})"), encode(mark()).substr(0, 40)}) {
    EXPECT_EQ(decode_mark(text).error().code, Code::kCorrupt) << text;
    EXPECT_EQ(decode_facts(text).error().code, Code::kCorrupt) << text;
    EXPECT_EQ(decode_user_record(text).error().code, Code::kCorrupt) << text;
    EXPECT_EQ(decode_history_record(text).error().code, Code::kCorrupt) << text;
  }
}

TEST(Records, InTheStore) {
  testing::FakeDisk disk;
  auto store = *disk.open();
  store::Batch batch;
  Mark again = mark();  // the same range, done again by another session: a mark of its own
  again.tid.session[0] = 'f';
  put_mark(batch, mark());
  put_mark(batch, again);
  put_redelivery(batch, {.key = kKey, .request_id = "wr_x", .at = kNow, .facts = facts()});
  put_discard(batch, {.key = kKey, .request_id = "wr_x", .at = kNow});
  batch.put(store::parked_words_key("aaaa"), "words");
  ASSERT_TRUE(store->write(batch, store::Sync::kYes).has_value());
  EXPECT_EQ(read_marks(*store).value_or(std::vector<Mark>{}), (std::vector<Mark>{mark(), again}));
  ASSERT_EQ(read_redeliveries(*store)->size(), 1u);
  EXPECT_EQ(read_redeliveries(*store)->at(0).facts, facts());
  EXPECT_EQ(read_discards(*store)->at(0).facts, std::nullopt);
  EXPECT_EQ(read_parked_words(*store)->at("aaaa"), "words");
  store::Batch away;
  erase_mark(away, again);
  erase_redelivery(away, kKey);
  erase_discard(away, kKey);
  ASSERT_TRUE(store->write(away, store::Sync::kYes).has_value());
  EXPECT_EQ(read_marks(*store)->size(), 1u);
  EXPECT_TRUE(read_redeliveries(*store)->empty());
  EXPECT_TRUE(read_discards(*store)->empty());
}

class HistoryTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = *disk_.open(); }
  History load(HistoryBounds bounds = {}) { return *History::load(*store_, bounds); }
  void add(History& history, const HistoryRecord& record, Facts with = facts()) {
    store::Batch batch;
    history.add(record, with, record.attempt.at, batch);
    ASSERT_TRUE(store_->write(batch, store::Sync::kNo).has_value());
  }
  testing::FakeDisk disk_;
  std::unique_ptr<store::Store> store_;
};

TEST_F(HistoryTest, KeepsAttemptsAndFacts) {
  History history = load();
  add(history, attempt(1, Event::Kind::kAttempt));
  add(history, attempt(2, Event::Kind::kDelivered, kNow + seconds(1)));
  const auto records = read_history(*store_);
  ASSERT_EQ(records->size(), 2u);
  EXPECT_EQ(records->at(0), attempt(1, Event::Kind::kAttempt));
  EXPECT_EQ(read_facts(*store_, "wr_x").value_or(std::nullopt), facts());
  EXPECT_EQ(read_facts(*store_, "wr_y").value_or(facts()), std::nullopt);
  EXPECT_EQ(load().records(), 2u);
  EXPECT_EQ(load().bytes(), history.bytes());
}

TEST_F(HistoryTest, BoundedByNumber) {
  History history = load({.records = 3});
  for (std::uint32_t i = 1; i <= 5; ++i)
    add(history, attempt(i, Event::Kind::kAttempt, kNow + seconds(i)));
  const auto records = read_history(*store_);
  ASSERT_EQ(records->size(), 3u);
  EXPECT_EQ(records->at(0).attempt.attempt, 3u);
  EXPECT_NE(read_facts(*store_, "wr_x").value_or(std::nullopt), std::nullopt);
}

TEST_F(HistoryTest, BoundedByAge) {
  History history = load();
  add(history, attempt(1, Event::Kind::kDelivered));
  store::Batch batch;
  history.prune(kNow + hours(24 * 30), batch);
  EXPECT_TRUE(batch.empty());
  history.prune(kNow + hours(24 * 30) + seconds(1), batch);
  ASSERT_TRUE(store_->write(batch, store::Sync::kNo).has_value());
  EXPECT_TRUE(read_history(*store_)->empty());
  EXPECT_EQ(read_facts(*store_, "wr_x").value_or(facts()), std::nullopt);  // with the last attempt
  EXPECT_EQ(history.bytes(), 0u);
}

TEST_F(HistoryTest, BoundedByBytes) {
  History history = load({.bytes = 4000});
  for (std::uint32_t i = 1; i <= 50; ++i)
    add(history, attempt(i, Event::Kind::kAttempt, kNow + seconds(i)));
  EXPECT_LE(history.bytes(), 4000u);
  EXPECT_GT(history.records(), 3u);
  EXPECT_EQ(load().bytes(), history.bytes());
}

TEST_F(HistoryTest, FactsOfARangeThatWasDoneAgainStandBesideTheOldOnes) {
  History history = load();
  add(history, attempt(1, Event::Kind::kDelivered));
  Facts again = facts();
  again.window.session[0] = 'f';
  History later = load();
  HistoryRecord other = attempt(1, Event::Kind::kDelivered, kNow + seconds(9));
  other.request_id = "wr_y";
  add(later, other, again);
  EXPECT_EQ(read_facts(*store_, "wr_x").value_or(std::nullopt), facts());
  EXPECT_EQ(read_facts(*store_, "wr_y").value_or(std::nullopt), again);
  EXPECT_EQ(load().bytes(), later.bytes());
  store::Batch batch;
  later.prune(kNow + hours(24 * 30) + seconds(1), batch);
  ASSERT_TRUE(store_->write(batch, store::Sync::kNo).has_value());
  EXPECT_EQ(read_facts(*store_, "wr_x").value_or(facts()), std::nullopt);
  EXPECT_EQ(read_facts(*store_, "wr_y").value_or(std::nullopt), again);
}

TEST_F(HistoryTest, WhatCannotBeReadIsDropped) {
  store::Batch batch;
  batch.put(store::history_key(kNow, 1), "garbage");
  ASSERT_TRUE(store_->write(batch, store::Sync::kNo).has_value());
  History history = load();
  EXPECT_EQ(history.records(), 0u);
  EXPECT_TRUE(read_history(*store_)->empty());
  add(history, attempt(1, Event::Kind::kDelivered, kNow + seconds(1)));
  EXPECT_EQ(store_->scan(store::kHistory, 10)->size(), 1u);
}

// ---- what Estuary's runtime left ----

std::vector<TriggerTerms> two_triggers() {
  TriggerTerms a, b;
  a.identity = trigger_identity_unnamed("POST", "https://a.test/hook", 1);
  a.label = "POST https://a.test";
  b.identity = trigger_identity_named("b");
  b.former_identity = trigger_identity_unnamed("PUT", "https://b.test/", 1);
  b.label = "b";
  return {a, b};
}
constexpr std::string_view kVariables =
    R"({"collection_names":["acme/y","acme/x","acme/x"],"connector_image":"img","materialization_name":"m",)"
    R"("flow_published_at_min":"2026-11-22T17:00:00.123456708Z","flow_published_at_max":"",)"
    R"("run_id":"2026-11-22T17:03:04.5Z"})";

TEST(TakeOver, EachTriggerOwesOneRequest) {
  const std::vector<TableRef> tables = {
      {.state_key = "x.v1", .path = {"public", "x"}, .collection = "acme/x"}};
  const auto entry = take_over_trigger_params(kVariables, two_triggers(), tables);
  ASSERT_TRUE(entry.has_value()) << entry.error().message;
  EXPECT_EQ(entry->n, 1u);
  EXPECT_EQ(entry->session.size(), 32u);
  ASSERT_EQ(entry->triggers.size(), 2u);
  const Owed& owed = entry->triggers.begin()->second;
  ASSERT_EQ(owed.cut.size(), 1u);
  const Window& window = owed.cut[0];
  EXPECT_EQ(window.after, 0u);
  EXPECT_EQ(window.through, 1u);
  EXPECT_EQ(window.session, entry->session);
  EXPECT_EQ(format_timestamp(window.run_id), "2026-11-22T17:03:04.500000Z");
  EXPECT_EQ(window.clock_max, 0u);
  // The clock: 100 ns ticks, and the counter from the 8 ns that are left.
  const std::uint64_t micros = 1'795'366'800'123'456;
  EXPECT_EQ(window.clock_min, ((122'192'928'000'000'000 + micros * 10 + 7) << 4) + 2);
  std::set<std::string> paths;
  for (const TableFacts& facts : window.tables) {
    const TableRef& ref = entry->tables[facts.table];
    paths.insert(fmt::format("{} {}", ref.path.back(), ref.collection));
  }
  EXPECT_EQ(paths, (std::set<std::string>{"x acme/x", "y acme/y"}));
  // It survives its own bytes, and a ledger delivers it.
  EXPECT_EQ(decode_entry(*encode(*entry)).value_or(Entry{}), *entry);
  auto ledger = Ledger::recover(*entry, two_triggers(), {});
  ASSERT_TRUE(ledger.has_value());
  EXPECT_EQ(ledger->take_ready(kNow).size(), 2u);
}

TEST(TakeOver, TheSameBytesGiveTheSameSession) {
  const auto once = take_over_trigger_params(kVariables, two_triggers());
  const auto again = take_over_trigger_params(kVariables, two_triggers());
  EXPECT_EQ(*once, *again);
  const auto other = take_over_trigger_params(std::string(kVariables) + " ", two_triggers());
  EXPECT_NE(once->session, other->session);
}

TEST(TakeOver, ASetForEachAddress) {
  const std::string map = fmt::format(
      R"({{"POST https://a.test/hook":{},"PATCH https://gone.test":{}}})", kVariables, kVariables);
  const auto entry = take_over_trigger_params(map, two_triggers());
  ASSERT_TRUE(entry.has_value());
  ASSERT_EQ(entry->triggers.size(), 1u);
  EXPECT_EQ(entry->triggers.begin()->first, two_triggers()[0].identity);
  // By its former name.
  const auto named = take_over_trigger_params(
      fmt::format(R"({{"PUT https://b.test/":{}}})", kVariables), two_triggers());
  ASSERT_EQ(named->triggers.size(), 1u);
  EXPECT_EQ(named->triggers.begin()->second.label, "b");
}

TEST(TakeOver, WhatIsNotThat) {
  for (
      const std::string_view text :
      {"", "[]", "{", R"({"collection_names":["a"]})", R"({"collection_names":[1],"run_id":"x"})",
       R"({"collection_names":["a"],"run_id":"yesterday"})",
       R"({"collection_names":["a"],"run_id":"2026-11-22T17:03:04Z","flow_published_at_min":"x"})"}) {
    EXPECT_EQ(take_over_trigger_params(text, two_triggers()).error().code, Code::kCorrupt) << text;
  }
  EXPECT_TRUE(take_over_trigger_params("{}", two_triggers())->triggers.empty());
}

}  // namespace
}  // namespace weir::delivery
