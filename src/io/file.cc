#include "io/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "base/fault.h"

namespace weir::io {
namespace {

// Calls until it is not interrupted.
template <typename Call>
auto uninterrupted(Call call) {
  for (;;) {
    auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

tl::unexpected<Error> failed(std::string_view what, const std::string& path) {
  const int error_number = errno;
  return tl::unexpected(errno_error(error_number, fmt::format("{} {}", what, path)));
}

FileKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::kFile;
  if (S_ISDIR(mode)) return FileKind::kFolder;
  return FileKind::kOther;
}

Timestamp timestamp_of(const struct statx_timestamp& time) {
  return Timestamp(std::chrono::seconds(time.tv_sec) +
                   std::chrono::microseconds(time.tv_nsec / 1000));
}

Result<FileInfo> info_at(int descriptor, const char* name, int flags, const std::string& path) {
  struct statx found {};
  if (uninterrupted([&] {
        return ::statx(descriptor, name, flags, STATX_BASIC_STATS | STATX_BTIME, &found);
      }) != 0)
    return failed("cannot look at", path);
  FileInfo info;
  info.kind = kind_of(found.stx_mode);
  info.size = found.stx_size;
  info.device = (std::uint64_t{found.stx_dev_major} << 32) | found.stx_dev_minor;
  info.inode = found.stx_ino;
  if ((found.stx_mask & STATX_BTIME) != 0) info.born = timestamp_of(found.stx_btime);
  info.modified = timestamp_of(found.stx_mtime);
  return info;
}

// A name beside `path` that no other process or thread uses.
std::string temporary_beside(const std::string& path) {
  static std::atomic<unsigned> next{0};
  return fmt::format("{}.tmp-{}-{}", path, ::getpid(), next.fetch_add(1));
}

}  // namespace

Error errno_error(int error_number, std::string_view what) {
  Code code = Code::kUnavailable;
  switch (error_number) {
    case ENOENT:
    case ENOTDIR: code = Code::kNotFound; break;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOMEM: code = Code::kFull; break;
    case EACCES:
    case EPERM:
    case EROFS:
    case EISDIR:
    case EEXIST:
    case ENAMETOOLONG:
    case ELOOP:
    case EINVAL: code = Code::kInvalid; break;
    default: break;
  }
  char text[256];
  return Error{code, fmt::format("{}: {}", what, ::strerror_r(error_number, text, sizeof text))};
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  if (this == &other) return *this;
  close();
  descriptor_ = std::exchange(other.descriptor_, -1);
  path_ = std::move(other.path_);
  return *this;
}

File::~File() {
  close();
}

void File::close() {
  // Linux frees the descriptor even where close() says EINTR.
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

Result<File> File::open(const std::string& path, Open how, mode_t mode) {
  int flags = O_CLOEXEC | O_NOCTTY;
  switch (how) {
    case Open::kRead: flags |= O_RDONLY; break;
    case Open::kReadWrite: flags |= O_RDWR; break;
    case Open::kReadWriteCreate: flags |= O_RDWR | O_CREAT; break;
    case Open::kCreateNew: flags |= O_RDWR | O_CREAT | O_EXCL; break;
  }
  const int descriptor = uninterrupted([&] { return ::open(path.c_str(), flags, mode); });
  if (descriptor < 0) return failed("cannot open", path);
  return File(descriptor, path);
}

Result<std::uint64_t> File::size() const {
  WEIR_TRY(const FileInfo info, file_info(*this));
  return info.size;
}

Result<std::size_t> File::read_at(std::uint64_t offset, std::span<char> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = uninterrupted([&] {
      return ::pread(descriptor_, out.data() + done, out.size() - done,
                     static_cast<off_t>(offset + done));
    });
    if (n < 0) return failed("cannot read", path_);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

Status File::write_at(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = uninterrupted([&] {
      return ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    });
    if (n < 0) return failed("cannot write", path_);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

Status File::reserve(std::uint64_t offset, std::uint64_t bytes) {
  if (bytes == 0) return {};
  const int result = uninterrupted([&] {
    return ::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                       static_cast<off_t>(bytes));
  });
  if (result == 0 || errno == EOPNOTSUPP || errno == ENOSYS) return {};
  return failed("cannot set space aside in", path_);
}

Status File::truncate(std::uint64_t size) {
  if (uninterrupted([&] { return ::ftruncate(descriptor_, static_cast<off_t>(size)); }) != 0)
    return failed("cannot set the size of", path_);
  return {};
}

Status File::sync() {
  if (uninterrupted([&] { return ::fdatasync(descriptor_); }) == 0) return {};
  Error problem = failed("cannot sync", path_).value();
  if (problem.code != Code::kFull) problem.code = Code::kUnknown;
  return tl::unexpected(std::move(problem));
}

Result<FileInfo> file_info(const std::string& path) {
  return info_at(AT_FDCWD, path.c_str(), 0, path);
}

Result<FileInfo> file_info(const File& file) {
  return info_at(file.descriptor(), "", AT_EMPTY_PATH, file.path());
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  WEIR_TRY(const File file, File::open(path, File::Open::kRead));
  std::string text;
  char buffer[64 << 10];
  std::size_t used = 0;  // what was read may be secret
  const auto wiped = [&](Result<std::string> result) {
    ::explicit_bzero(buffer, used);
    return result;
  };
  for (;;) {
    // read(), for pipes and files of /proc have no offsets or no size.
    const ssize_t n =
        uninterrupted([&] { return ::read(file.descriptor(), buffer, sizeof buffer); });
    if (n < 0) return wiped(failed("cannot read", path));
    if (n == 0) return wiped(std::move(text));
    used = std::max(used, static_cast<std::size_t>(n));
    if (text.size() + static_cast<std::size_t>(n) > bytes_max)
      return wiped(error(Code::kLimit, "{} is longer than {} bytes", path, bytes_max));
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

namespace {

// A user and a group that a file is given to.
struct Ownership {
  uid_t user;
  gid_t group;
};

void give_to(const File& file, const Ownership& owner, mode_t mode) {
  // Who may not give files away may still belong to the group.
  if (::fchown(file.descriptor(), owner.user, owner.group) != 0 &&
      ::fchown(file.descriptor(), static_cast<uid_t>(-1), owner.group) != 0) {
    return;
  }
  ::fchmod(file.descriptor(), mode);  // which a change of the owner may cut
}

Status write_atomically(const std::string& path, std::string_view bytes, mode_t mode,
                        const std::optional<Ownership>& owner) {
  const std::string temporary = temporary_beside(path);
  const auto write = [&]() -> Status {
    WEIR_TRY(File file, File::open(temporary, File::Open::kCreateNew, mode));
    if (owner) give_to(file, *owner, mode);
    WEIR_RETURN_IF_ERROR(file.write_at(0, bytes));
    return file.sync();
  };
  Status status = write();
  fault_point("file.written");
  if (status) status = rename_file(temporary, path);
  if (!status) {
    (void)remove_file(temporary);
    return status;
  }
  fault_point("file.renamed");
  return sync_folder(folder_of(path));
}

}  // namespace

Status write_file_atomically(const std::string& path, std::string_view bytes, mode_t mode) {
  return write_atomically(path, bytes, mode, std::nullopt);
}

Status replace_file_atomically(const std::string& path, std::string_view bytes) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno != ENOENT) return failed("cannot read", path);
    return write_atomically(path, bytes, 0600, std::nullopt);
  }
  char* const real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return failed("cannot read", path);
  const std::string target(real);
  std::free(real);
  return write_atomically(target, bytes, info.st_mode & 0777, Ownership{info.st_uid, info.st_gid});
}

Status append_to_file(const std::string& path, std::string_view bytes, mode_t mode) {
  WEIR_TRY(File file, File::open(path, File::Open::kReadWriteCreate, mode));
  WEIR_TRY(const std::uint64_t size, file.size());
  if (Status status = file.write_at(size, bytes); !status) {
    (void)file.truncate(size);
    return status;
  }
  return file.sync();
}

Result<std::vector<FolderEntry>> list_folder(const std::string& path) {
  DIR* folder = ::opendir(path.c_str());
  if (folder == nullptr) return failed("cannot list", path);
  std::vector<FolderEntry> entries;
  int problem = 0;
  for (;;) {
    errno = 0;
    const struct dirent* found = ::readdir(folder);
    if (found == nullptr) {
      problem = errno;
      break;
    }
    const std::string_view name = found->d_name;
    if (name == "." || name == "..") continue;
    FileKind kind = FileKind::kOther;
    if (found->d_type == DT_REG) kind = FileKind::kFile;
    if (found->d_type == DT_DIR) kind = FileKind::kFolder;
    if (found->d_type == DT_LNK || found->d_type == DT_UNKNOWN) {
      // One that vanished since is as good as never listed.
      const auto info = file_info(path + "/" + std::string(name));
      if (!info) continue;
      kind = info->kind;
    }
    entries.push_back({std::string(name), kind});
  }
  ::closedir(folder);
  if (problem != 0) return tl::unexpected(errno_error(problem, "cannot list " + path));
  std::sort(entries.begin(), entries.end(),
            [](const FolderEntry& a, const FolderEntry& b) { return a.name < b.name; });
  return entries;
}

Status make_folders(const std::string& path, mode_t mode) {
  if (path.empty() || path == "/" || path == ".") return {};
  if (::mkdir(path.c_str(), mode) == 0) return sync_folder(folder_of(path));
  if (errno == EEXIST) {
    WEIR_TRY(const FileInfo info, file_info(path));
    if (info.kind == FileKind::kFolder) return {};
    return error(Code::kInvalid, "{} exists and is no folder", path);
  }
  if (errno != ENOENT) return failed("cannot make the folder", path);
  const std::string parent = folder_of(path);
  if (parent == path) return failed("cannot make the folder", path);
  WEIR_RETURN_IF_ERROR(make_folders(parent, mode));
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
    return failed("cannot make the folder", path);
  return sync_folder(parent);
}

Status sync_folder(const std::string& path) {
  const int descriptor =
      uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (descriptor < 0) return failed("cannot open the folder", path);
  const File folder(descriptor, path);
  if (uninterrupted([&] { return ::fsync(descriptor); }) == 0) return {};
  // Some file systems cannot sync folders, and need not.
  if (errno == EINVAL || errno == EROFS) return {};
  Error problem = failed("cannot sync the folder", path).value();
  if (problem.code != Code::kFull) problem.code = Code::kUnknown;
  return tl::unexpected(std::move(problem));
}

Status rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    return failed(fmt::format("cannot rename {} to", from), to);
  return {};
}

Status remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("cannot remove", path);
  return {};
}

std::string folder_of(const std::string& path) {
  std::size_t end = path.size();
  while (end > 1 && path[end - 1] == '/') --end;
  const std::size_t slash = path.rfind('/', end - 1);
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace weir::io
