// Fragments: the files that a journal's bytes lie in. Names as Gazette's file stores have them:
//
// - `<begin>-<end>-<sha1>.raw` never changes. Begin and end are offsets in the journal, as 16 hex
//   digits each; sha1 is that of the content, as 40.
// - `<begin>-<end>-<sha1>.gz` and `.zst` are the same, compressed; begin, end and sha1 are of what
//   they hold uncompressed.
// - `<begin>.open` is ours: the fragment that is being written. It is sealed by renaming it.
//
// Fragments may overlap and then say the same. Files of other names are none of ours.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/file.h"

namespace weir::journal {

enum class Compression { kNone, kGzip, kZstandard };

struct Fragment {
  std::int64_t begin = 0;
  std::int64_t end = -1;  // -1: open
  Compression compression = Compression::kNone;
  std::string name;  // of the file

  bool open() const { return end < 0; }
};

std::optional<Fragment> parse_fragment_name(std::string_view name);
std::string open_fragment_name(std::int64_t begin);
std::string sealed_fragment_name(std::int64_t begin, std::int64_t end,
                                 std::string_view sha1);  // 20 raw bytes

// The fragments of a journal at one moment.
class FragmentList {
 public:
  // A folder that does not exist has none.
  static Result<FragmentList> load(const std::string& folder);
  static FragmentList of(std::vector<Fragment> fragments);

  bool empty() const { return sealed_.empty() && !open_; }
  // Where the journal begins and where its sealed part ends; 0 for an empty one.
  std::int64_t begin() const;
  std::int64_t sealed_end() const { return sealed_end_; }
  // The open fragment. Leftovers that begin before sealed_end() are not it: they were cut, and what
  // was worth keeping of them was sealed.
  const std::optional<Fragment>& open() const { return open_; }
  const std::vector<Fragment>& stale() const { return stale_; }
  // The fragment that holds the byte at `offset`; of several, the one that reaches furthest; the
  // open one if its beginning is not behind `offset`. nullptr: none.
  const Fragment* covering(std::int64_t offset) const;
  // The beginning of the first fragment behind `offset`, or -1.
  std::int64_t next_begin(std::int64_t offset) const;

 private:
  std::vector<Fragment> sealed_;  // by begin, then by end
  std::optional<Fragment> open_;
  std::vector<Fragment> stale_;
  std::int64_t sealed_end_ = 0;
};

// Reads one fragment's bytes by journal offset. Compressed ones are decompressed from their
// beginning as far as needed; reading on is cheap, going back begins anew. One thread at a time.
class FragmentReader {
 public:
  virtual ~FragmentReader() = default;
  // Fills `out`, less only at the fragment's present end. kCorrupt: the file holds less than its
  // name says, or cannot be decompressed.
  virtual Result<std::size_t> read_at(std::int64_t offset, std::span<char> out) = 0;
  // Makes what was read so far durable; nothing to do for sealed ones.
  virtual Status sync() = 0;
  // The file, to be told apart from others of its name.
  virtual const io::File& file() const = 0;
};

// kNotFound where the file is gone: it was sealed or removed since the list was made.
Result<std::unique_ptr<FragmentReader>> open_fragment(const std::string& folder,
                                                      const Fragment& fragment);

}  // namespace weir::journal
