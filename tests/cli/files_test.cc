// Collections of plain files: read where they lie, followed, and stopped at what cannot be.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "tests/cli/fixture.h"
#include "tests/cli/program.h"

namespace weir::cli {
namespace {

using Rows = std::vector<std::string>;

// Sums, so that a document which counts twice shows.
std::string catalog_of(const std::string& patterns) {
  return R"(
collections:
  acme/totals:
    files: )" +
         patterns + R"(
    key: [/customer]
    schema:
      type: object
      required: [customer]
      reduce: { strategy: merge }
      properties:
        customer: { type: string }
        total: { type: integer, reduce: { strategy: sum } }
materializations:
  acme/shop:
    endpoint: { sqlite: { path: shop.sqlite } }
    bindings:
      - { resource: { table: totals }, source: acme/totals }
)";
}

std::string line(const std::string& customer, int total) {
  return fmt::format("{{\"customer\": \"{}\", \"total\": {}}}\n", customer, total);
}

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(folder.file("data"));
    folder.write("flow.yaml", catalog_of("[data/*.jsonl]"));
  }
  void grow(const std::string& name, const std::string& text) {
    std::ofstream(folder.file(name), std::ios::binary | std::ios::app) << text;
  }
  Ran catch_up() { return folder.run({"run", "--until-caught-up"}); }
  Rows table() {
    return rows(folder.file("shop.sqlite"), "SELECT customer, total FROM totals ORDER BY customer");
  }
  Folder folder;
};

TEST_F(Files, ATableIsTheReductionOfItsFiles) {
  Ran ran = catch_up();
  EXPECT_EQ(ran.code, 0) << ran.err;
  grow("data/1.jsonl", "\xef\xbb\xbf" + line("a", 1) + "\r\n" + line("b", 2));
  grow("data/2.jsonl", "{\"customer\": \"a\", \"total\": 4}");  // without its newline
  folder.write("plain", line("c", 8) + line("a", 16));
  ASSERT_EQ(
      std::system(("gzip -c '" + folder.file("plain") + "' > '" + folder.file("data/3.jsonl") + "'")
                      .c_str()),
      0);
  ran = catch_up();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(table(), (Rows{"a | 21", "b | 2", "c | 8"}));
  // Grown, new, vanished.
  grow("data/2.jsonl", "\n" + line("b", 32) + "{\"customer\": \"b\", \"tot");
  grow("data/0.jsonl", line("d", 64));
  std::filesystem::remove(folder.file("data/1.jsonl"));
  ran = catch_up();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(table(), (Rows{"a | 21", "b | 34", "c | 8", "d | 64"}));
  grow("data/2.jsonl", "al\": 128}");
  EXPECT_EQ(catch_up().code, 0);
  EXPECT_EQ(catch_up().code, 0);
  EXPECT_EQ(table(), (Rows{"a | 21", "b | 162", "c | 8", "d | 64"}));
  ran = folder.run({"read", "acme/totals", "--limit", "2"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, line("d", 64) + line("a", 4));
}

TEST_F(Files, ARunFollowsThem) {
  Receiver receiver(folder);
  folder.write(
      "flow.yaml",
      catalog_of("[data/*.jsonl]") + R"(    triggers:
      config:
        - { name: t, url: ")" +
          receiver.url() +
          R"(", delivery: background, interval: 0s, payloadTemplate: '{"n": {{transactions.through}}}' }
)");
  const auto running = folder.start({"run"});
  running->wait_for_log("opened");
  grow("data/1.jsonl", line("a", 1));
  receiver.next();
  EXPECT_EQ(table(), (Rows{"a | 1"}));
  grow("data/1.jsonl", line("a", 2));
  receiver.next();
  EXPECT_EQ(table(), (Rows{"a | 3"}));
  grow("data/0.jsonl", line("b", 4));
  receiver.next();
  EXPECT_EQ(table(), (Rows{"a | 3", "b | 4"}));
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 0);
}

TEST_F(Files, AReplacedFileStopsTheTask) {
  grow("data/1.jsonl", line("a", 1) + line("a", 2));
  ASSERT_EQ(catch_up().code, 0);
  for (const std::string& content : {line("a", 1), line("a", 1) + line("a", 7) + line("a", 2)}) {
    folder.write("data/1.jsonl", content);
    const Ran ran = catch_up();
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.err.find("file data/1.jsonl is "), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("Put the file back as it was"), std::string::npos) << ran.err;
    EXPECT_EQ(table(), (Rows{"a | 3"}));
  }
  folder.write("data/1.jsonl", line("a", 1) + line("a", 2) + line("a", 4));
  const Ran ran = catch_up();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(table(), (Rows{"a | 7"}));
}

// The way out that the message names: the table is filled anew from what is there now.
TEST_F(Files, ABackfillReadsReplacedFilesAnew) {
  grow("data/1.jsonl", line("a", 1) + line("b", 2));
  ASSERT_EQ(catch_up().code, 0);
  folder.write("data/1.jsonl", line("a", 10));
  EXPECT_EQ(catch_up().code, 1);
  const std::string flow = folder.read("flow.yaml");
  const std::string binding = "source: acme/totals";
  const std::size_t at = flow.find(binding);
  ASSERT_NE(at, std::string::npos) << flow;
  folder.write("flow.yaml", std::string(flow).insert(at, "backfill: 1, "));
  const Ran ran = catch_up();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(table(), (Rows{"a | 10"}));
}

TEST_F(Files, PatternsThatMatchNothingAreTold) {
  folder.write("flow.yaml", catalog_of("[dta/*.jsonl, \"~/x.jsonl\"]"));
  Ran ran = catch_up();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.err.find("no file matches yet journal=acme/totals/files files=\"dta/*.jsonl, "
                         "~/x.jsonl\""),
            std::string::npos)
      << ran.err;
  folder.write("flow.yaml", catalog_of("[dta/*.jsonl, data/*.jsonl]"));
  grow("data/1.jsonl", line("a", 1));
  ran = catch_up();
  EXPECT_EQ(ran.err.find("no file matches"), std::string::npos) << ran.err;
  EXPECT_EQ(table(), (Rows{"a | 1"}));
}

TEST_F(Files, ABadDocumentIsNamedByFileAndLine) {
  const std::pair<std::string, std::string> kCases[] = {
      {"{\"customer\" 1}\n", "data/1.jsonl:2:13: "},
      {"{\"customer\": \"a\", \"total\": 0x1}\n", "data/1.jsonl:2:"},
      {"{\"customer\": \"a\", \"total\": \"x\"}\n", "data/1.jsonl:2: "},
      {"{\"total\": 1}\n", "data/1.jsonl:2: "},
      {"customer,total\n", "data/1.jsonl:2:1: a document is an object"},
  };
  for (const auto& [bad, place] : kCases) {
    folder.write("data/1.jsonl", line("a", 1) + bad + line("a", 2));
    std::filesystem::remove_all(folder.file(".weir"));
    std::filesystem::remove(folder.file("shop.sqlite"));
    const Ran ran = catch_up();
    EXPECT_EQ(ran.code, 1) << bad;
    EXPECT_NE(ran.err.find(place), std::string::npos) << bad << ran.err;
  }
}

TEST_F(Files, ThousandsOfThem) {
  folder.write("flow.yaml", catalog_of("[\"many/**/*.jsonl\"]"));
  for (int i = 0; i < 2000; ++i) {
    const std::string name = fmt::format("many/{}/{:04}.jsonl", i % 10, i);
    std::filesystem::create_directories(folder.file(fmt::format("many/{}", i % 10)));
    folder.write(name, line("a", 1) + line(std::to_string(i % 7), i));
  }
  Ran ran = catch_up();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(table().size(), 8u);
  EXPECT_EQ(rows(folder.file("shop.sqlite"), "SELECT sum(total) FROM totals"),
            (Rows{std::to_string(2000 + 1999 * 1000)}));
  grow("many/5/0005.jsonl", line("a", 5));
  ran = catch_up();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(rows(folder.file("shop.sqlite"), "SELECT total FROM totals WHERE customer = 'a'"),
            (Rows{"2005"}));
}

TEST_F(Files, OddNames) {
  folder.write("flow.yaml", catalog_of("['data/\\[a\\] *', \"data/\\xe9*\", \"data/new\\nline\"]"));
  grow("data/[a] b'\"", line("a", 1));
  grow("data/\xc3\xa9t\xc3\xa9", line("b", 2));
  grow("data/new\nline", line("c", 4));
  const Ran ran = catch_up();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(table(), (Rows{"a | 1", "b | 2", "c | 4"}));
}

TEST_F(Files, NothingIsAppendedToThem) {
  const Ran ran = folder.run({"append", "acme/totals"}, line("a", 1));
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err,
            "weir: the collection acme/totals is read from plain files (data/*.jsonl), and nothing "
            "else is "
            "appended to it: add lines to one of them, or a file of such a name\n");
  EXPECT_FALSE(std::filesystem::exists(folder.file("journals")));
}

TEST_F(Files, TheCatalogIsCheckedAndBuilt) {
  Ran ran = folder.run({"build"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const json::Tree built = parse(ran.out);
  EXPECT_EQ(json::to_text(*built.root.items()[0].find("files")),
            R"({"acme/totals":["data/*.jsonl"]})");
  folder.write("flow.yaml", catalog_of("[data/, 3, \"https://example.com/x\", \"a[\"]"));
  ran = folder.run({"validate"});
  EXPECT_EQ(ran.code, 3);
  for (const char* expected :
       {"flow.yaml:4:13: error: \"data/\" is no pattern of file names: it ends in a folder",
        "[E210]", "an item of \"files\" must be a text", "[E105]", "a [ without its ]"}) {
    EXPECT_NE(ran.err.find(expected), std::string::npos) << expected << ran.err;
  }
  EXPECT_EQ(folder.run({"explain", "E210"}).code, 0);
}

TEST_F(Files, ClocksThatWillBeEmptyAreWarnedOf) {
  const auto with_template = [&](const std::string& text) {
    folder.write("flow.yaml", catalog_of("[data/*.jsonl]") + R"(    triggers:
      config:
        - name: t
          url: http://127.0.0.1:8417/
          delivery: background
          interval: 0s
          payloadTemplate: ')" + text +
                                  "'\n");
    return folder.run({"validate"});
  };
  Ran ran = with_template(R"({"at": "{{flow_published_at_max}}"})");
  EXPECT_EQ(ran.code, 0) << ran.out;
  EXPECT_NE(
      (ran.out + ran.err).find("flow_published_at_max is empty where documents have no clock"),
      std::string::npos)
      << ran.out << ran.err;
  EXPECT_NE((ran.out + ran.err).find("[W108]"), std::string::npos);
  ran = with_template(R"({"at": "{{#if flow_published_at_max}}{{flow_published_at_max}}{{/if}}"})");
  EXPECT_EQ((ran.out + ran.err).find("W108"), std::string::npos) << ran.out << ran.err;
}

// Killed at each point of a run, and run again: every document counts once.
TEST_F(Files, EveryDocumentCountsOnceWhereverARunIsKilled) {
#ifndef WEIR_FAULT_POINTS
  GTEST_SKIP() << "skipped: this build has no fault points";
#endif
  int total = 0;
  bool killed = true;
  constexpr int kPointsMax = 200;
  for (int n = 1; killed; ++n) {
    ASSERT_LT(n, kPointsMax) << "a run never ends";
    grow(fmt::format("data/{}.jsonl", n % 3), line("a", n) + "{\"customer\": \"a\", ");
    total += n;
    folder.set("WEIR_FAULT", std::to_string(n));
    const Ran ran = catch_up();
    killed = ran.code == 128 + SIGKILL;
    ASSERT_TRUE(killed || ran.code == 0) << ran.err;
    // What was begun is finished while nobody looks.
    grow(fmt::format("data/{}.jsonl", n % 3), fmt::format("\"total\": {}}}\n", n));
    total += n;
    folder.set("WEIR_FAULT", "0");
    const Ran again = catch_up();
    ASSERT_EQ(again.code, 0) << again.err;
    ASSERT_EQ(table(), (Rows{"a | " + std::to_string(total)})) << "killed at point " << n;
  }
}

// Killed at any moment while it follows files that grow by pieces of lines, and new ones.
TEST_F(Files, EveryDocumentCountsOnceWhereverFollowingIsKilled) {
  Random random(11);
  std::int64_t total = 0;
  constexpr int kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    const auto running = folder.start({"run"});
    if (random.below(4) != 0) running->wait_for_log("opened");
    const std::uint64_t pieces = 1 + random.below(8);
    for (std::uint64_t i = 0; i < pieces; ++i) {
      const std::string name = fmt::format("data/{}.jsonl", random.below(4 + round / 4));
      const std::string text = line("a", round * 10 + static_cast<int>(i));
      const std::size_t torn = random.below(text.size());
      grow(name, text.substr(0, torn));
      grow(name, text.substr(torn));
      if (random.below(12) == 0) running->wait_for_log("committed");
      total += round * 10 + static_cast<int>(i);
    }
    running->signal(SIGKILL);
    EXPECT_EQ(running->wait().code, 128 + SIGKILL);
  }
  const Ran ran = catch_up();
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(table(), (Rows{"a | " + std::to_string(total)}));
}

}  // namespace
}  // namespace weir::cli
