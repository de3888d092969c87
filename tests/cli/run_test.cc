// weir run, weir leave: rows, requests, signals, owners.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/cli/fixture.h"
#include "tests/cli/program.h"

namespace weir::cli {
namespace {

constexpr const char* kOrderRows = "SELECT id, total FROM orders ORDER BY id";
constexpr const char* kTotalRows = "SELECT customer, total FROM totals ORDER BY customer";
using Rows = std::vector<std::string>;

class Run : public testing::Test {
 protected:
  void append(const std::string& collection, const std::string& lines) {
    const Ran ran = folder.run({"append", collection}, lines);
    ASSERT_EQ(ran.code, 0) << ran.err;
  }
  Ran catch_up(Words more = {}) {
    Words words{"run", "--until-caught-up"};
    words.insert(words.end(), more.begin(), more.end());
    return folder.run(words);
  }
  Rows table(const std::string& query) { return rows(folder.file("shop.sqlite"), query); }
  Folder folder;
};

TEST_F(Run, TablesAreTheReductionOfTheirCollections) {
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  append("acme/orders", "{\"id\": 1, \"total\": 5}{\"id\": 2, \"total\": 6}");
  append("acme/totals",
         "{\"customer\": \"a\", \"total\": 5}{\"customer\": \"b\", \"total\": 1}{\"customer\": "
         "\"a\", \"total\": 2}");
  Ran ran = catch_up();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(table(kOrderRows), (Rows{"1 | 5", "2 | 6"}));
  EXPECT_EQ(table(kTotalRows), (Rows{"a | 7", "b | 1"}));
  // A second run does nothing, a third goes on.
  ran = catch_up();
  EXPECT_EQ(ran.code, 0) << ran.err;
  append("acme/orders", "{\"id\": 2, \"total\": 60}");
  append("acme/totals", "{\"customer\": \"b\", \"total\": 10}");
  ran = catch_up({"--json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(table(kOrderRows), (Rows{"1 | 5", "2 | 60"}));
  EXPECT_EQ(table(kTotalRows), (Rows{"a | 7", "b | 11"}));
  const json::Tree results = parse(ran.out);
  ASSERT_EQ(results.root.size(), 1u);
  EXPECT_EQ(member(results.root.items()[0], "materialization"), "acme/shop");
  EXPECT_EQ(member(results.root.items()[0], "end"), "done");
  EXPECT_EQ(member(results.root.items()[0], "exit_code"), "0");
  EXPECT_EQ(member(results.root.items()[0], "documents"), "2");
}

TEST_F(Run, EachCommitFiresItsTriggers) {
  Receiver receiver(folder);
  folder.write("flow.yaml", shop_with_triggers(trigger("ci", receiver.url() + "/hook")));
  append("acme/orders", "{\"id\": 1, \"total\": 5}");
  Ran ran = catch_up();
  EXPECT_EQ(ran.code, 0) << ran.err;
  const json::Tree request = receiver.next();
  EXPECT_EQ(member(request.root, "path"), "/hook");
  const json::Tree body = parse(member(request.root, "body"));
  EXPECT_EQ(member(body.root, "id"), member(request.root, "webhook_id"));
  EXPECT_EQ(member(body.root, "id").substr(0, 3), "wr_");
  EXPECT_EQ(member(body.root, "through"), "1");
  EXPECT_EQ(member(request.root, "revision").size(), 8u);
  append("acme/orders", "{\"id\": 1, \"total\": 6}");
  EXPECT_EQ(catch_up().code, 0);
  EXPECT_EQ(member(parse(receiver.next_body()).root, "through"), "2");
}

TEST_F(Run, AReceiverThatRecoversGetsTheSameRequest) {
  Receiver receiver(folder, {"--status", "503", "--first", "1"});
  folder.write("flow.yaml", shop_with_triggers(trigger("ci", receiver.url())));
  append("acme/orders", "{\"id\": 1}");
  EXPECT_EQ(catch_up().code, 0);
  const json::Tree first = receiver.next();
  const json::Tree second = receiver.next();
  EXPECT_EQ(member(first.root, "status"), "503");
  EXPECT_EQ(member(second.root, "status"), "200");
  EXPECT_EQ(member(first.root, "webhook_id"), member(second.root, "webhook_id"));
  EXPECT_EQ(member(first.root, "body"), member(second.root, "body"));
}

TEST_F(Run, InlineFailuresEndIt) {
  const Receiver receiver(folder, {"--status", "400"});
  folder.write("flow.yaml", shop_with_triggers(trigger("ci", receiver.url())));
  append("acme/orders", "{\"id\": 1, \"total\": 5}");
  const Ran ran = catch_up({"--wait", "5s"});
  EXPECT_EQ(ran.code, 1) << ran.err;
  EXPECT_NE(ran.err.find("ci"), std::string::npos) << ran.err;
  EXPECT_EQ(table(kOrderRows), (Rows{"1 | 5"}));
}

TEST_F(Run, ParkedRequestsAreExit6) {
  const Receiver receiver(folder, {"--status", "400"});
  folder.write("flow.yaml",
               shop_with_triggers(trigger("ci", receiver.url(), "  delivery: background\n")));
  append("acme/orders", "{\"id\": 1, \"total\": 5}");
  const Ran ran = catch_up({"--wait", "5s"});
  EXPECT_EQ(ran.code, 6) << ran.err;
  EXPECT_EQ(table(kOrderRows), (Rows{"1 | 5"}));
}

TEST_F(Run, AValueThatTheTableCannotHoldIsExit1) {
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  append("acme/orders", "{\"id\": 1, \"total\": 99999999999999999999999}");
  const Ran ran = catch_up();
  EXPECT_EQ(ran.code, 1) << ran.err;
  EXPECT_NE(ran.err.find("total"), std::string::npos) << ran.err;
}

TEST_F(Run, DrainsOnTheFirstSignal) {
  struct Case {
    int signal;
    int code;
  };
  for (const Case& c : {Case{SIGTERM, 0}, Case{SIGINT, 130}}) {
    SCOPED_TRACE(c.signal);
    folder.write("flow.yaml", std::string(kOrders) + kShop);
    const auto running = folder.start({"run"});
    running->wait_for_log("opened");
    running->signal(c.signal);
    EXPECT_EQ(running->wait().code, c.code);
  }
}

// Told to end while a receiver keeps a request for ten minutes.
class RunThatWaits : public Run {
 protected:
  std::unique_ptr<Running> drain_for(const std::string& time) {
    folder.write("flow.yaml",
                 shop_with_triggers(trigger("ci", receiver.url(), "  timeout: 20m\n")));
    append("acme/orders", "{\"id\": 1, \"total\": 5}");
    auto running = folder.start({"run", "--drain", time});
    running->wait_for_log("committed");
    running->signal(SIGTERM);
    return running;
  }
  const Receiver receiver{folder, {"--delay", "10m"}};
};

TEST_F(RunThatWaits, ASecondSignalExitsAtOnce) {
  const auto running = drain_for("20m");
  running->wait_for_log("draining");
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 130);
  EXPECT_EQ(table(kOrderRows), (Rows{"1 | 5"}));
}

TEST_F(RunThatWaits, ADrainEndsInTime) {
  EXPECT_EQ(drain_for("100ms")->wait().code, 0);
}

TEST_F(Run, PrivateAddressesCanBeRefused) {
  const Receiver receiver(folder);
  folder.write("flow.yaml",
               shop_with_triggers(trigger("ci", receiver.url(), "  delivery: background\n")));
  append("acme/orders", "{\"id\": 1}");
  const Ran refused = catch_up({"--egress", "public", "--wait", "5s"});
  EXPECT_EQ(refused.code, 6) << refused.err;
  EXPECT_NE(refused.err.find("127.0.0.1"), std::string::npos) << refused.err;
}

// Header values and secrets are in no log, no state and no answer to a question.
TEST_F(Run, SecretsAreLeftNowhere) {
  Receiver receiver(folder, {"--status", "500", "--first", "1"});
  folder.set("TOKEN", "canary-header");
  folder.write("key.txt", "canary-file\n");
  folder.write("flow.yaml",
               shop_with_triggers(trigger(
                   "ci", receiver.url() + "/hook",
                   "  headers: { Authorization: 'Bearer ${env:TOKEN}', X-Clear: canary-clear }\n"
                   "  secrets: { key: '${file:key.txt}' }\n")));
  append("acme/orders", "{\"id\": 1}");
  const Ran ran = catch_up({"--log", "trace", "--json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const json::Tree request = receiver.next();
  EXPECT_EQ(member(request.root, "path"), "/hook");
  std::string seen = ran.out + ran.err;
  for (const Words& words :
       {Words{"status", "--json"}, Words{"triggers", "history", "--json"}, Words{"build"},
        Words{"validate", "--json"}, Words{"triggers", "render", "ci"}}) {
    const Ran asked = folder.run(words);
    seen += asked.out + asked.err;
  }
  EXPECT_EQ(seen.find("canary"), std::string::npos) << seen;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    const std::string name = std::filesystem::relative(entry.path(), folder.path()).string();
    if (!entry.is_regular_file() || name == "flow.yaml" || name == "key.txt") continue;
    EXPECT_EQ(folder.read(name).find("canary"), std::string::npos) << name;
  }
}

TEST_F(Run, FollowsJournalsThatGrow) {
  Receiver receiver(folder);
  folder.write("flow.yaml", shop_with_triggers(trigger("ci", receiver.url())));
  const auto running = folder.start({"run"});
  running->wait_for_log("opened");
  for (int i = 1; i <= 3; ++i) {
    append("acme/totals", "{\"customer\": \"a\", \"total\": 1}");
    EXPECT_EQ(member(parse(receiver.next_body()).root, "through"), std::to_string(i));
    EXPECT_EQ(table(kTotalRows), (Rows{"a | " + std::to_string(i)}));
  }
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 0);
}

TEST_F(Run, HangUpOpensWhatChangedAndABadCatalogChangesNothing) {
  Receiver receiver(folder);
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const auto running = folder.start({"run"});
  running->wait_for_log("opened");
  folder.write("flow.yaml", "collections: 7\n");
  running->signal(SIGHUP);
  running->wait_for_log("everything goes on as it was");
  folder.write("flow.yaml", shop_with_triggers(trigger("ci", receiver.url())));
  running->signal(SIGHUP);
  running->wait_for_log("catalog read again");
  running->wait_for_log("opened");
  append("acme/orders", "{\"id\": 1}");
  EXPECT_EQ(member(parse(receiver.next_body()).root, "through"), "1");
  running->signal(SIGHUP);  // nothing changed
  running->wait_for_log("changed=0");
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 0);
}

TEST_F(Run, CountsGoOnWhenATaskIsOpenedAnew) {
  Receiver receiver(folder);
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const auto running = folder.start({"run"});
  running->wait_for_log("opened");
  append("acme/orders", "{\"id\": 1}");
  running->wait_for_log("transaction=1 documents=1 rows=1");
  folder.write("flow.yaml", shop_with_triggers(trigger("ci", receiver.url())));
  running->signal(SIGHUP);
  running->wait_for_log("changed=1");
  running->wait_for_log("opened");
  append("acme/orders", "{\"id\": 2}");
  running->wait_for_log("transaction=2 documents=1 rows=1");
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 0);
}

TEST_F(Run, TheStateHasOneOwner) {
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const auto running = folder.start({"run"});
  running->wait_for_log("opened");
  EXPECT_EQ(catch_up().code, 4);
  // Another state folder does not help: the endpoint has an owner, too.
  const Ran other = catch_up({"--state", "other"});
  EXPECT_EQ(other.code, 4) << other.err;
  EXPECT_NE(other.err.find("--take-over"), std::string::npos) << other.err;
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 0);
  EXPECT_EQ(catch_up({"--state", "other"}).code, 0);
}

TEST_F(Run, TakingOverFencesTheOtherOff) {
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  append("acme/totals", "{\"customer\": \"a\", \"total\": 1}");
  const auto running = folder.start({"run"});
  running->wait_for_log("committed");
  EXPECT_EQ(catch_up({"--state", "other", "--take-over"}).code, 0);
  append("acme/totals", "{\"customer\": \"a\", \"total\": 1}");
  EXPECT_EQ(running->wait().code, 4);
  EXPECT_EQ(catch_up({"--state", "other"}).code, 0);
  EXPECT_EQ(table(kTotalRows), (Rows{"a | 2"}));
}

TEST_F(Run, AKilledProcessLosesNothing) {
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  for (int i = 0; i < 3; ++i) {
    const auto running = folder.start({"run"});
    append("acme/totals", "{\"customer\": \"a\", \"total\": 1}");
    running->wait_for_log("committed");
    running->signal(SIGKILL);
    EXPECT_EQ(running->wait().code, 128 + SIGKILL);
  }
  EXPECT_EQ(catch_up().code, 0);
  EXPECT_EQ(table(kTotalRows), (Rows{"a | 3"}));
}

TEST_F(Run, NamesChooseMaterializations) {
  folder.write("flow.yaml", std::string(kOrders) + kShop + R"(
  acme/other:
    endpoint: { sqlite: { path: other.sqlite } }
    bindings:
      - { resource: { table: orders }, source: acme/orders }
)");
  append("acme/orders", "{\"id\": 1, \"total\": 5}");
  EXPECT_EQ(catch_up({"--name", "acme/other"}).code, 0);
  EXPECT_EQ(rows(folder.file("other.sqlite"), kOrderRows), (Rows{"1 | 5"}));
  EXPECT_FALSE(std::filesystem::exists(folder.file("shop.sqlite")));
  EXPECT_EQ(catch_up({"--name", "acme/othr"}).code, 2);
  EXPECT_EQ(catch_up().code, 0);
  EXPECT_EQ(table(kOrderRows), (Rows{"1 | 5"}));
}

TEST_F(Run, TheStateIsPrivate) {
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  EXPECT_EQ(catch_up().code, 0);
  struct stat info {};
  ASSERT_EQ(::stat(folder.file(".weir").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  EXPECT_TRUE(std::filesystem::exists(folder.file(".weir/tasks/acme%2Fshop")));
}

TEST_F(Run, TheLogIsJsonWhereAskedFor) {
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  append("acme/orders", "{\"id\": 1, \"total\": 5}");
  const Ran ran = catch_up({"--log-format", "json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  std::size_t begin = 0;
  std::size_t lines = 0;
  while (begin < ran.err.size()) {
    const std::size_t end = ran.err.find('\n', begin);
    EXPECT_TRUE(parse(ran.err.substr(begin, end - begin)).root.is_object());
    begin = end + 1;
    ++lines;
  }
  EXPECT_GE(lines, 3u);
}

TEST_F(Run, LeavingNeedsTakingOverToComeBack) {
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  append("acme/totals", "{\"customer\": \"a\", \"total\": 1}");
  EXPECT_EQ(catch_up().code, 0);
  const Ran left = folder.run({"leave"});
  EXPECT_EQ(left.code, 0) << left.err;
  EXPECT_EQ(catch_up().code, 4);
  append("acme/totals", "{\"customer\": \"a\", \"total\": 1}");
  EXPECT_EQ(catch_up({"--take-over"}).code, 0);
  EXPECT_EQ(table(kTotalRows), (Rows{"a | 2"}));
}

TEST_F(Run, LeavingRefusesToForgetWhatIsOwed) {
  const Receiver receiver(folder, {"--status", "400"});
  folder.write("flow.yaml",
               shop_with_triggers(trigger("ci", receiver.url(), "  delivery: background\n")));
  append("acme/orders", "{\"id\": 1, \"total\": 5}");
  EXPECT_EQ(catch_up({"--wait", "5s"}).code, 6);
  const Ran refused = folder.run({"leave"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("--discard"), std::string::npos) << refused.err;
  EXPECT_EQ(folder.run({"leave", "--discard"}).code, 0);
}

TEST_F(Run, WhatCannotBePrintedIsAFailure) {
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  append("acme/orders", "{\"id\": 1, \"total\": 5}");
  const std::string script = "cd '" + folder.path() + "' && '" + WEIR_PROGRAM +
                             "' read acme/orders > /dev/full 2> said; echo $? > code";
  ASSERT_EQ(std::system(script.c_str()), 0);
  EXPECT_EQ(folder.read("code"), "1\n");
  EXPECT_NE(folder.read("said").find("cannot write standard output: No space left"),
            std::string::npos)
      << folder.read("said");
}

// No database or socket takes the place of a standard output that was closed.
TEST_F(Run, ClosedDescriptorsStayEmpty) {
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const std::string script =
      "cd '" + folder.path() + "' && { '" + WEIR_PROGRAM +
      "' run <&- >&- 2>&- & p=$!; until [ -e shop.sqlite ] || ! kill -0 $p; do sleep 0.02; done; "
      "for fd in 0 1 2; do readlink /proc/$p/fd/$fd >> links; done; kill $p; wait $p; }";
  ASSERT_EQ(std::system(script.c_str()), 0);
  EXPECT_EQ(folder.read("links"), "/dev/null\n/dev/null\n/dev/null\n");
}
}  // namespace
}  // namespace weir::cli
