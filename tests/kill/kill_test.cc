// The built program, killed for real: SIGKILL at fault points and at any moment, SIGSTOP while
// another process takes over, a receiver that dies, a disk that is full.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "testing/sanitized.h"
#include "tests/kill/story.h"

namespace weir::kill {
namespace {

// Of all tests together. What sanitizers look for shows in fewer, and they take longer over each.
std::uint64_t kills_wanted = testing::kSanitized ? 100 : 500;
std::uint64_t first_seed = 1;
Tally total;
std::mutex total_mutex;

constexpr int kStepsOfStory = 40;
constexpr int kFullDisks = 12;
constexpr int kEditsOfPoint = 6;
constexpr const char* kLeaving = "sqlite.release.before_commit";
constexpr unsigned kStoriesAtOnce = 4;

void add(const Tally& tally) {
  const std::lock_guard lock(total_mutex);
  total += tally;
}

std::uint64_t kills_so_far() {
  const std::lock_guard lock(total_mutex);
  return total.kills;
}

// The fault points of docs/reliability.md; a test of the pages holds that table to the code.
std::vector<std::string> fault_points() {
  std::ifstream page("docs/reliability.md");
  std::vector<std::string> names;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.find("<!-- fault points") == 0) inside = true;
    if (line.find("<!-- end of fault points") == 0) inside = false;
    const auto end = line.find('`', 3);
    if (inside && line.find("| `") == 0 && end != std::string::npos)
      names.push_back(line.substr(3, end - 3));
  }
  return names;
}

// Does what reaches the point, in a story that may be old or new; true: a process died there.
bool die_at(Story& story, const std::string& point) {
  if (point.starts_with("journal.")) {
    if (point.starts_with("journal.cut")) story.tear_journal();
    return story.append(point);
  }
  story.append();
  if (point.starts_with("file.")) return story.run(point) || story.append(point);
  // Each edit has another kind of change, and an edit that was not applied can hide the next one.
  for (int edits = 0; point.starts_with("sqlite.open.") && edits < kEditsOfPoint; ++edits) {
    story.edit();
    if (story.run(point)) return true;
  }
  return story.run(point);
}

TEST(Kill, AtEachNamedFaultPoint) {
#ifndef WEIR_FAULT_POINTS
  GTEST_SKIP() << "skipped: this build has no fault points";
#endif
  const std::vector<std::string> points = fault_points();
  ASSERT_GT(points.size(), 40u);
  // What this story cannot reach: a runtime that holds the checkpoint, 64 MiB of journal, a log of
  // SQLite that grew long; and leaving, which has a test of its own. The sweeps of tests/crash,
  // src/journal and connectors/sqlite do.
  const std::set<std::string> elsewhere{
      "transaction.persisted",  "journal.sealing", "journal.sealed",
      "sqlite.log.before_copy", kLeaving,          "sqlite.log.copied"};
  std::set<std::string> unreached;
  Story old(first_seed);
  old.append();
  old.run();
  for (const std::string& point : points) {
    if (elsewhere.count(point) != 0 || die_at(old, point)) continue;
    Story young(first_seed);
    if (!die_at(young, point)) unreached.insert(point);
    young.judge_it();
    add(young.tally());
  }
  EXPECT_EQ(unreached, (std::set<std::string>{}));
  old.judge_it();
  add(old.tally());
}

// `weir leave` drops what the runtime kept beside the position, so numbers begin again.
TEST(Kill, WhileLeaving) {
#ifndef WEIR_FAULT_POINTS
  GTEST_SKIP() << "skipped: this build has no fault points";
#endif
  Story story(first_seed);
  story.append();
  story.run();
  EXPECT_TRUE(story.run(kLeaving, {"leave"}));
  const Verdict verdict = judge(story.finish(), Story::triggers());
  EXPECT_EQ(verdict.rows, std::vector<std::string>{});
  EXPECT_EQ(verdict.phantom, std::vector<std::string>{});
  add(story.tally());
}

// Mounts of this thread, and of the threads and processes that it starts, are gone with them.
bool own_mounts() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

// Leaves so many bytes free.
void fill_disk(const std::string& file, std::uint64_t leave) {
  std::ofstream out(file, std::ios::binary);
  const std::string block(4096, 'x');
  while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
  }
  out.close();
  struct stat info {};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  ASSERT_EQ(::truncate(file.c_str(), static_cast<off_t>(size > leave ? size - leave : 0)), 0);
}

TEST(Kill, ADiskThatIsFull) {
  bool mounted = false;
  std::string folder;
  std::thread([&] {
    if (!own_mounts()) return;
    Story story(first_seed, [&](const std::string& path) {
      folder = path;
      mounted = ::mount("tmpfs", path.c_str(), "tmpfs", 0, "size=8m") == 0;
    });
    if (!mounted) return;
    story.append();
    story.run();
    Random random(first_seed);
    const std::string ballast = story.folder().file("ballast");
    for (int i = 0; i < kFullDisks; ++i) {
      if (i % 2 == 1) story.append();
      fill_disk(ballast, 4096 * random.below(24));
      i % 2 == 0 ? story.append_without_room() : story.run_without_room();
      std::filesystem::remove(ballast);
    }
    story.judge_it();
    add(story.tally());
  }).join();
  if (!folder.empty()) std::filesystem::remove(folder);  // where it was mounted
  if (!mounted) GTEST_SKIP() << "skipped: no file system may be mounted here";
}

// What it does depends on the machine's moments. --kills N is a soak.
TEST(Kill, AtAnyMoment) {
  std::atomic<std::uint64_t> seed{first_seed + 1};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kStoriesAtOnce; ++i) {
    threads.emplace_back([&] {
      while (kills_so_far() < kills_wanted && !::testing::Test::HasFailure()) {
        Story story(seed++);
        for (int step = 0; step < kStepsOfStory; ++step) story.step();
        story.judge_it();
        add(story.tally());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Each judge speaks when the record of a story that went well is tampered with.
TEST(KillJudges, SeeWhatWasTamperedWith) {
  Story story(first_seed);
  for (int i = 0; i < 3; ++i) {
    story.append();
    story.run(i == 1 ? "transaction.committed" : "0");
  }
  const Record good = story.finish();
  const auto judged = [](const Record& record) { return judge(record, Story::triggers()); };
  ASSERT_EQ(judged(good).text(), "");
  ASSERT_GE(good.seen.size(), 4u);

  Record bad = good;
  bad.batches.front().documents.push_back("{\"id\":1,\"total\":1}");
  EXPECT_FALSE(judged(bad).rows.empty());
  bad = good;
  bad.rows.push_back("{\"id\":77,\"total\":1}");
  EXPECT_FALSE(judged(bad).rows.empty());
  bad = good;
  bad.seen.erase(bad.seen.begin());
  EXPECT_FALSE(judged(bad).lost.empty());
  bad = good;
  bad.seen.pop_back();
  EXPECT_FALSE(judged(bad).lost.empty());
  bad = good;
  ++bad.committed;
  EXPECT_FALSE(judged(bad).lost.empty());
  bad = good;
  bad.seen.push_back(good.seen.front());
  bad.seen.back().id = "wr_of_no_transaction";
  bad.seen.back().accepted = false;
  EXPECT_FALSE(judged(bad).phantom.empty());
  bad = good;
  bad.seen.push_back(good.seen.front());
  bad.seen.back().body += " ";
  EXPECT_FALSE(judged(bad).words.empty());
}

// The witness asks the database: a request of a window that is not committed is found at once.
TEST(KillJudges, ARequestBeforeItsCommitIsAPhantom) {
  Story story(first_seed);
  Witness stranger(story.folder().file("another.sqlite"), "shop/tables");
  std::string catalog = story.folder().read("flow.yaml");
  const std::string url = story.witness().url();
  for (auto at = catalog.find(url); at != std::string::npos; at = catalog.find(url, at + 1))
    catalog.replace(at, url.size(), stranger.url());
  story.folder().write("flow.yaml", catalog);
  story.append();
  story.run();
  Record record;
  stranger.fill(record);
  ASSERT_EQ(record.seen.size(), 2u);
  ASSERT_EQ(record.at_once.size(), 2u);
  EXPECT_EQ(record.at_once.front().find("phantom: "), 0u);
}

}  // namespace

int take_options(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name(argv[i]);
    const std::string_view text(argv[i + 1]);
    std::uint64_t* const into = name == "--kills"  ? &kills_wanted
                                : name == "--seed" ? &first_seed
                                                   : nullptr;
    const auto [end, problem] =
        into == nullptr ? std::from_chars_result{text.data(), std::errc::invalid_argument}
                        : std::from_chars(text.data(), text.data() + text.size(), *into);
    if (problem != std::errc() || end != text.data() + text.size()) return 2;
  }
  return argc % 2 == 1 ? 0 : 2;
}

}  // namespace weir::kill

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (weir::kill::take_options(argc, argv) != 0) {
    fmt::print(stderr, "usage: weir_kill_test [--kills N] [--seed S]\n");
    return 2;
  }
  const int code = RUN_ALL_TESTS();
  fmt::print("{}\n", weir::kill::total.text());
  return code;
}
