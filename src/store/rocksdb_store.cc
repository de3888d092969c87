// RocksDB goes read-only when its log or a background job meets an error such as a full disk.
// Reading goes on; the next write first makes it resume, or opens it anew, and nothing of the
// failed batch remains. Where even opening finds no room, what is there stays readable.
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

enum class Access { kWrite, kRead };

// A database with its families.
class Database {
 public:
  static Result<std::unique_ptr<Database>> open(const rocksdb::Options& options,
                                                const std::string& folder, Access access) {
    rocksdb::DB* db = nullptr;
    auto out = std::make_unique<Database>();
    const auto families = families_of(options, folder);
    const rocksdb::Status status =
        access == Access::kWrite
            ? rocksdb::DB::Open(options, folder, families, &out->handles_, &db)
            : rocksdb::DB::OpenForReadOnly(options, folder, families, &out->handles_, &db);
    if (!status.ok()) return tl::unexpected(open_error(folder, status));
    out->db_.reset(db);
    return out;
  }
  ~Database() { static_cast<void>(close()); }

  rocksdb::DB* operator->() { return db_.get(); }
  rocksdb::Status close() {
    if (db_ == nullptr) return rocksdb::Status::OK();
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      static_cast<void>(db_->DestroyColumnFamilyHandle(handle));
    }
    const rocksdb::Status status = db_->Close();
    db_.reset();
    return status;
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

class RocksStore : public Store {
 public:
  RocksStore(rocksdb::Options options, std::string folder, std::unique_ptr<Database> database,
             Access access)
      : options_(std::move(options)),
        folder_(std::move(folder)),
        database_(std::move(database)),
        access_(access) {}

  Result<std::optional<std::string>> get(std::string_view key) const override {
    if (database_ == nullptr) return closed();
    std::string value;
    const rocksdb::Status status =
        (*database_)->Get(rocksdb::ReadOptions(), rocksdb::Slice(key.data(), key.size()), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return tl::unexpected(as_error(Code::kUnavailable, folder_, status));
    return std::optional<std::string>(std::move(value));
  }

  Result<std::vector<std::pair<std::string, std::string>>> scan(std::string_view prefix,
                                                                std::size_t limit) const override {
    if (database_ == nullptr) return closed();
    std::vector<std::pair<std::string, std::string>> out;
    std::unique_ptr<rocksdb::Iterator> at((*database_)->NewIterator(rocksdb::ReadOptions()));
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
    if (access_ == Access::kRead) {
      return error(Code::kRefused, "state folder {} is open for reading only", folder_);
    }
    if (database_ == nullptr) return closed();
    if (failed_) WEIR_RETURN_IF_ERROR(revive());
    rocksdb::WriteBatch out;
    for (const Batch::Operation& operation : batch.operations) {
      const rocksdb::Status added =
          operation.value ? out.Put(operation.key, *operation.value) : out.Delete(operation.key);
      WEIR_CHECK(added.ok());
    }
    rocksdb::WriteOptions options;
    options.sync = sync == Sync::kYes;
    const rocksdb::Status status = (*database_)->Write(options, &out);
    if (status.ok()) return {};
    failed_ = true;
    return tl::unexpected(as_error(Code::kUnknown, folder_, status));
  }

  Status close() override {
    if (database_ == nullptr) return {};
    rocksdb::Status synced;
    if (access_ == Access::kWrite && !failed_) synced = (*database_)->SyncWAL();
    const rocksdb::Status ended = database_->close();
    database_.reset();
    if (!synced.ok()) return tl::unexpected(as_error(Code::kUnknown, folder_, synced));
    if (!ended.ok() && !failed_) return tl::unexpected(as_error(Code::kUnknown, folder_, ended));
    return {};
  }

 private:
  tl::unexpected<Error> closed() const {
    return error(Code::kUnknown, "state folder {} was closed", folder_);
  }

  // A database that is busy recovering by itself (it looks for room every few seconds) refuses to
  // resume at once; opening anew does not have to wait for it.
  Status revive() {
    if (!reading_only_ && (*database_)->Resume().ok()) {
      failed_ = false;
      return {};
    }
    static_cast<void>(database_->close());
    auto opened = Database::open(options_, folder_, Access::kWrite);
    if (opened) {
      database_ = *std::move(opened);
      failed_ = reading_only_ = false;
      return {};
    }
    auto readable = Database::open(options_, folder_, Access::kRead);
    if (readable) {
      database_ = *std::move(readable);
      reading_only_ = true;
    } else {
      database_.reset();
    }
    return tl::unexpected(std::move(opened).error());
  }

  const rocksdb::Options options_;
  const std::string folder_;
  std::unique_ptr<Database> database_;  // nullptr: closed
  const Access access_;
  bool failed_ = false;        // a write failed: revive before the next
  bool reading_only_ = false;  // reviving found no room; kept for reading meanwhile
};

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
  WEIR_TRY(auto database, Database::open(options, folder, Access::kWrite));
  return std::make_unique<RocksStore>(options, folder, std::move(database), Access::kWrite);
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
  WEIR_TRY(auto database, Database::open(options, folder, Access::kRead));
  return std::make_unique<RocksStore>(options, folder, std::move(database), Access::kRead);
}

}  // namespace weir::store
