// `weir triggers new webhook`: the catalog before and after, flags, questions, refusals.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>

#include "tests/cli/fixture.h"
#include "tests/cli/program.h"
#include "tests/cli/pty.h"

namespace weir::cli {
namespace {

const Words kNew = {"triggers", "new", "webhook"};

Words with(const Words& more) {
  Words words = kNew;
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// tests/golden/triggers-new/NAME.before.EXT becomes NAME.after.EXT, and validates.
TEST(TriggersNew, TheCatalogBeforeAndAfter) {
  struct Case {
    std::string name, extension;
    Words options;
  };
  const Case cases[] = {
      {"none", "yaml", {"--url", "https://ci.example.com/hook"}},
      {"block", "yaml", {"--url", "https://ci.example.com/hook", "--delivery", "inline"}},
      {"indentless", "yaml", {"--url", "https://ci.example.com/hook"}},
      {"flow-style", "yaml", {"--url", "https://ci.example.com/hook"}},
      {"empty", "yaml", {"--url", "https://ci.example.com/hook"}},
      {"several",
       "yaml",
       {"--url", "https://hooks.slack.com/services/T000AB1C2/B00XYZ/abcdEFGH1234ijklMNOP5678",
        "--materialization", "acme/second", "--interval", "5m"}},
      {"json",
       "json",
       {"--url", "https://cloud.getdbt.com/api/v2/accounts/1/jobs/2/run/", "--header",
        "Authorization=Token abc"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Folder folder;
    const std::string file = "flow." + c.extension;
    const std::string golden_name = "triggers-new/" + c.name;
    folder.write(file, read_text("tests/golden/" + golden_name + ".before." + c.extension));
    ::chmod(folder.file(file).c_str(), 0640);
    Words words = with(c.options);
    words.insert(words.end(), {"--flow", file});
    const Ran ran = folder.run(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    golden(golden_name + ".after." + c.extension, folder.read(file));
    EXPECT_EQ(folder.run({"validate", "--strict", file}).code, 0)
        << folder.run({"validate", "--strict", file}).err;
    struct stat info {};
    ASSERT_EQ(::stat(folder.file(file).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0640u);
    EXPECT_EQ((ran.out + ran.err).find("abcdEFGH"), std::string::npos) << ran.out << ran.err;
  }
}

TEST(TriggersNew, EachTemplateValidates) {
  for (const char* name : {"json", "slack", "dbt", "github", "airflow"}) {
    const Folder folder;
    folder.write("flow.yaml", std::string(kOrders) + kShop);
    const Ran ran = folder.run(with({"--url", "https://ci.example.com/", "--template", name}));
    EXPECT_EQ(ran.code, 0) << name << ran.err;
    EXPECT_EQ(ran.err, "") << name;
    EXPECT_EQ(folder.run({"validate", "--strict"}).code, 0) << name;
  }
}

TEST(TriggersNew, WritesReferencesAndTestsWithTheCredential) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  Receiver receiver(folder);
  const Ran ran = folder.run(with({"--url", receiver.url(), "--name", "ci", "--header",
                                   "Authorization=Bearer canary", "--test"}));
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("acme/shop has a trigger ci now: flow.yaml\n"), std::string::npos);
  EXPECT_NE(ran.out.find("status 200"), std::string::npos) << ran.out;
  EXPECT_NE(ran.err.find("set CI_AUTHORIZATION in the environment of `weir run`"),
            std::string::npos);
  EXPECT_EQ((ran.out + ran.err + folder.read("flow.yaml")).find("canary"), std::string::npos);
  EXPECT_NE(folder.read("flow.yaml").find("\"Bearer ${env:CI_AUTHORIZATION}\""), std::string::npos);
  const json::Tree request = receiver.next();
  EXPECT_EQ(member(*request.root.find("headers"), "authorization"), "[hidden]");
}

TEST(TriggersNew, ATestThatFailsLeavesTheTrigger) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const Ran ran = folder.run(with({"--url", "http://127.0.0.1:9/", "--name", "ci", "--test"}));
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(folder.read("flow.yaml").find("name: ci"), std::string::npos);
}

TEST(TriggersNew, StdoutChangesNothing) {
  const Folder folder;
  const std::string before = std::string(kOrders) + kShop;
  folder.write("flow.yaml", before);
  const Ran ran = folder.run(with({"--url", "https://ci.example.com/", "--stdout"}));
  EXPECT_EQ(ran.code, 0);
  EXPECT_TRUE(ran.out.starts_with(before)) << ran.out;
  EXPECT_NE(ran.out.find("name: example"), std::string::npos);
  EXPECT_EQ(folder.read("flow.yaml"), before);
}

TEST(TriggersNew, OfLayersTheFileWithTheTriggersIsChanged) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  folder.write("own.yaml", "materializations:\n  acme/shop:\n    triggers:\n      config:\n" +
                               std::string("        - name: first\n          url: "
                                           "https://ci.example.com/\n          payloadTemplate: "
                                           "'{}'\n          delivery: background\n"));
  const Ran ran = folder.run(
      with({"--url", "https://ci.example.com/", "--flow", "flow.yaml", "--flow", "own.yaml"}));
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(folder.read("flow.yaml"), std::string(kOrders) + kShop);
  EXPECT_NE(folder.read("own.yaml").find("name: example"), std::string::npos);
}

TEST(TriggersNew, Refusals) {
  const std::string second =
      "  acme/second:\n    endpoint: { sqlite: { path: b.sqlite } }\n"
      "    bindings: [{ resource: { table: o }, source: acme/orders }]\n";
  const std::string shop = std::string(kOrders) + kShop;
  const std::string one = shop_with_triggers(trigger("ci", "https://ci.example.com/"));
  struct Case {
    std::string catalog;
    Words options;
    int code;
    std::string says;
    std::string out;  // begins so
  };
  const Case cases[] = {
      {shop, {}, 2, "--url is missing", ""},
      {shop + second, {"--url", "https://a.b/"}, 2, "say which one gets the trigger", ""},
      {shop,
       {"--url", "https://a.b/", "--materialization", "acme/shp"},
       2,
       "(did you mean \"acme/shop\"?)",
       ""},
      {shop, {"--url", "a.b"}, 2, "the URL is none", ""},
      {shop,
       {"--url", "https://a.b/", "--header", "canary"},
       2,
       "--header: a header is given as",
       ""},
      {shop, {"--url", "https://a.b/", "--name", "not a name"}, 3, "nothing was changed", ""},
      {shop, {"--url", "https://a.b/", "--header", "Host=x"}, 3, "nothing was changed", ""},
      {one, {"--url", "https://a.b/", "--name", "ci"}, 2, "has a trigger \"ci\" already", ""},
      {"collections: [", {"--url", "https://a.b/"}, 3, "the catalog has errors", ""},
      {std::string(kOrders), {"--url", "https://a.b/"}, 3, "no materialization", ""},
      {shop + "    triggers: # none yet\n",
       {"--url", "https://a.b/"},
       1,
       "nothing was changed; put this below acme/shop yourself",
       "triggers:\n  config:\n    - name: a\n"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.says);
    const Folder folder;
    folder.write("flow.yaml", c.catalog);
    const Ran ran = folder.run(with(c.options));
    EXPECT_EQ(ran.code, c.code) << ran.err;
    EXPECT_NE(ran.err.find(c.says), std::string::npos) << ran.err;
    EXPECT_TRUE(ran.out.starts_with(c.out)) << ran.out;
    EXPECT_EQ(c.out.empty(), ran.out.empty()) << ran.out;
    EXPECT_EQ(ran.err.find("canary"), std::string::npos);
    EXPECT_EQ(folder.read("flow.yaml"), c.catalog);
  }
}

TEST(TriggersNew, OtherKindsAreNone) {
  const Folder folder;
  const Ran ran = folder.run({"triggers", "new", "webhok"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("KIND wants webhook, not \"webhok\" (did you mean \"webhook\"?)"),
            std::string::npos)
      << ran.err;
}

class Asked : public testing::Test {
 protected:
  void SetUp() override { folder_.write("flow.yaml", std::string(kOrders) + kShop); }
  std::unique_ptr<Pty> ask() {
    return std::make_unique<Pty>(
        folder_.path(), Words{WEIR_PROGRAM, "triggers", "new", "webhook"},
        std::map<std::string, std::string>{{"TERM", "dumb"}, {"PATH", "/usr/bin:/bin"}});
  }
  Folder folder_;
};

TEST_F(Asked, EverythingThatNoOptionSays) {
  Receiver receiver(folder_);
  const auto terminal = ask();
  terminal->read_until("URL of the receiver: ");
  terminal->type(receiver.url() + "\n");
  terminal->read_until("Name of the trigger [webhook]: ");
  terminal->type("ci\n");
  terminal->read_until("Body (json|slack|dbt|github|airflow) [json]: ");
  terminal->type("slack\n");
  terminal->read_until("inline: they do) [background]: ");
  terminal->type("\n");
  terminal->read_until("(0s: one per transaction) [1m]: ");
  terminal->type("5m\n");
  terminal->read_until("Name of a header (nothing: no further one): ");
  terminal->type("Authorization\n");
  terminal->read_until("not written into the catalog: ");
  terminal->type("Bearer canary\n");
  std::string shown = terminal->read_until("Name of a header (nothing: no further one): ");
  terminal->type("\n");
  shown += terminal->read_until("Write this into flow.yaml? [Y/n]: ");
  EXPECT_NE(shown.find("Bearer ${env:CI_AUTHORIZATION}"), std::string::npos) << shown;
  terminal->type("y\n");
  shown += terminal->read_until("Send a test request now? [Y/n]: ");
  terminal->type("\n");
  shown += terminal->read_rest();
  EXPECT_EQ(terminal->wait(), 0) << shown;
  EXPECT_NE(shown.find("status 200"), std::string::npos) << shown;
  EXPECT_EQ(shown.find("canary"), std::string::npos) << shown;
  const json::Tree request = receiver.next();
  EXPECT_EQ(member(*request.root.find("headers"), "authorization"), "[hidden]");
  EXPECT_EQ(folder_.run({"validate", "--strict"}).code, 0);
  EXPECT_NE(folder_.read("flow.yaml").find("interval: 5m"), std::string::npos);
}

TEST_F(Asked, AnAnswerThatCannotBeIsAskedForAgain) {
  folder_.write("flow.yaml", shop_with_triggers(trigger("ci", "https://ci.example.com/")));
  const auto terminal = ask();
  const std::pair<std::string, std::string> answers[] = {
      {"URL of the receiver: ", "ci.example.com"},
      {"the URL is none", "https://ci.example.com/"},
      {"Name of the trigger [example]: ", "not a name"},
      {"a name is of letters", "ci"},
      {"there is a trigger \"ci\" already", "second"},
      {"Body (json|slack|dbt|github|airflow) [json]: ", "xml"},
      {"there is no body \"xml\"", "json"},
      {"inline: they do) [background]: ", "later"},
      {"the delivery is inline or background", ""},
      {"(0s: one per transaction) [1m]: ", "soon"},
      {"the interval wants a duration", "2m"},
      {"Name of a header (nothing: no further one): ", "Host"},
      {"the header \"Host\" cannot be set", ""}};
  for (const auto& [shown, answer] : answers) {
    terminal->read_until(shown);
    terminal->type(answer + "\n");
  }
  terminal->read_until("Write this into flow.yaml? [Y/n]: ");
  terminal->type("y\n");
  terminal->read_until("Send a test request now? [Y/n]: ");
  terminal->type("n\n");
  terminal->read_rest();
  EXPECT_EQ(terminal->wait(), 0);
  EXPECT_EQ(folder_.run({"validate"}).code, 0);
  EXPECT_NE(folder_.read("flow.yaml").find("name: second"), std::string::npos);
  EXPECT_NE(folder_.read("flow.yaml").find("interval: 2m"), std::string::npos);
}

TEST(TriggersNew, ALinkToTheCatalogStays) {
  const Folder folder;
  folder.write("real.yaml", std::string(kOrders) + kShop);
  ASSERT_EQ(::symlink("real.yaml", folder.file("flow.yaml").c_str()), 0);
  EXPECT_EQ(folder.run(with({"--url", "https://ci.example.com/"})).code, 0);
  EXPECT_NE(folder.read("real.yaml").find("name: example"), std::string::npos);
  struct stat info {};
  ASSERT_EQ(::lstat(folder.file("flow.yaml").c_str(), &info), 0);
  EXPECT_TRUE(S_ISLNK(info.st_mode));
}

TEST_F(Asked, WhatWasSavedMeanwhileStays) {
  const auto terminal = ask();
  terminal->type("https://ci.example.com/\n\n\n\n\n\n");
  terminal->read_until("Write this into flow.yaml? [Y/n]: ");
  const std::string saved = folder_.read("flow.yaml") + "# saved by somebody\n";
  folder_.write("flow.yaml", saved);
  terminal->type("y\n");
  const std::string shown = terminal->read_rest();
  EXPECT_EQ(terminal->wait(), 1);
  EXPECT_NE(shown.find("was changed meanwhile"), std::string::npos) << shown;
  EXPECT_EQ(folder_.read("flow.yaml"), saved);
}

TEST_F(Asked, NoIsNo) {
  const std::string before = folder_.read("flow.yaml");
  const auto terminal = ask();
  terminal->type("https://ci.example.com/\n\n\n\n\n\n");
  terminal->read_until("Write this into flow.yaml? [Y/n]: ");
  terminal->type("n\n");
  terminal->read_rest();
  EXPECT_EQ(terminal->wait(), 0);
  EXPECT_EQ(folder_.read("flow.yaml"), before);
}

TEST_F(Asked, TheEndOfInputChangesNothing) {
  const std::string before = folder_.read("flow.yaml");
  const auto terminal = ask();
  terminal->read_until("URL of the receiver: ");
  terminal->type("https://ci.example.com/\n");
  terminal->read_until("Name of the trigger [example]: ");
  terminal->type("\x04");
  const std::string shown = terminal->read_rest();
  EXPECT_NE(shown.find("nothing was changed"), std::string::npos) << shown;
  EXPECT_EQ(terminal->wait(), 130);
  EXPECT_EQ(folder_.read("flow.yaml"), before);
}

}  // namespace
}  // namespace weir::cli
