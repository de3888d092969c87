#include "journal/plain_journal.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include "journal/plain_content.h"
#include "journal/test_compress.h"
#include "journal/test_support.h"
#include "protocol/checkpoint.h"

namespace weir::journal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PlainJournalTest : public testing::Test {
 protected:
  PlainJournalTest() { patterns_ = {"*.jsonl"}; }

  std::string path(std::string_view name) const { return folder_.path() + "/" + std::string(name); }
  void write(std::string_view name, std::string_view text) { write_text(path(name), text); }
  void grow(std::string_view name, std::string_view text) {
    write(name, file_text(path(name)) + std::string(text));
  }
  void remove(std::string_view name) { ASSERT_TRUE(io::remove_file(path(name))); }

  // A new process: a reader where `position_` says.
  std::string start() {
    PlainJournalOptions options;
    options.collections["acme/orders"] = {folder_.path(), patterns_};
    options.clock = &clock_;
    options.read_bytes = read_bytes_;
    options.read_ahead = read_ahead_;
    reader_.reset();
    journals_ = make_plain_journals(
        options, make_file_journals({.root = folder_.path() + "/journals", .clock = &clock_}));
    const auto names = journals_->list("acme/orders");
    EXPECT_THAT(*names, ElementsAre("acme/orders/files"));
    auto opened = journals_->open(names->front(), position_);
    if (!opened) return opened.error().message;
    reader_ = *std::move(opened);
    return "";
  }

  // All there is, each document followed by a space, then what is wrong. Remembers the position.
  std::string read() {
    std::string out;
    if (reader_ == nullptr) out = start();
    while (reader_ != nullptr) {
      const auto batch = reader_->next();
      if (!batch) {
        reader_.reset();
        return out + batch.error().message;
      }
      EXPECT_TRUE(reader_->at_boundary());
      if (!*batch || !position_at_end_) position_ = reader_->position();
      if (!*batch) return out;
      if (position_at_end_) {
        for (const Document& document : (*batch)->documents)
          out += std::string(document.json) + " ";
        continue;
      }
      for (const Document& document : (*batch)->documents) {
        out += std::string(document.json) + " ";
        places_.push_back(journals_->place_of("acme/orders/files", **batch, document));
      }
    }
    return out;
  }
  // The same after a restart, with the position as the checkpoint carries it.
  std::string read_anew() {
    protocol::Checkpoint checkpoint;
    checkpoint.sources["x"] = position_;
    position_ = protocol::decode_checkpoint(protocol::encode(checkpoint))->sources["x"];
    reader_.reset();
    return read();
  }

  TestFolder folder_{TestFolder::Where::kMemory};
  TestClock clock_;
  std::vector<std::string> patterns_;
  std::size_t read_bytes_ = 512u << 10;
  bool read_ahead_ = false;
  bool position_at_end_ = false;  // and no places: for many files
  protocol::Source position_;
  std::unique_ptr<Journals> journals_;
  std::unique_ptr<Reader> reader_;
  std::vector<std::string> places_;
};

TEST_F(PlainJournalTest, ReadsByPatternThenByName) {
  patterns_ = {"history.json", "*.jsonl", "**/deep*"};
  write("b.jsonl", "{\"n\":3}\n");
  write("a.jsonl", "{\"n\":1}\n{\"n\":2}\n");
  write("history.json", "{\"n\":0}\n");
  write("x/y/deep", "{\"n\":5}\n");
  write("x/deep.1", "{\"n\":4}\n");
  write(".hidden.jsonl", "{\"n\":9}\n");
  write("other.txt", "no");
  EXPECT_EQ(read(), R"({"n":0} {"n":1} {"n":2} {"n":3} {"n":4} {"n":5} )");
  EXPECT_EQ(read(), "");
  EXPECT_EQ(read_anew(), "");
  EXPECT_EQ(reader_->bytes_behind(), 0);
  EXPECT_THAT(places_, ElementsAre("history.json:1", "a.jsonl:1", "a.jsonl:2", "b.jsonl:1",
                                   "x/deep.1:1", "x/y/deep:1"));
}

TEST_F(PlainJournalTest, FollowsGrowthAndNewFiles) {
  EXPECT_EQ(read(), "");
  write("a.jsonl", "{\"n\":1}\n");
  EXPECT_EQ(read(), "{\"n\":1} ");
  grow("a.jsonl", "{\"n\":2}\n");
  write("b.jsonl", "{\"n\":3}\n");
  EXPECT_EQ(read(), "{\"n\":2} {\"n\":3} ");
  write("0.jsonl", "{\"n\":4}\n");
  grow("a.jsonl", "{\"n\":5}\n");
  EXPECT_EQ(read_anew(), "{\"n\":4} {\"n\":5} ");
  grow("b.jsonl", "{\"n\":6}\n");
  EXPECT_EQ(read_anew(), "{\"n\":6} ");
  EXPECT_EQ(read_anew(), "");
}

TEST_F(PlainJournalTest, ALastLineCountsOnceItIsWhole) {
  write("a.jsonl", "{\"n\":1}\n{\"n\":");
  EXPECT_EQ(read(), "{\"n\":1} ");
  EXPECT_EQ(reader_->bytes_behind(), 5);
  grow("a.jsonl", "2}");
  EXPECT_EQ(read(), "{\"n\":2} ");
  // Its newline may come later, with what follows it; also after a restart.
  grow("a.jsonl", "\n{\"n\":3}");
  EXPECT_EQ(read_anew(), "{\"n\":3} ");
  grow("a.jsonl", " \r\n\n{\"n\":4}");
  EXPECT_EQ(read_anew(), "{\"n\":4} ");
  grow("a.jsonl", "  ");
  EXPECT_EQ(read_anew(), "");
  grow("a.jsonl", " {\"n\":5}\n");
  EXPECT_EQ(read_anew(), "a.jsonl:5: text behind the document of this line; a line holds one");
}

TEST_F(PlainJournalTest, WhiteSpaceAroundDocumentsIsNone) {
  const std::pair<std::string, std::string> kCases[] = {
      {"", ""},
      {"\n", ""},
      {"  ", ""},
      {"\xef\xbb\xbf", ""},
      {"\xef\xbb\xbf{\"n\":1}\n", "{\"n\":1} "},
      {"{\"n\":1}\r\n\r\n{\"n\":2}\r\n", "{\"n\":1} {\"n\":2} "},
      {"\n\n \t\n{\"n\":1}\n\n", "{\"n\":1} "},
      {"  {\"n\":1} \t\n", "{\"n\":1} "},
  };
  for (const auto& [text, documents] : kCases) {
    for (const auto& content : {text, gzip(text), zstandard(text)}) {
      position_ = {};
      reader_.reset();
      write("a.jsonl", content);
      EXPECT_EQ(read(), documents) << text;
      EXPECT_EQ(reader_->bytes_behind(), 0) << text;
      EXPECT_EQ(read_anew(), "") << text;
    }
  }
}

TEST_F(PlainJournalTest, BadLinesAreNamedAndNothingBeforeThemIsLost) {
  struct Case {
    std::string text;
    std::string before;
    std::string problem;
  };
  const Case kCases[] = {
      {"{\"n\":1}\n{\"n\" 2}\n{\"n\":3}\n", "{\"n\":1} ", "a.jsonl:2:6: "},
      {"{\"n\":1}\n\n  {\"n\":\n", "{\"n\":1} ", "a.jsonl:3:8: "},
      {"{\"n\":1}\n{\"n\":2} {\"n\":3}\n", "{\"n\":1} ", "a.jsonl:2:9: "},
      {"[{\"n\":1}]\n", "",
       "a.jsonl:1:1: a document is an object and begins with {; of an array, "},
      {"id,name\n1,x\n", "", "a.jsonl:1:1: a document is an object and begins with {; of CSV with"},
      {"3", "", "a.jsonl:1:1: a document is an object"},
      {"{\"n\":1}\nnull\n", "{\"n\":1} ", "a.jsonl:2:1: a document is an object and begins with {"},
      {"\xff\xfe{", "", "file a.jsonl: this is UTF-16; iconv"},
      {"PK\x03\x04", "", "file a.jsonl: this is a zip archive"},
      {"{\n\"n\": 1\n}\n", "",
       "a.jsonl:1:2: expected a name in double quotes, found the end of the text; mend the line, "
       "or "
       "take it out; weir append takes documents over several lines"},
  };
  for (const Case& each : kCases) {
    position_ = {};
    reader_.reset();
    write("a.jsonl", each.text);
    EXPECT_THAT(read(), testing::StartsWith(each.before + each.problem)) << each.text;
    EXPECT_THAT(read_anew(), testing::StartsWith(each.problem)) << each.text;
  }
  // What is structured like a document and is none is found by whoever takes it apart.
  position_ = {};
  reader_.reset();
  places_.clear();
  write("a.jsonl", "{\"n\":1}\n {\"n\":tru}\n");
  EXPECT_EQ(read(), "{\"n\":1} {\"n\":tru} ");
  EXPECT_EQ(places_[1], "a.jsonl:2:7");
}

TEST_F(PlainJournalTest, AMendedLineIsReadOn) {
  write("a.jsonl", "{\"n\":1}\n{\"n\" 2}\n");
  EXPECT_THAT(read(), HasSubstr("a.jsonl:2:6"));
  write("a.jsonl", "{\"n\":1}\n{\"n\":2}\n");
  EXPECT_EQ(read_anew(), "{\"n\":2} ");
}

TEST_F(PlainJournalTest, WhatIsNoLongerTheFileThatWasReadIsAStop) {
  const std::string lines = "{\"n\":1}\n{\"n\":2}\n";
  const auto refused = [&](std::string_view content, std::string_view what) {
    for (const bool restarted : {false, true}) {
      position_ = {};
      reader_.reset();
      write("a.jsonl", lines);
      ASSERT_EQ(read(), "{\"n\":1} {\"n\":2} ");
      const protocol::Source before = position_;
      write("a.jsonl", content);
      // So that a file of the same size differs from what was seen of it.
      struct timespec times[2] = {{5, 0}, {5, 0}};
      ASSERT_EQ(::utimensat(AT_FDCWD, path("a.jsonl").c_str(), times, 0), 0);
      const std::string message = restarted ? read_anew() : read();
      EXPECT_THAT(message, HasSubstr(what)) << content;
      EXPECT_THAT(message, HasSubstr("file a.jsonl")) << content;
      EXPECT_THAT(message, HasSubstr("raise the binding's backfill")) << content;
      EXPECT_EQ(position_, before);
      // And put back, it goes on.
      write("a.jsonl", lines + "{\"n\":3}\n");
      EXPECT_EQ(read_anew(), "{\"n\":3} ") << content;
    }
  };
  refused("{\"n\":1}\n", "is shorter than what was read of it: 8 bytes, and 16 were read");
  refused("", "is shorter");
  refused("{\"n\":1}\n{\"n\":9}\n", "is not the one that was read");
  refused("{\"n\":9}\n{\"n\":2}\n{\"n\":3}\n", "is not the one that was read");
  refused(gzip(std::string(lines) + std::string(300, '\n')), "has changed since it was read");
}

TEST_F(PlainJournalTest, AFileMayVanishOnceItWasReadToItsEnd) {
  write("a.jsonl", "{\"n\":1}\n");
  write("b.jsonl", "{\"n\":2}\n");
  EXPECT_EQ(read(), "{\"n\":1} {\"n\":2} ");
  remove("a.jsonl");
  EXPECT_EQ(read(), "");
  EXPECT_EQ(read_anew(), "");
  // It is remembered: the same content goes on, another is a stop.
  write("a.jsonl", "{\"n\":1}\n{\"n\":3}\n");
  EXPECT_EQ(read_anew(), "{\"n\":3} ");
  remove("a.jsonl");
  EXPECT_EQ(read(), "");
  write("a.jsonl", "{\"n\":7}\n{\"n\":8}\n");
  EXPECT_THAT(read(), HasSubstr("file a.jsonl is not the one that was read"));
}

TEST_F(PlainJournalTest, AFileMayNotVanishBeforeItWasReadToItsEnd) {
  write("a.jsonl", "{\"n\":1}\n{\"n\":");
  EXPECT_EQ(read(), "{\"n\":1} ");
  remove("a.jsonl");
  EXPECT_THAT(read(), HasSubstr("file a.jsonl is gone, and was read to byte 8 only"));
  EXPECT_THAT(read_anew(), HasSubstr("acme/orders/files: a file that was read to byte 8 only is"));
  write("a.jsonl", "{\"n\":1}\n{\"n\":2}\n");
  EXPECT_EQ(read_anew(), "{\"n\":2} ");
}

TEST_F(PlainJournalTest, CompressedFilesAreReadOnceAndMayNotChange) {
  for (const auto& compress : {gzip, zstandard}) {
    position_ = {};
    reader_.reset();
    write("a.jsonl", compress("{\"n\":1}\n{\"n\":2}"));
    EXPECT_EQ(read(), "{\"n\":1} {\"n\":2} ");
    EXPECT_EQ(read_anew(), "");
    write("a.jsonl", compress("{\"n\":1}\n{\"n\":2}") + compress("\n{\"n\":3}\n"));
    EXPECT_THAT(read_anew(), HasSubstr("is compressed and has changed since it was read"));
    // One that is not whole is not begun.
    position_ = {};
    reader_.reset();
    std::string many;
    for (int i = 0; i < 3000; ++i) many += fmt::format("{{\"n\":{},\"x\":{}}}\n", i, i * 7919);
    const std::string whole = compress(many);
    write("a.jsonl", whole.substr(0, whole.size() - 3));
    EXPECT_THAT(read(), HasSubstr("cut off; a compressed file must be whole when it appears"));
    write("a.jsonl", whole);
    EXPECT_THAT(read_anew(), testing::StartsWith("{\"n\":0,\"x\":0} {\"n\":1,"));
    // An unfinished line can never be finished.
    position_ = {};
    reader_.reset();
    write("a.jsonl", compress("{\"n\":1}\n{\"n\":"));
    EXPECT_THAT(read(), testing::StartsWith("{\"n\":1} a.jsonl:2:6: "));
  }
}

// However large the pieces and wherever it is interrupted, every document comes once and in order.
TEST_F(PlainJournalTest, EveryDocumentComesOnceWhereverAReaderIsReplaced) {
  std::string text = "\xef\xbb\xbf";
  std::string expected;
  for (int i = 0; i < 60; ++i) {
    const std::string document =
        fmt::format("{{\"n\":{},\"s\":\"{}\"}}", i, std::string(static_cast<std::size_t>(i), 'x'));
    text += document + (i % 3 == 0 ? "\r\n" : "\n") + (i % 7 == 0 ? "\n" : "");
    expected += document + " ";
  }
  for (const auto& content : {text, gzip(text), zstandard(text)}) {
    for (const std::size_t bytes : {1u, 40u, 333u, 4096u}) {
      position_ = {};
      reader_.reset();
      read_bytes_ = bytes;
      write("a.jsonl", content);
      std::string found;
      for (bool more = true; more;) {
        ASSERT_EQ(start(), "");
        const auto batch = reader_->next();
        ASSERT_TRUE(batch) << batch.error().message;
        more = batch->has_value();
        position_ = reader_->position();
        if (!more) break;
        for (const Document& document : (*batch)->documents)
          found += std::string(document.json) + " ";
      }
      EXPECT_EQ(found, expected) << bytes;
    }
  }
}

TEST_F(PlainJournalTest, AFileThatGrowsByteByByteGivesEachDocumentOnce) {
  const std::string text = "\xef\xbb\xbf{\"n\":1}\r\n\n {\"s\":\"}{\\\"\"}\n{\"n\":3}";
  std::string found;
  for (std::size_t length = 0; length <= text.size(); ++length) {
    write("a.jsonl", text.substr(0, length));
    found += length % 2 == 0 ? read() : read_anew();
  }
  EXPECT_EQ(found, "{\"n\":1} {\"s\":\"}{\\\"\"} {\"n\":3} ");
}

TEST_F(PlainJournalTest, OddNamesAreNames) {
  patterns_ = {"*", "\\[x\\]/\\*"};
  write("a b.jsonl", "{\"n\":1}\n");
  write("new\nline", "{\"n\":2}\n");
  write("\xff\xfe", "{\"n\":3}\n");
  write("{x}", "{\"n\":4}\n");
  write("[x]/*", "{\"n\":5}\n");
  EXPECT_EQ(read(), R"({"n":1} {"n":2} {"n":4} {"n":3} {"n":5} )");
  EXPECT_THAT(places_,
              ElementsAre("a b.jsonl:1", "new\\x0aline:1", "{x}:1", "\\xff\\xfe:1", "[x]/*:1"));
  EXPECT_EQ(read_anew(), "");
}

TEST_F(PlainJournalTest, AFolderThatLeadsBackIntoItselfIsEnteredOnce) {
  patterns_ = {"**/**/*.jsonl", "data/**/c"};
  write("data/a.jsonl", "{\"n\":1}\n");
  write("data/below/b.jsonl", "{\"n\":2}\n");
  write("elsewhere/c", "{\"n\":3}\n");
  std::filesystem::create_directory_symlink("..", path("data/below/up"));
  std::filesystem::create_directory_symlink(".", path("data/itself"));
  std::filesystem::create_directory_symlink("../elsewhere", path("data/other"));
  EXPECT_EQ(read(), R"({"n":1} {"n":2} {"n":3} )");
}

TEST_F(PlainJournalTest, ThousandsOfFilesFitOnePosition) {
  constexpr int kFiles = 2000;
  position_at_end_ = true;
  for (int i = 0; i < kFiles; ++i)
    write(fmt::format("{:05}.jsonl", i), fmt::format("{{\"n\":{}}}\n", i));
  for (const bool ahead : {false, true}) {
    read_ahead_ = ahead;
    position_ = {};
    reader_.reset();
    const std::string found = read();
    EXPECT_EQ(std::count(found.begin(), found.end(), ' '), kFiles);
    EXPECT_THAT(found, testing::StartsWith("{\"n\":0} {\"n\":1} {\"n\":2} "));
    protocol::Checkpoint checkpoint;
    checkpoint.sources["acme/orders/files"] = position_;
    EXPECT_LT(protocol::encode(checkpoint).size(), kFiles * 40u);
    EXPECT_EQ(read_anew(), "");
  }
  grow("01234.jsonl", "{\"n\":-1}\n");
  EXPECT_EQ(read(), "{\"n\":-1} ");
}

TEST_F(PlainJournalTest, ClocksAreThoseOfTheDocuments) {
  write("a.jsonl", "{\"n\":1}\n" + test_line('a', 'C', 4711, 2) + test_line('a', 'A', 4712));
  ASSERT_EQ(start(), "");
  const auto batch = reader_->next();
  ASSERT_TRUE(batch && *batch);
  ASSERT_EQ((*batch)->documents.size(), 2u);
  EXPECT_EQ((*batch)->documents[0].clock, 0u);
  EXPECT_EQ((*batch)->documents[1].clock, 4711u);
}

TEST_F(PlainJournalTest, ReadingAheadIsTheSame) {
  read_ahead_ = true;
  position_at_end_ = true;
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += fmt::format("{{\"n\":{},\"x\":\"abcdefghijkl\"}}\n", i);
  write("a.jsonl", text);
  write("b.jsonl", "{\"last\":1}\n");
  const std::string found = read();
  EXPECT_EQ(std::count(found.begin(), found.end(), ' '), 60'001);
  EXPECT_TRUE(found.ends_with("{\"last\":1} "));
  EXPECT_EQ(read_anew(), "");
}

TEST_F(PlainJournalTest, OtherCollectionsHaveTheirJournals) {
  ASSERT_EQ(start(), "");
  EXPECT_THAT(*journals_->list("acme/others"), IsEmpty());
  patterns_ = {"journals"};
  ASSERT_TRUE(io::make_folders(path("journals")));
  EXPECT_THAT(read_anew(), HasSubstr("journals is no plain file; write journals/*.jsonl"));
}

TEST_F(PlainJournalTest, APositionOfAnotherKindIsRefused) {
  position_.producers["abcdef"] = {.last_ack = 5, .begin = -1};
  EXPECT_THAT(start(), HasSubstr("none of plain files"));
}

}  // namespace
}  // namespace weir::journal
