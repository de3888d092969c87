#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "io/file.h"

namespace weir::io {
namespace {

Result<File> open_unnamed(const std::string& folder) {
  int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0) return File(descriptor, folder + "/(temporary)");
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
    return tl::unexpected(errno_error(errno, "cannot make a temporary file in " + folder));
  // Network and overlay file systems may not have O_TMPFILE.
  std::string name = folder + "/.weir-temporary-XXXXXX";
  descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0)
    return tl::unexpected(errno_error(errno, "cannot make a temporary file in " + folder));
  ::unlink(name.c_str());
  return File(descriptor, name);
}

}  // namespace

Result<std::unique_ptr<TempFile>> TempFile::create(const std::string& folder) {
  WEIR_TRY(File file, open_unnamed(folder));
  return std::unique_ptr<TempFile>(new TempFile(std::move(file)));
}

Status TempFile::append(std::string_view bytes) {
  if (Status status = file_.write_at(size_, bytes); !status) {
    // What fitted would only take room from others.
    (void)file_.truncate(size_);
    return status;
  }
  size_ += bytes.size();
  return {};
}

Status TempFile::read(std::uint64_t offset, std::span<char> out) {
  WEIR_TRY(const std::size_t length, file_.read_at(offset, out));
  if (length == out.size()) return {};
  return error(Code::kCorrupt, "{} holds {} bytes, but {} at {} were asked for", file_.path(),
               size_, out.size(), offset);
}

Status TempFile::reset() {
  WEIR_RETURN_IF_ERROR(file_.truncate(0));
  size_ = 0;
  return {};
}

}  // namespace weir::io
