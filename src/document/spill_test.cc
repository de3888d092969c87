#include "document/spill.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "document/key_table.h"
#include "document/spilled_keys.h"
#include "document/test_support.h"

namespace weir::document {
namespace {

TEST(Spill, MergesRunsInOrder) {
  MemorySpill file;
  RunWriter writer(file);
  Random random(4);
  struct Kept {
    std::uint32_t binding;
    std::string key, document, values;
    int run;
    bool front;
  };
  std::vector<Kept> all;
  for (int run = 0; run < 7; ++run) {
    std::vector<Kept> kept;
    for (std::uint64_t i = random.below(50); i > 0; --i) {
      kept.push_back({static_cast<std::uint32_t>(random.below(3)),
                      std::string(random.below(3), static_cast<char>('a' + random.below(3))),
                      std::string(random.below(9000), static_cast<char>('0' + run)),
                      std::string(random.below(4), 'v'), run, random.one_in(2)});
    }
    const auto order = [](const Kept& a, const Kept& b) {
      return std::tie(a.binding, a.key) < std::tie(b.binding, b.key);
    };
    std::stable_sort(kept.begin(), kept.end(), order);
    ASSERT_TRUE(writer.begin_run());
    for (const Kept& k : kept) {
      Record record;
      record.binding = k.binding;
      record.key = k.key;
      record.document = k.document;
      record.values = k.values;
      record.front = k.front;
      ASSERT_TRUE(writer.add(record));
    }
    ASSERT_TRUE(writer.end_run());
    all.insert(all.end(), kept.begin(), kept.end());
  }
  std::stable_sort(all.begin(), all.end(), [](const Kept& a, const Kept& b) {
    return std::tie(a.binding, a.key, a.run) < std::tie(b.binding, b.key, b.run);
  });
  RunMerger merger(file, writer.runs(), 1);
  ASSERT_TRUE(merger.start());
  for (const Kept& expected : all) {
    const Record* record = merger.current();
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->binding, expected.binding);
    EXPECT_EQ(record->key, expected.key);
    EXPECT_EQ(record->document, expected.document);
    EXPECT_EQ(record->values, expected.values);
    EXPECT_EQ(record->front, expected.front);
    ASSERT_TRUE(merger.advance());
  }
  EXPECT_EQ(merger.current(), nullptr);
}

TEST(Spill, TooManyRuns) {
  MemorySpill file;
  RunWriter writer(file);
  for (std::size_t i = 0; i < kSpillRunsMax; ++i) {
    ASSERT_TRUE(writer.begin_run());
    ASSERT_TRUE(writer.end_run());
  }
  const Status status = writer.begin_run();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kLimit);
}

TEST(SpilledKeys, RemembersByBinding) {
  SpilledKeys keys;
  EXPECT_FALSE(keys.contains(0, "a"));
  for (int i = 0; i < 5000; ++i) keys.add(1, std::to_string(i));
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(keys.contains(1, std::to_string(i)));
  EXPECT_FALSE(keys.contains(0, "7"));
  EXPECT_FALSE(keys.contains(1, "5000"));
  keys.clear();
  EXPECT_FALSE(keys.contains(1, "7"));
}

TEST(KeyTable, FindsAndSorts) {
  KeyTable table(40);
  Random random(8);
  std::vector<std::string> keys;
  for (int i = 0; i < 3000; ++i) {
    std::string key(random.below(30), static_cast<char>('a' + random.below(2)));
    for (char& c : key) c = random.one_in(5) ? static_cast<char>(random.next()) : c;
    Entry* entry = table.find_or_add(key, hash_key(key));
    EXPECT_EQ(entry->key(), key);
    char* const tail = KeyTable::tail_of(*entry);
    const bool known = std::find(keys.begin(), keys.end(), key) != keys.end();
    EXPECT_EQ(tail[39], known ? 1 : 0) << "the tail moves with its entry";
    tail[39] = 1;
    if (!known) keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  std::vector<std::string> sorted;
  for (Entry* entry : table.sorted()) sorted.emplace_back(entry->key());
  EXPECT_EQ(sorted, keys);
  EXPECT_EQ(table.size(), keys.size());
  table.clear();
  EXPECT_EQ(table.size(), 0u);
  EXPECT_TRUE(table.sorted().empty());
}

}  // namespace
}  // namespace weir::document
