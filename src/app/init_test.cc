// What `weir init` writes, and how samples are read; the command is tested in tests/cli.
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "app/init_catalog.h"
#include "app/init_plan.h"
#include "app/init_sample.h"
#include "app/yaml_writer.h"
#include "base/glob.h"
#include "io/file.h"
#include "json/events.h"
#include "json/host/yaml.h"

namespace weir::app {
namespace {

std::string yaml_of(std::string_view text) {
  const auto tree = json::parse_tree(text);
  EXPECT_TRUE(tree) << text;
  std::string out;
  write_yaml(tree->root, 2, out);
  return out;
}

TEST(YamlWriter, WhatIsSmallStandsOnOneLine) {
  EXPECT_EQ(yaml_of(R"({"type":"object","properties":{"id":{"type":"integer"},"at":{"type":)"
                    R"(["string","null"],"format":"date-time"}},"required":["id"]})"),
            "  type: object\n"
            "  properties:\n"
            "    id: { type: integer }\n"
            "    at: { type: [string, \"null\"], format: date-time }\n"
            "  required: [id]\n");
}

TEST(YamlWriter, EmptyObjectsCanHaveAComment) {
  const auto tree = json::parse_tree(R"({"a":{},"b":{"c":{}},"d":{"e":1}})");
  std::string out;
  write_yaml(tree->root, 0, out, "anything");
  EXPECT_EQ(out,
            "a: {}  # anything\n"
            "b:\n"
            "  c: {}  # anything\n"
            "d: { e: 1 }\n");
}

TEST(YamlWriter, WhatItWritesReadsBackAsItWas) {
  const std::string kTexts[] = {
      R"({"a":[],"b":{},"c":null,"d":true,"e":1.50,"f":"1","g":"true","h":"","i":"a: b","j":"#"})",
      R"({"yes":"no","null":"~","1":2,"a b":"c\"d\\e\nf","é":"ü","-":"- x","{":"[","on":"off"})",
      R"([{"a":1,"b":{"c":[1,2,{"d":"x"}]}},[[1],[2,[3]]],"s"])",
      R"({"list":["aaaaaaaaaaaaaaaaaaaaaaaaaaaa","bbbbbbbbbbbbbbbbbbbbbbbbbbb","cccccccccccccc","d"],)"
      R"("deep":{"x":{"y":{"z":{"long":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}}}}})",
      R"("text")",
      R"({})",
  };
  for (const std::string& text : kTexts) {
    const auto tree = json::parse_tree(text);
    ASSERT_TRUE(tree) << text;
    const std::string yaml = yaml_of(text);
    json::Arena arena;
    const auto read = json::parse_yaml(yaml, arena);
    ASSERT_TRUE(read) << yaml << read.error().message;
    EXPECT_EQ(json::to_text(*read), json::to_text(tree->root)) << yaml;
  }
}

TEST(InitCatalog, NamesComeFromFiles) {
  const std::pair<std::string, std::string> kCases[] = {
      {"orders.jsonl", "my/orders"},
      {"/data/orders.jsonl.gz", "my/orders"},
      {"a/Orders 2024.CSV", "my/Orders_2024"},
      {"-x.ndjson.zst", "my/-x"},
      {".jsonl", "my/jsonl"},
      {"", "my/documents"},
      {"données.json", "my/données"},
      {"売上 2024.csv", "my/売上_2024"},
      {"donn\xe9\x65s.json", "my/donn_es"},
      {std::string(199, 'x') + "é.json", "my/" + std::string(199, 'x')},
      {"plain", "my/plain"},
      {"..", "my/documents"},
  };
  for (const auto& [file, name] : kCases) EXPECT_EQ(collection_name_of(file), name) << file;
  EXPECT_EQ(table_name_of("my/orders-2024.x"), "orders_2024_x");
  EXPECT_EQ(table_name_of("my/2024"), "_2024");
  EXPECT_EQ(table_name_of("orders"), "orders");
}

TEST(InitCatalog, PatternsMatchTheFileAndAreText) {
  EXPECT_EQ(pattern_of("a[1]*.jsonl"), "a\\[1\\]\\*.jsonl");
  EXPECT_EQ(pattern_of("\xff.jsonl"), "?.jsonl");
  EXPECT_TRUE(matches_name(pattern_of("\xff[.jsonl"), "\xff[.jsonl"));
}

// A folder that is the working folder for as long as it lives, with empty files.
class PlanTest : public testing::Test {
 protected:
  PlanTest() { std::filesystem::current_path(folder_); }
  ~PlanTest() override {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }
  void make(const std::vector<std::string>& files) {
    for (const std::string& file : files) {
      ASSERT_TRUE(io::make_folders(io::folder_of(file)));
      ASSERT_TRUE(io::write_file_atomically(file, ""));
    }
  }
  // "name: input, input | pattern, pattern\n" of each, or what is wrong.
  static std::string plan(const std::vector<std::string>& arguments,
                          const std::string& together = "", const std::string& output = "f.yaml") {
    const auto planned = plan_collections(arguments, together);
    if (!planned) return planned.error().message;
    std::string out;
    for (const PlannedCollection& each : *planned) {
      const auto patterns = patterns_for(each.inputs, output);
      out += fmt::format(
          "{}: {} | {}\n", each.name, fmt::join(each.inputs, ", "),
          patterns ? fmt::format("{}", fmt::join(*patterns, ", ")) : patterns.error().message);
    }
    return out;
  }

 private:
  const std::filesystem::path before_ = std::filesystem::current_path();
  const std::string folder_ = [] {
    std::string name = testing::TempDir() + "/weir-plan-XXXXXX";
    return std::string(::mkdtemp(name.data()));
  }();
};

TEST_F(PlanTest, AFileIsACollection) {
  make({"a.jsonl", "more/b.csv"});
  EXPECT_EQ(plan({"a.jsonl", "more/b.csv"}),
            "my/a: a.jsonl | a.jsonl\nmy/b: more/b.csv | more/b.csv\n");
  EXPECT_EQ(plan({"a.jsonl"}, "", "more/f.yaml"), "my/a: a.jsonl | ../a.jsonl\n");
  EXPECT_EQ(plan({"a.jsonl", "a.json"}).substr(0, 50),
            "a.jsonl and a.json would both be the collection my");
  EXPECT_EQ(plan({"a.jsonl", "a.jsonl"}), "my/a: a.jsonl | a.jsonl\n");
  EXPECT_EQ(plan({"-", "-"}), "- stands for standard input, which can be read once only");
}

TEST_F(PlanTest, NamesThatDifferInDigitsAreOne) {
  make({"data/2026-11-01.json", "data/2026-11-02.json", "data/2026-12-01.json"});
  EXPECT_EQ(plan({"data/2026-11-01.json", "data/2026-11-02.json", "data/2026-12-01.json"}),
            "my/data: data/2026-11-01.json, data/2026-11-02.json, data/2026-12-01.json | "
            "data/*.json\n");
  // A pattern would name more than was given.
  EXPECT_EQ(plan({"data/2026-11-01.json", "data/2026-11-02.json"}),
            "my/data: data/2026-11-01.json, data/2026-11-02.json | data/2026-11-01.json, "
            "data/2026-11-02.json\n");
  make({"log/web-9.jsonl", "log/web-10.jsonl.gz", "log/web_eu1.jsonl"});
  EXPECT_EQ(plan({"log"}),
            "my/web: log/web-10.jsonl.gz, log/web-9.jsonl | log/web-*\n"
            "my/web_eu1: log/web_eu1.jsonl | log/web_eu1.jsonl\n");
  make({"t/a1b.csv", "t/a22b.csv"});
  EXPECT_EQ(plan({"t/a1b.csv", "t/a22b.csv"}), "my/a_b: t/a1b.csv, t/a22b.csv | t/a*b.csv\n");
}

TEST_F(PlanTest, AFolderStandsForItsDocuments) {
  make({"in/orders.jsonl", "in/x.CSV", "in/readme.txt", "in/.hidden.json", "in/deep/y.json"});
  EXPECT_EQ(plan({"in/"}),
            "my/orders: in/orders.jsonl | in/orders.jsonl\nmy/x: in/x.CSV | in/x.CSV\n");
  EXPECT_EQ(plan({"in"}, "my/all"),
            "my/all: in/orders.jsonl, in/x.CSV | in/orders.jsonl, in/x.CSV\n");
  EXPECT_EQ(plan({"in/deep"}, "", "in/f.yaml"), "my/y: in/deep/y.json | deep/y.json\n");
  make({"none/readme.txt"});
  EXPECT_EQ(plan({"none"}).substr(0, 43), "the folder none has no files of documents: ");
}

TEST_F(PlanTest, PatternsAreEscaped) {
  make({"[d]/a*1.json", "[d]/a*2.json"});
  EXPECT_EQ(plan({"[d]"}), "my/a_: [d]/a*1.json, [d]/a*2.json | \\[d\\]/a\\**.json\n");
}

// "schema | key", or what is wrong.
std::string learn(const std::string& text) {
  Sample sample;
  if (const Status read = sample.read("in", journal::source_of(text)); !read)
    return read.error().message;
  std::string out = sample.schema_json() + " |";
  for (const std::string& pointer : sample.proposed_key()) out += " " + pointer;
  return out + (sample.lines() ? "" : " (to be appended)");
}

TEST(Sample, LearnsFromEachFormat) {
  const std::string kSchema =
      R"({"type":"object","properties":{"id":{"type":"integer"},"name":{"type":"string"}},)"
      R"("required":["id","name"]})";
  EXPECT_EQ(learn("{\"id\":1,\"name\":\"x\"}\n\n{\"id\":2,\"name\":\"x\"}\n"), kSchema + " | /id");
  EXPECT_EQ(learn("[{\"id\":1,\"name\":\"x\"},\n{\"id\":2,\"name\":\"x\"}]"),
            kSchema + " | /id (to be appended)");
  EXPECT_EQ(learn("id,name\n1,x\n2,x\n"), kSchema + " | /id (to be appended)");
  EXPECT_EQ(learn("{\"id\":1,\n\"name\":\"x\"}"), kSchema + " | /id (to be appended)");
  EXPECT_EQ(learn("{\"id\":1,\"name\":\"x\"} {\"id\":2,\"name\":\"x\"}"),
            kSchema + " | /id (to be appended)");
}

TEST(Sample, ColumnsHaveTypesOnlyWhereAllCellsAreOfOne) {
  EXPECT_EQ(learn("a,b,c,d,e,f,g\n"
                  "1,1.5,true,2024-01-01,007,,1e400\n"
                  "2,2,FALSE,2024-01-02,8,x,1\n"),
            R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"number"},)"
            R"("c":{"type":"boolean"},"d":{"type":"string","format":"date"},"e":{"type":"string"},)"
            R"("f":{"type":"string"},"g":{"type":"string"}},)"
            R"("required":["a","b","c","d","e","g"]} | /a (to be appended))");
}

TEST(Sample, NamesTheLineOfWhatIsWrong) {
  EXPECT_EQ(learn("{\"a\":1}\n{\"a\":}\n").substr(0, 8), "in:2:6: ");
  EXPECT_EQ(learn("{\"a\":1}\n{\"a\":1,\"a\":2}\n").substr(0, 5), "in:2:");
  EXPECT_EQ(learn("a,b\n1\n"), "in:2:1: the row has 1 cell, where the header has 2");
}

TEST(Sample, AKeyIsCheckedAgainstTheDocuments) {
  Sample sample;
  ASSERT_TRUE(
      sample.read("in", journal::source_of("{\"a\":1,\"b\":1,\"o\":{\"c\":\"x\"},\"f\":1.5}\n"
                                           "{\"a\":1,\"o\":{\"c\":\"x\"},\"f\":2}\n")));
  EXPECT_TRUE(sample.check_key("/a"));
  EXPECT_TRUE(sample.check_key("/o/c"));
  for (const char* bad : {"/b", "/x", "/o", "/f", "", "a"})
    EXPECT_FALSE(sample.check_key(bad)) << bad;
  EXPECT_TRUE(sample.proposed_key().empty());
  // So many names that they are no properties.
  std::string wide = "{\"id\":1";
  for (int i = 0; i < 1000; ++i) wide += fmt::format(",\"c{}\":1", i);
  Sample map;
  ASSERT_TRUE(map.read("in", journal::source_of(wide + "}")));
  EXPECT_EQ(map.check_key("/id").error().message,
            "an object of more than 1000 names is taken for a map, and /id is in one");
}

}  // namespace
}  // namespace weir::app
