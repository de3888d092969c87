#include "journal/sequencer.h"

namespace weir::journal {
namespace {

using document::ClockTicks;
using document::Flags;

void drop_pending(ProducerSequence& producer) {
  producer.first_continue = 0;
  producer.max_continue = 0;
  producer.begin = -1;
}

Result<Outcome> apply_outside(ProducerSequence& producer, ClockTicks clock) {
  if (clock <= producer.last_commit) return Outcome::kDuplicate;
  if (producer.begin >= 0)
    return error(Code::kCorrupt,
                 "a document outside of a transaction, while documents of its producer await their "
                 "acknowledgement");
  producer.last_commit = clock;
  return Outcome::kCommitted;
}

Outcome apply_continue(ProducerSequence& producer, ClockTicks clock, std::int64_t offset) {
  if (clock <= producer.last_commit || clock <= producer.max_continue) return Outcome::kDuplicate;
  if (producer.begin < 0) {
    producer.begin = offset;
    producer.first_continue = clock;
  }
  producer.max_continue = clock;
  return Outcome::kPending;
}

Result<Outcome> apply_ack(ProducerSequence& producer, ClockTicks clock) {
  const bool pending = producer.begin >= 0;
  if (clock <= producer.last_commit) {
    if (!pending) return Outcome::kDuplicate;
    const bool deep = clock < producer.last_commit;
    drop_pending(producer);
    return deep ? Outcome::kDeepRollback : Outcome::kRollback;
  }
  if (clock >= producer.max_continue) {
    producer.last_commit = clock;
    drop_pending(producer);
    return pending ? Outcome::kAckCommit : Outcome::kAckEmpty;
  }
  // Where the last acknowledgement is not known (it was dropped from the checkpoint, or there was
  // none), one that lies before everything pending can only be its repetition.
  if (producer.last_commit == 0 && clock < producer.first_continue) {
    drop_pending(producer);
    return Outcome::kRollback;
  }
  return error(Code::kCorrupt, "an acknowledgement that covers only a part of its transaction");
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kCommitted: return "committed";
    case Outcome::kPending: return "pending";
    case Outcome::kDuplicate: return "duplicate";
    case Outcome::kAckCommit: return "ack-commit";
    case Outcome::kAckEmpty: return "ack-empty";
    case Outcome::kRollback: return "rollback";
    case Outcome::kDeepRollback: return "deep-rollback";
  }
  return "?";
}

Result<Outcome> apply(ProducerSequence& producer, const document::Uuid& uuid, std::int64_t offset) {
  switch (uuid.flags & 3) {
    case static_cast<int>(Flags::kOutside): return apply_outside(producer, uuid.clock);
    case static_cast<int>(Flags::kContinue): return apply_continue(producer, uuid.clock, offset);
    case static_cast<int>(Flags::kAck): return apply_ack(producer, uuid.clock);
    default: return error(Code::kCorrupt, "a uuid with unknown flags {}", uuid.flags);
  }
}

}  // namespace weir::journal
