// Judges of the promises over one history, however it came about. They stand outside of the program
// and see what anybody could: the journals, what the destination holds after each commit, what
// receivers got and answered, and the status that an operator is shown. The catalogs tell what was
// promised; nothing of the runtime is asked.
//
// What happens is told as it happens (committed, restored, seen, accepted, discarded); what can be
// judged at once is, the rest by judge_end().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/spec.h"
#include "json/value.h"
#include "runtime/status.h"
#include "testing/fake_http.h"
#include "testing/fake_journal.h"

namespace weir::testing {

enum class Judge {
  kRows,      // a table is the reduction of its journal
  kLost,      // a committed transaction was never told, and nobody sees that it is owed
  kPhantom,   // told of what did not commit
  kWords,     // one id and revision with two bodies
  kGapless,   // ranges of one trigger overlap, or leave a hole
  kBounded,   // more is owed than there may be, or two attempts of a trigger at once
  kOrder,     // numbers, positions or run ids of commits do not rise
  kSecrets,   // a secret where none may be
  kLive,      // no rest although nothing fails any more
  kEarly,     // told before the rows could be seen
  kState,     // a connector was opened with the state of no commit
  kInline,    // rows of a transaction before the inline requests of the one before
  kIsolated,  // a receiver of background requests held up rows
  kFacts,     // a body tells of more or fewer documents than its transactions had
  kContract,  // a call that the destination's contract forbids
};
std::string_view name_of(Judge judge);

struct Finding {
  Judge judge = Judge::kRows;
  std::string words;
};

class History {
 public:
  explicit History(const FakeJournals& journals) : journals_(journals) {}

  // A catalog that processes may run with; returns its number.
  int add_catalog(const catalog::BuiltMaterialization& built);
  // The process of that pid runs with the catalog of that number.
  void started(std::int64_t pid, int catalog) { catalog_of_[pid] = catalog; }

  // A commit became durable: `checkpoint` is what now stands at the destination (class A), or in
  // the synced part of the store (class B; `staged` are the batches that it will apply).
  void committed(const std::string& checkpoint, std::int64_t pid, std::size_t openings,
                 std::vector<std::uint64_t> staged = {});
  // The destination, or the store of class B, was put back to that checkpoint; empty: to none.
  void restored(const std::string& checkpoint);

  // A receiver got a request. `still_staged`: is that batch of class B not yet applied?
  void seen(const SeenRequest& request, const std::function<bool(std::uint64_t)>& still_staged);
  // Its receiver answered it with success, whether or not anybody heard.
  void accepted(const SeenRequest& request);
  // A user's discard was granted; or a trigger of that address gives up by itself.
  void discarded(const std::string& url, std::uint64_t after, std::uint64_t through);

  // Is all that stands in that journal committed?
  bool read_to_end(const std::string& journal) const;
  // After quiet: is everything told, or visibly owed?
  void judge_end(const std::vector<runtime::PendingStatus>& pending);
  void judge_text(std::string_view where, std::string_view text, std::string_view canary);
  void report(Judge judge, std::string words);

  std::vector<Finding> findings() const { return findings_; }
  std::uint64_t transactions() const { return commits_.size(); }
  std::uint64_t requests() const { return requests_; }

 private:
  struct Trigger {
    std::string url;
    std::string label;
    std::string former_label;  // of before it had a name; what it owed by then is its own
    bool enabled = true;
    bool awaited = false;   // inline, fails the task, no timers: rows wait for it
    bool discards = false;  // gives up by itself
    bool unmerged = false;
  };
  struct Catalog {
    std::map<std::string, Trigger> triggers;  // by URL
  };
  struct Commit {
    std::uint64_t n = 0;
    int parent = -1;
    int catalog = 0;
    std::uint64_t documents = 0;
    std::int64_t last_run_id = 0;
    std::map<std::string, std::int64_t> positions;
    std::set<std::string> parked;  // labels with a parked request, or full of requests
    std::vector<std::uint64_t> staged;
  };
  struct Known {  // a window of a committed entry: what may be told
    int commit = -1;
    std::uint64_t after = 0;
    std::uint64_t through = 0;
    std::string label;
  };
  struct Told {  // of one URL
    std::string id;
    Known window;
    bool accepted = false;
  };

  std::uint64_t read_positions(const std::string& checkpoint, Commit& commit);
  void read_entry(const json::Value& entry, std::size_t openings, Commit& commit, int index);
  void judge_order(const Commit& commit);
  void judge_bounds(const json::Value& owed, const std::string& label, std::size_t openings);
  void judge_inline(const Commit& commit);
  void judge_gaps(const std::string& url, const std::vector<runtime::PendingStatus>& pending);
  void done(const std::string& url, const std::string& id, const Known& known);
  bool satisfied(const std::string& url, int commit) const;
  bool ancestor(int older, int younger) const;
  std::vector<int> chain() const;  // from the first commit to the head
  const Trigger* trigger_of(int commit, const std::string& url) const;

  const FakeJournals& journals_;
  std::vector<Catalog> catalogs_;
  std::map<std::int64_t, int> catalog_of_;
  std::vector<Commit> commits_;
  int head_ = -1;
  std::map<std::pair<std::string, std::uint64_t>, int> by_tid_;  // session, n → commit
  std::unordered_map<std::string, Known> known_;                 // by request id
  std::unordered_map<std::string, std::string> words_;           // Idempotency-Key → request
  std::map<std::string, std::vector<Told>> told_;                // by URL
  std::set<std::pair<std::string, int>> done_;           // URL, commit: accepted or discarded
  std::set<std::pair<std::string, std::string>> early_;  // accepted before their commit: URL, id
  std::set<std::string> gives_up_;  // URLs of triggers that discard by themselves
  bool unmerged_ = false;
  std::uint64_t requests_ = 0;
  std::vector<Finding> findings_;
};

// The plain reduction: sums of /total by /id, and the last /name.
struct Reduced {
  std::int64_t total = 0;
  std::string last;
  friend bool operator==(const Reduced&, const Reduced&) = default;
};
using Reduction = std::map<std::int64_t, Reduced>;
// Reads the documents of the tests: {"id":1,"total":2} and {"id":1,"name":"…"}, `_meta` anywhere.
void reduce(std::string_view document, Reduction& into);

}  // namespace weir::testing
