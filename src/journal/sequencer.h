// Which documents count: the rules by which a producer's documents become committed, and duplicates
// and roll-backs are told apart. Pure; one state per producer and journal.
//
// A producer writes documents whose clocks rise. A document outside of a transaction counts at
// once. Documents to be continued are pending until an acknowledgement: it commits them if its
// clock is not below theirs, and rolls them back if it repeats an earlier acknowledgement.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "document/uuid.h"

namespace weir::journal {

struct ProducerSequence {
  document::ClockTicks last_commit =
      0;  // of the last acknowledgement, or document outside; 0: not known
  document::ClockTicks first_continue = 0;  // of the pending documents; 0: none is pending
  document::ClockTicks max_continue = 0;
  std::int64_t begin = -1;  // offset of the first pending document; -1: none
};

enum class Outcome {
  kCommitted,     // this document counts
  kPending,       // this document waits for its acknowledgement
  kDuplicate,     // seen before, of no account; also an acknowledgement that does nothing
  kAckCommit,     // the pending documents count
  kAckEmpty,      // an acknowledgement of nothing new
  kRollback,      // the pending documents never count: the acknowledgement repeats the last one
  kDeepRollback,  // the same, and it repeats an older one: the producer went back in time
};

std::string_view name_of(Outcome outcome);

inline bool is_continue(const document::Uuid& uuid) {
  return (uuid.flags & 3) == static_cast<int>(document::Flags::kContinue);
}
inline bool is_ack(const document::Uuid& uuid) {
  return (uuid.flags & 3) == static_cast<int>(document::Flags::kAck);
}

// Applies the document at `offset`. The state is unchanged on error. kCorrupt: an acknowledgement
// that covers a part of what is pending, a document outside of a transaction inside of one, unknown
// flags.
Result<Outcome> apply(ProducerSequence& producer, const document::Uuid& uuid, std::int64_t offset);

}  // namespace weir::journal
