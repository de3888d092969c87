// Where the lines of a batch wait until all of it was judged: in memory, and beyond a bound in a
// file without a name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/file.h"

namespace weir::journal {

struct SpooledLine {
  static constexpr std::uint32_t kNoUuid = 0xffffffff;
  std::string_view text;  // without its newline; valid until the next call
  std::uint32_t uuid_at =
      kNoUuid;  // where a uuid has to be written; kNoUuid: the line is as it must be
  bool acknowledgement = false;  // everything before it must be durable first
};

class Spool {
 public:
  // A spool file, should one be needed, lies in `folder`.
  Spool(std::string folder, std::uint64_t memory_max)
      : folder_(std::move(folder)), memory_max_(memory_max) {}

  Status add(const SpooledLine& line);
  std::uint64_t lines() const { return lines_; }
  std::uint64_t bytes() const { return bytes_; }  // of the lines, newlines included

  // Reads all lines in order, once; after the last add.
  Result<bool> next(SpooledLine& line);

 private:
  Status flush();
  Status want(std::size_t bytes);

  const std::string folder_;
  const std::uint64_t memory_max_;
  std::uint64_t lines_ = 0;
  std::uint64_t lines_read_ = 0;
  std::uint64_t bytes_ = 0;
  std::string memory_;  // not yet in the file; while reading, a window of it
  std::unique_ptr<io::TempFile> file_;
  std::uint64_t read_from_ = 0;  // of the file: behind the window
  std::size_t at_ = 0;           // in memory_
};

}  // namespace weir::journal
