#include "journal/file_journal.h"

#include <deque>
#include <map>

#include "base/digest.h"
#include "base/text.h"
#include "journal/file_reader.h"
#include "journal/test_support.h"

namespace weir::journal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FileJournalTest : public testing::Test {
 protected:
  FileJournalTest() {
    options_.root = folder_.path();
    options_.clock = &clock_;
  }
  Result<std::unique_ptr<Reader>> try_open(const protocol::Source& position) {
    return make_file_journals(options_)->open(kTestJournal, position);
  }
  std::unique_ptr<Reader> open(const protocol::Source& position = {}) {
    auto opened = try_open(position);
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }
  std::string folder() const { return journal_folder(folder_.path(), kTestJournal); }
  // Adds to the open fragment.
  void grow(std::string_view text) {
    ASSERT_TRUE(io::make_folders(folder()));
    auto file = io::File::open(folder() + "/" + open_fragment_name(begin_),
                               io::File::Open::kReadWriteCreate);
    ASSERT_TRUE(file->write_at(static_cast<std::uint64_t>(end_ - begin_), text));
    end_ += static_cast<std::int64_t>(text.size());
  }
  void seal() {
    const std::string path = folder() + "/" + open_fragment_name(begin_);
    ASSERT_TRUE(io::rename_file(
        path, folder() + "/" + sealed_fragment_name(begin_, end_, sha1(file_text(path)))));
    begin_ = end_;
  }

  TestFolder folder_{TestFolder::Where::kMemory};
  TestClock clock_;
  FileJournalOptions options_;
  std::int64_t begin_ = 0;
  std::int64_t end_ = 0;
};

TEST_F(FileJournalTest, ListsTheJournalsOfACollection) {
  const auto journals = make_file_journals(options_);
  EXPECT_THAT(journals->list("acme/orders").value(), IsEmpty());
  for (const char* name :
       {"acme/orders/pivot=00", "acme/orders/pivot=80", "acme/orders/region=eu/kind=a/pivot=00",
        "acme/orders/0123456789abcdef/pivot=00", "acme/orders/items/pivot=00", "acme/pivot=00",
        "acme/orders/region=us"})
    ASSERT_TRUE(io::make_folders(folder_.path() + "/" + name));
  EXPECT_THAT(journals->list("acme/orders").value(),
              ElementsAre("acme/orders/0123456789abcdef/pivot=00", "acme/orders/pivot=00",
                          "acme/orders/pivot=80", "acme/orders/region=eu/kind=a/pivot=00"));
  EXPECT_THAT(journals->list("acme").value(), ElementsAre("acme/pivot=00"));
  EXPECT_EQ(journals->list("../acme").error().code, Code::kInvalid);
  EXPECT_EQ(journals->open("a/..", {}).error().code, Code::kInvalid);
}

TEST_F(FileJournalTest, HandsOutWhatIsCommitted) {
  grow(test_line('a', 'C', 10, 1) + test_line('b', 'C', 7, 2) + "{\"n\":3}\n\n" +
       test_line('a', 'C', 11, 4));
  const auto reader = open();
  EXPECT_THAT(read_all(*reader), ElementsAre("3"));
  grow(test_line('b', 'A', 8) + test_line('c', 'O', 5, 5) + test_line('a', 'A', 12));
  EXPECT_THAT(read_all(*reader), ElementsAre("2", "5", "1", "4"));
  EXPECT_TRUE(reader->at_boundary());
  EXPECT_EQ(reader->bytes_behind(), 0);
  EXPECT_EQ(reader->position().read_through, end_);
  grow(test_line('a', 'C', 13, 6).substr(0, 30));
  EXPECT_THAT(read_all(*reader), IsEmpty());
  EXPECT_EQ(reader->bytes_behind(), 30);
}

// A batch that is larger than memory is read again behind its acknowledgement: what is behind gets
// less as it is handed out, not before.
TEST_F(FileJournalTest, WhatIsBehindGetsLessAsALargeRunIsHandedOut) {
  for (const std::size_t memory : {std::size_t{0}, std::size_t{1} << 20}) {
    options_.pending_bytes_max = memory;
    options_.read_bytes = 300;
    std::string run;
    for (int i = 0; i < 40; ++i) run += test_line('a', 'C', 100 + i, i);
    const std::int64_t before = end_;
    grow(run + test_line('a', 'A', 140));
    const auto reader = open();
    std::int64_t behind = end_ - before;
    int batches = 0;
    for (;; ++batches) {
      const auto batch = reader->next();
      ASSERT_TRUE(batch);
      if (!*batch) break;
      EXPECT_LE(reader->bytes_behind(), behind);
      behind = reader->bytes_behind();
      EXPECT_EQ(behind == 0, reader->at_boundary()) << batches;
    }
    EXPECT_GT(batches, 5);
    EXPECT_EQ(behind, 0);
    std::filesystem::remove_all(folder());
    begin_ = end_ = 0;
  }
}

TEST_F(FileJournalTest, DocumentsSayWhereTheyStand) {
  const std::string first = test_line('a', 'O', 10, 1), second = test_line('a', 'O', 11, 2);
  grow(first + second + "{\"n\":3}\n");
  const auto batch = open()->next();
  ASSERT_TRUE(batch && *batch);
  const auto& documents = (*batch)->documents;
  ASSERT_EQ(documents.size(), 3u);
  EXPECT_EQ(documents[1].begin, static_cast<std::int64_t>(first.size()));
  EXPECT_EQ(documents[1].clock, 11u);
  EXPECT_EQ(documents[1].json, second.substr(0, second.size() - 1));
  EXPECT_EQ(documents[2].clock, 0u);
  const std::string& buffer = *(*batch)->buffer;
  EXPECT_GE(buffer.capacity(), buffer.size() + 64);
  EXPECT_GE(documents[0].json.data(), buffer.data());
}

TEST_F(FileJournalTest, ALargeRunIsReadTwice) {
  options_.read_bytes = 1000;
  options_.pending_bytes_max = 3000;
  std::vector<std::string> expected;
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text += test_line('a', 'C', 100 + i, i) + test_line('b', 'C', 100 + i, 1000 + i);
    expected.push_back(std::to_string(i));
  }
  text += test_line('a', 'A', 1000);
  for (int i = 0; i < 300; ++i) expected.push_back(std::to_string(1000 + i));
  text += test_line('b', 'A', 1000);
  grow(text);
  const auto reader = open();
  const auto first = reader->next();
  ASSERT_TRUE(first && *first);
  EXPECT_FALSE(reader->at_boundary());
  EXPECT_EQ(read_all(*open()), expected);
}

TEST_F(FileJournalTest, ThePositionCoversNothingThatMayBeCut) {
  grow(test_line('a', 'C', 10, 1) + test_line('a', 'A', 11));
  const std::int64_t settled = end_;
  grow(test_line('a', 'C', 12, 2));
  const auto reader = open();
  EXPECT_THAT(read_all(*reader), ElementsAre("1"));
  EXPECT_EQ(reader->position().read_through, settled);
  seal();
  EXPECT_THAT(read_all(*reader), IsEmpty());
  grow(test_line('b', 'O', 1, 3));
  EXPECT_THAT(read_all(*reader), ElementsAre("3"));
  const protocol::Source position = reader->position();
  EXPECT_EQ(position.read_through, end_);
  const std::string id("\x01\0\0\0\0a", 6);
  ASSERT_EQ(position.producers.count(id), 1u);
  EXPECT_EQ(position.producers.at(id).begin, settled);
  EXPECT_EQ(position.producers.at(id).last_ack, 11u);
  grow(test_line('a', 'A', 13));
  EXPECT_THAT(read_all(*open(position)), ElementsAre("2"));
}

TEST_F(FileJournalTest, SilentProducersLeaveThePosition) {
  constexpr std::uint64_t kDay = 24ull * 3600 * 10'000'000 << 4;
  const std::uint64_t now = document::clock_of(clock_.now());
  grow(test_line('a', 'O', now - 8 * kDay, 1) + test_line('b', 'O', now - 6 * kDay, 2) +
       test_line('c', 'O', now, 3));
  const auto reader = open();
  EXPECT_EQ(read_all(*reader).size(), 3u);
  EXPECT_EQ(reader->position().producers.size(), 2u);
  // A clock of next year is not believed.
  grow(test_line('d', 'O', now + 365 * kDay, 4));
  EXPECT_EQ(read_all(*reader).size(), 1u);
  EXPECT_EQ(reader->position().producers.size(), 3u);
}

TEST_F(FileJournalTest, GapsStopUnlessSkipped) {
  grow(test_line('a', 'O', 10, 1));
  seal();
  const std::int64_t gap = end_;
  grow(test_line('a', 'O', 11, 2));
  seal();
  grow(test_line('a', 'O', 12, 3));
  const auto fragments = FragmentList::load(folder());
  ASSERT_TRUE(io::remove_file(folder() + "/" + fragments->covering(gap)->name));
  EXPECT_THAT(
      read_all(*open()),
      ElementsAre("1",
                  fmt::format("error: journal acme/orders/pivot=00 lacks the bytes from offset "
                              "{} to {}: a fragment is missing. Put it back, or read on behind "
                              "the gap with --skip-gaps",
                              gap, begin_)));
  options_.skip_gaps = true;
  EXPECT_THAT(read_all(*open()), ElementsAre("1", "3"));
  // The beginning may be gone where nothing was read yet.
  options_.skip_gaps = false;
  ASSERT_TRUE(io::remove_file(folder() + "/" + fragments->covering(0)->name));
  EXPECT_THAT(read_all(*open()), ElementsAre("3"));
  protocol::Source inside;
  inside.read_through = 5;
  EXPECT_THAT(read_all(*open(inside)), ElementsAre(HasSubstr("lacks the bytes")));
}

TEST_F(FileJournalTest, AShorterJournalIsNoticed) {
  grow(test_line('a', 'O', 10, 1) + test_line('a', 'O', 11, 2));
  protocol::Source position;
  position.read_through = end_ + 1;
  const auto opened = try_open(position);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kCorrupt);
  EXPECT_THAT(opened.error().message, HasSubstr("it was shortened or replaced"));
  // Also while it is read.
  const auto reader = open();
  EXPECT_EQ(read_all(*reader).size(), 2u);
  std::filesystem::remove_all(folder());
  EXPECT_THAT(read_all(*reader), ElementsAre(HasSubstr("it was shortened or replaced")));
}

TEST_F(FileJournalTest, DamageAndBrokenRulesAreErrors) {
  const std::string good = test_line('a', 'O', 10, 1);
  grow(good + "{\"a\":\n");
  seal();
  EXPECT_THAT(
      read_all(*open()),
      ElementsAre("1",
                  fmt::format("error: journal acme/orders/pivot=00 at offset {}: a line that is "
                              "no JSON object",
                              good.size())));
  std::filesystem::remove_all(folder());
  begin_ = end_ = 0;
  grow(test_line('a', 'O', 10, 1) + test_line('a', 'C', 11, 2) + test_line('a', 'C', 13, 3) +
       test_line('a', 'A', 12));
  EXPECT_THAT(read_all(*open()), ElementsAre("1", HasSubstr("covers only a part")));
}

TEST_F(FileJournalTest, ALongLine) {
  const std::string text(3'000'000, 'x');
  grow("{\"text\":\"" + text + "\",\"n\":1}\n{\"n\":2}\n");
  EXPECT_THAT(read_all(*open()), ElementsAre("1", "2"));
}

// Several producers write a journal; what they committed, in the order of the commits, is what has
// to come out.
class History {
 public:
  explicit History(Random& random) : random_(random) {}

  // One more line.
  std::string step() {
    const char id = static_cast<char>('a' + random_.below(4));
    Producer& producer = producers_[id];
    switch (random_.below(12)) {
      case 0: {
        expected_.push_back(std::to_string(++n_));
        return fmt::format("{{\"n\":{}}}\n", n_);
      }
      case 1:
        if (!producer.pending.empty()) return add(id, producer);
        expected_.push_back(std::to_string(++n_));
        producer.acknowledged = producer.clock += 2;
        return remember(producer, test_line(id, 'O', producer.clock, n_));
      case 2:
      case 3: {
        for (const int n : producer.pending) expected_.push_back(std::to_string(n));
        producer.pending.clear();
        producer.acknowledged = producer.clock += 2;
        return remember(producer, test_line(id, 'A', producer.clock));
      }
      case 4:
        if (producer.acknowledged == 0) return add(id, producer);
        producer.pending.clear();
        return test_line(id, 'A', producer.acknowledged);
      case 5:  // what was acknowledged before is sent again
        if (producer.settled.empty() || !producer.pending.empty()) return add(id, producer);
        return producer.settled[random_.below(producer.settled.size())];
      default: return add(id, producer);
    }
  }
  const std::vector<std::string>& expected() const { return expected_; }

 private:
  struct Producer {
    std::uint64_t clock = 1'000'000;
    std::uint64_t acknowledged = 0;
    std::vector<int> pending;
    std::vector<std::string> unsettled, settled;
  };

  std::string add(char id, Producer& producer) {
    producer.pending.push_back(++n_);
    const std::string line = test_line(id, 'C', producer.clock += 2, n_);
    producer.unsettled.push_back(line);
    return line;
  }
  static std::string remember(Producer& producer, std::string line) {
    producer.unsettled.push_back(line);
    producer.settled.insert(producer.settled.end(), producer.unsettled.begin(),
                            producer.unsettled.end());
    producer.unsettled.clear();
    return line;
  }

  Random& random_;
  std::map<char, Producer> producers_;
  std::vector<std::string> expected_;
  int n_ = 0;
};

TEST_F(FileJournalTest, EachCommittedDocumentOnceInAnyHistory) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    std::filesystem::remove_all(folder());
    begin_ = end_ = 0;
    Random random(seed);
    History history(random);
    options_.read_bytes = 80 + random.below(2000);
    options_.pending_bytes_max = random.below(4000);
    std::unique_ptr<Reader> reader = open();
    std::vector<std::string> found;
    std::string unwritten;
    const auto read_some = [&](std::uint64_t batches_max) {
      for (std::uint64_t i = 0; i < batches_max; ++i) {
        auto batch = reader->next();
        ASSERT_TRUE(batch) << batch.error().message;
        if (!*batch) break;
        for (const Document& document : (*batch)->documents) {
          const std::size_t at = document.json.rfind("\"n\":");
          found.emplace_back(document.json.substr(at + 4, document.json.size() - at - 5));
        }
      }
      // A restart where a transaction may end.
      if (random.one_in(3) && reader->at_boundary()) reader = open(reader->position());
    };
    for (int i = 0; i < 200; ++i) {
      unwritten += history.step();
      if (random.one_in(4)) {
        // Not always whole lines.
        const std::size_t length =
            random.one_in(2) ? unwritten.size() : random.below(unwritten.size() + 1);
        grow(unwritten.substr(0, length));
        unwritten.erase(0, length);
        if (unwritten.empty() && random.one_in(4) && end_ > begin_) seal();
      }
      if (random.one_in(3)) read_some(random.below(4));
    }
    grow(unwritten);
    read_some(1'000'000);
    read_some(1'000'000);
    const auto differ = std::mismatch(found.begin(), found.end(), history.expected().begin(),
                                      history.expected().end());
    ASSERT_EQ(found, history.expected())
        << "from " << differ.first - found.begin()
        << " on: " << testing::PrintToString(std::vector<std::string>(differ.first, found.end()))
        << " instead of "
        << testing::PrintToString(
               std::vector<std::string>(differ.second, history.expected().end()));
    ASSERT_EQ(read_all(*open()), history.expected());
  }
}

}  // namespace
}  // namespace weir::journal
