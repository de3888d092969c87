#include "journal/plain_content.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "journal/document_source.h"

namespace weir::journal {
namespace {

constexpr std::size_t kMagicBytes = 4;
constexpr std::size_t kSkipBytes = 256u << 10;
constexpr std::size_t kLookBackBytes = 256;

Result<std::string> read_exactly(const io::File& file, std::uint64_t offset, std::size_t bytes) {
  std::string out(bytes, '\0');
  WEIR_TRY(const std::size_t got, file.read_at(offset, out));
  if (got < bytes) return error(Code::kCorrupt, "it is shorter than it was");
  return out;
}

}  // namespace

Result<std::unique_ptr<PlainContent>> PlainContent::open(const std::string& path) {
  WEIR_TRY(io::File file, io::File::open(path, io::File::Open::kRead));
  std::unique_ptr<PlainContent> content(new PlainContent(std::move(file)));
  WEIR_TRY(content->info_, io::file_info(content->file_));
  std::string magic(kMagicBytes, '\0');
  WEIR_TRY(const std::size_t length, content->file_.read_at(0, magic));
  magic.resize(length);
  content->compression_ = detect_compression(magic);
  return content;
}

void PlainContent::start_stream() {
  const auto source = [this, at = std::uint64_t{0}](std::span<char> out) mutable {
    auto got = file_.read_at(at, out);
    if (got) at += *got;
    return got;
  };
  stream_ = compression_ == Compression::kGzip ? gzip_decompressor(source)
                                               : zstandard_decompressor(source);
  stream_at_ = 0;
  window_.clear();
}

Result<std::size_t> PlainContent::read_at(std::uint64_t offset, std::span<char> out) {
  if (compression_ == Compression::kNone) return file_.read_at(offset, out);
  return read_stream(offset, out);
}

Result<std::size_t> PlainContent::read_stream(std::uint64_t offset, std::span<char> out) {
  if (stream_ == nullptr || offset < stream_at_ - window_.size()) start_stream();
  while (stream_at_ < offset) {
    window_.clear();
    std::string skipped(
        static_cast<std::size_t>(std::min<std::uint64_t>(kSkipBytes, offset - stream_at_)), '\0');
    WEIR_TRY(const std::size_t got, stream_->read(skipped));
    stream_at_ += got;
    if (got == 0) return 0;
  }
  const std::size_t known = std::min<std::size_t>(stream_at_ - offset, out.size());
  const std::size_t from = window_.size() - static_cast<std::size_t>(stream_at_ - offset);
  std::memcpy(out.data(), window_.data() + from, known);
  if (known == out.size()) return known;
  WEIR_TRY(const std::size_t more, stream_->read(out.subspan(known)));
  stream_at_ += more;
  window_.assign(out.data(), known + more);
  return known + more;
}

Result<std::uint64_t> PlainContent::identity(std::uint64_t offset) {
  const bool plain = compression_ == Compression::kNone;
  const std::uint64_t through = plain ? offset : info_.size;
  const auto head = static_cast<std::size_t>(std::min<std::uint64_t>(through, kIdentityHeadBytes));
  const auto tail = static_cast<std::size_t>(std::min<std::uint64_t>(through, kIdentityTailBytes));
  WEIR_TRY(std::string bytes, read_exactly(file_, 0, head));
  WEIR_TRY(const std::string last, read_exactly(file_, through - tail, tail));
  bytes += last;
  const std::uint64_t digest = XXH3_64bits_withSeed(bytes.data(), bytes.size(), through);
  return digest & ~std::uint64_t{1};
}

Status PlainContent::check_whole() {
  start_stream();
  std::string bytes(kSkipBytes, '\0');
  for (;;) {
    WEIR_TRY(const std::size_t got, stream_->read(bytes));
    if (got == 0) break;
  }
  start_stream();
  return {};
}

Result<bool> PlainContent::inside_line(std::uint64_t offset) {
  const std::size_t length =
      static_cast<std::size_t>(std::min<std::uint64_t>(offset, kLookBackBytes));
  std::string before(length, '\0');
  WEIR_TRY(const std::size_t got, read_at(offset - length, before));
  before.resize(got);
  const std::size_t at = before.find_last_not_of(" \t\r");
  return at != std::string::npos && before[at] != '\n' &&
         !(before.size() == offset && before == "\xef\xbb\xbf");
}

Error compressed_problem(const Error& problem) {
  return Error{problem.code,
               problem.message +
                   "; a compressed file must be whole when it appears: write it under another name "
                   "and rename it"};
}

}  // namespace weir::journal
