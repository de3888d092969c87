#include "delivery/window.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "delivery/identity.h"

namespace weir::delivery {
namespace {

constexpr const char* kGoldenEntry = "tests/golden/entry/v1.json";
const std::string kSession = "00112233445566778899aabbccddeeff";
const std::string kOther = "ffeeddccbbaa99887766554433221100";

Timestamp at(std::int64_t seconds) {
  return Timestamp(std::chrono::seconds(seconds));
}

Window window(std::uint64_t after, std::uint64_t through) {
  Window out{.after = after, .through = through, .session = kSession, .due = true};
  out.run_id = at(static_cast<std::int64_t>(after) * 10);
  out.started = out.run_id;
  out.ended = at(static_cast<std::int64_t>(through) * 10 + 5);
  return out;
}

// One of everything that the format can say.
Entry full_entry() {
  Entry out{.n = 9, .session = kSession, .last_run_id = at(1'795'366'984)};
  out.max_keys = {{"orders", std::string("\x15\x07\x02"
                                         "a\x00\xff",
                                         6)},
                  {"plain.v2", "\xff"}};
  out.tables = {{.state_key = "orders", .path = {"public", "orders"}, .collection = "acme/orders"},
                {.state_key = "plain.v2", .path = {"a \"b\""}, .collection = "acme/ünïcode"}};
  Window first = window(3, 5);
  first.parked = true;
  first.clock_min = 0x1b21dd2138140000;
  first.clock_max = 0x1b21dd2138140010;
  first.tables = {{.table = 0,
                   .documents = 12,
                   .stored = 10,
                   .inserted = 6,
                   .updated = 3,
                   .deleted = 1,
                   .unchanged = 0},
                  {.table = 1, .documents = 2, .stored = 1}};
  Window second = window(5, 6);
  second.session = kOther;
  second.tables = {{.table = 1, .documents = 1, .stored = 1}};
  Window open = window(6, 9);
  open.due = false;
  out.triggers["aaaa"] = {.label = "ci", .orphaned = false, .cut = {first, second}, .open = open};
  out.triggers["bbbb"] = {.label = "POST https://h", .orphaned = true, .cut = {window(1, 2)}};
  return out;
}

std::string read_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Window, MergeJoinsAdjacentRanges) {
  Window older = window(3, 5);
  older.clock_min = 100;
  older.clock_max = 200;
  older.tables = {{.table = 0,
                   .documents = 1,
                   .stored = 1,
                   .inserted = 1,
                   .updated = 0,
                   .deleted = 0,
                   .unchanged = 0},
                  {.table = 2, .documents = 5, .stored = 4, .inserted = 4}};
  Window newer = window(5, 6);
  newer.due = false;
  newer.session = kOther;
  newer.clock_min = 50;
  newer.clock_max = 150;
  newer.tables = {{.table = 0,
                   .documents = 2,
                   .stored = 2,
                   .inserted = 1,
                   .updated = 1,
                   .deleted = 0,
                   .unchanged = 0},
                  {.table = 1, .documents = 7, .stored = 7},
                  {.table = 2, .documents = 1, .stored = 1}};
  const Window merged = merge(older, newer);
  EXPECT_EQ(merged.after, 3u);
  EXPECT_EQ(merged.through, 6u);
  EXPECT_EQ(merged.session, kOther);
  EXPECT_TRUE(merged.due);
  EXPECT_EQ(merged.run_id, older.run_id);
  EXPECT_EQ(merged.started, older.started);
  EXPECT_EQ(merged.ended, newer.ended);
  EXPECT_EQ(merged.clock_min, 50u);
  EXPECT_EQ(merged.clock_max, 200u);
  const std::vector<TableFacts> want = {{.table = 0,
                                         .documents = 3,
                                         .stored = 3,
                                         .inserted = 2,
                                         .updated = 1,
                                         .deleted = 0,
                                         .unchanged = 0},
                                        {.table = 1, .documents = 7, .stored = 7},
                                        // Not counted in one of them: not known of both.
                                        {.table = 2, .documents = 6, .stored = 5}};
  EXPECT_EQ(merged.tables, want);
}

TEST(Window, NoClockIsNeitherSmallestNorLargest) {
  Window older = window(0, 1), newer = window(1, 2);
  newer.clock_min = newer.clock_max = 7;
  EXPECT_EQ(merge(older, newer).clock_min, 7u);
  EXPECT_EQ(merge(older, newer).clock_max, 7u);
  std::swap(older.clock_min, newer.clock_min);
  EXPECT_EQ(merge(older, newer).clock_min, 7u);
}

TEST(Window, MergeDoesNotCareHowItIsGrouped) {
  Window a = window(0, 1), b = window(1, 2), c = window(2, 3);
  a.tables = {{.table = 1, .documents = 1, .stored = 1, .inserted = 1}};
  b.tables = {{.table = 0, .documents = 1, .stored = 1, .inserted = 2}};
  c.tables = {{.table = 1, .documents = 1, .stored = 1, .inserted = 3}};
  b.clock_min = 9;
  b.clock_max = 9;
  EXPECT_EQ(merge(merge(a, b), c), merge(a, merge(b, c)));
}

TEST(Window, MergeRefusesAGap) {
  EXPECT_DEATH(merge(window(0, 1), window(2, 3)), "through == newer.after");
}

TEST(Entry, GoldenBytes) {
  const auto bytes = encode(full_entry());
  ASSERT_TRUE(bytes.has_value());
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(kGoldenEntry, std::ios::binary) << *bytes;
    ADD_FAILURE() << "rewrote " << kGoldenEntry << "; run again without UPDATE_GOLDEN";
    return;
  }
  EXPECT_EQ(*bytes, read_file(kGoldenEntry));
}

TEST(Entry, GoldenBytesOfEveryVersionDecode) {
  const auto entry = decode_entry(read_file(kGoldenEntry));
  ASSERT_TRUE(entry.has_value()) << entry.error().message;
  EXPECT_EQ(*entry, full_entry());
}

TEST(Entry, EmptyOne) {
  const auto bytes = encode(Entry{});
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(*bytes,
            R"({"n":0,"session":"","last_run_id":0,"max_keys":{},"tables":[],"triggers":{}})");
  EXPECT_EQ(decode_entry(*bytes).value_or(full_entry()), Entry{});
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t found = text.find(from);
  EXPECT_NE(found, std::string::npos) << from;
  return text.replace(found, from.size(), to);
}

TEST(Entry, WhatIsNotOursIsRefused) {
  const std::string good = encode(full_entry()).value_or("");
  const std::pair<std::string_view, std::string_view> kEdits[] = {
      {R"({"n":9)", R"({"new":1,"n":9)"},
      {R"("n":9,)", ""},
      {R"("n":9)", R"("n":-9)"},
      {R"("n":9)", R"("n":8)"},  // a window would reach beyond the entry
      {R"("n":9)", R"("n":"9")"},
      {R"("n":9)", R"("n":18446744073709551615)"},
      {R"("last_run_id":1795366984000000)", R"("last_run_id":9223372036854775807)"},
      {R"("label":"ci",)", R"("label":"ci","color":1,)"},
      {R"("after":3,"through":5)", R"("after":5,"through":5)"},
      {R"("after":5,"through":6)", R"("after":4,"through":6)"},  // overlaps
      {R"("after":6,"through":9)", R"("after":6,"through":8)"},  // does not reach the end
      {R"([0,12,10,6,3,1,0])", R"([2,12,10,6,3,1,0])"},          // no such table
      {R"([0,12,10,6,3,1,0])", R"([0,12,10,6,3,1])"},
      {R"([0,12,10,6,3,1,0])", R"([0,null,10,6,3,1,0])"},
      {R"([1,2,1,null)", R"([0,2,1,null)"},  // twice the same table
      {kSession, "not hexadecimal, not 32 digits.."},
      {R"("clocks":[)", R"("clocks":[1,)"},
      {R"("max_keys":{"orders":")", R"("max_keys":{"orders":"?)"},
      {R"("path":["public","orders"])", R"("path":"orders")"},
  };
  for (const auto& [from, to] : kEdits) {
    const auto entry = decode_entry(replaced(good, from, to));
    ASSERT_FALSE(entry.has_value()) << to;
    EXPECT_EQ(entry.error().code, Code::kRefused);
    EXPECT_NE(entry.error().message.find("newer weir"), std::string::npos);
  }
  for (const std::string_view text : {"", "{}", "[]", "null", "{\"n\":1", "\xff\xfe"}) {
    EXPECT_FALSE(decode_entry(text).has_value()) << text;
  }
}

TEST(Entry, IsBounded) {
  Entry entry{.n = 1, .session = kSession};
  for (int i = 0; i < 64; ++i) {
    entry.tables.push_back({.state_key = std::string(70'000, 'x'), .path = {}, .collection = ""});
  }
  const auto bytes = encode(entry);
  ASSERT_FALSE(bytes.has_value());
  EXPECT_EQ(bytes.error().code, Code::kLimit);
  EXPECT_FALSE(decode_entry(std::string(kEntryBytesMax + 1, ' ')).has_value());
}

TEST(Entry, AmongAckIntents) {
  std::map<std::string, std::string> intents = {{"acme/journal", "bytes"}, {"zebra", "bytes"}};
  EXPECT_EQ(entry_of(intents).value_or(full_entry()), std::nullopt);
  intents[std::string(kEntryKey)] = encode(full_entry()).value_or("");
  EXPECT_EQ(entry_of(intents).value_or(std::nullopt), full_entry());
  intents["weir/owed/v2"] = "{}";
  const auto newer = entry_of(intents);
  ASSERT_FALSE(newer.has_value());
  EXPECT_EQ(newer.error().code, Code::kRefused);
  EXPECT_NE(newer.error().message.find("weir/owed/v2"), std::string::npos);
}

// Worked out with Python's hashlib and base64 from the framing that the header states.
TEST(Identity, GoldenVectors) {
  EXPECT_EQ(trigger_identity_named("ci"), "bv35lt4lhkvfr4blrkpu3ahdiy");
  EXPECT_EQ(trigger_identity_unnamed("POST", "https://ci.example.com/hook", 1),
            "htwjqf27tkloxdh424amzmzkbr");
  EXPECT_EQ(trigger_identity_unnamed("POST", "https://ci.example.com/hook", 2),
            "j3n6kto7zylmqcnexo5r4f7yuz");
  EXPECT_EQ(request_id("acme/orders", "bv35lt4lhkvfr4blrkpu3ahdiy", {kSession, 7}, 5, 7),
            "wr_7qbuv2dfxepr5pjyjdy4aiaz44");
  EXPECT_EQ(revision({.payload_template = "{}",
                      .method = "POST",
                      .url_template = "https://h/",
                      .connector_image = "",
                      .endpoint = "sqlite",
                      .environment = "prod"}),
            "wsvqd7tj");
}

TEST(Identity, EveryInputCounts) {
  const Tid tid{kSession, 7};
  const std::string id = request_id("m", "t", tid, 5, 7);
  EXPECT_NE(id, request_id("m2", "t", tid, 5, 7));
  EXPECT_NE(id, request_id("m", "t2", tid, 5, 7));
  EXPECT_NE(id, request_id("m", "t", {kOther, 7}, 5, 7));  // tid_in_id
  EXPECT_NE(id, request_id("m", "t", {kSession, 8}, 5, 7));
  EXPECT_NE(id, request_id("m", "t", tid, 4, 7));
  EXPECT_NE(id, request_id("m", "t", tid, 5, 8));
  // Framing: the same letters, divided otherwise.
  EXPECT_NE(request_id("mt", "", tid, 5, 7), request_id("m", "t", tid, 5, 7));
  const RevisionInputs words{.payload_template = "p",
                             .method = "POST",
                             .url_template = "u",
                             .connector_image = "i",
                             .endpoint = "e",
                             .environment = "v"};
  for (auto member : {&RevisionInputs::payload_template, &RevisionInputs::method,
                      &RevisionInputs::url_template, &RevisionInputs::connector_image,
                      &RevisionInputs::endpoint, &RevisionInputs::environment}) {
    RevisionInputs edited = words;
    edited.*member = "other";
    EXPECT_NE(revision(edited), revision(words));  // words_in_id
  }
}

TEST(Identity, Shapes) {
  const std::string id = request_id("m", "t", {kSession, 1}, 0, 1);
  EXPECT_EQ(id.size(), 29u);
  EXPECT_EQ(id.substr(0, 3), "wr_");
  EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567", 3), std::string::npos);
  EXPECT_EQ(trigger_identity_named("x").size(), 26u);
  EXPECT_EQ(revision({}).size(), 8u);
}

}  // namespace
}  // namespace weir::delivery
