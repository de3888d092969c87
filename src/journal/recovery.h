// What an appender finds out about the end of a journal before it writes: where it stopped to be
// believed, what its own producer did last, which batches are there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/index.h"
#include "journal/sequencer.h"

namespace weir::journal {

struct Recovered {
  ProducerSequence own;       // of the root's producer
  std::int64_t good_end = 0;  // behind the last line that can be believed
  bool torn = false;          // there are bytes behind good_end: cut them off
  std::vector<IndexRecord>
      batches;  // that were acknowledged with an id, in the order of the journal
};

// Reads the journal in `folder` from what the index knows to its end, or all of it where the index
// is not to be believed (it is then cleared). kCorrupt: a damaged line that is no torn tail.
Result<Recovered> recover(const std::string& folder, const document::Producer& own,
                          JournalIndex& index);

// The anchor of an index record for `through`. Zero where the bytes cannot be read.
std::uint64_t anchor_at(const std::string& folder, std::int64_t through);

}  // namespace weir::journal
