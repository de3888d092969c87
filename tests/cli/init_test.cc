// weir init: from a file to a table.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "tests/cli/program.h"

namespace weir::cli {
namespace {

using Rows = std::vector<std::string>;

constexpr const char* kOrders =
    R"({"id": 1, "customer": "a", "total": 5, "at": "2026-01-02T03:04:05Z", "items": [{"sku": "x", "n": 1}]}
{"id": 2, "customer": "a", "total": 6.5, "at": "2026-01-02T03:04:06Z", "note": null}
{"id": 3, "customer": "b", "total": 7, "at": "2026-01-02T03:04:07Z", "items": []}
)";
constexpr const char* kCustomers =
    "customer_id,name,active\nc1,\"Smith, J\",true\nc2,Jones,false\n";

class Init : public testing::Test {
 protected:
  Ran run(const Words& words, const std::string& input = "") {
    Words all{"init"};
    all.insert(all.end(), words.begin(), words.end());
    return folder.run(all, input);
  }
  void expect_valid(const std::string& catalog) {
    const Ran ran = folder.run({"validate", "--strict", catalog});
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err << folder.read(catalog);
  }
  Rows table(const std::string& query) { return rows(folder.file("tables.db"), query); }
  Folder folder;
};

TEST_F(Init, FromAFileToATable) {
  folder.write("orders.jsonl", kOrders);
  Ran ran = run({"orders.jsonl"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "wrote flow.yaml\n"
            "  my/orders: key /id, 3 documents\n"
            "next:\n"
            "  weir run --until-caught-up\n");
  golden("init/orders.yaml", folder.read("flow.yaml"));
  expect_valid("flow.yaml");
  ran = folder.run({"run", "--until-caught-up"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(table("SELECT id, customer, total FROM orders ORDER BY id"),
            (Rows{"1 | a | 5.0", "2 | a | 6.5", "3 | b | 7.0"}));
}

TEST_F(Init, TablesAndArraysAreAppended) {
  folder.write("customers.csv", kCustomers);
  folder.write("orders.json", "[{\"id\": 1, \"total\": 5}, {\"id\": 2, \"total\": 5}]");
  Ran ran =
      run({"customers.csv", "orders.json", "-o", "shop.yaml", "--endpoint", "sqlite:tables.db"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err,
            "wrote shop.yaml\n"
            "  my/customers: key /customer_id, 2 documents\n"
            "  my/orders: key /id, 2 documents\n"
            "next:\n"
            "  weir append my/customers customers.csv --flow shop.yaml\n"
            "  weir append my/orders orders.json --flow shop.yaml\n"
            "  weir run --until-caught-up shop.yaml\n");
  golden("init/shop.yaml", folder.read("shop.yaml"));
  expect_valid("shop.yaml");
  ran = folder.run({"append", "my/customers", "customers.csv", "--flow", "shop.yaml"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  ASSERT_EQ(std::system(("gzip '" + folder.file("orders.json") + "'").c_str()), 0);
  ran = folder.run({"append", "my/orders", "orders.json.gz", "--flow", "shop.yaml"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  ran = folder.run({"run", "--until-caught-up", "shop.yaml"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(table("SELECT customer_id, name, active FROM customers ORDER BY customer_id"),
            (Rows{"c1 | Smith, J | 1", "c2 | Jones | 0"}));
  EXPECT_EQ(table("SELECT id, total FROM orders ORDER BY id"), (Rows{"1 | 5", "2 | 5"}));
}

TEST_F(Init, BadRowsOfATableAreNamed) {
  folder.write("customers.csv", kCustomers);
  ASSERT_EQ(run({"customers.csv"}).code, 0);
  Ran ran = folder.run({"append", "my/customers"}, "customer_id,name,active\nc3,x,maybe\n");
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("standard input:2:1: does not match the collection's schema: /active: "),
            std::string::npos)
      << ran.err;
  ran = folder.run({"append", "my/customers"}, "customer_id,name,active\nc3,x\n");
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("standard input:2:4: the row has 2 cells"), std::string::npos) << ran.err;
}

// The commented block is one that works.
TEST_F(Init, ItsTriggersValidateOnceTheyAreTakenIn) {
  folder.write("orders.jsonl", kOrders);
  ASSERT_EQ(run({"orders.jsonl"}).code, 0);
  std::string text = folder.read("flow.yaml");
  const std::size_t begin = text.find("    # triggers:");
  ASSERT_NE(begin, std::string::npos);
  constexpr std::string_view kComment = "\n    # ";
  for (std::size_t at = begin - 1; (at = text.find(kComment, at)) != std::string::npos; ++at)
    text.erase(at + kComment.size() - 2, 2);
  folder.write("flow.yaml", text);
  expect_valid("flow.yaml");
  EXPECT_NE(folder.run({"build"}).out.find("127.0.0.1:8417"), std::string::npos) << text;
}

TEST_F(Init, NeverOverwrites) {
  folder.write("orders.jsonl", kOrders);
  folder.write("flow.yaml", "mine");
  Ran ran = run({"orders.jsonl"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err,
            "weir: flow.yaml exists, and weir init never overwrites: name another file with "
            "--output, or print to standard output with --output -\n");
  EXPECT_EQ(folder.read("flow.yaml"), "mine");
  ran = run({"orders.jsonl", "--output", "-"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("my/orders:"), std::string::npos);
}

TEST_F(Init, FilesOfOneKindAndStandardInput) {
  std::filesystem::create_directories(folder.file("data"));
  folder.write("data/a.jsonl", "{\"id\": 1, \"n\": 1}\n");
  folder.write("data/b.jsonl", "{\"id\": 2, \"m\": \"x\"}\n");
  Ran ran = run({"data/a.jsonl", "data/b.jsonl", "--collection", "acme/events", "--key", "/id",
                 "-o", "data/flow.yaml"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  golden("init/events.yaml", folder.read("data/flow.yaml"));
  expect_valid("data/flow.yaml");
  ran = folder.run({"run", "--until-caught-up", "data/flow.yaml"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(rows(folder.file("data/tables.db"), "SELECT id, m, n FROM events ORDER BY id"),
            (Rows{"1 | NULL | 1", "2 | x | NULL"}));

  ran = run({"-"}, "{\"id\": 1}\n{\"id\": 2}\n");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.err.find("  weir append my/documents -\n"), std::string::npos) << ran.err;
  expect_valid("flow.yaml");
}

// The files of days become one table, which takes in those of days to come.
TEST_F(Init, AFolder) {
  std::filesystem::create_directories(folder.file("data"));
  folder.write("data/2026-11-01.jsonl", "{\"id\": 1, \"n\": 1}\n");
  folder.write("data/2026-11-02.jsonl", "{\"id\": 2, \"n\": 2}\n");
  folder.write("data/people.csv", kCustomers);
  Ran ran = run({"data"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err,
            "wrote flow.yaml\n"
            "  my/data: key /id, 2 documents of 2 files\n"
            "  my/people: key /customer_id, 2 documents\n"
            "next:\n"
            "  weir append my/people data/people.csv\n"
            "  weir run --until-caught-up\n");
  golden("init/folder.yaml", folder.read("flow.yaml"));
  expect_valid("flow.yaml");
  ASSERT_EQ(folder.run({"append", "my/people", "data/people.csv"}).code, 0);
  folder.write("data/2026-11-03.jsonl", "{\"id\": 3, \"n\": 3}");
  ASSERT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  EXPECT_EQ(table("SELECT id, n FROM data ORDER BY id"), (Rows{"1 | 1", "2 | 2", "3 | 3"}));
  EXPECT_EQ(table("SELECT count(*) FROM people"), (Rows{"2"}));
}

// Documents over several lines are appended, by one command for all files.
TEST_F(Init, FilesThatAreAppended) {
  for (int i = 0; i < 12; ++i) {
    const std::string name = fmt::format("order-{}.json", i);
    folder.write(name, fmt::format("{{\n  \"id\": {}\n}}\n", i));
  }
  Ran ran = run({"."});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err,
            "wrote flow.yaml\n"
            "  my/order: key /id, 12 documents of 12 files\n"
            "next:\n"
            "  for file in order-*.json; do weir append my/order \"$file\"; done\n"
            "  weir run --until-caught-up\n");
  folder.write("order-12.json", "[]");
  folder.write("order-x.json", "[]");
  ran = run({"order-1.json", "order-2.json", "-o", "two.yaml"});
  EXPECT_NE(ran.err.find("  weir append my/order order-1.json --flow two.yaml\n"
                         "  weir append my/order order-2.json --flow two.yaml\n"),
            std::string::npos)
      << ran.err;
}

// Compressed JSON lines are read where they lie like others.
TEST_F(Init, CompressedSamples) {
  folder.write("a1.jsonl", "{\"id\": 1}\n");
  folder.write("a2.jsonl", "{\"id\": 2}\n");
  ASSERT_EQ(std::system(
                ("cd '" + folder.file("") + "' && gzip a1.jsonl && zstd -q --rm a2.jsonl").c_str()),
            0);
  const Ran ran = run({"a1.jsonl.gz", "a2.jsonl.zst"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(folder.read("flow.yaml").find("files: [\"a*\"]"), std::string::npos)
      << folder.read("flow.yaml");
  ASSERT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  EXPECT_EQ(table("SELECT id FROM a ORDER BY id"), (Rows{"1", "2"}));
}

TEST_F(Init, OddNames) {
  folder.write("b [1].jsonl", "{\"id\": 1}\n");
  folder.write("\xff'.jsonl", "{\"id\": 2}\n");
  const Ran ran = run({"b [1].jsonl", "\xff'.jsonl"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  expect_valid("flow.yaml");
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  EXPECT_EQ(table("SELECT id FROM b__1_"), (Rows{"1"}));
  EXPECT_EQ(table("SELECT id FROM __"), (Rows{"2"}));
}

TEST_F(Init, IntegersBeyond64BitsMakeATextColumn) {
  folder.write("big.jsonl",
               "{\"id\": 18446744073709551615, \"n\": -9223372036854775809}\n"
               "{\"id\": 2, \"n\": 123456789012345678901234567890}\n");
  Ran ran = run({"big.jsonl"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  expect_valid("flow.yaml");
  ran = folder.run({"run", "--until-caught-up"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(
      table("SELECT id, n FROM big ORDER BY n"),
      (Rows{"18446744073709551615 | -9223372036854775809", "2 | 123456789012345678901234567890"}));
}

TEST_F(Init, SaysWhatItCannotDo) {
  folder.write("a.jsonl", "{\"n\": 1.5}\n{\"n\": 1.5}\n");
  folder.write("good.jsonl", "{\"id\": 1}\n");
  folder.write("empty.jsonl", "\n");
  std::filesystem::create_directory(folder.file("empty"));
  folder.write("bad.jsonl", "{\"id\": 1}\n{\"id\": }\n");
  const std::pair<Words, std::string> kCases[] = {
      {{"a.jsonl"}, "say by what they are one, as in --key /id"},
      {{"a.jsonl", "--key", "/n"},
       "--key: a.jsonl: /n is not always a text, an integer or a boolean"},
      {{"a.jsonl", "--key", "/x"}, "--key: a.jsonl: no document has /x"},
      {{"empty.jsonl"}, "empty.jsonl has no document to learn from"},
      {{"bad.jsonl"}, "bad.jsonl:2:8: "},
      {{"missing.jsonl"}, "missing.jsonl"},
      {{"a.jsonl", "a.json"},
       "would both be the collection my/a; --collection my/a puts all files"},
      {{"a.jsonl", "--key", "/n", "--collection", "a b"}, "/n is not always"},
      {{"good.jsonl", "--collection", "a b"}, "\"a b\" is no name for a collection"},
      {{"-", "-"}, "can be read once only"},
      {{"a.jsonl", "--endpoint", "postgres:x"}, "--endpoint sqlite:PATH"},
      {{"good.jsonl", "--endpoint", "sqlite:no/x.db"}, "the folder no does not exist"},
      {{"good.jsonl", "-o", "no/f.yaml"}, "--output no/f.yaml: the folder no does not exist"},
      {{"empty"}, "the folder empty has no files of documents"},
  };
  for (const auto& [words, message] : kCases) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.code, 1) << message;
    EXPECT_NE(ran.err.find(message), std::string::npos) << message << "\n" << ran.err;
    EXPECT_FALSE(std::filesystem::exists(folder.file("flow.yaml")));
  }
  EXPECT_EQ(run({}).code, 2);
}

}  // namespace
}  // namespace weir::cli
