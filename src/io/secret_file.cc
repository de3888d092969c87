#include "io/secret_file.h"

#include <unistd.h>

#include <cerrno>

#include "base/secret_text.h"
#include "io/file.h"

namespace weir::io {

Result<Secret> read_secret_file(const std::string& path, std::size_t bytes_max) {
  WEIR_TRY(const File file, File::open(path, File::Open::kRead));
  SecretText text;
  char piece[4096];
  for (;;) {
    // read(), for pipes and files of /proc have no offsets or no size.
    const ssize_t count = ::read(file.descriptor(), piece, sizeof piece);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return error(Code::kUnavailable, "cannot read {}", path);
    if (count == 0) return text.take();
    const auto size = static_cast<std::size_t>(count);
    const bool fits = text.size() + size <= bytes_max;
    if (fits) text.append({piece, size});
    wipe(piece, size);
    if (!fits) return error(Code::kLimit, "{} is longer than {} bytes", path, bytes_max);
  }
}

}  // namespace weir::io
