// What a terminal is shown, as values: widths, short numbers, pace and the drawn lines.
#include <gmock/gmock.h>

#include "app/pace.h"
#include "app/screen_text.h"
#include "app/watch_view.h"

namespace weir::app {
namespace {

using testing::ElementsAre;

TEST(ScreenText, ColumnsAreThoseOfATerminal) {
  EXPECT_EQ(screen_columns(""), 0u);
  EXPECT_EQ(screen_columns("abc"), 3u);
  EXPECT_EQ(screen_columns("größe"), 5u);
  EXPECT_EQ(screen_columns("e\xcc\x81"), 1u);  // with a combining accent
  EXPECT_EQ(screen_columns("注文"), 4u);
  EXPECT_EQ(screen_columns("🚚x"), 3u);
  EXPECT_EQ(screen_columns("\xff\xc3"), 2u);  // no UTF-8
}

TEST(ScreenText, IsCutBetweenCharacters) {
  EXPECT_EQ(cut_to_columns("abc", 3), "abc");
  EXPECT_EQ(cut_to_columns("abcd", 3), "ab…");
  EXPECT_EQ(cut_to_columns("größe", 4), "grö…");
  EXPECT_EQ(cut_to_columns("注文書", 6), "注文書");
  EXPECT_EQ(cut_to_columns("注文書", 5), "注文…");
  EXPECT_EQ(cut_to_columns("注文書", 4), "注…");  // half a character is none
  EXPECT_EQ(cut_to_columns("abc", 1), "…");
  EXPECT_EQ(cut_to_columns("abc", 0), "");
}

TEST(ScreenText, NothingMovesTheCursor) {
  EXPECT_EQ(printable("a\x1b[2Jb\tc\rd\ne\x7f\xc2\x9b\xff"), "a?[2Jb?c?d\ne???");
  EXPECT_EQ(printable("größe 注文"), "größe 注文");
}

TEST(ScreenText, ShortNumbers) {
  const std::pair<double, const char*> counts[] = {
      {0, "0"},         {7.51, "7.5"},   {999, "999"},     {1000, "1.0k"},    {1234, "1.2k"},
      {99940, "99.9k"}, {99960, "100k"}, {999960, "1.0M"}, {34.5e6, "34.5M"}, {1e12, "1.0T"}};
  for (const auto& [count, text] : counts) EXPECT_EQ(short_count(count), text);
  EXPECT_EQ(short_bytes(0), "0 B");
  EXPECT_EQ(short_bytes(1023), "1023 B");
  EXPECT_EQ(short_bytes(1536), "1.5 KiB");
  EXPECT_EQ(short_bytes(35u << 20), "35.0 MiB");
  EXPECT_EQ(short_bytes(UINT64_MAX), "16384.0 PiB");
  using std::chrono::seconds;
  EXPECT_EQ(short_time(seconds(45)), "45s");
  EXPECT_EQ(short_time(seconds(130)), "2m10s");
  EXPECT_EQ(short_time(seconds(3 * 3600 + 300)), "3h05m");
  EXPECT_EQ(short_time(seconds(2 * 86400 + 4 * 3600)), "2d04h");
}

class PaceTest : public testing::Test {
 protected:
  void look(double seconds, std::uint64_t documents, std::int64_t behind) {
    runtime::TaskStatus status;
    status.documents = documents;
    status.bytes_behind = behind;
    pace_.look(status, Instant{} + std::chrono::milliseconds(std::int64_t(seconds * 1000)));
  }
  std::int64_t left() const { return pace_.left() ? pace_.left()->count() : -1; }
  Pace pace_;
};

TEST_F(PaceTest, NothingIsSaidTooEarly) {
  EXPECT_EQ(pace_.documents_per_second(), 0);
  look(0, 0, 1000);
  EXPECT_EQ(left(), -1);
  look(1, 100, 900);
  EXPECT_EQ(pace_.documents_per_second(), 100);
  EXPECT_EQ(left(), -1);
  look(2, 200, 800);
  EXPECT_EQ(left(), 8);
}

TEST_F(PaceTest, RatesAreThoseOfTheLastSeconds) {
  for (int i = 0; i <= 20; ++i) look(i, i * 10, 10000 - i * 10);
  EXPECT_EQ(pace_.documents_per_second(), 10);
  for (int i = 21; i <= 40; ++i) look(i, 200 + (i - 20) * 1000, 9800 - (i - 20) * 100);
  EXPECT_EQ(pace_.documents_per_second(), 1000);
  EXPECT_EQ(left(), 78);
  for (int i = 41; i <= 60; ++i) look(i, 20200, 7800);
  EXPECT_EQ(pace_.documents_per_second(), 0);
  EXPECT_EQ(left(), -1);  // it stands still
}

TEST_F(PaceTest, WhatArrivesAtOnceIsNoPaceWhatTricklesInIs) {
  look(0, 0, 0);
  look(1, 0, 1000);  // a backlog appears
  look(2, 10, 900);
  look(3, 20, 920);  // some more arrives
  look(4, 30, 700);
  EXPECT_EQ(left(), 7);
  look(5, 40, 0);
  EXPECT_EQ(left(), -1);
}

TEST_F(PaceTest, ATaskThatBeganAnewBeginsAnew) {
  look(0, 1000, 500);
  look(5, 2000, 100);
  look(6, 10, 400);
  EXPECT_EQ(pace_.documents_per_second(), 0);
  EXPECT_EQ(left(), -1);
}

TEST_F(PaceTest, FarTooLongIsNoEstimate) {
  look(0, 0, INT64_MAX / 2);
  look(5, 1, INT64_MAX / 2 - 4096);
  EXPECT_EQ(left(), -1);
}

runtime::TaskStatus task(const std::string& name) {
  runtime::TaskStatus status;
  status.name = name;
  status.state = runtime::TaskState::kRunning;
  status.rows = 12345;
  return status;
}

TEST(TaskLine, WhatMattersComesFirst) {
  runtime::TaskStatus status = task("acme/shop");
  status.caught_up = true;
  EXPECT_EQ(task_line(status, {}, 9), "acme/shop  running   caught up  0 docs/s  12.3k rows");
  status.caught_up = false;
  status.bytes_behind = 35 << 20;
  Pace pace;
  pace.look(status, Instant{});
  status.documents = 1200;
  status.bytes_behind = 34 << 20;
  pace.look(status, Instant{} + std::chrono::seconds(4));
  status.pending.emplace_back().state = "parked";
  EXPECT_EQ(task_line(status, pace, 12),
            "acme/shop     running   34.0 MiB behind, 2m16s left  owes 1 parked  300 docs/s  12.3k "
            "rows");
  status.state = runtime::TaskState::kStuck;
  status.reason = "cannot open\nthe \x1b[2Jdoor";
  EXPECT_EQ(task_line(status, pace, 9), "acme/shop  stuck     cannot open the ?[2Jdoor");
}

TEST(TaskLine, LinesStandBelowEachOtherAndFit) {
  const std::vector<std::string> lines =
      task_lines({task("a"), task("größer/注文")}, {}, 30, false);
  EXPECT_THAT(lines, ElementsAre("a            running   0 doc…", "größer/注文  running   0 doc…"));
  EXPECT_THAT(task_lines({task("a")}, {}, 80, true),
              ElementsAre("\x1b[32ma  running   0 docs/s  12.3k rows\x1b[0m"));
}

TEST(DrawnLines, AreReplacedWhereTheyStand) {
  DrawnLines drawn;
  const TerminalSize size{20, 5};
  EXPECT_EQ(drawn.draw({"one", "two"}, size), "one\ntwo\n");
  EXPECT_EQ(drawn.draw({"one", "two"}, size), "");
  EXPECT_EQ(drawn.above("event", size), "\r\x1b[2A\x1b[Jevent\none\ntwo\n");
  EXPECT_EQ(drawn.draw({"one"}, size), "\r\x1b[2A\x1b[Jone\n");
  EXPECT_EQ(drawn.draw({}, size), "\r\x1b[1A\x1b[J");
}

TEST(DrawnLines, ATerminalThatBecameNarrowerHasBrokenThem) {
  DrawnLines drawn;
  drawn.draw({"\x1b[32m0123456789\x1b[0m", "x"}, {20, 5});
  EXPECT_EQ(drawn.draw({"y"}, {4, 5}), "\r\x1b[4A\x1b[Jy\n");
}

TEST(DrawnLines, NeverMoreThanThereAreRows) {
  DrawnLines drawn;
  EXPECT_EQ(drawn.draw({"a", "b", "c", "d"}, {40, 4}),
            "a\nb\n… and 2 more; weir status shows all\n");
}

}  // namespace
}  // namespace weir::app
