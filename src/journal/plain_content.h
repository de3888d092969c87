// The content of one plain file: its bytes, made plain where it is compressed, and by what it is
// known again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "io/file.h"
#include "journal/decompress.h"
#include "journal/fragment.h"

namespace weir::journal {

// Of the bytes that were read, so many of the first and of the last make the digest by which a file
// is known again.
inline constexpr std::size_t kIdentityHeadBytes = 4096;
inline constexpr std::size_t kIdentityTailBytes = 256;

class PlainContent {
 public:
  // kNotFound where the file is gone by now.
  static Result<std::unique_ptr<PlainContent>> open(const std::string& path);

  Compression compression() const { return compression_; }
  const io::FileInfo& info() const { return info_; }  // as of the opening
  // Bytes of the file at present, compressed if it is.
  Result<std::uint64_t> size() const { return file_.size(); }

  // Bytes of the content from `offset` on; less than `out` only at its present end. Reading on is
  // cheap; a compressed file is read from its beginning where that goes back further than the last
  // read. kCorrupt: the compressed stream is damaged or cut off.
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out);

  // A digest of what was read up to `offset`, its last bit zero: of a plain file, its first and
  // last bytes before that; of a compressed one, whose bytes must not change, those of the whole
  // file, and its size. kCorrupt where it is shorter than that.
  Result<std::uint64_t> identity(std::uint64_t offset);

  // Reads a compressed file to its end: is it whole?
  Status check_whole();

  // Is the byte before `offset` inside a line that holds more than white space? (A line that ended
  // in a document without its newline.)
  Result<bool> inside_line(std::uint64_t offset);

 private:
  explicit PlainContent(io::File file) : file_(std::move(file)) {}
  void start_stream();
  Result<std::size_t> read_stream(std::uint64_t offset, std::span<char> out);

  io::File file_;
  io::FileInfo info_;
  Compression compression_ = Compression::kNone;
  std::unique_ptr<Decompressor> stream_;
  std::uint64_t stream_at_ = 0;  // in the content: behind what the stream gave
  std::string window_;           // the last bytes of it
};

// A gzip or zstd stream ends; text before it says what to do.
Error compressed_problem(const Error& problem);

}  // namespace weir::journal
