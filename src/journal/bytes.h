// A journal as one run of bytes, across its fragments, following the open one. Takes no lock:
// fragments may be sealed, cut or removed at any moment by others.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "journal/file_journal.h"
#include "journal/fragment.h"

namespace weir::journal {

inline constexpr std::size_t kLineBytesMax = (64u << 20) + 4096;  // longer ones are kCorrupt

class JournalBytes {
 public:
  explicit JournalBytes(std::string folder) : folder_(std::move(folder)) {}

  enum class Stop {
    kFull,  // `out` is filled
    kEnd,   // the present end of the journal
    kGap,   // nothing is known of the bytes up to `gap_end`
    kCut,   // the journal ends before `offset`, or what was read from its open fragment was cut off
            // since
  };
  struct Read {
    std::size_t bytes = 0;
    Stop stop = Stop::kFull;
    std::int64_t gap_end = 0;
  };
  // As much as there is from `offset` on; with kCut the bytes say nothing.
  Result<Read> read(std::int64_t offset, std::span<char> out);

  // Makes everything that read() returned so far durable.
  Status sync();
  // Bytes before this lie in sealed fragments: durable and final. As of the last look at the
  // folder.
  std::int64_t sealed_end() const { return list_.sealed_end(); }

  // The journal's bounds, looked up anew. Both 0 where it has no fragments.
  struct Bounds {
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };
  // `end_at_least`: what the caller believes of the end; believed less only after a second look,
  // for a fragment that is being renamed can be missed by one.
  Result<Bounds> bounds(std::int64_t end_at_least = 0);
  // Its present end as far as that can be said without listing the folder.
  std::int64_t likely_end() const;

 private:
  Result<std::optional<Stop>> locate(std::int64_t offset, std::int64_t* gap_end);
  Result<std::optional<Stop>> at_open_end(std::int64_t offset);
  Status look();
  std::string path_of(const Fragment& fragment) const { return folder_ + "/" + fragment.name; }
  bool in_current(std::int64_t offset) const;

  const std::string folder_;
  FragmentList list_;
  bool looked_ = false;
  std::unique_ptr<FragmentReader> current_;
  Fragment fragment_;  // of current_
};

// Buffers that come back when the last of their users lets go, on whatever thread, so that a long
// read neither asks the system for fresh memory all the time nor clears what it overwrites.
class BufferPool {
 public:
  std::shared_ptr<std::string> take();

 private:
  struct Shelf {
    std::mutex mutex;
    std::vector<std::unique_ptr<std::string>> buffers;  // at most kSpareBuffers
  };
  static constexpr std::size_t kSpareBuffers = 16;
  std::shared_ptr<Shelf> shelf_ = std::make_shared<Shelf>();
};

// Whole lines from `offset` on, at most `bytes_wanted` unless one line is longer; with simdjson's
// padding behind the text.
struct LineChunk {
  std::shared_ptr<std::string>
      buffer;  // empty: no whole line, `read.stop` says why (kFull: it is too long)
  std::int64_t begin = 0;
  JournalBytes::Read read;  // of which buffer holds the whole lines
};
Result<LineChunk> read_lines(JournalBytes& bytes, std::int64_t offset,
                             std::size_t bytes_wanted = kReadBytes, BufferPool* pool = nullptr);

}  // namespace weir::journal
