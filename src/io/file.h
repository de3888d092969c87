// Files by path and by descriptor, with errors as values. Interrupted calls are taken up again. An
// error's message names the path. Codes: kNotFound (no such file), kFull (no space, quota, file
// size limit, descriptors), kInvalid (permission, wrong kind of file: the user mends it), kUnknown
// (a sync failed: what is on disk is anyone's guess), kUnavailable (everything else).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace weir::io {

inline constexpr std::size_t kLockOwnerBytesMax = 1024;

// "what: strerror", with the code that `error_number` (an errno) stands for.
Error errno_error(int error_number, std::string_view what);

// An open file; closed at the end. The offset of the descriptor is not used: every read and write
// says where. One thread at a time, except read_at and size, which any number of threads may call.
class File {
 public:
  enum class Open {
    kRead,
    kReadWrite,        // must exist
    kReadWriteCreate,  // made if missing
    kCreateNew,        // read and write; kInvalid if it exists
  };

  File() = default;
  File(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();
  static Result<File> open(const std::string& path, Open how, mode_t mode = 0644);

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  const std::string& path() const { return path_; }
  Result<std::uint64_t> size() const;
  // Fills `out`, less only at the end of the file: how many bytes.
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) const;
  Status write_at(std::uint64_t offset, std::string_view bytes);
  // Sets disk space aside behind the end without changing the size. kFull if there is none; where
  // the file system cannot, nothing happens.
  Status reserve(std::uint64_t offset, std::uint64_t bytes);
  Status truncate(std::uint64_t size);
  Status sync();  // data, and size where it changed; an error other than kFull is kUnknown
  void close();
  int release() { return std::exchange(descriptor_, -1); }  // now the caller closes it

 private:
  int descriptor_ = -1;
  std::string path_;
};

enum class FileKind { kFile, kFolder, kOther };
struct FileInfo {
  FileKind kind = FileKind::kOther;
  std::uint64_t size = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::optional<Timestamp> born;  // where the file system knows
  Timestamp modified;
};
Result<FileInfo> file_info(const std::string& path);
Result<FileInfo> file_info(const File& file);

// The whole file; kLimit if it is longer than `bytes_max`. Also for pipes and /proc.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);
// Replaces the file as a whole: readers, and a crash, see the old bytes or the new. Synced with its
// folder.
Status write_file_atomically(const std::string& path, std::string_view bytes, mode_t mode = 0644);
// The same for a file of the user's: where a link leads there, the link stays; the new file has the
// mode of the old one, and its owner and group as far as this process may give it away. A missing
// one is made for its owner alone.
Status replace_file_atomically(const std::string& path, std::string_view bytes);
// Appends and syncs; the file is made if missing. On kFull the bytes that fitted are cut off again.
Status append_to_file(const std::string& path, std::string_view bytes, mode_t mode = 0644);

struct FolderEntry {
  std::string name;
  FileKind kind = FileKind::kOther;
};
Result<std::vector<FolderEntry>> list_folder(
    const std::string& path);  // ascending by name, without . and ..
Status make_folders(const std::string& path,
                    mode_t mode = 0755);      // as `mkdir -p`; `mode` for those it makes
Status sync_folder(const std::string& path);  // makes names (created, renamed, removed) durable
Status rename_file(const std::string& from, const std::string& to);
Status remove_file(const std::string& path);     // one that does not exist is fine
std::string folder_of(const std::string& path);  // "." if it names none

// An advisory lock (flock) that is held while the object lives; the kernel lets go when the process
// dies. The file stays behind: removing it would let two owners in.
class LockFile {
 public:
  // Waits up to `wait` for the present owner. kRefused then, with the text that the owner left (one
  // line for a person, cut at kLockOwnerBytesMax), e.g. "locked by weir run, process 4711 on
  // host-a".
  static Result<std::unique_ptr<LockFile>> acquire(const std::string& path, std::string_view owner,
                                                   std::chrono::milliseconds wait = {});
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  explicit LockFile(File file) : file_(std::move(file)) {}
  File file_;
};

// Scratch space without a name: gone with the object or the process. Append-only until reset.
class TempFile {
 public:
  static Result<std::unique_ptr<TempFile>> create(const std::string& folder);
  Status append(std::string_view bytes);
  Status read(std::uint64_t offset, std::span<char> out);  // kCorrupt if it holds less
  Status reset();  // empty again; its disk space is given back
  std::uint64_t size() const { return size_; }
  const File& file() const { return file_; }

 private:
  explicit TempFile(File file) : file_(std::move(file)) {}
  File file_;
  std::uint64_t size_ = 0;
};

}  // namespace weir::io
