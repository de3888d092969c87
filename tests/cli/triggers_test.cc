// weir triggers pending, history, render, test, redeliver, discard
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/cli/fixture.h"
#include "tests/cli/program.h"

namespace weir::cli {
namespace {

class Triggers : public testing::Test {
 protected:
  // A receiver that refuses one request, and a run that parked it.
  void park() {
    receiver = std::make_unique<Receiver>(folder, Words{"--status", "400", "--first", "1"});
    folder.write("flow.yaml",
                 shop_with_triggers(trigger("ci", receiver->url(), "  delivery: background\n")));
    ASSERT_EQ(folder.run({"append", "acme/orders"}, "{\"id\": 1}").code, 0);
    const Ran ran = folder.run({"run", "--until-caught-up", "--wait", "5s"});
    ASSERT_EQ(ran.code, 6) << ran.err;
    first_id = member(receiver->next().root, "webhook_id");
  }
  json::Tree json_of(Words words, int code = 0) {
    words.push_back("--json");
    const Ran ran = folder.run(words);
    EXPECT_EQ(ran.code, code) << ran.err;
    return parse(ran.out);
  }
  Folder folder;
  std::unique_ptr<Receiver> receiver;
  std::string first_id;
};

TEST_F(Triggers, PendingListsWhatIsOwed) {
  park();
  const json::Tree pending = json_of({"triggers", "pending"});
  ASSERT_EQ(pending.root.size(), 1u);
  const json::Value& row = pending.root.items()[0];
  EXPECT_EQ(member(row, "materialization"), "acme/shop");
  EXPECT_EQ(member(row, "trigger"), "ci");
  EXPECT_EQ(member(row, "request_id"), first_id);
  EXPECT_EQ(member(row, "after"), "0");
  EXPECT_EQ(member(row, "through"), "1");
  EXPECT_EQ(member(row, "state"), "parked");
  EXPECT_EQ(member(row, "attempts"), "1");
  EXPECT_EQ(member(row, "next_attempt_at"), "null");
  EXPECT_EQ(json_of({"triggers", "pending", "acme/shop"}).root.size(), 1u);
  EXPECT_EQ(json_of({"triggers", "pending", "ci"}).root.size(), 1u);
  EXPECT_EQ(json_of({"triggers", "pending", "acme/shop", "ci"}).root.size(), 1u);
  EXPECT_EQ(json_of({"triggers", "pending", "other"}).root.size(), 0u);
  EXPECT_NE(folder.run({"triggers", "pending"}).out.find("parked"), std::string::npos);
}

TEST_F(Triggers, HistoryListsAttempts) {
  park();
  const json::Tree history = json_of({"triggers", "history"});
  ASSERT_EQ(history.root.size(), 1u);
  const json::Value& row = history.root.items()[0];
  EXPECT_EQ(member(row, "request_id"), first_id);
  EXPECT_EQ(member(row, "trigger"), "ci");
  EXPECT_EQ(member(row, "revision").size(), 8u);
  const json::Value* attempts = row.find("attempts");
  ASSERT_NE(attempts, nullptr);
  ASSERT_GE(attempts->size(), 1u);
  EXPECT_EQ(member(attempts->items()[0], "status"), "400");
  for (const char* name : {"at", "error", "milliseconds", "bytes"}) {
    EXPECT_NE(attempts->items()[0].find(name), nullptr) << name;
  }
  EXPECT_NE(folder.run({"triggers", "history"}).out.find("status 400"), std::string::npos);
  EXPECT_EQ(json_of({"triggers", "history", "--limit", "0"}).root.size(), 0u);
}

TEST_F(Triggers, RedeliverWithoutAProcessIsKeptForTheNextRun) {
  park();
  const Ran noted = folder.run({"triggers", "redeliver", "ci"});
  EXPECT_EQ(noted.code, 0) << noted.err;
  EXPECT_NE(noted.out.find("not running"), std::string::npos) << noted.out;
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  EXPECT_EQ(member(receiver->next().root, "webhook_id"), first_id);
  EXPECT_EQ(json_of({"triggers", "pending"}).root.size(), 0u);
  EXPECT_EQ(folder.run({"status"}).code, 0);
}

TEST_F(Triggers, DiscardWithoutAProcessIsKeptForTheNextRun) {
  park();
  EXPECT_EQ(folder.run({"triggers", "discard", "acme/shop", "ci", first_id}).code, 0);
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  EXPECT_EQ(json_of({"triggers", "pending"}).root.size(), 0u);
  EXPECT_EQ(folder.run({"triggers", "discard", "ci", "wr_aaaaaaaaaaaaaaaaaaaaaaaaaa"}).code, 2);
}

TEST_F(Triggers, ARunningProcessActsAtOnce) {
  park();
  const auto running = folder.start({"run"});
  running->wait_for_log("opened");
  const json::Tree answer = json_of({"triggers", "redeliver", "ci", first_id});
  EXPECT_EQ(member(answer.root.items()[0], "request_id"), first_id);
  EXPECT_EQ(member(receiver->next().root, "webhook_id"), first_id);
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 0);
  EXPECT_EQ(json_of({"triggers", "pending"}).root.size(), 0u);
}

TEST_F(Triggers, RedeliverSendsADeliveredOneAgain) {
  receiver = std::make_unique<Receiver>(folder);
  folder.write("flow.yaml", shop_with_triggers(trigger("ci", receiver->url())));
  ASSERT_EQ(folder.run({"append", "acme/orders"}, "{\"id\": 1}").code, 0);
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  const json::Tree first = receiver->next();
  EXPECT_EQ(folder.run({"triggers", "redeliver", "ci", member(first.root, "webhook_id")}).code, 0);
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  const json::Tree second = receiver->next();
  EXPECT_EQ(member(second.root, "webhook_id"), member(first.root, "webhook_id"));
  EXPECT_EQ(member(second.root, "body"), member(first.root, "body"));
}

TEST_F(Triggers, RenderShowsThePayload) {
  receiver = std::make_unique<Receiver>(folder);
  folder.write("flow.yaml", shop_with_triggers(trigger("ci", receiver->url())));
  Ran ran = folder.run({"triggers", "render", "ci"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.err.find("sample"), std::string::npos);
  EXPECT_EQ(member(parse(ran.out).root, "through"), "1");
  ASSERT_EQ(folder.run({"append", "acme/orders"}, "{\"id\": 1}").code, 0);
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  const json::Tree sent = receiver->next();
  const json::Tree rendered = json_of({"triggers", "render", "ci"});
  EXPECT_EQ(member(rendered.root.items()[0], "payload"), member(sent.root, "body"));
  EXPECT_EQ(member(rendered.root.items()[0], "revision"), member(sent.root, "revision"));
  EXPECT_EQ(member(rendered.root.items()[0], "request_id"), member(sent.root, "webhook_id"));
}

TEST_F(Triggers, RenderShowsNoSecrets) {
  folder.write("flow.yaml", shop_with_triggers("- name: ci\n  url: http://127.0.0.1:1/x\n  "
                                               "payloadTemplate: '{\"k\": \"{{secrets.k}}\"}'\n"
                                               "  secrets: { k: canary-4711 }\n"));
  const Ran ran = folder.run({"triggers", "render", "ci"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ((ran.out + ran.err).find("canary-4711"), std::string::npos);
}

TEST_F(Triggers, TestSendsOneRequestThatSaysSo) {
  receiver = std::make_unique<Receiver>(folder, Words{"--status", "500", "--first", "1"});
  folder.set("TOKEN", "canary-4711");
  folder.write("flow.yaml", shop_with_triggers(
                                trigger("ci", receiver->url(),
                                        "  headers: { Authorization: 'Bearer ${env:TOKEN}' }\n")));
  const Ran refused = folder.run({"triggers", "test", "ci"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.out.find("status 500"), std::string::npos) << refused.out;
  const json::Tree taken = json_of({"triggers", "test", "acme/shop", "ci"});
  EXPECT_EQ(member(taken.root.items()[0], "status"), "200");
  receiver->next();
  const json::Tree request = receiver->next();
  EXPECT_NE(json::to_text(request.root).find("test"), std::string::npos);
  EXPECT_EQ((refused.out + refused.err).find("canary-4711"), std::string::npos);
  EXPECT_EQ(json_of({"triggers", "history"}).root.size(), 0u);
}

TEST_F(Triggers, UnknownNamesGetADidYouMean) {
  folder.write("flow.yaml", shop_with_triggers(trigger("build", "https://ci.example.com/hook")));
  for (const char* verb : {"render", "test", "redeliver", "discard"}) {
    const Ran ran = folder.run({"triggers", verb, "biuld"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("no trigger \"biuld\" (did you mean \"build\"?)"), std::string::npos)
        << ran.err;
  }
  const Ran ran = folder.run({"triggers", "test", "acme/shp", "build"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("did you mean \"acme/shop\"?"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace weir::cli
