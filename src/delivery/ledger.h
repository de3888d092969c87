// The books of one materialization: what each trigger owes in this session. Pure: every method is arithmetic on
// values; the shard carries out what follows from it. docs/architecture.md tells the protocol, and each rule's name in
// a comment of ledger.cc is the name it has there.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "delivery/window.h"

namespace weir::delivery {

// What the ledger must know of a trigger of the current spec.
struct TriggerTerms {
  std::string identity;             // digest, see identity.h
  std::string former_identity;      // of a named trigger: what its method and URL alone would give; else empty
  std::string label;
  bool enabled = true;
  bool inline_delivery = true;
  bool merge_pending = true;
  std::optional<std::chrono::milliseconds> interval;
  std::string words;                // digest of all that a body is rendered from besides facts; an edit changes it
};

// Facts of one transaction, the same for all triggers.
struct TransactionFacts {
  Timestamp run_id{}, started{}, ended{};
  std::uint64_t clock_min = 0, clock_max = 0;
  std::vector<TableFacts> tables;  // touched ones; empty: nothing becomes due
};

struct RequestKey {
  std::string trigger;
  std::uint64_t after = 0, through = 0;
  friend bool operator==(const RequestKey&, const RequestKey&) = default;
  friend auto operator<=>(const RequestKey&, const RequestKey&) = default;
};

// A request that may be attempted now or from `not_before` on.
struct Ready {
  RequestKey key;
  Window window;
  bool redelivery = false;
  std::optional<Timestamp> not_before;
};

// Recovery's input beside the entry.
struct Known {
  std::vector<Mark> marks;
  std::map<std::string, std::string> words;  // identity → words under which its requests were parked, as far as known
};

class Ledger {
 public:
  // Section 5 of the protocol: takes over, cuts what is due exactly as found, drops what is marked, orphans what left
  // the spec. kInvalid where an edit would make too many orphans. `base` is the last committed entry.
  static Result<Ledger> recover(Entry base, std::vector<TriggerTerms> triggers, const Known& known);

  // --- the commit ---
  // The entry that transaction n+1 will carry. From here to released() or the end of the session nothing is cut.
  Result<Entry> compose(const std::string& session, const TransactionFacts& facts,
                        std::map<std::string, std::string> max_keys, std::vector<TableRef> tables);
  // The composed commit is known: its windows are owed.
  void release();
  bool composing() const { return pending_.has_value(); }
  // Would an empty transaction bring something forward: a shorter entry, or a discard that waits to be done?
  bool wants_empty_commit() const;

  // --- cutting and attempts ---
  // Cuts whatever may be cut now (not while composing), and returns the requests to start that are not in flight yet:
  // at most one per trigger.
  std::vector<Ready> take_ready(Timestamp now);
  // When take_ready could next return something, should nothing else happen.
  std::optional<Timestamp> next_wake(Timestamp now) const;
  // Must head wait before it stores? An enabled inline trigger has a cut request that is neither parked nor held back
  // by its timers.
  bool inline_owed(Timestamp now) const;

  // --- outcomes; each returns what the local store should hold ---
  Mark delivered(const RequestKey& key, Timestamp now);
  void parked(const RequestKey& key);
  Mark discarded(const RequestKey& key, Timestamp now);  // written synced by the caller
  void aborted(const RequestKey& key);                   // attempt given up without an outcome (drain)
  // The user's word: send again. `facts` from the entry or the history.
  Status redeliver(const RequestKey& key, std::optional<Window> facts);

  // --- looking ---
  const Entry& committed() const { return base_; }
  std::uint64_t n() const { return base_.n; }
  const std::map<std::string, Owed>& owed() const { return owed_; }
  bool anything_owed() const;          // cut, parked, orphaned or due
  const TriggerTerms* terms(std::string_view identity) const;
  const std::vector<TriggerTerms>& triggers() const { return terms_; }
  bool in_flight(std::string_view identity) const { return flight_.count(std::string(identity)) != 0; }

 private:
  Ledger() = default;
  Entry base_;                         // last committed
  std::optional<Entry> pending_;       // composed, outcome unknown
  std::vector<TriggerTerms> terms_;
  std::map<std::string, Owed> owed_;   // the working copy
  std::map<std::string, RequestKey> flight_;
  std::map<std::string, Timestamp> last_delivery_;
  std::vector<Ready> redeliveries_;
  std::set<RequestKey> discards_;      // marked, not yet gone from the committed entry
};

}  // namespace weir::delivery
