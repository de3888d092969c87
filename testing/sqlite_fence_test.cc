// The fence and the lock of a SQLite destination, against other programs on the same file.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <unistd.h>

#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "base/planted.h"
#include "base/text.h"
#include "base/wake.h"
#include "testing/sqlite_fixture.h"

namespace weir::testing {
namespace {

using connector::OpenRequest;
using std::chrono::milliseconds;

// A connection that keeps a lock until it goes.
class Holder {
 public:
  Holder(const SqliteFile& file, const char* sql) {
    EXPECT_EQ(sqlite3_open(file.path().c_str(), &connection_), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection_);
  }
  ~Holder() { sqlite3_close(connection_); }
  void execute(const char* sql) {
    EXPECT_EQ(sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  }

 private:
  sqlite3* connection_ = nullptr;
};

sqlite::Options impatient() {
  sqlite::Options options;
  options.lock_wait = {.limit = milliseconds(30), .say_every = milliseconds(0)};
  return options;
}

#ifdef WEIR_PLANTED_BUGS
// Nothing but the look at the fence keeps an older session from committing: without it, the tests
// below could not pass.
TEST(SqliteFence, WithoutItAnOlderSessionCommits) {
  for (const bool fenced : {true, false}) {
    SqliteFile file;
    Session older(file.connect());
    ASSERT_TRUE(older.open(file.request()));
    OpenRequest taking = file.request();
    taking.take_over = true;
    Session newer(file.connect());
    ASSERT_TRUE(newer.open(taking));
    if (!fenced) plant(Bug::kFence);
    const auto stored = older.transact({{.id = 1, .amount = 1}}, checkpoint_at(10));
    plant(Bug::kNone);
    EXPECT_EQ(stored.has_value(), !fenced);
    EXPECT_EQ(file.query("SELECT count(*) FROM t"), fenced ? "0" : "1");
  }
}
#endif

TEST(SqliteFence, CheckpointOfAnotherProgramNeedsTakeOver) {
  SqliteFile file;
  protocol::Checkpoint theirs = checkpoint_at(9);
  theirs.ack_intents.clear();
  file.execute(
      "CREATE TABLE flow_checkpoints_v1 (materialization TEXT NOT NULL, key_begin BIGINT NOT NULL,"
      " key_end BIGINT NOT NULL, fence BIGINT NOT NULL, checkpoint TEXT NOT NULL,"
      " PRIMARY KEY (materialization, key_begin, key_end));"
      "INSERT INTO flow_checkpoints_v1 VALUES ('acme/mat', 0, 4294967295, 17, '" +
      base64(protocol::encode(theirs)) + "')");
  Session refused(file.connect());
  auto opened = refused.open(file.request());
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Code::kRefused);
  EXPECT_EQ(file.query("SELECT fence FROM flow_checkpoints_v1"), "17");

  OpenRequest taking = file.request();
  taking.take_over = true;
  Session session(file.connect());
  opened = session.open(taking);
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_TRUE(opened->foreign);
  EXPECT_EQ(opened->checkpoint, theirs);
  EXPECT_EQ(file.query("SELECT fence FROM flow_checkpoints_v1"), "18");

  // Now they come back in turn: fence + 1, as their connectors do it.
  file.execute("UPDATE flow_checkpoints_v1 SET fence = fence + 1");
  auto stored = session.transact({{.id = 1, .amount = 1}}, checkpoint_at(10));
  ASSERT_FALSE(stored.has_value());
  EXPECT_EQ(stored.error().code, Code::kRefused);
  EXPECT_NE(stored.error().message.find("by another program"), std::string::npos);
  EXPECT_EQ(file.query("SELECT count(*) FROM t"), "0");

  Session again(file.connect());
  EXPECT_EQ(again.open(file.request()).error().code, Code::kRefused);
}

TEST(SqliteFence, TheirMarkForExplicitlyEmptyIsReadAndWritten) {
  SqliteFile file;
  Session session(file.connect());
  ASSERT_TRUE(session.open(file.request()).has_value());
  EXPECT_EQ(file.query("SELECT checkpoint FROM flow_checkpoints_v1"), "+P///w8B");
  EXPECT_EQ(hex_lower(*from_base64("+P///w8B")), "f8ffffff0f01");
}

TEST(SqliteFence, SplitKeyRangesAreNotGuessedAt) {
  SqliteFile file;
  {
    Session session(file.connect());
    ASSERT_TRUE(session.open(file.request()).has_value());
    ASSERT_TRUE(session.destination().close().has_value());
  }
  file.execute("INSERT INTO flow_checkpoints_v1 VALUES ('acme/mat', 0, 2147483647, 2, '')");
  OpenRequest taking = file.request();
  taking.take_over = true;
  Session session(file.connect());
  auto opened = session.open(taking);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Code::kInvalid);
  EXPECT_EQ(file.query("SELECT sum(fence) FROM flow_checkpoints_v1"), "3");
}

TEST(SqliteFence, DamagedCheckpointIsNotTakenForNone) {
  SqliteFile file;
  {
    Session session(file.connect());
    ASSERT_TRUE(session.open(file.request()).has_value());
    ASSERT_TRUE(session.destination().close().has_value());
  }
  file.execute("UPDATE flow_checkpoints_v1 SET checkpoint = 'not base64!'");
  Session session(file.connect());
  EXPECT_EQ(session.open(file.request()).error().code, Code::kCorrupt);
}

TEST(SqliteFence, TwoMaterializationsShareAFile) {
  SqliteFile file;
  Session one(file.connect());
  Session two(file.connect());
  OpenRequest other = file.request();
  other.spec.name = "acme/other";
  other.spec.bindings = {orders_binding("u")};
  ASSERT_TRUE(one.open(file.request()).has_value());
  ASSERT_TRUE(two.open(other).has_value());
  ASSERT_TRUE(one.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)).has_value());
  ASSERT_TRUE(two.transact({{.id = 2, .amount = 2}}, checkpoint_at(2)).has_value());
  ASSERT_TRUE(one.transact({{.id = 3, .amount = 3}}, checkpoint_at(3)).has_value());
  EXPECT_EQ(file.query("SELECT id FROM t UNION SELECT id FROM u"), "1\n2\n3");
}

TEST(SqliteLocks, ReadersAndSessionDoNotWaitForEachOther) {
  SqliteFile file;
  Session session(file.connect(impatient()));
  ASSERT_TRUE(session.open(file.request()).has_value());
  Holder reader(file, "BEGIN; SELECT * FROM t");
  ASSERT_TRUE(session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)).has_value());
  ASSERT_TRUE(session.destination().acknowledge().has_value());
  EXPECT_EQ(file.query("SELECT count(*) FROM t"), "1");
}

TEST(SqliteLocks, WriterIsWaitedForThenNamed) {
  SqliteFile file;
  Session session(file.connect(impatient()));
  ASSERT_TRUE(session.open(file.request()).has_value());
  std::mutex mutex;
  std::string lines;
  set_log_sink([&](std::string_view line) {
    std::lock_guard lock(mutex);
    lines.append(line).append("\n");
  });
  Holder writer(file, "BEGIN IMMEDIATE");
  auto stored = session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1));
  set_log_sink(nullptr);
  ASSERT_FALSE(stored.has_value());
  EXPECT_EQ(stored.error().code, Code::kUnavailable);
  EXPECT_NE(stored.error().message.find(fmt::format("process {} (", getpid())), std::string::npos)
      << stored.error().message;
  EXPECT_NE(lines.find("waiting for the write lock of the database"), std::string::npos);
  EXPECT_EQ(session.destination().acknowledge().error().code, Code::kUnavailable) << "spent";
}

// Runs `then` on another thread once the session waits for the lock, which its log tells.
class OnceItWaits {
 public:
  explicit OnceItWaits(std::function<void()> then)
      : thread_([this, then = std::move(then)] {
          waits_.wait(std::chrono::minutes(1));
          then();
        }) {
    set_log_sink([this](std::string_view) { waits_.notify(); });
  }
  ~OnceItWaits() {
    thread_.join();
    set_log_sink(nullptr);
  }
  static sqlite::Options options() {
    sqlite::Options options;
    options.lock_wait.say_every = milliseconds(0);
    return options;
  }

 private:
  WakeUp waits_;
  std::thread thread_;
};

TEST(SqliteLocks, WaitEndsWhenTheWriterGoes) {
  SqliteFile file;
  Session session(file.connect(OnceItWaits::options()));
  ASSERT_TRUE(session.open(file.request()).has_value());
  Holder writer(file, "BEGIN IMMEDIATE; INSERT INTO t VALUES (9, 9, '{}')");
  {
    OnceItWaits other([&] { writer.execute("COMMIT"); });
    EXPECT_TRUE(session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1)).has_value());
  }
  EXPECT_EQ(file.query("SELECT count(*) FROM t"), "2");
}

TEST(SqliteLocks, InterruptEndsAWait) {
  SqliteFile file;
  Session session(file.connect(OnceItWaits::options()));
  ASSERT_TRUE(session.open(file.request()).has_value());
  Holder writer(file, "BEGIN IMMEDIATE");
  OnceItWaits other([&] { session.destination().interrupt(); });
  auto stored = session.transact({{.id = 1, .amount = 1}}, checkpoint_at(1));
  ASSERT_FALSE(stored.has_value());
  EXPECT_EQ(stored.error().code, Code::kCancelled);
}

TEST(SqliteLocks, OpeningAFileWithAReaderOnItWaitsForTheLogMode) {
  SqliteFile file;
  file.execute("CREATE TABLE other (a)");
  Holder reader(file,
                "BEGIN; SELECT * FROM other");  // of a rollback journal: readers block writers
  Session refused(file.connect(impatient()));
  auto opened = refused.open(file.request());
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Code::kUnavailable) << opened.error().message;
  reader.execute("COMMIT");
  Session session(file.connect());
  EXPECT_TRUE(session.open(file.request()).has_value());
}

TEST(SqliteLog, IsCutBetweenTransactionsAndSaidWhenAReaderHoldsIt) {
  SqliteFile file;
  sqlite::Options options;
  options.log_bytes = 16 << 10;
  Session session(file.connect(options));
  ASSERT_TRUE(session.open(file.request()).has_value());
  std::string lines;
  set_log_sink([&](std::string_view line) { lines.append(line).append("\n"); });
  const auto fill = [&](std::int64_t from) {
    std::vector<OrderRow> rows;
    for (std::int64_t i = 0; i < 4000; ++i) rows.push_back({.id = from + i, .amount = i});
    ASSERT_TRUE(session.transact(rows, checkpoint_at(from + 1)).has_value());
    ASSERT_TRUE(session.destination().acknowledge().has_value());
  };
  const auto log_size = [&] { return std::filesystem::file_size(file.path() + "-wal"); };
  fill(0);
  EXPECT_EQ(log_size(), 0u);
  EXPECT_EQ(lines, "");
  {
    Holder reader(file, "BEGIN; SELECT * FROM t LIMIT 1");
    fill(10000);
    EXPECT_GT(log_size(), 16u << 10);
    EXPECT_NE(lines.find("write-ahead log cannot be cut"), std::string::npos) << lines;
  }
  ASSERT_TRUE(session.load({}).has_value());
  EXPECT_EQ(log_size(), 0u) << "as soon as the reader is gone";
  set_log_sink(nullptr);
}

}  // namespace
}  // namespace weir::testing
