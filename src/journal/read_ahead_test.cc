#include "journal/read_ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <vector>

namespace weir::journal {
namespace {

using testing::ElementsAre;

// Batches of a run of three, numbered; ends, errors and growth as the script says.
class Script {
 public:
  void add(int batches) {
    std::lock_guard lock(mutex);
    end += batches;
  }
  int taken_so_far() {
    std::lock_guard lock(mutex);
    return taken;
  }
  void wait_until_taken(int count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return taken >= count; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  int end = 0;
  int fails_at = -1;
  int taken = 0;
  int ends_met = 0;
};

class ScriptReader : public Reader {
 public:
  explicit ScriptReader(Script& script) : script_(script) {}

  Result<std::optional<Batch>> next() override {
    std::lock_guard lock(script_.mutex);
    if (script_.taken == script_.fails_at) {
      script_.fails_at = -1;
      return error(Code::kCorrupt, "damaged");
    }
    if (script_.taken == script_.end) {
      ++script_.ends_met;
      script_.changed.notify_all();
      return std::nullopt;
    }
    Batch batch{std::make_shared<std::string>(100, 'x'), {}};
    batch.documents.push_back({.json = {}, .clock = 0, .begin = script_.taken++});
    script_.changed.notify_all();
    return std::optional<Batch>(std::move(batch));
  }
  bool at_boundary() const override {
    std::lock_guard lock(script_.mutex);
    return script_.taken % 3 == 0;
  }
  protocol::Source position() const override {
    std::lock_guard lock(script_.mutex);
    protocol::Source position;
    position.read_through = script_.taken;
    return position;
  }
  std::int64_t bytes_behind() const override {
    std::lock_guard lock(script_.mutex);
    return (script_.end - script_.taken) * 100;
  }

 private:
  Script& script_;
};

std::int64_t number_of(const Result<std::optional<Batch>>& got) {
  if (!got) return -2;
  return *got ? (*got)->documents.front().begin : -1;
}

class ReadAheadTest : public testing::Test {
 protected:
  void open(std::size_t bytes_max = 1000, std::size_t backlog = 100) {
    reader = make_read_ahead(std::make_unique<ScriptReader>(script), bytes_max, backlog);
  }
  Script script;
  std::unique_ptr<Reader> reader;
};

TEST_F(ReadAheadTest, TellsOfWhatWasHandedOut) {
  script.add(30);
  open();
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(number_of(reader->next()), i);
    EXPECT_EQ(reader->at_boundary(), (i + 1) % 3 == 0) << i;
    if (reader->at_boundary()) EXPECT_EQ(reader->position().read_through, i + 1);
    EXPECT_EQ(reader->bytes_behind(), (29 - i) * 100);
  }
  EXPECT_EQ(number_of(reader->next()), -1);
  EXPECT_EQ(reader->position().read_through, 30);
}

TEST_F(ReadAheadTest, ReadsNoFurtherThanItsBound) {
  script.add(100);
  open(500);
  EXPECT_EQ(number_of(reader->next()), 0);
  script.wait_until_taken(6);  // five batches of 100 bytes wait
  EXPECT_EQ(number_of(reader->next()), 1);
  script.wait_until_taken(7);
  reader.reset();  // in the middle of it
  EXPECT_LE(script.taken, 7);
}

TEST_F(ReadAheadTest, WithoutABacklogTheCallerReads) {
  script.add(3);
  open(1000, 101);
  EXPECT_EQ(number_of(reader->next()), 0);
  EXPECT_EQ(script.taken_so_far(), 1);
  EXPECT_EQ(number_of(reader->next()), 1);
  EXPECT_EQ(script.taken_so_far(), 2);
}

// The thread met the end before more came, and the caller was told of the arrival before it got
// there.
TEST_F(ReadAheadTest, AnEndThatMovedIsNoEnd) {
  script.add(6);
  open();
  EXPECT_EQ(number_of(reader->next()), 0);
  {
    std::unique_lock lock(script.mutex);
    script.changed.wait(lock, [&] { return script.ends_met > 0; });
  }
  script.add(2);
  std::vector<std::int64_t> rest;
  while (rest.empty() || rest.back() >= 0) rest.push_back(number_of(reader->next()));
  EXPECT_THAT(rest, ElementsAre(1, 2, 3, 4, 5, 6, 7, -1));
}

TEST_F(ReadAheadTest, AnErrorComesInItsPlaceAndCanBeTriedAgain) {
  script.add(6);
  script.fails_at = 4;
  open();
  std::vector<std::int64_t> got;
  for (int i = 0; i < 8; ++i) got.push_back(number_of(reader->next()));
  EXPECT_THAT(got, ElementsAre(0, 1, 2, 3, -2, 4, 5, -1));
}

}  // namespace
}  // namespace weir::journal
