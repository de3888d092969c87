#include "journal/append.h"

#include <sys/mount.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/text.h"
#include "journal/index.h"
#include "journal/stamp.h"
#include "journal/test_support.h"

namespace weir::journal {
namespace {

class AppendTest : public testing::Test {
 protected:
  explicit AppendTest(TestFolder::Where where = TestFolder::Where::kDisk) : folder_(where) {}
  std::unique_ptr<Appender> appender(std::uint64_t fragment_bytes_max = kFragmentBytesMax) {
    AppenderOptions options;
    options.root = root();
    options.journal = kTestJournal;
    options.clock = &clock_;
    options.random = &random_;
    options.owner = "a test";
    options.lock_wait = std::chrono::milliseconds(0);
    options.fragment_bytes_max = fragment_bytes_max;
    auto opened = Appender::open(options);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? *std::move(opened) : nullptr;
  }
  // The error's message, or "ok".
  std::string append(std::string_view text, AppendOptions options = {}) {
    options.input_name = "in";
    const auto appended = appender()->append(source_of(text), options);
    if (!appended) return appended.error().message;
    last_ = *appended;
    return appended->already_there ? "already there" : "ok";
  }
  std::string append_batch(std::string_view id, std::string_view text) {
    AppendOptions options;
    options.batch_id = id;
    return append(text, options);
  }
  std::string root() const { return folder_.path() + "/journals"; }
  std::string folder() const { return journal_folder(root(), kTestJournal); }
  std::string open_path() const { return folder() + "/" + open_fragment_name(0); }

  std::unique_ptr<Reader> reader(const protocol::Source& position = {}) {
    FileJournalOptions options;
    options.root = root();
    options.clock = &clock_;
    auto opened = make_file_journals(options)->open(kTestJournal, position);
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }
  std::vector<std::string> documents() { return read_all(*reader()); }

  TestFolder folder_;
  TestClock clock_;
  Random random_{42};
  Appended last_;
};

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(AppendTest, TheBytesOfABatch) {
  EXPECT_EQ(append("{\"n\":1}\n{ \"n\" : 2,\n  \"_meta\": {\"op\": \"c\"} }\n"), "ok");
  EXPECT_EQ(last_.documents, 2u);
  EXPECT_EQ(last_.begin, 0);
  EXPECT_EQ(last_.unacknowledged, 0u);
  const std::string text = file_text(open_path());
  EXPECT_EQ(last_.end, static_cast<std::int64_t>(text.size()));
  const auto lines = split(text, '\n');
  ASSERT_EQ(lines.size(), 4u);
  // 2023-11-14T22:13:20Z, then a microsecond each; the producer comes of the seed.
  const std::string producer = file_text(root() + "/.producer").substr(0, 12);
  const auto uuid = [&](std::uint64_t tick, document::Flags flags) {
    document::Uuid made;
    made.clock = document::clock_of(clock_.now()) + tick * 160;
    made.flags = static_cast<std::uint16_t>(flags);
    const std::string bytes = *from_hex(producer);
    std::copy(bytes.begin(), bytes.end(), made.producer.begin());
    return document::format_uuid(made);
  };
  EXPECT_EQ(lines[0], fmt::format(R"({{"_meta":{{"uuid":"{}"}},"n":1}})",
                                  uuid(0, document::Flags::kContinue)));
  EXPECT_EQ(lines[1], fmt::format(R"({{"n":2,"_meta":{{"uuid":"{}","op":"c"}}}})",
                                  uuid(1, document::Flags::kContinue)));
  EXPECT_EQ(lines[2], fmt::format(R"({{"_meta":{{"uuid":"{}","ack":true}}}})",
                                  uuid(2, document::Flags::kAck)));
  EXPECT_EQ(lines[3], "");
}

TEST_F(AppendTest, ClocksOnlyRise) {
  ASSERT_EQ(append("{\"n\":1}"), "ok");
  clock_.advance(-std::chrono::hours(48));
  ASSERT_EQ(append("{\"n\":2}"), "ok");
  ASSERT_TRUE(io::remove_file(folder() + "/.index"));
  ASSERT_EQ(append("{\"n\":3}"), "ok");
  EXPECT_THAT(documents(), ElementsAre("1", "2", "3"));
  document::ClockTicks last = 0;
  const std::string text = file_text(open_path());
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    const auto uuid = document::parse_uuid(line.substr(18, 36));
    ASSERT_TRUE(uuid) << line;
    EXPECT_GT(uuid->clock, last);
    last = uuid->clock;
  }
}

TEST_F(AppendTest, NothingIsWrittenOfABadBatch) {
  AppendOptions checked;
  checked.check = [](std::string_view json, const json::Value& root) -> Status {
    EXPECT_EQ(json.find('\n'), std::string_view::npos);
    if (root.find("bad") != nullptr) return error(Code::kInvalid, "/bad is not wanted");
    return {};
  };
  const struct {
    std::string_view input, expected;
  } cases[] = {
      {"{\"n\":1}\n{\"n\":tru}", "in:2:6: "},
      {"{\"n\":1}\n{\"a\":{\"n\":1,\n \"n\":2}}", "in:3:2: "},
      {"{\"n\":1} {\"bad\":1}", "in:1:9: /bad is not wanted"},
      {"{\"n\":1}\n{\n\"bad\":1}", "in:2:1: /bad is not wanted"},
      {"{\"n\":1}\n]", "in:2:1: a document is an object and begins with {"},
      {"{\"n\":1}\n{\"_meta\":7}", "in:2:1: /_meta is no object"},
      {"{\"_meta\":{\"uuid\":\"7\"}}", "in:1:1: /_meta/uuid is no version 1 UUID"},
      {"{\"a\":\"\t\"}", "in:1:7: "},
      {"{\"a\":\"\xff\"}", "in:1:7: "},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.input);
    EXPECT_THAT(append(c.input, checked), HasSubstr(c.expected));
    EXPECT_THAT(fragment_names(folder()), IsEmpty());
  }
  EXPECT_EQ(append(" \n ", checked), "ok");
  EXPECT_THAT(fragment_names(folder()), IsEmpty());
}

TEST_F(AppendTest, DocumentsWithTheirOwnUuid) {
  const std::string batch = test_line('a', 'C', 100, 1) + test_line('a', 'C', 101, 2) +
                            test_line('b', 'O', 90, 3) + test_line('a', 'A', 102) +
                            test_line('c', 'C', 5, 4);
  ASSERT_EQ(append(batch), "ok");
  EXPECT_EQ(last_.documents, 4u);
  EXPECT_EQ(last_.unacknowledged, 1u);
  EXPECT_EQ(file_text(open_path()), batch);
  // Again is harmless.
  ASSERT_EQ(append(batch), "ok");
  EXPECT_THAT(documents(), ElementsAre("3", "1", "2"));

  EXPECT_THAT(append("{\"n\":9}\n" + test_line('a', 'O', 200)),
              HasSubstr("in:2:1: some documents"));
  EXPECT_THAT(append(test_line('a', 'O', 200) + "{\"n\":9}\n"),
              HasSubstr("in:2:1: some documents"));
  EXPECT_THAT(append_batch("id", test_line('a', 'O', 200)),
              HasSubstr("cannot be in a batch with an id"));
  EXPECT_THAT(
      append(test_line('a', 'C', 200) + test_line('a', 'C', 202) + test_line('a', 'A', 201)),
      HasSubstr("in:3:1: an acknowledgement that covers only a part"));
  EXPECT_EQ(file_text(open_path()), batch + batch);
}

TEST_F(AppendTest, BatchIds) {
  EXPECT_EQ(append_batch("monday", "{\"n\":1}"), "ok");
  EXPECT_EQ(append_batch("tuesday", "{\"n\":2}"), "ok");
  EXPECT_EQ(append_batch("monday", "{\"n\":1}"), "already there");
  // The input is not even looked at.
  EXPECT_EQ(append_batch("monday", "not json"), "already there");
  EXPECT_EQ(append("{\"n\":3}"), "ok");
  // The index is a cache.
  const std::string index = file_text(folder() + "/.index");
  EXPECT_THAT(index, HasSubstr(digest_of_batch("monday")));
  for (const std::string& damaged :
       {std::string(), std::string("weir journal index 2\n"), index.substr(0, index.size() - 7),
        index.substr(0, 40),
        "weir journal index 1\n" + fmt::format("{0:016x} {0:016x} {1:016x} -\n", 150, 77),
        std::string(500, '\0')}) {
    SCOPED_TRACE(damaged);
    write_text(folder() + "/.index", damaged);
    EXPECT_EQ(append_batch("tuesday", "{\"n\":2}"), "already there");
  }
  EXPECT_THAT(documents(), ElementsAre("1", "2", "3"));
  EXPECT_EQ(append_batch(std::string(kBatchIdBytesMax + 1, 'x'), "{}"),
            "journal acme/orders/pivot=00: a batch id of 1025 bytes; 1024 are possible");
}

TEST_F(AppendTest, TheBytesOfTheIndex) {
  ASSERT_EQ(append_batch("monday", "{\"n\":1}"), "ok");
  const std::int64_t first = last_.end;
  ASSERT_EQ(append("{\"n\":2}"), "ok");
  const std::string text = file_text(open_path());
  const auto record = [&](std::int64_t through, std::uint64_t clock, std::string_view digest) {
    const std::int64_t begin =
        std::max<std::int64_t>(0, through - static_cast<std::int64_t>(kAnchorBytes));
    return fmt::format("{:016x} {:016x} {:016x} {}\n", through, clock,
                       anchor_of(text.substr(begin, through - begin)), digest);
  };
  const std::uint64_t now = document::clock_of(clock_.now());
  EXPECT_EQ(file_text(folder() + "/.index"),
            "weir journal index 1\n" + record(first, now + 160, digest_of_batch("monday")) +
                record(last_.end, now + 480, "-"));
}

TEST_F(AppendTest, FragmentsAreSealed) {
  const auto small = appender(300);
  for (int i = 0; i < 8; ++i)
    ASSERT_TRUE(small->append(source_of(fmt::format("{{\"n\":{}}}", i)), {}));
  const auto names = fragment_names(folder());
  ASSERT_GT(names.size(), 3u);
  for (std::size_t i = 0; i + 1 < names.size(); ++i)
    EXPECT_EQ(names[i].substr(17), names[i + 1].substr(0, 16)) << names[i];
  const auto entries = io::list_folder(folder());
  for (const auto& entry : *entries) {
    const auto fragment = parse_fragment_name(entry.name);
    if (!fragment || fragment->open()) continue;
    const std::string text = file_text(folder() + "/" + entry.name);
    EXPECT_EQ(entry.name, sealed_fragment_name(fragment->begin, fragment->end, sha1(text)));
    EXPECT_EQ(text.back(), '\n');
  }
  EXPECT_THAT(documents(), ElementsAre("0", "1", "2", "3", "4", "5", "6", "7"));
  ASSERT_TRUE(io::remove_file(folder() + "/.index"));
  EXPECT_EQ(append("{\"n\":8}"), "ok");
  EXPECT_EQ(documents().size(), 9u);
}

TEST_F(AppendTest, AFragmentOfADayIsSealed) {
  ASSERT_EQ(append("{\"n\":1}"), "ok");
  const auto info = io::file_info(open_path());
  if (!info->born) GTEST_SKIP() << "skipped: this file system does not know when a file was made";
  clock_.set(*info->born + std::chrono::hours(23));
  ASSERT_EQ(append("{\"n\":2}"), "ok");
  EXPECT_EQ(fragment_names(folder()).size(), 1u);
  clock_.set(*info->born + std::chrono::hours(25));
  ASSERT_EQ(append("{\"n\":3}"), "ok");
  EXPECT_EQ(fragment_names(folder()).size(), 2u);
  EXPECT_THAT(documents(), ElementsAre("1", "2", "3"));
}

TEST_F(AppendTest, ABatchLargerThanMemoryAndFragments) {
  AppenderOptions options;
  options.root = root();
  options.journal = kTestJournal;
  options.clock = &clock_;
  options.random = &random_;
  options.fragment_bytes_max = 1u << 20;
  options.spool_memory_max = 100'000;
  std::string text;
  for (int i = 0; i < 50'000; ++i)
    text += fmt::format("{{\"text\":\"{}\",\"n\":{}}}\n", std::string(i % 90, 'x'), i);
  const auto appended = (*Appender::open(options))->append(source_of(text), {});
  ASSERT_TRUE(appended);
  EXPECT_EQ(appended->documents, 50'000u);
  EXPECT_GT(fragment_names(folder()).size(), 5u);
  const auto found = documents();
  ASSERT_EQ(found.size(), 50'000u);
  for (int i = 0; i < 50'000; ++i) ASSERT_EQ(found[i], std::to_string(i));
}

TEST_F(AppendTest, OneAtATime) {
  ASSERT_EQ(append("{\"n\":1}"), "ok");
  const auto lock = io::LockFile::acquire(folder() + "/.lock", "somebody, process 7");
  ASSERT_TRUE(lock);
  const auto refused = appender()->append(source_of("{\"n\":2}"), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kRefused);
  EXPECT_THAT(refused.error().message, HasSubstr("locked by somebody, process 7"));
  EXPECT_THAT(documents(), ElementsAre("1"));
}

TEST_F(AppendTest, TwoAppendersTakeTurns) {
  const auto a = appender();
  const auto b = appender();
  for (int i = 0; i < 6; ++i) {
    AppendOptions options;
    options.batch_id = std::to_string(i / 2);
    const auto& one = i % 2 == 0 ? a : b;
    const auto appended = one->append(source_of(fmt::format("{{\"n\":{}}}", i)), options);
    ASSERT_TRUE(appended) << appended.error().message;
    EXPECT_EQ(appended->already_there, i % 2 == 1);
  }
  EXPECT_THAT(documents(), ElementsAre("0", "2", "4"));
}

TEST_F(AppendTest, TornTailsAreCutOff) {
  ASSERT_EQ(append("{\"n\":1}"), "ok");
  const std::string good = file_text(open_path());
  const std::string pending = test_line('z', 'C', 50, 9);
  const std::string tails[] = {
      "{\"_meta\":{\"uu",
      std::string(100, '\0'),
      std::string(100, '\0') + "\n" + pending,
      pending + pending.substr(0, 60) + std::string(50, '\0') + "\n",
      "{\"_meta\":{\"uuid\":\"" +
          document::format_uuid(test_uuid('z', 51, document::Flags::kContinue)) +
          "\"},\"x\":" + std::string(9, '\0') + "}\n" + pending,
  };
  for (const std::string& tail : tails) {
    SCOPED_TRACE(tail);
    std::filesystem::remove_all(folder());
    write_text(open_path(), good + tail);
    const auto following = reader();
    EXPECT_THAT(read_all(*following), ElementsAre("1"));
    const auto position = following->position();
    ASSERT_EQ(append("{\"n\":2}"), "ok");
    ASSERT_EQ(append("{\"n\":3}"), "ok");
    EXPECT_THAT(read_all(*following), ElementsAre("2", "3"));
    EXPECT_THAT(read_all(*reader(position)), ElementsAre("2", "3"));
    EXPECT_THAT(documents(), ElementsAre("1", "2", "3"));
    EXPECT_EQ(fragment_names(folder()).size(), 2u);
  }
}

TEST_F(AppendTest, ATornFirstLineIsCutOff) {
  write_text(open_path(), "{\"n\":");
  const auto following = reader();
  EXPECT_THAT(read_all(*following), IsEmpty());
  ASSERT_EQ(append("{\"n\":1}"), "ok");
  EXPECT_THAT(read_all(*following), ElementsAre("1"));
  EXPECT_THAT(fragment_names(folder()), ElementsAre("0000000000000000.open"));
}

TEST_F(AppendTest, DamageBeforeAnAcknowledgementIsSaid) {
  ASSERT_EQ(append("{\"n\":1}"), "ok");
  ASSERT_EQ(append("{\"n\":2}"), "ok");
  std::string text = file_text(open_path());
  const std::size_t second = text.find("{\"_meta\"", text.find("\"ack\""));
  text[second] = 'x';
  write_text(open_path(), text);
  ASSERT_TRUE(io::remove_file(folder() + "/.index"));
  EXPECT_THAT(append("{\"n\":3}"), HasSubstr(fmt::format("no JSON object at offset {}", second)));
  EXPECT_EQ(file_text(open_path()), text);
  EXPECT_THAT(
      documents(),
      ElementsAre("1", fmt::format("error: journal acme/orders/pivot=00 at offset {}: a line "
                                   "that is no JSON object",
                                   second)));
}

TEST_F(AppendTest, DocumentsOfADeadAppendAreRolledBack) {
  // Before any acknowledgement, and after one.
  for (const bool first : {true, false}) {
    SCOPED_TRACE(first);
    std::filesystem::remove_all(folder());
    ASSERT_EQ(append("{\"n\":1}"), "ok");
    std::string text = file_text(open_path());
    const std::size_t ack = text.find('\n') + 1;
    if (first) {
      text.resize(ack);  // the acknowledgement was never written
    } else {
      ASSERT_EQ(append("{\"n\":2}{\"n\":3}"), "ok");
      text = file_text(open_path());
      text.resize(text.rfind('\n', text.size() - 2) + 1);
    }
    std::filesystem::remove_all(folder());
    write_text(open_path(), text);
    const auto following = reader();
    const auto before = read_all(*following);
    EXPECT_EQ(before.size(), first ? 0u : 1u);
    ASSERT_EQ(append("{\"n\":4}"), "ok");
    EXPECT_THAT(read_all(*following), ElementsAre("4"));
    EXPECT_EQ(documents().size(), before.size() + 1);
    // A position that never heard of the producer leads to the same.
    EXPECT_EQ(read_all(*reader(following->position())).size(), 0u);
  }
}

TEST_F(AppendTest, AFullDiskLeavesNothingThatCounts) {
  ASSERT_TRUE(io::make_folders(root()));
  if (::mount("tmpfs", root().c_str(), "tmpfs", 0, "size=2m") != 0)
    GTEST_SKIP() << "skipped: no file system can be mounted here";
  struct Unmount {
    std::string path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } unmount{root()};
  ASSERT_EQ(append("{\"n\":1}"), "ok");
  AppendOptions options;
  options.batch_id = "large";
  const std::string large = "{\"text\":\"" + std::string(1'500'000, 'x') + "\"}";
  const auto full = appender()->append(source_of(large + large), options);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Code::kFull) << full.error().message;
  EXPECT_EQ(append("{\"n\":2}"), "ok");
  EXPECT_THAT(documents(), ElementsAre("1", "2"));
  EXPECT_EQ(append_batch("large", large), "ok");
  EXPECT_EQ(documents().size(), 3u);
}

TEST_F(AppendTest, NamesThatLeadElsewhere) {
  AppenderOptions options;
  options.root = root();
  options.clock = &clock_;
  options.random = &random_;
  for (const char* name : {"", "..", "a/../b", "/a", "a/", "a//b", "a/\x01"}) {
    options.journal = name;
    EXPECT_FALSE(Appender::open(options)) << name;
  }
}

#ifdef WEIR_FAULT_POINTS
struct Crash {};

struct Plan {
  int left = 0;
  std::string point;
  static void reached(void* context, std::string_view name) {
    auto& plan = *static_cast<Plan*>(context);
    if (--plan.left != 0) return;
    plan.point = name;
    throw Crash{};
  }
};

// Crashes at the n-th point, for every n, loses some of what was not synced, and then tries all
// batches again.
class AppendSweep : public AppendTest {
 protected:
  AppendSweep() : AppendTest(TestFolder::Where::kMemory) {}
};

// Crashes at the n-th point, for every n, loses some of what was not synced, and then tries all
// batches again.
TEST_F(AppendSweep, CrashAtEachPoint) {
  const auto text_of = [](int batch) {
    std::string text;
    for (int i = 0; i < 4; ++i) text += fmt::format("{{\"n\":{}}}\n", batch * 10 + i);
    return text;
  };
  const auto append_all = [&] {
    for (int batch = 0; batch < 3; ++batch) {
      AppendOptions options;
      options.batch_id = std::to_string(batch);
      const auto appended = appender(700)->append(source_of(text_of(batch)), options);
      ASSERT_TRUE(appended) << appended.error().message;
    }
  };
  std::vector<std::string> expected;
  for (int batch = 0; batch < 3; ++batch)
    for (int i = 0; i < 4; ++i) expected.push_back(std::to_string(batch * 10 + i));
  bool exhausted = false;
  int crashes = 0;
  for (int n = 1; !exhausted; ++n) {
    for (const int lost : {0, 1, 30, 100'000}) {
      std::filesystem::remove_all(root());
      Plan plan{n, {}};
      set_fault_handler(&Plan::reached, &plan);
      std::vector<std::string> found;
      auto following = reader();
      try {
        append_all();
        exhausted = true;
      } catch (const Crash&) {
        ++crashes;
      }
      set_fault_handler(nullptr, nullptr);
      SCOPED_TRACE(fmt::format("crash at point {} ({}), {} bytes lost", n, plan.point, lost));
      // A process that only died loses nothing; then a reader may have gone on.
      if (lost == 0) {
        found = read_all(*following);
      } else if (plan.point == "journal.written" || plan.point == "journal.acknowledged") {
        // The machine died: of the open fragment, what was written since the last sync may be gone.
        const auto entries = io::list_folder(folder());
        ASSERT_TRUE(entries);
        for (const auto& entry : *entries) {
          if (!entry.name.ends_with(".open")) continue;
          const std::string path = folder() + "/" + entry.name;
          const std::string text = file_text(path);
          const std::size_t ack = text.rfind("\"ack\"");
          std::size_t synced = 0;
          if (plan.point == "journal.acknowledged")
            synced = text.rfind('\n', text.size() - 2) + 1;
          else if (ack != std::string::npos)
            synced = text.find('\n', ack) + 1;
          std::filesystem::resize_file(
              path, std::max<std::size_t>(synced,
                                          text.size() - std::min<std::size_t>(lost, text.size())));
        }
        following = reader();
      }
      append_all();
      for (std::string& document : read_all(*following)) found.push_back(std::move(document));
      EXPECT_EQ(found, expected);
      EXPECT_EQ(documents(), expected);
    }
  }
  EXPECT_GT(crashes, 60);
}
#endif

}  // namespace
}  // namespace weir::journal
