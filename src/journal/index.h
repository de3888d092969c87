// `.index` in a journal's folder: what the appender would otherwise have to read the journal for. A
// cache: never synced, believed only where its anchor matches the journal's bytes, rebuilt
// otherwise. The format:
//
//   weir journal index 1
//   <through> <clock> <anchor> <digest>
//
// one line per batch: the offset behind it, the last clock of the root's own producer up to there,
// a digest of the bytes before `through` (16 hex digits each; an anchor of zeros is never
// believed), and the batch id's digest, 32 hex digits or `-`. Reading stops at the first line that
// is none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/result.h"
#include "document/uuid.h"

namespace weir::journal {

inline constexpr std::size_t kAnchorBytes = 256;         // of the journal, before `through`
inline constexpr std::size_t kIndexBytesMax = 1u << 30;  // more than ten million batches

struct IndexRecord {
  std::int64_t through = 0;
  document::ClockTicks clock = 0;
  std::uint64_t anchor = 0;
  std::string digest;  // empty: the batch had no id
};

std::uint64_t anchor_of(std::string_view bytes_before);

// Used under the journal's lock. Memory grows by about 80 bytes for each batch with an id.
class JournalIndex {
 public:
  explicit JournalIndex(std::string path) : path_(std::move(path)) {}

  // Takes in what others wrote since.
  void refresh();
  const IndexRecord& last() const { return last_; }
  bool has_batch(std::string_view digest) const { return digests_.count(std::string(digest)) > 0; }
  // Forgets everything, the file too.
  void clear();
  void add(IndexRecord record);
  // Writes what was added. It is a cache: where it cannot be written it is done without.
  void flush();

 private:
  bool take(std::string_view line);

  const std::string path_;
  IndexRecord last_;
  std::unordered_set<std::string> digests_;
  std::string added_;
  std::uint64_t read_to_ = 0;  // of the file: behind the last good line
  std::uint64_t inode_ = 0;
};

}  // namespace weir::journal
