// The examples: each loads without a warning, and sends what it says to a receiver on this machine,
// whose URL a file laid over the example names.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/cli/program.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

// A copy of a folder of examples: tables and journals would lie beside the catalog.
void copy_examples(const std::string& name, const Folder& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(fs::path("examples") / name)) {
    const fs::path to = folder.path() / fs::relative(entry.path(), fs::path("examples") / name);
    if (entry.is_directory()) {
      fs::create_directories(to);
    } else {
      fs::copy_file(entry.path(), to);
    }
  }
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The text with everything between quotes behind `name` blanked: what differs from run to run.
std::string blanked(std::string text, const std::string& before) {
  const std::size_t at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before << " in " << text;
  if (at == std::string::npos) return text;
  const std::size_t begin = at + before.size();
  return text.replace(begin, text.find_first_of("\"", begin) - begin, "…");
}

class TriggerExamples : public testing::Test {
 protected:
  void SetUp() override {
    copy_examples("triggers", folder);
    for (const char* name : {"SLACK_WEBHOOK_URL", "DBT_CLOUD_TOKEN", "GITHUB_TOKEN",
                             "PAGER_ROUTING_KEY", "CHAT_WEBHOOK_URL", "SEARCH_TOKEN"}) {
      folder.set(name, std::string("canary-") + name);
    }
    folder.write("audit.key", "canary-audit.key\n");
  }

  // Commits both collections in one transaction and returns the requests that arrived, by trigger.
  std::map<std::string, json::Tree> requests_of(const std::string& example,
                                                const std::vector<std::string>& triggers) {
    const Ran strict = folder.run({"validate", "--strict", example});
    EXPECT_EQ(strict.code, 0) << strict.err;
    std::string over = "materializations: { acme/shop: { triggers: { config: [";
    std::map<std::string, std::unique_ptr<Receiver>> receivers;
    for (const std::string& name : triggers) {
      receivers[name] = std::make_unique<Receiver>(folder);
      over += fmt::format("{{ name: {}, url: \"{}/{}\" }}, ", name, receivers[name]->url(), name);
    }
    folder.write("local.yaml", over + "] } } }\n");
    for (const char* collection : {"orders", "customers"}) {
      const Ran ran = folder.run({"append", std::string("acme/") + collection, "--flow", example},
                                 folder.read(std::string(collection) + ".ndjson"));
      EXPECT_EQ(ran.code, 0) << ran.err;
    }
    const Ran ran = folder.run({"run", example, "local.yaml", "--until-caught-up"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    std::map<std::string, json::Tree> requests;
    for (const std::string& name : triggers) {
      requests.emplace(name, receivers[name]->next());
      EXPECT_EQ(member(requests.at(name).root, "path"), "/" + name);
    }
    return requests;
  }
  static std::string body_of(const json::Tree& request) { return member(request.root, "body"); }
  static std::string header_of(const json::Tree& request, const std::string& name) {
    const json::Value* headers = request.root.find("headers");
    return headers == nullptr ? "" : member(*headers, name);
  }

  Folder folder;
};

TEST_F(TriggerExamples, Slack) {
  const auto requests = requests_of("slack.yaml", {"slack"});
  const json::Tree& request = requests.at("slack");
  EXPECT_EQ(member(request.root, "method"), "POST");
  EXPECT_EQ(header_of(request, "content-type"), "application/json");
  EXPECT_EQ(body_of(request),
            "{\"text\": \"*acme/shop* has new rows: customers (1), orders (2)\"}\n");
}

TEST_F(TriggerExamples, DbtCloud) {
  const auto requests = requests_of("dbt-cloud.yaml", {"dbt"});
  const json::Tree& request = requests.at("dbt");
  EXPECT_EQ(header_of(request, "authorization"), "[hidden]");
  EXPECT_EQ(blanked(body_of(request), "run "),
            "{\"cause\": \"acme/customers, acme/orders in acme/shop, run …\"}\n");
}

TEST_F(TriggerExamples, GithubActions) {
  const auto requests = requests_of("github-actions.yaml", {"github"});
  const json::Tree& request = requests.at("github");
  EXPECT_EQ(header_of(request, "accept"), "application/vnd.github+json");
  EXPECT_EQ(header_of(request, "x-github-api-version"), "2022-11-28");
  EXPECT_EQ(header_of(request, "authorization"), "[hidden]");
  EXPECT_NE(header_of(request, "user-agent"), "");  // that API refuses requests without one
  const json::Tree body = parse(body_of(request));
  EXPECT_EQ(member(body.root, "ref"), "main");
  const json::Value* inputs = body.root.find("inputs");
  ASSERT_NE(inputs, nullptr);
  EXPECT_EQ(member(*inputs, "tables"), "customers,orders");
  EXPECT_EQ(member(*inputs, "documents"), "1,2");
  EXPECT_EQ(member(*inputs, "request"), member(request.root, "webhook_id"));
}

TEST_F(TriggerExamples, SecretInTheBody) {
  const auto requests = requests_of("secret-in-the-body.yaml", {"pager"});
  const json::Tree body = parse(body_of(requests.at("pager")));
  EXPECT_EQ(member(body.root, "routing_key"), "canary-PAGER_ROUTING_KEY");
  EXPECT_EQ(member(body.root, "dedup_key"), member(requests.at("pager").root, "webhook_id"));
  const Ran built = folder.run({"build", "secret-in-the-body.yaml"});
  EXPECT_EQ(built.out.find("PAGER_ROUTING_KEY"), std::string::npos);
}

TEST_F(TriggerExamples, SeveralTriggers) {
  const auto requests = requests_of("several-triggers.yaml", {"chat", "search", "audit"});
  EXPECT_EQ(blanked(body_of(requests.at("chat")), "as of "),
            "{\"text\": \"acme/shop is fresh as of …\"}");
  EXPECT_EQ(member(requests.at("search").root, "method"), "PUT");
  EXPECT_THAT(body_of(requests.at("search")),
              testing::StartsWith("{\"after\": 0, \"through\": 1, \"tables\": [{"));
  EXPECT_EQ(header_of(requests.at("audit"), "x-api-key"), "[hidden]");
  const json::Tree audit = parse(body_of(requests.at("audit")));
  EXPECT_EQ(member(audit.root, "id"), member(requests.at("audit").root, "webhook_id"));
  ASSERT_NE(audit.root.find("collections"), nullptr);
  EXPECT_EQ(audit.root.find("collections")->size(), 2u);
}

// The way out of an endpoint that cannot be run here, as the example and the message tell it.
TEST(ExamplesEstuary, RunsWithAFileLaidOverIt) {
  Folder folder;
  copy_examples("estuary", folder);
  folder.set("CI_TOKEN", "canary");
  const Ran published = folder.run({"validate", "--published"});
  EXPECT_EQ(published.code, 0) << published.err;
  EXPECT_EQ(folder.run({"validate", "--published", "flow.yaml", "weir.yaml"}).code, 2);
  const Ran alone = folder.run({"validate"});
  EXPECT_EQ(alone.code, 3);
  EXPECT_THAT(alone.err, testing::HasSubstr("flow.yaml:9:7: error: this build cannot run the "
                                            "endpoint \"connector\""));
  EXPECT_THAT(alone.err, testing::HasSubstr(
                             "noted and ignored:\n"
                             "    flow.yaml:6:5: \"source\" of \"acmeCo/shop/warehouse\"\n"
                             "    flow.yaml:26:1: storageMappings\n"
                             "    shop/flow.yaml:1:1: captures\n"
                             "    shop/flow.yaml:29:5: the derivation of \"acmeCo/shop/totals\"\n"
                             "    shop/flow.yaml:33:1: tests\n"));
  EXPECT_THAT(alone.err, testing::HasSubstr(": 1 error, "));

  Receiver receiver(folder);
  std::string local = read_file("examples/estuary/local.yaml");
  const std::string url = "http://127.0.0.1:8088";
  local.replace(local.find(url), url.size(), receiver.url());
  folder.write("local.yaml", local);
  ASSERT_EQ(folder.run({"append", "acmeCo/shop/orders"}, "{\"id\": 1, \"total\": 2.5}\n").code, 0);
  ASSERT_EQ(folder.run({"append", "acmeCo/shop/events"}, "{\"id\": 7, \"kind\": \"click\"}\n").code,
            0);
  const Ran ran = folder.run(
      {"run", "flow.yaml", "weir.yaml", "local.yaml", "--until-caught-up", "--wait", "10s"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const json::Tree request = receiver.next();
  EXPECT_EQ(member(request.root, "path"), "/hooks/refresh");
  EXPECT_EQ(
      blanked(member(request.root, "body"), "\"run\": \""),
      "{\"run\": \"…\", \"collections\": [\"acmeCo/shop/events\", \"acmeCo/shop/orders\"]}\n");
  const json::Value* headers = request.root.find("headers");
  ASSERT_NE(headers, nullptr);
  EXPECT_EQ(member(*headers, "x-source"), "flow");
  EXPECT_EQ(member(*headers, "authorization"), "[hidden]");
  // The column comes from the schema that was inferred.
  EXPECT_EQ(rows(folder.file("shop.sqlite"), "SELECT id, kind FROM events"),
            std::vector<std::string>{"7 | click"});
}

// Whatever lies in the folder is tested here or by a script.
TEST(ExamplesFolder, EveryFolderIsTested) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator("examples")) {
    found.push_back(entry.path().filename());
  }
  EXPECT_THAT(found, testing::UnorderedElementsAre("debian-packages", "estuary", "triggers"));
  std::vector<std::string> triggers;
  for (const auto& entry : fs::directory_iterator("examples/triggers")) {
    if (entry.path().extension() == ".yaml") triggers.push_back(entry.path().stem());
  }
  EXPECT_THAT(triggers,
              testing::UnorderedElementsAre("shop", "slack", "dbt-cloud", "github-actions",
                                            "secret-in-the-body", "several-triggers"));
}

}  // namespace
}  // namespace weir::cli
