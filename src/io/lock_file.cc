#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "io/file.h"

namespace weir::io {
namespace {

constexpr std::chrono::milliseconds kLockPollFirst{1};
constexpr std::chrono::milliseconds kLockPollMax{50};

// One printable line: the text was written by another program.
std::string owner_text(const File& file) {
  std::string text(kLockOwnerBytesMax, '\0');
  const auto length = file.read_at(0, text);
  text.resize(length ? *length : 0);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text.empty() ? "another process" : text;
}

}  // namespace

Result<std::unique_ptr<LockFile>> LockFile::acquire(const std::string& path, std::string_view owner,
                                                    std::chrono::milliseconds wait) {
  WEIR_TRY(File file, File::open(path, File::Open::kReadWriteCreate, 0644));
  const auto deadline = std::chrono::steady_clock::now() + wait;
  std::chrono::milliseconds pause = kLockPollFirst;
  // Asked again and again, because a waiting flock() has no time-out.
  while (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return tl::unexpected(errno_error(errno, "cannot lock " + path));
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) return error(Code::kRefused, "{} is locked by {}", path, owner_text(file));
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(pause, deadline - now));
    pause = std::min(pause * 2, kLockPollMax);
  }
  // Only for messages: a full disk must not keep the owner out.
  if (file.truncate(0)) (void)file.write_at(0, owner.substr(0, kLockOwnerBytesMax));
  return std::unique_ptr<LockFile>(new LockFile(std::move(file)));
}

LockFile::~LockFile() {
  (void)file_.truncate(0);
}

}  // namespace weir::io
