// What a crash, a full disk or a failing one leaves of a SQLite destination: after each, a new
// session finds rows and checkpoint of one and the same transaction.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "testing/fault_vfs.h"
#include "testing/sqlite_fixture.h"

namespace weir::testing {
namespace {

using connector::OpenRequest;

// Three transactions, a schema change, a backfill, and an end. Each transaction n adds row n and
// changes row 1.
Status scenario(const SqliteFile& file, std::uint32_t backfill = 0) {
  sqlite::Options options;
  options.log_bytes = 16 << 10;
  for (std::uint32_t round = 0; round < 2; ++round) {
    Session session(file.connect(options));
    OpenRequest request = file.request();
    request.owner.pid = getpid();
    request.owner_is_dead = [](const connector::Owner&) { return true; };
    request.spec.bindings = {orders_binding("t"), orders_binding("u", backfill + round)};
    if (round == 1)
      request.spec.bindings[0].collection.projections[0].inference.types = {"object", "number"};
    WEIR_TRY(const auto opened, session.open(request));
    std::int64_t n = 0;
    if (!opened.checkpoint->sources.empty())
      n = opened.checkpoint->sources.begin()->second.read_through;
    for (int i = 0; i < 3; ++i) {
      ++n;
      std::vector<OrderRow> rows = {{.id = 1, .amount = n, .exists = connector::Exists::kUnknown}};
      if (n > 1) rows.push_back({.id = n, .amount = n, .exists = connector::Exists::kUnknown});
      rows.push_back({.id = n, .amount = n, .exists = connector::Exists::kUnknown, .binding = 1});
      WEIR_RETURN_IF_ERROR(session.transact(rows, checkpoint_at(n)));
    }
    WEIR_RETURN_IF_ERROR(session.destination().acknowledge());
    WEIR_RETURN_IF_ERROR(session.destination().close());
  }
  return {};
}

// Opens as the next process would and compares the rows with the checkpoint.
void check(const SqliteFile& file) {
  if (file.query("SELECT count(*) FROM sqlite_schema WHERE name = 'flow_checkpoints_v1'") != "1")
    return;
  Session session(file.connect());
  OpenRequest request = file.request();
  request.owner_is_dead = [](const connector::Owner&) { return true; };
  request.spec.bindings = {orders_binding("t")};
  request.spec.bindings[0].collection.projections[0].inference.types = {"object", "number"};
  auto opened = session.open(request);
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  std::int64_t n = 0;
  if (!opened->checkpoint->sources.empty())
    n = opened->checkpoint->sources.begin()->second.read_through;
  EXPECT_EQ(file.query("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(file.query("SELECT count(*) FROM t"), std::to_string(n));
  EXPECT_EQ(file.query("SELECT coalesce(sum(amount <> iif(id = 1, " + std::to_string(n) +
                       ", id)), 0) FROM t"),
            "0");
  if (n > 0) EXPECT_EQ(opened->checkpoint, checkpoint_at(n));
}

// A process that dies while it writes leaves a rollback journal that only a writer can undo. The
// next one validates before it opens, and validating only reads.
TEST(SqliteCrash, AFileLeftInTheMiddleIsReadAndKeepsWhatWasCommitted) {
  SqliteFile file;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    file.execute("CREATE TABLE other (id INTEGER PRIMARY KEY, text TEXT)");
    auto database = sqlite::Database::open(file.path(), sqlite::OpenMode::kReadWrite);
    // Few pages in memory: the rest is written to the file before any commit.
    const bool written =
        database && (*database)->execute("PRAGMA cache_size = 1").has_value() &&
        (*database)->execute("BEGIN").has_value() &&
        (*database)
            ->execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000) "
                "INSERT INTO other SELECT i, hex(randomblob(200)) FROM n")
            .has_value();
    _exit(written ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_EQ(access((file.path() + "-journal").c_str(), F_OK), 0);

  protocol::ValidateBinding binding;
  binding.resource_config_json = R"({"table": "t"})";
  binding.collection = orders_binding("t").collection;
  const auto answers = file.connect()->validate(file.config_json(), {&binding, 1});
  EXPECT_TRUE(answers.has_value()) << answers.error().message;
  EXPECT_EQ(file.query("SELECT count(*) FROM other"), "0");
  check(file);
}

#ifdef WEIR_FAULT_POINTS
struct Countdown {
  long left;
  std::string name;
};

TEST(SqliteCrash, AtEachFaultPointALaterProcessFindsOneTransaction) {
  long points = 0;
  for (long n = 1;; ++n) {
    SCOPED_TRACE("crash at point " + std::to_string(n));
    SqliteFile file;
    const pid_t child = fork();
    if (child == 0) {
      Countdown countdown{n, {}};
      set_fault_handler(
          [](void* context, std::string_view) {
            if (--static_cast<Countdown*>(context)->left == 0) _exit(3);  // nothing is cleaned up
          },
          &countdown);
      _exit(scenario(file).has_value() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_NE(WEXITSTATUS(status), 1) << "the scenario failed";
    check(file);
    if (WEXITSTATUS(status) == 0) break;
    points = n;
    // The next process goes on from there to the end.
    const Status again = scenario(file, 2);
    ASSERT_TRUE(again.has_value()) << again.error().message;
    check(file);
  }
  EXPECT_GT(points, 30);
}
#endif

TEST(SqliteDisk, EachFailingWriteLeavesOneTransaction) {
  FaultVfs vfs;
  set_log_sink([](std::string_view) {});  // logs that cannot be copied are said
  for (const DiskFault fault : {DiskFault::kFull, DiskFault::kIoError, DiskFault::kSyncFails}) {
    for (const bool for_good : {false, true}) {
      if (for_good && fault != DiskFault::kFull) continue;
      // Every write of a full disk; of the others every third, to be quick.
      for (long n = 1;; n += fault == DiskFault::kFull ? 1 : 3) {
        SCOPED_TRACE(fmt::format("fault {} {}at operation {}", static_cast<int>(fault),
                                 for_good ? "from " : "", n));
        SqliteFile file;
        vfs.arm(fault, n, for_good);
        const Status status = scenario(file);
        const bool met = vfs.disarm();
        if (!met) {
          EXPECT_TRUE(status.has_value());
          break;
        }
        if (!status) {
          const Code code = status.error().code;
          EXPECT_TRUE(code == Code::kFull || code == Code::kUnavailable || code == Code::kUnknown)
              << name_of(code) << ": " << status.error().message;
          if (fault == DiskFault::kFull) EXPECT_EQ(code, Code::kFull) << status.error().message;
        }
        check(file);
        if (::testing::Test::HasFailure()) break;
      }
    }
  }
  set_log_sink(nullptr);
}

TEST(SqliteDisk, FailedSyncOfACommitIsUnknown) {
  FaultVfs vfs;
  SqliteFile file;
  Session session(file.connect());
  ASSERT_TRUE(session.open(file.request()).has_value());
  ASSERT_TRUE(session.load({}).has_value());
  ASSERT_TRUE(session.store({{.id = 1, .amount = 1}}).has_value());
  vfs.arm(DiskFault::kSyncFails, 1, false);
  auto committed = session.destination().start_commit(checkpoint_at(1));
  EXPECT_TRUE(vfs.disarm());
  ASSERT_FALSE(committed.has_value());
  EXPECT_EQ(committed.error().code, Code::kUnknown) << committed.error().message;
  EXPECT_EQ(session.destination().acknowledge().error().code, Code::kUnknown) << "spent";
}

TEST(SqliteDisk, FullDiskIsToldAndNothingIsStored) {
  FaultVfs vfs;
  SqliteFile file;
  Session session(file.connect());
  ASSERT_TRUE(session.open(file.request()).has_value());
  ASSERT_TRUE(session.load({}).has_value());
  ASSERT_TRUE(session.store({{.id = 1, .amount = 1}}).has_value());
  vfs.arm(DiskFault::kFull, 1, false);
  auto committed = session.destination().start_commit(checkpoint_at(1));
  EXPECT_TRUE(vfs.disarm());
  ASSERT_FALSE(committed.has_value());
  EXPECT_EQ(committed.error().code, Code::kFull);
  session.drop();
  Session next(file.connect());
  auto opened = next.open(file.request());
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(opened->checkpoint->empty());
  EXPECT_EQ(file.query("SELECT count(*) FROM t"), "0");
}

}  // namespace
}  // namespace weir::testing
