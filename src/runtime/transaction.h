// The transaction as a pure state machine: what happened goes in, what to do next comes out. No
// clock, no thread, no I/O; the shard carries the steps out. Two halves run side by side: the head
// drives the open transaction to its commit, the tail finishes the one before.
//
//   head:  idle → extend → flush → inline (→ persist) → store → compose → start commit → persist
//   commit → (rotate) tail:  done → acknowledge → release → done
//
// The steps are those of the protocol page in docs/architecture.md; what a crash after each leaves
// is told there.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace weir::runtime {

// Rows and spilled bytes of one transaction; from here on it closes at the next boundary. Sums gain
// from large transactions, so it is generous: the combiner spills long before.
inline constexpr std::size_t kTransactionBytesMax = 1u << 30;

struct TransactionTerms {
  std::chrono::milliseconds min_duration{0};
  std::chrono::milliseconds max_duration{300'000};
  std::size_t bytes_max = kTransactionBytesMax;
  bool runtime_holds_checkpoint = false;  // class B
};

enum class HeadState {
  kIdle,     // no document since the last commit
  kExtend,   // reading and combining
  kFlush,    // loads are out; waiting for the stored documents
  kInline,   // waiting for inline deliveries; then, class B, the synced batch before the first row
  kStore,    // rows
  kCompose,  // facts and entry are fixed; nothing is cut from here on
  kStartCommit,    // the outcome is unknown until the answer
  kPersistCommit,  // class B: this batch is the commit; class A: connector state, if any
};
enum class TailState { kDone, kAcknowledge, kRelease };

std::string_view name_of(HeadState state);
std::string_view name_of(TailState state);

// What the shard sees when it asks what to do.
struct View {
  Instant now{};
  bool documents_waiting = false;  // a reader may have more to give
  bool at_boundary = true;         // every reader is at a place where a transaction may end
  std::size_t bytes_combined = 0;
  bool inline_owed = false;          // Ledger::inline_owed
  bool empty_commit_wanted = false;  // Ledger::wants_empty_commit
  bool stopping = false;             // finish the transaction in hand, begin none
};

enum class Step {
  kRead,  // add the next documents of the readers (of those inside a run first, if not at a
          // boundary)
  kWait,  // nothing to do before `until`, or before something happens
  kFlush,
  kPersist,  // class B: largest keys and flushed state, synced
  kStore,
  kCompose,
  kStartCommit,
  kPersistCommit,
  kAcknowledge,
  kRelease,
  kStopped,  // nothing open, and stopping
};

std::string_view name_of(Step step);

struct Next {
  Step step = Step::kWait;
  std::optional<Instant> until;  // of kWait
};

class Transaction {
 public:
  explicit Transaction(const TransactionTerms& terms) : terms_(terms) {}

  // What to do now. Asking changes nothing; done() and read() report what was done. A step of the
  // tail comes before one of the head, and reading goes on beside the tail, but nothing is flushed
  // before it is done.
  Next next(const View& view) const;

  // Documents were added (also none: a transaction that only moves the position). `now` is when.
  void read(std::size_t documents, Instant now);
  // The step succeeded. A failed one ends the session, and this object with it.
  void done(Step step);

  HeadState head() const { return head_; }
  TailState tail() const { return tail_; }
  bool empty() const { return head_ == HeadState::kIdle; }
  Instant started() const { return started_; }

 private:
  Next next_of_extend(const View& view) const;

  TransactionTerms terms_;
  HeadState head_ = HeadState::kIdle;
  TailState tail_ = TailState::kAcknowledge;  // a session begins by acknowledging what it recovered
  bool recovered_ = false;                    // the first acknowledgement has nothing to release
  Instant started_{};
};

}  // namespace weir::runtime
