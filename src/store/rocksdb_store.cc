// RocksDB goes read-only when its log or a background job meets an error such as a full disk.
// Reading goes on; the next write first asks it to resume, which writes what memory holds to a
// table file and starts a new log, so that nothing of the failed batch remains.
#include "store/rocksdb_store.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/table.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/check.h"
#include "base/fault.h"
#include "store/merge_patch.h"
#include "store/rocksdb_open.h"

namespace weir::store {

namespace {

class SilentLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::Options make_options(rocksdb::Env* env, const RocksOptions& wanted) {
  rocksdb::Options out;
  out.env = env;
  out.create_if_missing = true;
  out.merge_operator = make_json_schema_merge();
  out.write_buffer_size = wanted.write_buffer_bytes;
  out.max_write_buffer_number = 2;
  out.max_total_wal_size = wanted.wal_bytes_max;
  out.max_background_jobs = 2;
  out.max_open_files = 64;
  out.max_manifest_file_size = 1u << 20;
  out.info_log = std::make_shared<SilentLogger>();
  out.stats_dump_period_sec = 0;
  out.stats_persist_period_sec = 0;
  out.skip_stats_update_on_db_open = true;
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(wanted.block_cache_bytes);
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return out;
}

bool is_full(const rocksdb::Status& status) {
  return status.IsNoSpace() || status.subcode() == rocksdb::Status::SubCode::kNoSpace ||
         status.subcode() == rocksdb::Status::SubCode::kSpaceLimit;
}

Error as_error(Code otherwise, std::string_view folder, const rocksdb::Status& status) {
  Code code = otherwise;
  if (is_full(status)) code = Code::kFull;
  if (status.IsCorruption()) code = Code::kCorrupt;
  return Error{code, fmt::format("state folder {}: {}{}", folder, status.ToString(),
                                 code == Code::kFull ? "; make room on its disk" : "")};
}

Error open_error(const std::string& folder, const rocksdb::Status& status) {
  if (status.IsIOError() && status.ToString().find("/LOCK") != std::string::npos) {
    return Error{
        Code::kRefused,
        fmt::format("state folder {} is in use by another weir: stop that one first", folder)};
  }
  return as_error(Code::kUnavailable, folder, status);
}

class RocksStore : public Store {
 public:
  RocksStore(std::string folder, rocksdb::DB* db, std::vector<rocksdb::ColumnFamilyHandle*> handles,
             bool read_only)
      : folder_(std::move(folder)), db_(db), handles_(std::move(handles)), read_only_(read_only) {}
  ~RocksStore() override { static_cast<void>(end()); }

  Result<std::optional<std::string>> get(std::string_view key) const override {
    if (db_ == nullptr) return closed();
    std::string value;
    const rocksdb::Status status =
        db_->Get(rocksdb::ReadOptions(), rocksdb::Slice(key.data(), key.size()), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return tl::unexpected(as_error(Code::kUnavailable, folder_, status));
    return std::optional<std::string>(std::move(value));
  }

  Result<std::vector<std::pair<std::string, std::string>>> scan(std::string_view prefix,
                                                                std::size_t limit) const override {
    if (db_ == nullptr) return closed();
    std::vector<std::pair<std::string, std::string>> out;
    std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions()));
    const rocksdb::Slice start(prefix.data(), prefix.size());
    for (at->Seek(start); at->Valid() && out.size() < limit; at->Next()) {
      if (!at->key().starts_with(start)) break;
      out.emplace_back(at->key().ToString(), at->value().ToString());
    }
    if (!at->status().ok()) {
      return tl::unexpected(as_error(Code::kUnavailable, folder_, at->status()));
    }
    return out;
  }

  Status write(const Batch& batch, Sync sync) override {
    if (db_ == nullptr) return closed();
    if (read_only_) {
      return error(Code::kRefused, "state folder {} is open for reading only", folder_);
    }
    if (failed_) WEIR_RETURN_IF_ERROR(resume());
    rocksdb::WriteBatch out;
    for (const Batch::Operation& operation : batch.operations) {
      const rocksdb::Status added =
          operation.value ? out.Put(operation.key, *operation.value) : out.Delete(operation.key);
      WEIR_CHECK(added.ok());
    }
    rocksdb::WriteOptions options;
    options.sync = sync == Sync::kYes;
    const rocksdb::Status status = db_->Write(options, &out);
    if (status.ok()) return {};
    failed_ = true;
    return tl::unexpected(as_error(Code::kUnknown, folder_, status));
  }

  Status close() override {
    if (db_ == nullptr) return {};
    rocksdb::Status synced;
    if (!read_only_ && !failed_) synced = db_->SyncWAL();
    const rocksdb::Status ended = end();
    if (!synced.ok()) return tl::unexpected(as_error(Code::kUnknown, folder_, synced));
    if (!ended.ok()) return tl::unexpected(as_error(Code::kUnknown, folder_, ended));
    return {};
  }

 private:
  tl::unexpected<Error> closed() const {
    return error(Code::kUnknown, "state folder {} was closed", folder_);
  }

  Status resume() {
    const rocksdb::Status status = db_->Resume();
    if (!status.ok()) return tl::unexpected(as_error(Code::kUnavailable, folder_, status));
    failed_ = false;
    return {};
  }

  rocksdb::Status end() {
    if (db_ == nullptr) return rocksdb::Status::OK();
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      static_cast<void>(db_->DestroyColumnFamilyHandle(handle));
    }
    handles_.clear();
    const rocksdb::Status status = db_->Close();
    db_.reset();
    return status;
  }

  const std::string folder_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  const bool read_only_;
  bool failed_ = false;  // a write failed since the last success: resume before the next
};

// Every family has to be named to open; only the default one is used.
std::vector<rocksdb::ColumnFamilyDescriptor> families_of(const rocksdb::Options& options,
                                                         const std::string& folder) {
  std::vector<std::string> names;
  const rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(options, folder, &names);
  if (!listed.ok() || names.empty()) names = {rocksdb::kDefaultColumnFamilyName};
  std::vector<rocksdb::ColumnFamilyDescriptor> out;
  for (const std::string& name : names) out.emplace_back(name, options);
  return out;
}

Status make_folder(const std::string& folder) {
  std::error_code failure;
  const bool created = std::filesystem::create_directories(folder, failure);
  if (failure) {
    const bool full = failure == std::errc::no_space_on_device;
    return error(full ? Code::kFull : Code::kUnavailable, "cannot make state folder {}: {}", folder,
                 failure.message());
  }
  if (created) ::chmod(folder.c_str(), S_IRWXU);
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> open_rocksdb_on(rocksdb::Env* env, const std::string& folder,
                                               const RocksOptions& wanted) {
  WEIR_RETURN_IF_ERROR(make_folder(folder));
  const rocksdb::Options options = make_options(env, wanted);
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status =
      rocksdb::DB::Open(options, folder, families_of(options, folder), &handles, &db);
  if (!status.ok()) return tl::unexpected(open_error(folder, status));
  return std::make_unique<RocksStore>(folder, db, std::move(handles), /*read_only=*/false);
}

Result<std::unique_ptr<Store>> open_rocksdb(const std::string& folder,
                                            const RocksOptions& options) {
  return open_rocksdb_on(rocksdb::Env::Default(), folder, options);
}

Result<std::unique_ptr<Store>> open_rocksdb_read_only(const std::string& folder) {
  if (!std::filesystem::exists(std::filesystem::path(folder) / "CURRENT")) {
    return error(Code::kNotFound, "there is no state in {}", folder);
  }
  rocksdb::Options options = make_options(rocksdb::Env::Default(), {});
  options.create_if_missing = false;
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status =
      rocksdb::DB::OpenForReadOnly(options, folder, families_of(options, folder), &handles, &db);
  if (!status.ok()) return tl::unexpected(open_error(folder, status));
  return std::make_unique<RocksStore>(folder, db, std::move(handles), /*read_only=*/true);
}

}  // namespace weir::store
