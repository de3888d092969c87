#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/merge_operator.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "store/merge_patch.h"
#include "store/rocksdb_open.h"
#include "store/rocksdb_store.h"
#include "testing/fake_store.h"
#include "testing/store_contract.h"

namespace weir::testing {
namespace {

class FakeHost : public StoreHost {
 public:
  Result<std::unique_ptr<store::Store>> open() override { return disk_.open(); }
  void crash(std::unique_ptr<store::Store>) override { disk_.crash(disk_.unsynced() / 2); }

 private:
  FakeDisk disk_;
};

std::string fresh_folder() {
  std::string out = (std::filesystem::temp_directory_path() / "weir-store-XXXXXX").string();
  if (mkdtemp(out.data()) == nullptr) std::abort();
  return out;
}

// A crash copies the files as they are while the database is still open and goes on with the copy:
// what the process had not written out is lost. What the kernel would lose as well is the fake's
// part.
class RocksHost : public StoreHost {
 public:
  ~RocksHost() override { std::filesystem::remove_all(root_); }
  Result<std::unique_ptr<store::Store>> open() override { return store::open_rocksdb(folder()); }
  void crash(std::unique_ptr<store::Store> store) override {
    const std::string before = folder();
    ++life_;
    std::filesystem::copy(before, folder(), std::filesystem::copy_options::recursive);
    store.reset();
  }

 private:
  std::string folder() const { return fmt::format("{}/{}", root_, life_); }
  const std::string root_ = fresh_folder();
  int life_ = 0;
};

std::unique_ptr<StoreHost> fake_host() {
  return std::make_unique<FakeHost>();
}
std::unique_ptr<StoreHost> rocks_host() {
  return std::make_unique<RocksHost>();
}

INSTANTIATE_TEST_SUITE_P(Fake, StoreContract, ::testing::Values(fake_host));
INSTANTIATE_TEST_SUITE_P(Rocks, StoreContract, ::testing::Values(rocks_host));

}  // namespace
}  // namespace weir::testing

namespace weir::store {
namespace {

class RocksTest : public ::testing::Test {
 protected:
  ~RocksTest() override { std::filesystem::remove_all(root_); }
  std::string folder(const std::string& name = "task") const { return root_ + "/" + name; }
  const std::string root_ = testing::fresh_folder();
};

void put(Store& store, const std::string& key, const std::string& value) {
  Batch batch;
  batch.put(key, value);
  ASSERT_TRUE(store.write(batch, Sync::kYes).has_value());
}

TEST_F(RocksTest, TheRefusalNamesTheFolder) {
  auto store = open_rocksdb(folder());
  ASSERT_TRUE(store.has_value());
  const auto second = open_rocksdb(folder());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Code::kRefused);
  EXPECT_NE(second.error().message.find(folder()), std::string::npos);
}

TEST_F(RocksTest, AnotherProcessIsRefusedToo) {
  auto store = open_rocksdb(folder());
  ASSERT_TRUE(store.has_value());
  const pid_t child = fork();
  if (child == 0) {
    const auto second = open_rocksdb(folder());
    _exit(!second && second.error().code == Code::kRefused ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// A process that is killed leaves even its unsynced writes to the kernel.
TEST_F(RocksTest, AKilledProcessLosesNothing) {
  const pid_t child = fork();
  if (child == 0) {
    auto store = open_rocksdb(folder());
    Batch batch;
    batch.put("k", "unsynced");
    if (store) static_cast<void>((*store)->write(batch, Sync::kNo));
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  auto store = open_rocksdb(folder());
  ASSERT_TRUE(store.has_value()) << store.error().message;
  EXPECT_EQ((*store)->get("k").value_or(std::nullopt), "unsynced");
}

TEST_F(RocksTest, TheFolderIsPrivate) {
  auto store = open_rocksdb(folder("deep/er"));
  ASSERT_TRUE(store.has_value());
  struct stat info {};
  ASSERT_EQ(stat(folder("deep/er").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0700u);
}

TEST_F(RocksTest, LookingBesideALivingOwner) {
  EXPECT_EQ(open_rocksdb_read_only(folder()).error().code, Code::kNotFound);
  auto store = open_rocksdb(folder());
  put(**store, "k", "1");
  {
    auto looking = open_rocksdb_read_only(folder());
    ASSERT_TRUE(looking.has_value()) << looking.error().message;
    EXPECT_EQ((*looking)->get("k").value_or(std::nullopt), "1");
    Batch batch;
    batch.put("k", "2");
    EXPECT_EQ((*looking)->write(batch, Sync::kNo).error().code, Code::kRefused);
    ASSERT_TRUE((*looking)->close().has_value());
  }
  put(**store, "k", "3");
  EXPECT_EQ((*open_rocksdb_read_only(folder()))->get("k").value_or(std::nullopt), "3");
}

TEST_F(RocksTest, NotADatabase) {
  std::filesystem::create_directories(folder());
  std::FILE* file = std::fopen((folder() + "/CURRENT").c_str(), "w");
  std::fputs("garbage\n", file);
  std::fclose(file);
  EXPECT_FALSE(open_rocksdb(folder()).has_value());
  EXPECT_FALSE(open_rocksdb_read_only(folder()).has_value());
}

TEST_F(RocksTest, FewAndSmallFiles) {
  auto store = open_rocksdb(folder());
  for (int i = 0; i < 200; ++i) put(**store, fmt::format("k{}", i), std::string(1000, 'x'));
  std::size_t files = 0;
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    ++files;
    bytes += entry.file_size();
  }
  EXPECT_LE(files, 12u);
  EXPECT_LE(bytes, 1u << 20);
}

// ---- a database that Estuary's runtime wrote ----

void write_as_estuary(const std::string& folder) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.merge_operator = make_json_schema_merge();
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, options}, {"of-a-later-version", options}};
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  ASSERT_TRUE(rocksdb::DB::Open(options, folder, families, &handles, &db).ok());
  const rocksdb::WriteOptions write;
  for (const char* patch :
       {R"({"a":"b","n":null})", R"({"a":"c","nn":null})", R"({"d":"e","ans":42})"}) {
    ASSERT_TRUE(db->Merge(write, "connector-state", patch).ok());
  }
  ASSERT_TRUE(db->Put(write, "trigger-params", R"({"collection_names":[]})").ok());
  ASSERT_TRUE(db->Put(write, handles[1], "k", "kept").ok());
  for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  delete db;
}

TEST_F(RocksTest, ADatabaseOfEstuarysRuntime) {
  write_as_estuary(folder());
  for (int life = 0; life < 2; ++life) {
    auto store = open_rocksdb(folder());
    ASSERT_TRUE(store.has_value()) << store.error().message;
    EXPECT_EQ((*store)->get("connector-state").value_or(std::nullopt),
              R"({"a":"c","ans":42,"d":"e","n":null})");
    EXPECT_EQ((*store)->get("trigger-params").value_or(std::nullopt), R"({"collection_names":[]})");
    put(**store, "weir/format", "1");
  }
  EXPECT_TRUE(open_rocksdb_read_only(folder()).has_value());
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, folder(), &names).ok());
  EXPECT_EQ(names.size(), 2u);
}

TEST(MergePatch, Table) {
  using Operands = std::vector<std::string_view>;
  const std::string base = R"({"a":1,"b":{"c":2}})";
  EXPECT_EQ(apply_patches(&base, {R"({"a":null,"b":{"d":3}})"}), R"({"b":{"c":2,"d":3}})");
  EXPECT_EQ(apply_patches(&base, {"[1]"}), "[1]");
  EXPECT_EQ(apply_patches(&base, {"{\"x\":1}\n{\"x\":2}"}), R"({"a":1,"b":{"c":2},"x":2})");
  EXPECT_EQ(apply_patches(nullptr, {R"({"n":null})"}), R"({"n":null})");
  EXPECT_EQ(apply_patches(nullptr, {"not json", "{}"}), "not json\n{}");
  EXPECT_EQ(apply_patches(&base, Operands{}), base);
}

// ---- a full disk ----

// Lets appends to files fail as on a full disk, at will.
class NarrowFile : public rocksdb::WritableFileWrapper {
 public:
  NarrowFile(std::unique_ptr<rocksdb::WritableFile> file, const std::atomic<bool>& full)
      : WritableFileWrapper(file.get()), file_(std::move(file)), full_(full) {}
  rocksdb::Status Append(const rocksdb::Slice& data) override {
    return full_ ? rocksdb::Status::NoSpace("no room") : WritableFileWrapper::Append(data);
  }
  rocksdb::Status Append(const rocksdb::Slice& data,
                         const rocksdb::DataVerificationInfo& info) override {
    return full_ ? rocksdb::Status::NoSpace("no room") : WritableFileWrapper::Append(data, info);
  }

 private:
  std::unique_ptr<rocksdb::WritableFile> file_;
  const std::atomic<bool>& full_;
};

class NarrowEnv : public rocksdb::EnvWrapper {
 public:
  NarrowEnv() : EnvWrapper(rocksdb::Env::Default()) {}
  rocksdb::Status NewWritableFile(const std::string& path,
                                  std::unique_ptr<rocksdb::WritableFile>* out,
                                  const rocksdb::EnvOptions& options) override {
    if (full) return rocksdb::Status::NoSpace("no room");
    std::unique_ptr<rocksdb::WritableFile> file;
    const rocksdb::Status opened = EnvWrapper::NewWritableFile(path, &file, options);
    if (opened.ok()) *out = std::make_unique<NarrowFile>(std::move(file), full);
    return opened;
  }
  const char* Name() const override { return "NarrowEnv"; }
  std::atomic<bool> full = false;
};

TEST_F(RocksTest, FullDiskAppliesNothingAndHeals) {
  NarrowEnv env;
  auto store = open_rocksdb_on(&env, folder(), {});
  ASSERT_TRUE(store.has_value()) << store.error().message;
  put(**store, "before", "1");
  for (const Sync sync : {Sync::kNo, Sync::kYes}) {
    env.full = true;
    Batch batch;
    batch.put("before", "2");
    batch.put("during", "1");
    for (int i = 0; i < 3; ++i) {
      const Status written = (*store)->write(batch, sync);
      ASSERT_FALSE(written.has_value());
      EXPECT_EQ(written.error().code, Code::kFull) << written.error().message;
      EXPECT_NE(written.error().message.find(folder()), std::string::npos);
      // Reading goes on.
      EXPECT_EQ((*store)->get("before").value_or(std::nullopt), "1");
      EXPECT_EQ((*store)->get("during").value_or("?"), std::nullopt);
    }
    env.full = false;
    put(**store, "after", "1");
    EXPECT_EQ((*store)->get("during").value_or("?"), std::nullopt);
  }
  ASSERT_TRUE((*store)->close().has_value());
  auto again = open_rocksdb(folder());
  EXPECT_EQ((*again)->get("before").value_or(std::nullopt), "1");
  EXPECT_EQ((*again)->get("during").value_or("?"), std::nullopt);
  EXPECT_EQ((*again)->get("after").value_or(std::nullopt), "1");
}

TEST_F(RocksTest, FullDiskWhileOpening) {
  NarrowEnv env;
  env.full = true;
  const auto store = open_rocksdb_on(&env, folder(), {});
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, Code::kFull) << store.error().message;
}

}  // namespace
}  // namespace weir::store
