// Where documents come from: a journal is an endless run of bytes, newline-delimited JSON
// documents, addressed by offset. A reader hands out committed documents in order, past what its
// position says was read before.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/uuid.h"
#include "protocol/checkpoint.h"

namespace weir::journal {

struct Document {
  std::string_view json;           // inside Batch::buffer
  document::ClockTicks clock = 0;  // of /_meta/uuid; 0: none
  std::int64_t begin = 0;          // offset in the journal, for messages
};

// Where one journal is made of files that people know by name.
struct FileOrigin {
  std::string name;  // as messages say it
  std::string path;
};

struct Batch {
  std::shared_ptr<const std::string> buffer;  // has simdjson's padding behind its text
  std::vector<Document> documents;            // never acknowledgements
  // If set, documents begin at offsets of this file rather than of the journal.
  std::shared_ptr<const FileOrigin> file = nullptr;
};

class Reader {
 public:
  virtual ~Reader() = default;
  // The next documents, some hundred KiB at most; nullopt at the present end of the journal.
  // kCorrupt names journal and offset.
  virtual Result<std::optional<Batch>> next() = 0;
  // May a transaction end here? Not inside a run of documents that one acknowledgement committed
  // together.
  virtual bool at_boundary() const = 0;
  // The position behind everything handed out; only at a boundary.
  virtual protocol::Source position() const = 0;
  // Bytes between the position and the present end: for lag.
  virtual std::int64_t bytes_behind() const = 0;
};

// The journals of a place: names and readers.
class Journals {
 public:
  virtual ~Journals() = default;
  // Journals of a collection, ascending. A collection that nobody has written to yet has none.
  virtual Result<std::vector<std::string>> list(std::string_view collection) = 0;
  virtual Result<std::unique_ptr<Reader>> open(std::string_view journal,
                                               const protocol::Source& position) = 0;
  // Where a document of a batch stands, for messages. May read: not for every document.
  virtual std::string place_of(std::string_view journal, const Batch& batch,
                               const Document& document) const {
    (void)batch;
    return "journal " + std::string(journal) + " offset " + std::to_string(document.begin);
  }
};

}  // namespace weir::journal
