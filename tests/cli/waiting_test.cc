// weir run beside a destination that gives no answer.
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>

#include <utility>

#include "tests/cli/fixture.h"
#include "tests/cli/program.h"

namespace weir::cli {
namespace {

using Rows = std::vector<std::string>;

constexpr const char* kOther = R"(
  acme/other:
    endpoint: { sqlite: { path: other.sqlite } }
    bindings:
      - { resource: { table: totals }, source: acme/totals }
)";

// The test holds the whole database, as another program can.
class Waiting : public testing::Test {
 protected:
  void SetUp() override {
    folder.write("flow.yaml", std::string(kOrders) + kShop + kOther);
    const Ran appended =
        folder.run({"append", "acme/totals"}, "{\"customer\": \"a\", \"total\": 1}");
    ASSERT_EQ(appended.code, 0) << appended.err;
    const Ran first = folder.run({"run", "--until-caught-up", "--name", "acme/shop"});
    ASSERT_EQ(first.code, 0) << first.err;
    ASSERT_EQ(::sqlite3_open(folder.file("shop.sqlite").c_str(), &holder_), SQLITE_OK);
    ASSERT_EQ(::sqlite3_exec(holder_, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", nullptr,
                             nullptr, nullptr),
              SQLITE_OK);
  }
  void TearDown() override { let_go(); }
  void let_go() { ::sqlite3_close(std::exchange(holder_, nullptr)); }
  Rows totals(const std::string& file) const {
    return rows(folder.file(file), "SELECT customer, total FROM totals ORDER BY customer");
  }
  Folder folder;

 private:
  sqlite3* holder_ = nullptr;
};

TEST_F(Waiting, IsNoneUntilCaughtUp) {
  const Ran ran = folder.run({"run", "--until-caught-up"});
  EXPECT_EQ(ran.code, 1) << ran.err;
  EXPECT_NE(ran.err.find("[E412]"), std::string::npos) << ran.err;
  EXPECT_EQ(folder.run({"run", "--until-caught-up", "--name", "acme/other"}).code, 0);
  EXPECT_EQ(totals("other.sqlite"), Rows{"a | 1"});
}

TEST_F(Waiting, HoldsNobodyElseUpAndEndsByItself) {
  const auto running = folder.start({"run"});
  EXPECT_NE(running->wait_for_log("waiting for the destination").find("task=acme/shop"),
            std::string::npos);
  EXPECT_NE(running->wait_for_log("committed").find("task=acme/other"), std::string::npos);
  const Ran status = folder.run({"status", "acme/shop"});
  EXPECT_EQ(status.code, 1);
  EXPECT_NE(status.out.find("retrying"), std::string::npos) << status.out << status.err;
  let_go();
  EXPECT_NE(running->wait_for_log("opened").find("task=acme/shop"), std::string::npos);
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 0);
}

TEST_F(Waiting, EndsAtAHangUpAndAtASignal) {
  const auto running = folder.start({"run", "--name", "acme/shop", "--json"});
  running->wait_for_log("waiting for the destination");
  running->signal(SIGHUP);
  running->wait_for_log("everything goes on as it was");
  running->signal(SIGTERM);
  const Ran ran = running->wait();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("database is locked"), std::string::npos) << ran.out;
  const auto again = folder.start({"run", "--name", "acme/shop"});
  again->wait_for_log("waiting for the destination");
  let_go();
  again->signal(SIGHUP);
  again->wait_for_log("catalog read again");
  again->wait_for_log("opened");
  again->signal(SIGTERM);
  EXPECT_EQ(again->wait().code, 0);
  EXPECT_EQ(totals("shop.sqlite"), Rows{"a | 1"});
}

}  // namespace
}  // namespace weir::cli
