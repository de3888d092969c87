// What `weir init` writes, and how samples are read; the command is tested in tests/cli.
#include <gtest/gtest.h>

#include "app/init_catalog.h"
#include "app/init_sample.h"
#include "app/yaml_writer.h"
#include "base/glob.h"
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
      {"données.json", "my/donn__es"},
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
}

}  // namespace
}  // namespace weir::app
