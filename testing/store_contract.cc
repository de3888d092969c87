#include "testing/store_contract.h"

namespace weir::testing {

namespace {

using store::Batch;
using store::Store;
using store::Sync;

void put(Store& store, const std::string& key, const std::string& value, Sync sync = Sync::kNo) {
  Batch batch;
  batch.put(key, value);
  const Status written = store.write(batch, sync);
  ASSERT_TRUE(written.has_value()) << written.error().message;
}

std::string get(const Store& store, const std::string& key) {
  const auto value = store.get(key);
  EXPECT_TRUE(value.has_value());
  return value && *value ? **value : "(none)";
}

std::string scan(const Store& store, const std::string& prefix, std::size_t limit = 100) {
  const auto rows = store.scan(prefix, limit);
  EXPECT_TRUE(rows.has_value());
  std::string out;
  for (const auto& [key, value] :
       rows.value_or(std::vector<std::pair<std::string, std::string>>())) {
    out += (out.empty() ? "" : " ") + key + "=" + value;
  }
  return out;
}

}  // namespace

TEST_P(StoreContract, LastPutWins) {
  auto store = open();
  EXPECT_EQ(get(*store, "k"), "(none)");
  put(*store, "k", "1");
  put(*store, "k", "2");
  EXPECT_EQ(get(*store, "k"), "2");
}

TEST_P(StoreContract, ABatchIsInOrderAndAtomic) {
  auto store = open();
  put(*store, "a", "old");
  Batch batch;
  batch.erase("a");
  batch.put("b", "1");
  batch.put("b", "2");
  batch.put("c", "1");
  batch.erase("c");
  batch.erase("never-there");
  ASSERT_TRUE(store->write(batch, Sync::kNo).has_value());
  EXPECT_EQ(scan(*store, ""), "b=2");
  ASSERT_TRUE(store->write(Batch{}, Sync::kYes).has_value());
}

TEST_P(StoreContract, ScansAPrefixInOrderOfBytes) {
  auto store = open();
  for (const char* key : {"p/b", "p/a", "p", "q", "p0", "o", "p/\xff"}) put(*store, key, "1");
  EXPECT_EQ(scan(*store, "p/"), "p/a=1 p/b=1 p/\xff=1");
  EXPECT_EQ(scan(*store, "p/", 2), "p/a=1 p/b=1");
  EXPECT_EQ(scan(*store, "nothing"), "");
  EXPECT_EQ(scan(*store, "", 0), "");
}

TEST_P(StoreContract, BytesAreBytes) {
  auto store = open();
  const std::string key("\0\xff key", 6), value("\0\n\xff", 3);
  put(*store, key, value);
  put(*store, "empty", "");
  put(*store, "large", std::string(4u << 20, 'x'));
  EXPECT_EQ(get(*store, key), value);
  EXPECT_EQ(get(*store, "empty"), "");
  EXPECT_EQ(get(*store, "large").size(), 4u << 20);
}

TEST_P(StoreContract, OneOpenerAtATime) {
  auto store = open();
  const auto second = host_->open();
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Code::kRefused);
  put(*store, "k", "still works");
  ASSERT_TRUE(store->close().has_value());
  EXPECT_NE(open(), nullptr);
}

TEST_P(StoreContract, ACleanCloseSyncs) {
  auto store = open();
  put(*store, "k", "1");
  ASSERT_TRUE(store->close().has_value());
  ASSERT_TRUE(store->close().has_value());  // idempotent
  EXPECT_FALSE(store->get("k").has_value());
  host_->crash(std::move(store));
  EXPECT_EQ(get(*open(), "k"), "1");
}

TEST_P(StoreContract, ASyncedBatchMakesEarlierOnesDurable) {
  auto store = open();
  put(*store, "a", "unsynced before");
  put(*store, "b", "synced", Sync::kYes);
  put(*store, "c", "unsynced after");
  host_->crash(std::move(store));
  auto again = open();
  EXPECT_EQ(get(*again, "a"), "unsynced before");
  EXPECT_EQ(get(*again, "b"), "synced");
}

// Of unsynced batches a suffix can be lost, never one from the middle.
TEST_P(StoreContract, OnlyASuffixIsLost) {
  auto store = open();
  for (int i = 0; i < 20; ++i) put(*store, "k" + std::to_string(100 + i), "1");
  host_->crash(std::move(store));
  auto again = open();
  const auto rows = again->scan("k", 100);
  ASSERT_TRUE(rows.has_value());
  for (std::size_t i = 0; i < rows->size(); ++i) {
    EXPECT_EQ((*rows)[i].first, "k" + std::to_string(100 + i));
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreContract);

}  // namespace weir::testing
