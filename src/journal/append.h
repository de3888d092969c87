// Writing to a journal. A batch is all or nothing: its documents are written as documents to be
// continued (CONTINUE_TXN), synced, and only then the acknowledgement (ACK_TXN), synced again, that
// makes them count. What a crash leaves:
//
// - before the acknowledgement is written: documents that never count. The next append of stamped
//   documents rolls them back.
// - inside a line: a torn tail. The next append puts the whole lines before it into a sealed
//   fragment and begins a new file behind it.
// - after the acknowledgement is written: the batch counts, although nobody was told. A batch id
//   makes the retry safe.
//
// Files in a journal's folder besides its fragments: `.lock` (held while a batch is written, not
// while its input is read) and `.index` (a cache of what the fragments say: last clock, batch ids;
// rebuilt where missing or doubtful). In the root: `.producer`, the producer id that all journals
// of this root share, as 12 hex digits.
//
// The input is any number of JSON objects, one per line or separated by any white space. Each is
// kept as written, except that one which spans several lines loses the white space outside its
// strings. A batch is of one of two kinds, told by its first document:
//
// - stamped: no document has /_meta/uuid. Each gets one, as first member, or as first member of its
//   /_meta.
// - as it is: each document has a v1 UUID there and is written untouched, acknowledgements
//   included. They count as their flags say; documents up to a failure stay, and appending them
//   again is harmless, for their clocks are known.
//
// Mixing the two is refused, and so is a batch id with documents of the second kind.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "json/value.h"

namespace weir::journal {

inline constexpr std::size_t kDocumentBytesMax =
    64u << 20;  // of one document as written to the journal
inline constexpr std::size_t kBatchIdBytesMax = 1024;
inline constexpr std::size_t kSpoolMemoryMax =
    8u << 20;  // batches up to here never touch a spool file
inline constexpr std::uint64_t kFragmentBytesMax = 64u
                                                   << 20;  // an open fragment this long is sealed
inline constexpr std::chrono::hours kFragmentAgeMax{
    24};  // and one this old, where the file system knows

// Fills `out` as far as it can: how many bytes, 0 at the end. An error that knows its place begins
// with "LINE:COLUMN: ", both 1-based; messages put the name of the input before it.
using ByteSource = std::function<Result<std::size_t>(std::span<char> out)>;
ByteSource source_of(std::string_view text);  // the text must outlive the source

// Judges a document against its collection (schema, key): `json` is its compact text, `root` the
// same taken apart. Neither has the uuid that the appender is about to add. Never called for
// acknowledgements.
using DocumentCheck = std::function<Status(std::string_view json, const json::Value& root)>;

struct AppendOptions {
  std::string batch_id;              // empty: none
  std::string input_name = "input";  // for messages: "input:3:14: ..."
  DocumentCheck check;               // may be empty
};

struct Appended {
  bool already_there = false;  // a batch of this id was written before; nothing was read or written
  std::uint64_t documents = 0;  // acknowledgements not counted
  std::uint64_t unacknowledged =
      0;  // documents written as they are that count only once their acknowledgement follows
  std::int64_t begin = 0;  // offsets in the journal: what was written
  std::int64_t end = 0;
};

struct AppenderOptions {
  std::string root;              // folder of all journals; made if missing
  std::string journal;           // "acme/orders/pivot=00"
  const Clock* clock = nullptr;  // required
  Random* random = nullptr;      // required; for a new producer id
  std::string
      owner;  // what another appender is told that waits for the lock: "weir append, process 4711"
  std::chrono::milliseconds lock_wait{30'000};
  std::uint64_t fragment_bytes_max = kFragmentBytesMax;
  std::uint64_t spool_memory_max = kSpoolMemoryMax;
};

// The journal that batches for a collection go to: "acme/orders" → "acme/orders/pivot=00".
std::string default_journal_of(std::string_view collection);

class Appender {
 public:
  // Cheap: reads the producer id; the journal is looked at by append().
  static Result<std::unique_ptr<Appender>> open(const AppenderOptions& options);
  virtual ~Appender() = default;

  // One batch. Empty input writes nothing and is no error (a batch id is then not remembered).
  // The object stays usable after each of its errors:
  //
  // - kInvalid, kLimit: a document is bad (`input:LINE:COLUMN: …`); nothing was written.
  // - kRefused: the lock was held for longer than lock_wait; nothing was written.
  // - kFull: no room; what was written does not count (documents as they are aside).
  // - kCorrupt: the journal's own bytes; names journal and offset.
  // - kUnknown: a sync failed. Whether the batch counts shows at the next append of its batch id.
  virtual Result<Appended> append(const ByteSource& input, const AppendOptions& options) = 0;
};

}  // namespace weir::journal
