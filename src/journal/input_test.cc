#include "journal/input.h"

#include <gtest/gtest.h>

#include "journal/spool.h"
#include "journal/test_support.h"

namespace weir::journal {
namespace {

// "line:column text" of each document, or the error; read in pieces of `piece` bytes.
std::vector<std::string> take_apart(std::string_view text, std::size_t piece) {
  const ByteSource whole = source_of(text);
  const ByteSource source = [&](std::span<char> out) {
    return whole(out.first(std::min(piece, out.size())));
  };
  InputReader reader(source, "in");
  std::vector<std::string> found;
  for (;;) {
    const auto document = reader.next();
    if (!document) {
      found.push_back(document.error().message);
      return found;
    }
    if (!*document) return found;
    found.push_back(fmt::format("{}:{}{} {}", (*document)->line, (*document)->column,
                                (*document)->spans_lines ? "+" : "", (*document)->text));
  }
}

TEST(Input, Documents) {
  using testing::ElementsAre;
  for (const std::size_t piece : {1u, 2u, 7u, 1000u}) {
    SCOPED_TRACE(piece);
    EXPECT_THAT(take_apart("", piece), ElementsAre());
    EXPECT_THAT(take_apart(" \n\t\r\n", piece), ElementsAre());
    EXPECT_THAT(take_apart("{\"a\":1}\n{\"b\":2}", piece),
                ElementsAre("1:1 {\"a\":1}", "2:1 {\"b\":2}"));
    EXPECT_THAT(take_apart("\xef\xbb\xbf{} {}\r\n\r\n  {}", piece),
                ElementsAre("1:1 {}", "1:4 {}", "3:3 {}"));
    EXPECT_THAT(take_apart("{\n \"a\": \"}\\\"\"\n} {\"b\":[{}]}", piece),
                ElementsAre("1:1+ {\n \"a\": \"}\\\"\"\n}", "3:3 {\"b\":[{}]}"));
    EXPECT_THAT(take_apart("{}\n{\"a\":", piece),
                ElementsAre("1:1 {}", "in:2:1: the document that begins here does not end"));
    EXPECT_THAT(take_apart("{}\n 17", piece),
                ElementsAre("1:1 {}", "in:2:2: a document is an object and begins with {"));
    EXPECT_THAT(
        take_apart("[{}]", piece),
        ElementsAre("in:1:1: a document is an object; an array of them is taken apart by jq -c "
                    "'.[]', for one"));
  }
}

TEST(Input, ManyDocumentsAcrossPieces) {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += fmt::format("{{\"n\":{},\"text\":\"{{[\\\\\"}}\n", i);
  const auto found = take_apart(text, 4096);
  ASSERT_EQ(found.size(), 30'000u);
  EXPECT_EQ(found.back(), R"(30000:1 {"n":29999,"text":"{[\\"})");
}

TEST(Input, TooLong) {
  std::string text = "{\"a\":\"" + std::string(kDocumentBytesMax, 'x') + "\"}";
  const auto found = take_apart(text, 1u << 20);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0], testing::HasSubstr("in:1:1: a document of"));
}

TEST(Spool, KeepsLinesInMemoryAndBeyond) {
  TestFolder folder;
  for (const std::uint64_t memory : {0u, 100u, 1u << 20}) {
    SCOPED_TRACE(memory);
    Spool spool(folder.path(), memory);
    for (std::uint32_t i = 0; i < 5000; ++i)
      ASSERT_TRUE(spool.add({std::string(i % 700, 'x') + std::to_string(i), i, i % 3 == 0}));
    EXPECT_EQ(spool.lines(), 5000u);
    SpooledLine line;
    for (std::uint32_t i = 0; i < 5000; ++i) {
      ASSERT_TRUE(spool.next(line).value());
      ASSERT_EQ(line.text, std::string(i % 700, 'x') + std::to_string(i));
      ASSERT_EQ(line.uuid_at, i);
      ASSERT_EQ(line.acknowledgement, i % 3 == 0);
    }
    EXPECT_FALSE(spool.next(line).value());
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace weir::journal
