#include "app/new_trigger.h"

#include <gtest/gtest.h>

#include "app/secret_parts.h"
#include "app/trigger_insert.h"

namespace weir::app {
namespace {

WebhookWish wish_for(const std::string& url) {
  WebhookWish wish;
  wish.name = "ci";
  wish.url = Secret(url);
  return wish;
}

std::string member(const NewTrigger& trigger, std::string_view name) {
  const json::Value* value = trigger.item.root.find(name);
  if (value == nullptr) return "(none)";
  return value->is_string() ? std::string(value->as_string()) : json::to_text(*value);
}

TEST(NewTrigger, CredentialsBecomeReferences) {
  WebhookWish wish = wish_for("https://ci.example.com/hook");
  const std::vector<std::pair<std::string, std::string>> headers = {
      {"Authorization", "Bearer canary"},
      {"X-Api-Key", "canary"},
      {"X-Own", ""},
      {"Content-Type", "application/json"},
      {"X-Ref", "${file:key.txt}"}};
  for (const auto& [name, value] : headers) wish.headers.emplace_back(name, Secret(value));
  wish.plain_headers.emplace_back("X-Plain", Secret("a${b"));
  const auto trigger = new_trigger(wish);
  ASSERT_TRUE(trigger) << trigger.error().message;
  EXPECT_EQ(
      member(*trigger, "headers"),
      R"({"Authorization":"Bearer ${env:CI_AUTHORIZATION}","X-Api-Key":"${env:CI_X_API_KEY}",)"
      R"("X-Own":"${env:CI_X_OWN}","Content-Type":"application/json",)"
      R"("X-Ref":"${file:key.txt}","X-Plain":"a$${b"})");
  ASSERT_EQ(trigger->variables.size(), 3u);
  EXPECT_EQ(trigger->variables.at("CI_AUTHORIZATION").reveal(), "canary");
  EXPECT_EQ(trigger->variables.at("CI_X_OWN").reveal(), "");
}

TEST(NewTrigger, AUrlThatCarriesACredentialBecomesAReference) {
  const auto trigger = new_trigger(
      wish_for("https://hooks.slack.com/services/T000AB1C2/B00XYZ/abcdEFGH1234ijklMNOP5678"));
  ASSERT_TRUE(trigger);
  EXPECT_EQ(member(*trigger, "url"), "${env:CI_URL}");
  EXPECT_EQ(trigger->variables.count("CI_URL"), 1u);
  const auto plain = new_trigger(wish_for("https://ci.example.com/hook"));
  EXPECT_EQ(member(*plain, "url"), "https://ci.example.com/hook");
  EXPECT_TRUE(plain->variables.empty());
}

TEST(NewTrigger, WhatCannotBeIsSaid) {
  struct Case {
    std::string url, interval, delivery, body, says;
  };
  const Case cases[] = {
      {"ci.example.com", "1m", "background", "json", "the URL is none"},
      {"ftp://ci.example.com/", "1m", "background", "json", "neither http nor https"},
      {"https://user:pass@ci.example.com/", "1m", "background", "json", "user name or password"},
      {"https://ci.example.com/", "soon", "background", "json", "not \"soon\""},
      {"https://ci.example.com/", "1m", "later", "json", "not \"later\""},
      {"https://ci.example.com/", "1m", "inline", "xml", "no body \"xml\""},
  };
  for (const Case& c : cases) {
    WebhookWish wish = wish_for(c.url);
    wish.interval = c.interval;
    wish.delivery = c.delivery;
    wish.body = c.body;
    const auto trigger = new_trigger(wish);
    ASSERT_FALSE(trigger) << c.url;
    EXPECT_NE(trigger.error().message.find(c.says), std::string::npos) << trigger.error().message;
    EXPECT_EQ(trigger.error().message.find("pass@"), std::string::npos);
  }
}

TEST(NewTrigger, Proposals) {
  EXPECT_EQ(propose_name("https://hooks.slack.com/services/x", {}), "slack");
  EXPECT_EQ(propose_name("https://hooks.slack.com/x", {"slack", "slack-2"}), "slack-3");
  EXPECT_EQ(propose_name("http://127.0.0.1:8080/", {}), "webhook");
  EXPECT_EQ(propose_name("http://localhost/", {}), "webhook");
  EXPECT_EQ(propose_name("${env:URL}", {"webhook"}), "webhook-2");
  EXPECT_EQ(propose_body("https://hooks.slack.com/services/x"), "slack");
  EXPECT_EQ(propose_body("https://cloud.getdbt.com/api/v2/accounts/1/jobs/2/run/"), "dbt");
  EXPECT_EQ(propose_body("https://api.github.com/repos/a/b/dispatches"), "github");
  EXPECT_EQ(propose_body("nonsense"), "json");
}

TEST(NewTrigger, Headers) {
  EXPECT_EQ(read_header("A=b=c")->second.reveal(), "b=c");
  EXPECT_EQ(read_header("A: b=c")->first, "A");
  EXPECT_EQ(read_header("A: b=c")->second.reveal(), "b=c");
  EXPECT_EQ(read_header("A=")->second.reveal(), "");
  for (const char* odd : {"canary", "=canary", ""}) {
    const auto header = read_header(odd);
    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().message.find("canary"), std::string::npos);
  }
}

// --- into the text of a file ---

Result<std::string> inserted(const std::string& path, const std::string& text) {
  WEIR_TRY(const NewTrigger trigger, new_trigger(wish_for("https://ci.example.com/hook")));
  WEIR_TRY(const auto document, parse_document(path, Secret(text)));
  WEIR_TRY(const Secret out, with_trigger(path, *document, "m", trigger.item.root));
  return std::string(out.reveal());
}

TEST(TriggerInsert, WhatIsUnusualIsLeftAlone) {
  const std::string base = "materializations:\n  m:\n    bindings: []\n";
  struct Case {
    std::string text, says;
  };
  const Case cases[] = {
      {"materializations:\n  other: {}\n", "there is no m in it"},
      {"materializations:\n  m: nothing\n", "it is no map"},
      {base + "    triggers: elsewhere.yaml\n", "do not stand here"},
      {base + "    triggers: # later\n", "a comment stands behind"},
      {base + "    triggers:\n      config: [] # none yet\n", "a comment stands behind"},
      {base + "    triggers:\n      config: { a: b }\n", "\"config\" is no list"},
      {base + "    triggers:\n      config:\n        - just a text\n",
       "the last trigger is no map"},
      {"x: &t\n  config:\n    - name: a\n" + base + "    triggers: *t\n", "an alias"},
      {base + "    triggers:\n      config:\n        -\n          name: a\n", "its dash"},
      {base + "    triggers:\n      config: []\n      sops: { mac: x, version: 3.9.0 }\n",
       "encrypted"},
      {base + "---\n" + base, "several of its documents"},
  };
  for (const Case& c : cases) {
    const auto out = inserted("flow.yaml", c.text);
    ASSERT_FALSE(out) << c.text << "became\n" << *out;
    EXPECT_NE(out.error().message.find(c.says), std::string::npos) << c.text << out.error().message;
    EXPECT_NE(out.error().message.find("flow.yaml:"), std::string::npos) << out.error().message;
  }
}

TEST(TriggerInsert, LineEndsStayAsTheyAre) {
  const auto out = inserted("flow.yaml", "materializations:\r\n  m:\r\n    bindings: []\r\n");
  ASSERT_TRUE(out) << out.error().message;
  for (std::size_t at = 0; (at = out->find('\n', at)) != std::string::npos; ++at) {
    ASSERT_GT(at, 0u);
    EXPECT_EQ((*out)[at - 1], '\r');
  }
}

TEST(TriggerInsert, AFileWithoutALastLineEnd) {
  const auto out = inserted("flow.yaml", "materializations:\n  m:\n    bindings: []");
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_TRUE(out->starts_with("materializations:\n  m:\n    bindings: []\n    triggers:\n"))
      << *out;
}

}  // namespace
}  // namespace weir::app
