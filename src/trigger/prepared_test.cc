#include "trigger/prepared.h"

#include <gtest/gtest.h>

#include <set>

namespace weir::trigger {
namespace {

Surroundings surroundings() {
  Surroundings out;
  out.variable = [](const std::string& name) -> std::optional<std::string> {
    if (name == "TOKEN") return "canary-token";
    return std::nullopt;
  };
  out.file = [](const std::string&) -> Result<std::string> {
    return error(Code::kNotFound, "no such file");
  };
  return out;
}

catalog::Trigger trigger(std::string payload) {
  catalog::Trigger out;
  out.name = "ci";
  out.url = Secret(std::string("https://a.example/hook?table={{tables.0.name}}"));
  out.payload_template = std::move(payload);
  out.headers.emplace("Authorization", Secret(std::string("Bearer ${env:TOKEN}")));
  return out;
}

std::shared_ptr<const Prepared> prepare(const catalog::Trigger& trigger) {
  auto made = Prepared::make(trigger,
                             {.materialization = "acme/tables",
                              .connector_image = "",
                              .endpoint = "sqlite",
                              .environment = "prod",
                              .product_version = "0.1.0"},
                             "abcdefgh");
  EXPECT_TRUE(made) << made.error().message;
  return *made;
}

RequestFacts facts() {
  RequestFacts out;
  out.request_id = "wr_aaaaaaaaaaaaaaaaaaaaaaaaaa";
  out.window = {.after = 4, .through = 7, .session = std::string(32, '0'), .due = true};
  out.window.run_id = Timestamp(std::chrono::microseconds(1'795'366'800'123'456));
  out.window.tables = {{.table = 1, .documents = 5, .stored = 3, .inserted = 2},
                       {.table = 0, .documents = 1, .stored = 1}};
  out.tables = {{"a", {"main", "a b"}, "acme/z"}, {"b", {"users"}, "acme/a"}};
  return out;
}

std::string header(const io::HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return std::string(value.reveal());
  }
  return "(none)";
}

TEST(Prepared, MakesTheRequestOfAnAttempt) {
  const auto prepared = prepare(trigger(
      R"({"id":"{{request_id}}","names":{{json collection_names}},"range":[{{transactions.after}},{{transactions.through}},{{transactions.count}}],"run":"{{run_id}}","key":"{{headers.Authorization}}","first":{{json tables.0.inserted}},"second":{{json tables.1.inserted}},"min":"{{flow_published_at_min}}"})"));
  const auto request = prepared->request(facts(), surroundings());
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(
      request->request.body.reveal(),
      R"({"id":"wr_aaaaaaaaaaaaaaaaaaaaaaaaaa","names":["acme/a","acme/z"],"range":[4,7,3],"run":"2026-11-22T17:00:00.123456Z","key":"Bearer canary-token","first":null,"second":2,"min":""})");
  EXPECT_EQ(request->request.method, "POST");
  EXPECT_EQ(request->request.url.reveal(), "https://a.example/hook?table=a%20b");
  EXPECT_EQ(header(request->request, "Content-Type"), "application/json");
  EXPECT_EQ(header(request->request, "User-Agent"), "weir/0.1.0");
  EXPECT_EQ(header(request->request, "Authorization"), "Bearer canary-token");
  EXPECT_EQ(header(request->request, "webhook-id"), "wr_aaaaaaaaaaaaaaaaaaaaaaaaaa");
  EXPECT_EQ(header(request->request, "Idempotency-Key"), "wr_aaaaaaaaaaaaaaaaaaaaaaaaaa-abcdefgh");
  EXPECT_EQ(header(request->request, "weir-revision"), "abcdefgh");
  EXPECT_EQ(header(request->request, "weir-test"), "(none)");
}

TEST(Prepared, TheSameFactsGiveTheSameBytes) {
  const auto prepared = prepare(trigger(R"({"tables":{{json tables}}})"));
  const auto again = prepare(trigger(R"({"tables":{{json tables}}})"));
  EXPECT_EQ(prepared->request(facts(), surroundings())->request.body.reveal(),
            again->request(facts(), surroundings())->request.body.reveal());
}

std::string body_of(const RequestFacts& facts) {
  const auto request = prepare(trigger(R"({"t":{{json tables}},"by":"{{trigger}}"})"))
                           ->request(facts, surroundings());
  EXPECT_TRUE(request) << request.error().message;
  return std::string(request->request.body.reveal());
}

TEST(Prepared, IndexesOfTablesDoNotShow) {
  RequestFacts renumbered = facts();
  std::swap(renumbered.tables[0], renumbered.tables[1]);
  renumbered.window.tables = {{.table = 0, .documents = 5, .stored = 3, .inserted = 2},
                              {.table = 1, .documents = 1, .stored = 1}};
  EXPECT_EQ(body_of(renumbered), body_of(facts()));
}

TEST(Prepared, StatesOfOneTableAreOneTable) {
  RequestFacts backfilled = facts();
  backfilled.tables.push_back({"b.v1", {"users"}, "acme/a"});
  backfilled.window.tables.push_back({.table = 2, .documents = 10, .stored = 10, .inserted = 7});
  const std::string body = body_of(backfilled);
  EXPECT_NE(body.find(R"("documents":15,"stored":13,"inserted":9,"updated":null)"),
            std::string::npos)
      << body;
}

TEST(Prepared, ARequestKeepsTheLabelItWasCutUnder) {
  RequestFacts former = facts();
  former.label = "POST https://a.example";
  EXPECT_NE(body_of(former).find(R"("by":"POST https://a.example")"), std::string::npos);
  EXPECT_NE(body_of(facts()).find(R"("by":"ci")"), std::string::npos);
}

TEST(Prepared, WhatAReceiverCouldEchoIsHidden) {
  auto made = trigger("{}");
  made.url = Secret(std::string("https://a.example/services/canary-IN-PATH?key=${env:TOKEN}"));
  made.headers.emplace("Content-Type", Secret(std::string("application/json")));
  const auto outgoing = prepare(made)->request(facts(), surroundings());
  ASSERT_TRUE(outgoing) << outgoing.error().message;
  std::set<std::string> hidden;
  for (const Secret& secret : outgoing->hidden) hidden.emplace(secret.reveal());
  EXPECT_EQ(hidden,
            (std::set<std::string>{"Bearer canary-token", "canary-token", "services",
                                   "canary-IN-PATH", "/services/canary-IN-PATH?key=canary-token"}));
}

TEST(Prepared, AUrlThatAReferenceBreaksIsPermanent) {
  auto made = trigger("{}");
  made.url = Secret(std::string("${file:url.txt}"));
  Surroundings two_lines = surroundings();
  two_lines.file = [](const std::string&) -> Result<std::string> {
    return std::string("https://a.example/\nX-Injected: 1\n");
  };
  const auto request = prepare(made)->request(facts(), two_lines);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, Code::kInvalid);
  EXPECT_EQ(request.error().message.find("Injected"), std::string::npos);
}

TEST(Prepared, ValuesInTheUrlCannotLeaveTheirPlace) {
  RequestFacts awkward = facts();
  awkward.tables[0].path = {"a&b=c/../${env:TOKEN}"};
  const auto request = prepare(trigger("{}"))->request(awkward, surroundings());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->request.url.reveal(),
            "https://a.example/hook?table=a%26b%3Dc%2F..%2F%24%7Benv%3ATOKEN%7D");
}

TEST(Prepared, APayloadThatIsNoJsonIsPermanentAndNamesItsPlace) {
  const auto prepared = prepare(trigger("{\"a\": \"{{{tables.0.name}}}\"}"));
  RequestFacts awkward = facts();
  awkward.tables[0].path = {"canary\"quote"};
  const auto request = prepared->request(awkward, surroundings());
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, Code::kInvalid);
  EXPECT_EQ(request.error().message, "trigger ci: the payload is no JSON at its line 1, column 15");
  EXPECT_EQ(request.error().message.find("canary"), std::string::npos);
}

TEST(Prepared, AnotherContentTypeNeedNotBeJson) {
  auto text = trigger("hello {{materialization_name}}");
  text.headers.emplace("content-TYPE", Secret(std::string("text/plain")));
  const auto request = prepare(text)->request(facts(), surroundings());
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->request.body.reveal(), "hello acme/tables");
  EXPECT_EQ(header(request->request, "content-TYPE"), "text/plain");
  EXPECT_EQ(header(request->request, "Content-Type"), "(none)");
}

TEST(Prepared, AMissingReferenceIsNamed) {
  auto sealed = trigger("{}");
  sealed.headers.emplace("X-Key", Secret(std::string("${env:GONE}")));
  const auto prepared = prepare(sealed);
  EXPECT_FALSE(prepared->check(surroundings()));
  const auto request = prepared->request(facts(), surroundings());
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, Code::kSealed);
  EXPECT_EQ(request.error().message,
            "trigger ci: header X-Key: the environment variable GONE is not set, which ${env:GONE} "
            "names");
}

TEST(Prepared, ATestSaysThatItIsOneAndAPreviewHidesSecrets) {
  const auto prepared =
      prepare(trigger(R"({"key":"{{headers.Authorization}}","n":{{tables.0.documents}}})"));
  const auto test = prepared->test_request(surroundings());
  ASSERT_TRUE(test) << test.error().message;
  EXPECT_EQ(header(test->request, "weir-test"), "true");
  EXPECT_EQ(header(test->request, "webhook-id"), "wr_test");
  const auto preview = prepared->preview(facts());
  ASSERT_TRUE(preview) << preview.error().message;
  EXPECT_EQ(*preview, R"({"key":"[secret]","n":1})");
}

}  // namespace
}  // namespace weir::trigger
