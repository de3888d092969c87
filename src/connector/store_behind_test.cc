#include "connector/store_behind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace weir::connector {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// Writes down what it is asked to do and on which thread; can be held up and made to fail.
struct Record {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> stored;
  std::vector<std::string> calls;
  std::set<std::thread::id> threads;
  std::string fails_at;
  bool held = false;
  bool interrupted = false;
};

class RecordingDestination : public Destination {
 public:
  explicit RecordingDestination(Record& record) : record_(record) {}

  Result<std::vector<protocol::ValidatedBinding>> validate(
      const std::string&, std::span<const protocol::ValidateBinding>) override {
    return std::vector<protocol::ValidatedBinding>{};
  }
  Result<Opened> open(const OpenRequest&) override { return Opened{}; }
  bool can_upsert() const override { return true; }
  Result<std::optional<StateUpdate>> acknowledge() override { return called("acknowledge"); }
  Status load(std::span<const LoadKey>) override { return {}; }
  Result<std::optional<StateUpdate>> flush(const LoadedSink&) override { return called("flush"); }
  Status store(std::span<const StoreRow> rows) override {
    std::unique_lock lock(record_.mutex);
    record_.changed.wait(lock, [&] { return !record_.held; });
    record_.threads.insert(std::this_thread::get_id());
    for (const StoreRow& row : rows) {
      if (row.key_packed == record_.fails_at) return error(Code::kFull, "no room");
      record_.stored.push_back(std::string(row.key_packed) + "=" + std::string(row.values_packed) +
                               " " + std::string(row.doc_json));
    }
    return {};
  }
  Result<std::vector<Counts>> finish_store() override {
    (void)called("finish");
    return std::vector<Counts>(1);
  }
  Result<std::optional<StateUpdate>> start_commit(const protocol::Checkpoint&) override {
    return called("commit");
  }
  Status close() override {
    (void)called("close");
    return {};
  }
  void interrupt() override { record_.interrupted = true; }

 private:
  Result<std::optional<StateUpdate>> called(const std::string& name) {
    std::lock_guard lock(record_.mutex);
    record_.calls.push_back(name + " " + std::to_string(record_.stored.size()));
    return std::nullopt;
  }
  Record& record_;
};

class StoreBehindTest : public testing::Test {
 protected:
  void open(std::size_t packet_bytes) {
    destination = make_store_behind(std::make_unique<RecordingDestination>(record), packet_bytes);
  }
  Status store(int number) {
    const std::string key = "k" + std::to_string(number);
    const std::string values(static_cast<std::size_t>(number % 7), 'v');
    StoreRow row;
    row.key_packed = key;
    row.values_packed = values;
    row.doc_json = "{}";
    return destination->store({&row, 1});
  }
  Record record;
  std::unique_ptr<Destination> destination;
};

TEST_F(StoreBehindTest, StoresEveryRowInOrderBeforeItFinishes) {
  open(500);
  for (int transaction = 0; transaction < 2; ++transaction) {
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(store(i));
    ASSERT_TRUE(destination->finish_store());
    ASSERT_TRUE(destination->start_commit({}));
    ASSERT_TRUE(destination->acknowledge());
  }
  ASSERT_THAT(record.stored, SizeIs(400));
  for (int i = 0; i < 400; ++i) {
    const int n = i % 200;
    EXPECT_EQ(
        record.stored[static_cast<std::size_t>(i)],
        "k" + std::to_string(n) + "=" + std::string(static_cast<std::size_t>(n % 7), 'v') + " {}");
  }
  EXPECT_THAT(record.calls, ElementsAre("finish 200", "commit 200", "acknowledge 200", "finish 400",
                                        "commit 400", "acknowledge 400"));
  EXPECT_THAT(record.threads, SizeIs(2));  // the last packets are the caller's
}

TEST_F(StoreBehindTest, AFewRowsStayOnTheCallersThread) {
  open(kPacketBytes);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(store(i));
  ASSERT_TRUE(destination->finish_store());
  EXPECT_THAT(record.threads, ElementsAre(std::this_thread::get_id()));
}

TEST_F(StoreBehindTest, AnErrorIsNeverLost) {
  for (const char* fails_at : {"k0", "k3", "k9"}) {
    record.fails_at = fails_at;
    open(1);
    Status status;
    for (int i = 0; i < 10 && status; ++i) status = store(i);
    if (status) {
      const auto finished = destination->finish_store();
      ASSERT_FALSE(finished) << fails_at;
      EXPECT_EQ(finished.error().code, Code::kFull);
    }
    EXPECT_FALSE(destination->start_commit({}));
    EXPECT_TRUE(destination->close());
  }
  EXPECT_THAT(record.calls, ElementsAre("close 0", "close 3", "close 12"));
}

TEST_F(StoreBehindTest, WaitsWhereTooMuchWaits) {
  open(1);
  record.held = true;
  // The thread has one row in hand, so many packets wait, and the next row has to wait for it.
  std::size_t taken = 0;
  std::thread caller([&] {
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(store(i));
      ++taken;
    }
  });
  destination->interrupt();
  EXPECT_TRUE(record.interrupted);  // although the store is held up
  {
    std::lock_guard lock(record.mutex);
    EXPECT_TRUE(record.stored.empty());
    record.held = false;
  }
  record.changed.notify_all();
  caller.join();
  EXPECT_EQ(taken, 100u);
  ASSERT_TRUE(destination->finish_store());
  EXPECT_THAT(record.stored, SizeIs(100));
}

TEST_F(StoreBehindTest, CanBeLetGoInTheMiddle) {
  open(1);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(store(i));
  destination.reset();
  EXPECT_LE(record.stored.size(), 50u);
}

}  // namespace
}  // namespace weir::connector
