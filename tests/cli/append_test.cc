// weir append, weir read
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "base/text.h"
#include "tests/cli/fixture.h"
#include "tests/cli/program.h"

namespace weir::cli {
namespace {

std::vector<std::string> totals_of(const std::string& lines) {
  std::vector<std::string> found;
  std::size_t begin = 0;
  while (begin < lines.size()) {
    const std::size_t end = lines.find('\n', begin);
    found.push_back(member(parse(lines.substr(begin, end - begin)).root, "total"));
    begin = end + 1;
  }
  return found;
}

class Append : public testing::Test {
 protected:
  void SetUp() override { folder.write("flow.yaml", kOrders); }
  Folder folder;
};

TEST_F(Append, FromStandardInputAndFromAFile) {
  Ran ran = folder.run({"append", "acme/orders"},
                       "{\"id\": 1, \"total\": 5}\n{\"id\": 2, \"total\": 6}\n");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "appended 2 documents to acme/orders\n");
  folder.write("more.jsonl", "{\"id\": 3,\n \"total\": 7}");
  ran = folder.run({"append", "acme/orders", "more.jsonl"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err, "appended 1 document to acme/orders\n");
  ran = folder.run({"read", "acme/orders"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(totals_of(ran.out), (std::vector<std::string>{"5", "6", "7"}));
  EXPECT_NE(ran.out.find("\"_meta\":{\"uuid\":\""), std::string::npos);
  EXPECT_EQ(totals_of(folder.run({"read", "acme/orders", "--limit", "2"}).out),
            (std::vector<std::string>{"5", "6"}));
  EXPECT_EQ(folder.run({"read", "acme/orders", "--limit", "0"}).out, "");
  EXPECT_EQ(folder.run({"read", "acme/totals"}).out, "");
}

TEST_F(Append, ABatchIdCountsOnce) {
  const Words words{"append", "acme/orders", "--batch-id", "monday"};
  EXPECT_EQ(folder.run(words, "{\"id\": 1, \"total\": 5}").code, 0);
  const Ran again = folder.run(words, "{\"id\": 1, \"total\": 5}");
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.err.find("already there"), std::string::npos);
  EXPECT_EQ(totals_of(folder.run({"read", "acme/orders"}).out), (std::vector<std::string>{"5"}));
  EXPECT_EQ(folder.run({"append", "acme/orders", "--batch-id", ""}, "{\"id\": 2}").code, 2);
}

TEST_F(Append, TellsProgramsInJson) {
  const Words words{"append", "acme/orders", "--json", "--batch-id", "x"};
  const json::Tree first = parse(folder.run(words, "{\"id\": 1}{\"id\": 2}").out);
  const json::Value& row = first.root.items()[0];
  EXPECT_EQ(member(row, "collection"), "acme/orders");
  EXPECT_EQ(member(row, "journal"), "acme/orders/pivot=00");
  EXPECT_EQ(member(row, "documents"), "2");
  EXPECT_EQ(member(row, "already_there"), "false");
  const json::Tree second = parse(folder.run(words, "{\"id\": 1}{\"id\": 2}").out);
  EXPECT_EQ(member(second.root.items()[0], "already_there"), "true");
}

TEST_F(Append, BadDocumentsNameThePlaceAndNothingCounts) {
  struct Case {
    std::string input;
    std::vector<std::string> says;
  };
  const Case cases[] = {
      {"{\"id\": 1}\n{\"id\": 2, \"total\": \"no\"}\n", {"standard input:2:", "/total"}},
      {"{\"id\": 1}\n{\"total\": 2}\n", {"standard input:2:", "id"}},
      {"{\"id\": 1}\n{\"id\": \n", {"standard input:"}},
      {"{\"id\": 1, \"id\": 2}\n", {"standard input:1:", "id"}},
      {"[1]\n", {"standard input:1:2: an item of the array is no object"}},
      {"[{\"id\": 1, \"total\": 1},\n {\"id\": 2}\n", {"standard input:1:1: ", "does not end"}},
      {"{\"id\": 1} x", {"standard input:1:"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.input);
    const Ran ran = folder.run({"append", "acme/orders"}, c.input);
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(ran.out, "");
    for (const std::string& part : c.says)
      EXPECT_NE(ran.err.find(part), std::string::npos) << ran.err;
  }
  EXPECT_EQ(folder.run({"read", "acme/orders"}).out, "");
}

TEST_F(Append, UnknownCollectionsGetADidYouMean) {
  for (const char* command : {"append", "read"}) {
    const Ran ran = folder.run({command, "acme/order"}, "{}");
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("no collection \"acme/order\" (did you mean \"acme/orders\"?)"),
              std::string::npos)
        << ran.err;
  }
}

TEST_F(Append, FoldersCanBeElsewhere) {
  EXPECT_EQ(
      folder
          .run({"append", "acme/orders", "--journals", "other/place"}, "{\"id\": 1, \"total\": 1}")
          .code,
      0);
  EXPECT_EQ(folder.run({"read", "acme/orders"}).out, "");
  EXPECT_EQ(
      totals_of(folder.run({"read", "acme/orders", "--journals", folder.file("other/place")}).out),
      (std::vector<std::string>{"1"}));
  folder.set("WEIR_JOURNALS", "other/place");
  EXPECT_EQ(totals_of(folder.run({"read", "acme/orders"}).out), (std::vector<std::string>{"1"}));
}

TEST_F(Append, TheCatalogCanBeElsewhere) {
  Folder other;
  other.write("data.jsonl", "{\"id\": 1, \"total\": 9}");
  const std::string flow = folder.file("flow.yaml");
  EXPECT_EQ(other.run({"append", "acme/orders", "data.jsonl", flow}).code, 0);
  EXPECT_EQ(totals_of(folder.run({"read", "acme/orders"}).out), (std::vector<std::string>{"9"}));
  EXPECT_EQ(totals_of(other.run({"read", "acme/orders", "--flow", flow}).out),
            (std::vector<std::string>{"9"}));
  const Ran ran = other.run({"append", "acme/orders", "data.jsonl"});
  EXPECT_EQ(ran.code, 3);
  EXPECT_NE(ran.err.find("flow.yaml"), std::string::npos) << ran.err;
}

// A fragment in the middle is gone: reading stops there and says what is missing, and goes on
// behind it where that is asked for.
TEST_F(Append, AGapStopsReadingUnlessItIsToBeSkipped) {
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const std::string journal = folder.file("journals/acme/orders/pivot=00/");
  const std::string open = journal + "0000000000000000.open";
  std::vector<std::string> texts;
  for (const char* total : {"1", "2", "3"}) {
    ASSERT_EQ(
        folder.run({"append", "acme/orders"}, fmt::format(R"({{"id": {0}, "total": {0}}})", total))
            .code,
        0);
    std::ifstream in(open, std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  std::filesystem::remove(open);
  std::filesystem::remove(journal + ".index");
  const std::string &first = texts[0], &third = texts[2];
  const std::size_t behind = texts[1].size();
  std::ofstream(journal +
                fmt::format("{:016x}-{:016x}-{}.raw", 0, first.size(), hex_lower(sha1(first))))
      << first;
  std::ofstream(journal + fmt::format("{:016x}.open", behind)) << third.substr(behind);
  for (const Words& words : {Words{"read", "acme/orders"}, Words{"run", "--until-caught-up"}}) {
    const Ran stopped = folder.run(words);
    EXPECT_EQ(stopped.code, 1);
    EXPECT_NE(stopped.err.find("--skip-gaps"), std::string::npos) << stopped.err;
  }
  EXPECT_EQ(totals_of(folder.run({"read", "acme/orders", "--skip-gaps"}).out),
            (std::vector<std::string>{"1", "3"}));
  const Ran ran = folder.run({"run", "--until-caught-up", "--skip-gaps"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.err.find("reading on behind a gap"), std::string::npos) << ran.err;
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
}

TEST_F(Append, FollowPrintsWhatArrives) {
  const auto reader = folder.start({"read", "acme/orders", "--follow", "--limit", "2"});
  EXPECT_EQ(folder.run({"append", "acme/orders"}, "{\"id\": 1, \"total\": 5}").code, 0);
  EXPECT_EQ(member(parse(reader->next_line()).root, "total"), "5");
  EXPECT_EQ(folder.run({"append", "acme/orders"}, "{\"id\": 1, \"total\": 6}").code, 0);
  EXPECT_EQ(member(parse(reader->next_line()).root, "total"), "6");
  EXPECT_EQ(reader->wait().code, 0);
}

}  // namespace
}  // namespace weir::cli
