#include "store/keys.h"

#include <gtest/gtest.h>

#include <set>

#include "testing/fake_store.h"

namespace weir::store {
namespace {

TEST(Keys, OrderOfBytesIsOrderOfNumbers) {
  EXPECT_EQ(request_key(kRedeliveries, "t", 9, 10),
            "weir/redeliver/t/000000000000000a/0000000000000009");
  EXPECT_LT(request_key(kMarks, "t", 8, 9), request_key(kMarks, "t", 9, 16));
  EXPECT_LT(request_key(kMarks, "t", 255, 256), request_key(kMarks, "t", 256, 4096));
  const Timestamp early{std::chrono::microseconds(999'999)},
      late{std::chrono::microseconds(1'000'000)};
  EXPECT_LT(history_key(early, 77), history_key(late, 1));
  EXPECT_LT(history_key(late, 1), history_key(late, 2));
}

TEST(Keys, NoPrefixIsThePrefixOfAnother) {
  const std::string_view prefixes[] = {kMaxKeys,  kMarks,   kParkedWords, kRedeliveries,
                                       kDiscards, kHistory, kFacts};
  for (const std::string_view a : prefixes) {
    for (const std::string_view b : prefixes) {
      if (a != b) EXPECT_NE(b.substr(0, a.size()), a);
    }
  }
}

// Each key that can be made has its row, and each row says something.
TEST(Keys, TheTableKnowsThemAll) {
  const std::string made[] = {std::string(kFormat),
                              std::string(kClass),
                              std::string(kCheckpoint),
                              std::string(kConnectorState),
                              std::string(kConnectorStateInDoubt),
                              std::string(kApplied),
                              std::string(kStatus),
                              max_key_key("k"),
                              mark_key("t", 0, 1, "s"),
                              request_key(kParked, "t", 0, 1),
                              parked_words_key("t"),
                              request_key(kRedeliveries, "t", 0, 1),
                              request_key(kDiscards, "t", 0, 1),
                              facts_key("wr_x"),
                              history_key({}, 1),
                              std::string(kEstuaryTriggerParams),
                              std::string(kEstuaryConnectorState),
                              std::string(kEstuaryCheckpoint),
                              std::string(kEstuaryMaxKeys) + "k"};
  const auto fits = [](std::string_view key, std::string_view pattern) {
    const std::size_t brace = pattern.find('{');
    if (brace == std::string_view::npos) return key == pattern;
    return key.substr(0, brace) == pattern.substr(0, brace) && key.size() > brace;
  };
  std::set<std::string_view> used;
  for (const std::string& key : made) {
    bool known = false;
    for (const KeyRow& row : key_table()) {
      if (!fits(key, row.pattern)) continue;
      known = true;
      used.insert(row.pattern);
    }
    EXPECT_TRUE(known) << key;
  }
  EXPECT_EQ(used.size(), key_table().size());
  for (const KeyRow& row : key_table()) EXPECT_FALSE(row.value.empty() || row.written.empty());
}

TEST(Format, WrittenOnceAndCheckedEverAfter) {
  testing::FakeDisk disk;
  auto store = *disk.open();
  ASSERT_TRUE(check_format(*store).has_value());
  EXPECT_EQ(store->get(kFormat).value_or(std::nullopt), "1");
  EXPECT_TRUE(check_format(*store).has_value());
  EXPECT_EQ(disk.synced_writes(), 1u);
  const std::pair<const char*, Code> rows[] = {
      {"2", Code::kRefused}, {"", Code::kCorrupt}, {"0", Code::kCorrupt}, {"1x", Code::kCorrupt}};
  for (const auto& [text, code] : rows) {
    Batch batch;
    batch.put(std::string(kFormat), text);
    ASSERT_TRUE(store->write(batch, Sync::kYes).has_value());
    EXPECT_EQ(check_format(*store).error().code, code) << text;
  }
}

}  // namespace
}  // namespace weir::store
