// The end of a journal, where bytes are added. Used under the journal's lock.
//
// A file that readers follow is only ever appended to, sealed (renamed), or removed: its bytes
// never change under them. So a torn tail is not truncated; the good part is copied to a sealed
// fragment and the open file removed. After any error the object is spent: make a new one, and
// recover (recovery.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "io/file.h"

namespace weir::journal {

class JournalTail {
 public:
  // Finds the end of the journal in `folder`, and removes what an interrupted cut left behind.
  static Result<JournalTail> open(const std::string& folder, std::uint64_t fragment_bytes_max);

  std::int64_t begin() const { return begin_; }  // of the open fragment
  std::int64_t end() const { return begin_ + static_cast<std::int64_t>(size_); }
  // Whole lines. Seals the fragment once it is long enough.
  Status append(std::string_view lines);
  // Seals an open fragment that is older than kFragmentAgeMax.
  Status seal_if_old(Timestamp now);
  // Everything appended is durable afterwards.
  Status sync();
  // Makes sure that there is room for so many more bytes: kFull before anything was written, where
  // the file system can tell.
  Status reserve(std::uint64_t bytes);
  // Gives back what was reserved and not used.
  void release();
  // Takes back what lies behind `offset`, which is inside the open fragment: a torn tail.
  Status cut(std::int64_t offset);

 private:
  JournalTail(std::string folder, std::uint64_t fragment_bytes_max)
      : folder_(std::move(folder)), fragment_bytes_max_(fragment_bytes_max) {}
  Status create();
  Status seal();
  std::string path_of(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_;
  std::uint64_t fragment_bytes_max_ = 0;
  std::int64_t begin_ = 0;
  std::uint64_t size_ = 0;
  bool reserved_ = false;
  io::File file_;  // closed: the next append makes it
};

}  // namespace weir::journal
