#include "journal/document_source.h"

#include <gtest/gtest.h>

#include "journal/input.h"
#include "journal/test_compress.h"

namespace weir::journal {
namespace {

using document::Types;

// `piece` bytes at a time, however much is asked for.
ByteSource slow_source(std::string text, std::size_t piece) {
  return [text = std::move(text), piece,
          at = std::size_t{0}](std::span<char> out) mutable -> Result<std::size_t> {
    const std::size_t length = std::min({out.size(), piece, text.size() - at});
    std::copy_n(text.data() + at, length, out.data());
    at += length;
    return length;
  };
}

const CsvTypes kTypes = [](std::string_view column) -> Types {
  if (column == "id") return Types::kInteger;
  if (column == "price") return Types::kInteger | Types::kFractional;
  if (column == "paid") return Types::kBoolean | Types::kNull;
  if (column == "tags") return Types::kArray;
  if (column == "mixed") return Types::kInteger | Types::kString;
  return Types::any();
};

// "line:column text" per document, or what is wrong.
std::string read(ByteSource input, const DocumentSourceOptions& options = {.csv = kTypes}) {
  const ByteSource source = make_document_source(std::move(input), options);
  InputReader reader(source, "in");
  std::string out;
  for (;;) {
    const auto document = reader.next();
    if (!document) return out + document.error().message;
    if (!*document) return out;
    out += fmt::format("{}:{} {}\n", (*document)->line, (*document)->column, (*document)->text);
  }
}

struct Case {
  std::string_view input;
  std::string_view output;
};

// Whatever the pieces it comes in, and however it is compressed.
void expect_all_ways(const Case& each) {
  for (const std::size_t piece : {1u, 2u, 3u, 7u, 4096u})
    ASSERT_EQ(read(slow_source(std::string(each.input), piece)), each.output)
        << each.input << " in pieces of " << piece;
  EXPECT_EQ(read(slow_source(gzip(each.input), 5)), each.output) << each.input;
  EXPECT_EQ(read(slow_source(zstandard(each.input), 5)), each.output) << each.input;
}

TEST(DocumentSource, JsonPassesAsItIs) {
  const Case kCases[] = {
      {"", ""},
      {" \r\n\t ", ""},
      {"{\"a\":1}\n{\"a\":2}\n", "1:1 {\"a\":1}\n2:1 {\"a\":2}\n"},
      {"\xef\xbb\xbf{\"a\":1}", "1:1 {\"a\":1}\n"},
      {"\xef\xbb\xbf\r\n {\"a\":1}\r\n", "2:2 {\"a\":1}\n"},
  };
  for (const Case& each : kCases) expect_all_ways(each);
}

TEST(DocumentSource, AnArrayKeepsItsPlaces) {
  const Case kCases[] = {
      {"[]", ""},
      {"\n [ ] \n", ""},
      {"[{\"a\":1},{\"a\":[1,{\"b\":\"],[\\\"\"}]}]",
       "1:2 {\"a\":1}\n1:10 {\"a\":[1,{\"b\":\"],[\\\"\"}]}\n"},
      {"[\n  {\"a\":1},\n  {\"a\":2}\n]\n", "2:3 {\"a\":1}\n3:3 {\"a\":2}\n"},
  };
  for (const Case& each : kCases) expect_all_ways(each);
  // Whether what came before an error was still handed out is a matter of the pieces.
  const std::pair<std::string, std::string> kBad[] = {
      {"[{\"a\":1}", "1:1: the array that begins here does not end"},
      {"[{\"a\":1},]", "1:10: an item of the array is no object"},
      {"[{\"a\":1} {\"a\":2}]", "1:10: expected , or ] behind an item"},
      {"[\n1]", "2:1: an item of the array is no object"},
      {"[] x", "1:4: text behind the end of the array"},
      {"[", "1:1: the array that begins here does not end"},
  };
  for (const auto& [input, message] : kBad)
    EXPECT_NE(read(slow_source(input, 4096)).find(message), std::string::npos)
        << input << " gave " << read(slow_source(input, 4096));
}

TEST(DocumentSource, RowsOfATableBecomeObjects) {
  const Case kCases[] = {
      {"id,name\n1,x\n2,y", "2:1 {\"id\":1,\"name\":\"x\"}\n3:1 {\"id\":2,\"name\":\"y\"}\n"},
      {"id,name\r\n1,x\r\n\r\n2,y\r\n",
       "2:1 {\"id\":1,\"name\":\"x\"}\n4:1 {\"id\":2,\"name\":\"y\"}\n"},
      {"id,name\n", ""},
      {"id,name", ""},
      // Quotes: separators, line ends and quotes inside; the next row's line is still its own.
      {"id,name\n1,\"a,b\n\"\"c\"\"\"\n2,y\n",
       "2:1 {\"id\":1,\"name\":\"a,b\\n\\\"c\\\"\"}\n4:1 {\"id\":2,\"name\":\"y\"}\n"},
      // Empty: absent; quoted: a text.
      {"id,a,b\n1,,\"\"\n,,\n", "2:1 {\"id\":1,\"b\":\"\"}\n3:1 {}\n"},
      {"price,paid,tags,mixed\n1.50,TRUE,\"[1, 2]\",7\n1e3,false,x,\n",
       "2:1 {\"price\":1.50,\"paid\":true,\"tags\":[1,2],\"mixed\":\"7\"}\n"
       "3:1 {\"price\":1e3,\"paid\":false,\"tags\":\"x\"}\n"},
      // What is no number stays what it is, for the schema to refuse.
      {"id\n007\n", "2:1 {\"id\":\"007\"}\n"},
      {"a b\n x \n", "2:1 {\"a b\":\" x \"}\n"},
      {"id;name\n1;a,b\n", "2:1 {\"id\":1,\"name\":\"a,b\"}\n"},
      {"\"id\";\"na,me\"\n1;x\n", "2:1 {\"id\":1,\"na,me\":\"x\"}\n"},
      {"id;\"na;me\";x\n1;2;3\n", "2:1 {\"id\":1,\"na;me\":\"2\",\"x\":\"3\"}\n"},
      {"a\tb\t\"c\"\n1\t2\t3\n", "2:1 {\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}\n"},
      {"id\tname\n1\t\"a\tb\"\n", "2:1 {\"id\":1,\"name\":\"a\\tb\"}\n"},
  };
  for (const Case& each : kCases) expect_all_ways(each);
}

TEST(DocumentSource, ATableThatIsNoneIsRefusedWithItsPlace) {
  const std::pair<std::string, std::string> kCases[] = {
      {"id,name\n1\n", "2:1: the row has 1 cell, where the header has 2"},
      {"id,name\n1,2,3\n", "2:5: the row has 3 cells, where the header has 2"},
      {"id,id\n1,2\n", "1:4: the header has \"id\" twice; rename one of them"},
      {"id,\n1,2\n", "1:4: the header has a column without a name; write one there"},
      {"id\na\"b\n", "2:2: a quote inside a cell that is not quoted"},
      {"id\n\"a\"b\n", "2:4: text behind a closing quote"},
      {"id\n1\n\"abc\n", "3:1: the quoted cell that begins here does not end"},
      {"id\nx\ry\n", "2:3: a carriage return that ends no line"},
      {"hello", "1:1: neither a JSON object, nor an array of them, nor a table"},
      {"id\n\xff\n", "2:1: the text is not UTF-8"},
      {std::string("\xff\xfe{\0}\0", 6), "in: this is UTF-16; iconv"},
      {"PK\x03\x04 and more", "in: this is a zip archive; unpack it"},
      {std::string("\xfd\x37zXZ\0", 6), "in: this is an xz file; unpack it"},
      {"BZh91AY&SY", "in: this is a bzip2 file; unpack it"},
  };
  for (const auto& [input, message] : kCases)
    EXPECT_NE(read(slow_source(input, 4096)).find(message), std::string::npos)
        << input << " gave " << read(slow_source(input, 4096));
  // Without types for its columns, a table is no input.
  EXPECT_EQ(read(slow_source("id\n1\n", 4096), {}),
            "in:1:1: a document is an object and begins with {");
}

TEST(DocumentSource, DamagedStreamsAndTooManyBytesAreErrors) {
  const std::string whole = gzip(std::string(5000, ' ') + "{\"a\":1}");
  EXPECT_NE(read(slow_source(whole.substr(0, whole.size() - 5), 64)).find("cut off"),
            std::string::npos);
  EXPECT_NE(
      read(slow_source(whole, 64), {.csv = {}, .bytes_max = 5000}).find("more than 5000 bytes"),
      std::string::npos);
  EXPECT_EQ(read(slow_source(whole, 64), {.csv = {}, .bytes_max = 5007}), "1:5001 {\"a\":1}\n");
}

// Rows that are short under a name that is long: no more is made of them than is asked for.
TEST(DocumentSource, ATableIsBoundedByWhatComesOut) {
  const std::string name(100'000, 'n');
  std::string table = name + "\n";
  for (int i = 0; i < 50'000; ++i) table += "1\n";
  const ByteSource source =
      make_document_source(source_of(table), {.csv = kTypes, .bytes_max = 20'000'000});  // of 5 GB
  std::string out(1 << 20, '\0');
  std::uint64_t all = 0;
  for (;;) {
    const auto got = source(out);
    if (!got) {
      EXPECT_EQ(got.error().message, "more than 20000000 bytes of documents");
      EXPECT_EQ(got.error().code, Code::kLimit);
      break;
    }
    ASSERT_NE(*got, 0u);
    all += *got;
    ASSERT_LE(all, 20'000'000u);
  }
}

TEST(DocumentSource, CompressedStreamsCanBeLeftAlone) {
  const DocumentSourceOptions options{.csv = {}, .decompress = false};
  EXPECT_EQ(read(slow_source("[{\"a\":1}]", 3), options), "1:2 {\"a\":1}\n");
  EXPECT_EQ(read(slow_source(gzip("{}"), 3), options),
            "in:1:1: a document is an object and begins with {");
}

TEST(DocumentSource, SaysWhatItFound) {
  DetectedInput found;
  const ByteSource source =
      make_document_source(slow_source(gzip("a,b\n1,2\n"), 9), {.csv = kTypes}, &found);
  std::string out(100, '\0');
  ASSERT_TRUE(source(out));
  EXPECT_EQ(found.format, InputFormat::kCsv);
  EXPECT_EQ(found.compression, Compression::kGzip);
  EXPECT_EQ(name_of(found.format), "CSV");
}

}  // namespace
}  // namespace weir::journal
