// The books of one materialization: what each trigger owes in this session. Pure: every method is
// arithmetic on values; the shard carries out what follows from it. docs/architecture.md tells the
// protocol, and each rule's name in a comment of ledger.cc is the name it has there.
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
  std::string identity;  // digest, see identity.h
  std::string
      former_identity;  // of a named trigger: what its method and URL alone would give; else empty
  std::string label;
  bool enabled = true;
  bool inline_delivery = true;
  bool merge_pending = true;
  std::optional<std::chrono::milliseconds> interval;
  std::string
      words;  // digest of all that a body is rendered from besides facts; an edit changes it
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

// A request to attempt. `key.trigger` is the identity it was cut under, which can be a former one
// of the trigger (see Ledger::terms); `window`'s table indexes are those of
// Ledger::committed().tables.
struct Ready {
  RequestKey key;
  Window window;
  std::string label;  // of key.trigger, as bodies show it: a former identity keeps its former label
  bool redelivery = false;
  std::optional<Timestamp> not_before;  // never set: what timers hold back is not handed out
};

inline constexpr std::size_t kRedeliveriesMax = 64;  // the user's, waiting at once

// Recovery's input beside the entry.
struct Known {
  std::vector<Mark> marks;
  std::map<std::string, std::string>
      words;  // identity → words under which its requests were parked, as far as known
};

class Ledger {
 public:
  // Section 5 of the protocol: takes over, cuts what is due exactly as found, drops what is marked,
  // orphans what left the spec. kInvalid where an edit would make too many orphans. `base` is the
  // last committed entry. A trigger that gained a name serves what its method and URL owe, unless
  // another trigger of the spec has that identity: requests that are cut, or may have been, keep
  // the identity; a window that nobody can have sent goes over to the name.
  static Result<Ledger> recover(Entry base, std::vector<TriggerTerms> triggers, const Known& known);

  // --- the commit ---
  // The entry that transaction n+1 will carry. From here to release() or the end of the session
  // nothing is cut. `tables` are those that `facts` refer to by index, in any order; the entry
  // numbers them in its own way. No tables touched: ranges grow and nothing becomes due. A run id
  // that is not later than the last one is raised by the least.
  Result<Entry> compose(const std::string& session, const TransactionFacts& facts,
                        std::map<std::string, std::string> max_keys, std::vector<TableRef> tables);
  // The composed commit is known: its windows are owed.
  void release();
  bool composing() const { return pending_.has_value(); }
  // Would an empty transaction bring something forward: a shorter entry, or a discard that waits to
  // be done?
  bool wants_empty_commit() const;

  // --- cutting and attempts ---
  // Cuts whatever may be cut now (not while composing), and returns the requests to start that are
  // not in flight yet: at most one per trigger.
  std::vector<Ready> take_ready(Timestamp now);
  // When take_ready could next return something, should nothing else happen.
  std::optional<Timestamp> next_wake(Timestamp now) const;
  // Must head wait before it stores? An enabled inline trigger has a cut request that is neither
  // parked nor held back by its timers.
  bool inline_owed(Timestamp now) const;

  // --- outcomes; each returns what the local store should hold ---
  // Of a request that take_ready handed out and that has no outcome yet.
  Mark delivered(const RequestKey& key, Timestamp now);
  void parked(const RequestKey& key);   // the store keeps the trigger's `words` beside it
  void aborted(const RequestKey& key);  // given up without an outcome (drain, cancel)
  // Given up for good, and not owed: discarded while it was in flight, or a redelivery.
  void dropped(const RequestKey& key) { land(key); }
  // May discarded() be called? kNotFound: nothing is owed in that range. kUnavailable: its window
  // is part of a commit under way, or of a full trigger whose requests must be discarded first.
  Status can_discard(const RequestKey& key) const;
  // Of a cut request or of a whole open window; written synced by the caller. An attempt in flight
  // stays so until its delivered() or aborted().
  Mark discarded(const RequestKey& key, Timestamp now);
  // The user's word: send again, whatever marks say. An owed request leaves park; another needs
  // `facts`, from the history by way of adopt(). kNotFound: neither. kInvalid: its trigger is not
  // in the catalog. kLimit: too many.
  Status redeliver(const RequestKey& key, std::optional<Window> facts, std::string label = "");
  // Makes facts that were stored with tables of their own part of this ledger.
  Window adopt(const Window& facts, const std::vector<TableRef>& tables);
  // Marks that the store no longer needs: their range left the entry two commits ago. Each is told
  // once. The newest mark of each trigger, and its newest delivery, are never among them.
  std::vector<Mark> take_prunable();

  // --- looking ---
  // The last committed entry; its tables are those of owed() and of every Ready, and only grow in a
  // session.
  const Entry& committed() const { return base_; }
  std::uint64_t n() const { return base_.n; }
  const std::map<std::string, Owed>& owed() const { return owed_; }
  bool anything_owed() const;  // cut, parked, orphaned or due
  // Discards that wait for a commit without the request.
  bool discard_pending(const RequestKey& key) const { return discards_.count(key) != 0; }
  std::vector<Mark> discards_pending() const;
  // The trigger of the spec that sends what is owed under `identity`: its own or a former one;
  // nullptr: an orphan.
  const TriggerTerms* terms(std::string_view identity) const;
  // When the timers let the trigger's next request go; nullopt: now.
  std::optional<Timestamp> held_until(const TriggerTerms& trigger, Timestamp now) const;
  const std::vector<TriggerTerms>& triggers() const { return terms_; }
  // Of a trigger of the spec, or of a former identity of one.
  bool in_flight(std::string_view identity) const;

 private:
  struct Flight {
    RequestKey key;
    Window window;
    std::string label;
    bool redelivery = false;
  };
  struct KnownMark {
    Mark mark;
    std::optional<std::uint64_t> left;  // number of the first commit seen without its range
    bool told = false;
  };
  Ledger() = default;

  void serve_former_names();
  void note_full();
  void take_over(const TriggerTerms& trigger);
  void orphan_the_rest();
  void forget_marked(const std::vector<Mark>& marks);
  Status cut_unmerged(Entry& next) const;
  void clear_park(const std::map<std::string, std::string>& words);
  void note_marks(const std::vector<Mark>& marks);
  Status check_orphans() const;

  std::string former_of(
      const TriggerTerms& trigger) const;  // identity that it serves besides its own, or empty
  std::vector<std::string> identities_of(const TriggerTerms& trigger) const;
  bool full(const TriggerTerms& trigger) const { return full_.count(trigger.identity) != 0; }
  bool may_cut(const TriggerTerms& trigger) const;
  std::optional<RequestKey> next_cut(const TriggerTerms& trigger) const;
  const Ready* next_redelivery(const TriggerTerms& trigger) const;
  std::optional<Ready> start_next(const TriggerTerms& trigger, Timestamp now);
  Ready start(const TriggerTerms& trigger, Ready ready);
  Window* find_cut(const RequestKey& key);
  bool owes_requests(const TriggerTerms& trigger) const;  // cut ones, parked ones included
  bool carries(
      const RequestKey& key) const;  // does the committed entry have a window over that range?
  bool carries_request(const RequestKey& key) const;  // … of just that range?
  std::optional<Flight> land(const RequestKey& key);
  Mark remember(Mark mark);

  Entry base_;                    // last committed; tables: all that are referred to
  std::optional<Entry> pending_;  // composed, outcome unknown
  std::vector<TriggerTerms> terms_;
  std::map<std::string, std::string>
      former_;  // former identity → identity of the trigger that serves it
  std::set<std::string>
      full_;  // triggers whose windows are not cut until a shorter entry is committed
  std::map<std::string, Owed> owed_;      // the working copy
  std::map<std::string, Flight> flight_;  // by the trigger's own identity
  std::map<std::string, Timestamp> last_delivery_;
  std::vector<Ready> redeliveries_;  // waiting
  std::set<RequestKey> discards_;    // marked, not yet gone from the committed entry
  std::vector<KnownMark> marks_;
};

}  // namespace weir::delivery
