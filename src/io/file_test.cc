#include "io/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>
#include <latch>

#include "base/wake.h"
#include "io/thread.h"
#include "io/watch.h"

namespace weir::io {
namespace {

using testing::HasSubstr;

class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-io-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~FileTest() override { std::filesystem::remove_all(folder_); }
  std::string at(std::string_view name) const { return folder_ + "/" + std::string(name); }

  std::string folder_;
};

TEST_F(FileTest, ReadAndWrite) {
  EXPECT_EQ(read_file(at("a"), 10).error().code, Code::kNotFound);
  ASSERT_TRUE(write_file_atomically(at("a"), "one"));
  ASSERT_TRUE(write_file_atomically(at("a"), "three", 0600));
  EXPECT_EQ(*read_file(at("a"), 5), "three");
  EXPECT_EQ(read_file(at("a"), 4).error().code, Code::kLimit);
  struct stat info;
  ASSERT_EQ(::stat(at("a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_TRUE(append_to_file(at("b"), "x"));
  ASSERT_TRUE(append_to_file(at("b"), "yz"));
  EXPECT_EQ(*read_file(at("b"), 10), "xyz");
  const auto entries = list_folder(folder_);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2u);  // no temporary one stays
  EXPECT_EQ((*entries)[1].name, "b");
  EXPECT_EQ((*entries)[1].kind, FileKind::kFile);
  EXPECT_EQ(write_file_atomically(at("none/a"), "x").error().code, Code::kNotFound);
  EXPECT_THAT(read_file(at("none"), 1).error().message, HasSubstr(at("none")));
}

TEST_F(FileTest, AFileIsReplacedWhereItsLinksLead) {
  ASSERT_TRUE(write_file_atomically(at("real"), "one"));
  ASSERT_EQ(::chmod(at("real").c_str(), 0642), 0);
  const bool root = ::getuid() == 0;
  if (root) ASSERT_EQ(::chown(at("real").c_str(), 12, 34), 0);
  std::filesystem::create_symlink("real", at("link"));
  ASSERT_TRUE(replace_file_atomically(at("link"), "two"));
  EXPECT_TRUE(std::filesystem::is_symlink(at("link")));
  EXPECT_EQ(*read_file(at("real"), 10), "two");
  struct stat info;
  ASSERT_EQ(::stat(at("real").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0642u);
  if (root) EXPECT_EQ(std::pair(info.st_uid, info.st_gid), std::pair(uid_t{12}, gid_t{34}));
  ASSERT_TRUE(replace_file_atomically(at("new"), "three"));
  ASSERT_EQ(::stat(at("new").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_FALSE(replace_file_atomically(at("real/x"), "four"));
}

TEST_F(FileTest, OpenFiles) {
  auto file = File::open(at("a"), File::Open::kCreateNew);
  ASSERT_TRUE(file);
  EXPECT_EQ(File::open(at("a"), File::Open::kCreateNew).error().code, Code::kInvalid);
  ASSERT_TRUE(file->write_at(2, "cd"));
  ASSERT_TRUE(file->write_at(0, "ab"));
  char text[8];
  EXPECT_EQ(*file->read_at(1, text), 3u);
  EXPECT_EQ(std::string_view(text, 3), "bcd");
  EXPECT_EQ(*file->read_at(9, text), 0u);
  ASSERT_TRUE(file->reserve(4, 1 << 20));
  EXPECT_EQ(*file->size(), 4u);
  ASSERT_TRUE(file->truncate(1));
  ASSERT_TRUE(file->sync());
  File moved = std::move(*file);
  EXPECT_FALSE(file->is_open());
  EXPECT_EQ(*moved.size(), 1u);
  EXPECT_EQ(File::open(folder_, File::Open::kReadWrite).error().code, Code::kInvalid);
}

TEST_F(FileTest, Folders) {
  ASSERT_TRUE(make_folders(at("x/y/z"), 0700));
  ASSERT_TRUE(make_folders(at("x/y/z")));
  EXPECT_EQ(file_info(at("x/y"))->kind, FileKind::kFolder);
  ASSERT_TRUE(write_file_atomically(at("f"), ""));
  EXPECT_EQ(make_folders(at("f")).error().code, Code::kInvalid);
  EXPECT_FALSE(make_folders(at("f/g")));
  EXPECT_TRUE(remove_file(at("f")));
  EXPECT_TRUE(remove_file(at("f")));
  EXPECT_EQ(folder_of("/a/b/"), "/a");
  EXPECT_EQ(folder_of("/a"), "/");
  EXPECT_EQ(folder_of("a"), ".");
  EXPECT_EQ(folder_of("a/b"), "a");
}

TEST_F(FileTest, Locks) {
  {
    const auto lock = LockFile::acquire(at("lock"), "weir run,\nprocess 7");
    ASSERT_TRUE(lock);
    const auto second = LockFile::acquire(at("lock"), "me", std::chrono::milliseconds(5));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::kRefused);
    EXPECT_EQ(second.error().message, at("lock") + " is locked by weir run, process 7");
  }
  ASSERT_TRUE(LockFile::acquire(at("lock"), "me"));
  // One that waits gets it once it is free.
  auto lock = LockFile::acquire(at("lock"), "first");
  std::latch waiting(1);
  bool got = false;
  Thread other("other", [&] {
    waiting.count_down();
    got = LockFile::acquire(at("lock"), "second", std::chrono::seconds(30)).has_value();
  });
  waiting.wait();
  lock->reset();
  other.join();
  EXPECT_TRUE(got);
}

TEST_F(FileTest, TemporaryFiles) {
  const auto made = TempFile::create(folder_);
  ASSERT_TRUE(made);
  TempFile& file = **made;
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  ASSERT_TRUE(file.append("hello "));
  ASSERT_TRUE(file.append("world"));
  EXPECT_EQ(file.size(), 11u);
  char text[5];
  ASSERT_TRUE(file.read(6, text));
  EXPECT_EQ(std::string_view(text, 5), "world");
  EXPECT_EQ(file.read(7, text).error().code, Code::kCorrupt);
  ASSERT_TRUE(file.reset());
  EXPECT_EQ(file.size(), 0u);
  EXPECT_FALSE(file.read(0, text));
  EXPECT_EQ(TempFile::create(at("none")).error().code, Code::kNotFound);
}

TEST_F(FileTest, FullDisks) {
  if (::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=1m") != 0)
    GTEST_SKIP() << "skipped: no file system can be mounted here";
  struct Unmount {
    std::string path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } unmount{folder_};
  const std::string large(2u << 20, 'x');
  ASSERT_TRUE(write_file_atomically(at("a"), "good"));
  EXPECT_EQ(write_file_atomically(at("a"), large).error().code, Code::kFull);
  EXPECT_EQ(*read_file(at("a"), 10), "good");
  EXPECT_EQ(append_to_file(at("a"), large).error().code, Code::kFull);
  EXPECT_EQ(*read_file(at("a"), 10), "good");
  const auto file = TempFile::create(folder_);
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->append(large).error().code, Code::kFull);
  EXPECT_EQ((*file)->size(), 0u);
  EXPECT_TRUE((*file)->append("fits"));
  auto open = File::open(at("b"), File::Open::kCreateNew);
  EXPECT_EQ(open->reserve(0, large.size()).error().code, Code::kFull);
}

TEST_F(FileTest, ErrorsOfTheSystem) {
  EXPECT_EQ(errno_error(ENOSPC, "w").code, Code::kFull);
  EXPECT_EQ(errno_error(EACCES, "w").code, Code::kInvalid);
  EXPECT_EQ(errno_error(EIO, "w").code, Code::kUnavailable);
  EXPECT_EQ(errno_error(ENOENT, "cannot open x").message,
            "cannot open x: No such file or directory");
}

class WatchTest : public FileTest, public testing::WithParamInterface<bool> {
 protected:
  static constexpr std::chrono::seconds kLong{30};
  // Waits until a change is told of after `change`; the watch may still be about to say what was
  // before.
  void expect_change(const std::function<void()>& change) {
    change();
    EXPECT_TRUE(changed_.wait(kLong));
  }
  WakeUp changed_;
};

TEST_P(WatchTest, TellsOfChanges) {
  Watcher::Options options;
  options.always_poll = GetParam();
  options.poll = std::chrono::milliseconds(10);
  const auto watcher = Watcher::start(changed_, options);
  ASSERT_TRUE(watcher->add(folder_));
  EXPECT_TRUE(changed_.wait(kLong));  // look once, now that it is watched
  expect_change([&] { ASSERT_TRUE(write_file_atomically(at("a"), "x")); });
  while (changed_.wait(std::chrono::milliseconds(50))) {
  }
  expect_change([&] { ASSERT_TRUE(append_to_file(at("a"), "y")); });
  while (changed_.wait(std::chrono::milliseconds(50))) {
  }
  expect_change([&] { ASSERT_TRUE(rename_file(at("a"), at("b"))); });
  while (changed_.wait(std::chrono::milliseconds(50))) {
  }
  // A folder that is yet to be made, with its parents.
  ASSERT_TRUE(watcher->add(at("x/y/z")));
  EXPECT_TRUE(changed_.wait(kLong));
  ASSERT_TRUE(make_folders(at("x/y/z")));
  while (changed_.wait(std::chrono::milliseconds(50))) {
  }
  expect_change([&] { ASSERT_TRUE(write_file_atomically(at("x/y/z/a"), "x")); });
}

INSTANTIATE_TEST_SUITE_P(Both, WatchTest, testing::Bool(),
                         [](const auto& kind) { return kind.param ? "Polling" : "Inotify"; });

TEST(Watcher, StopsAtOnce) {
  WakeUp changed;
  for (int i = 0; i < 20; ++i) {
    const auto watcher = Watcher::start(changed);
    ASSERT_TRUE(watcher->add("/does-not-exist/at/all"));
  }
}

}  // namespace
}  // namespace weir::io
