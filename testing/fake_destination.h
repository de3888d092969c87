// An endpoint in memory for tests and the simulator. FakeServer is the endpoint of one
// materialization: it outlives the sessions that connect() makes, and its whole state is a value
// that can be copied and put back (a restored backup). It keeps the contract of
// connector/destination.h strictly: calls out of order, unsorted rows and wrong `exists` are
// kInvalid, so that a runtime's mistake shows.
//
// Its classes: one that holds the checkpoint behind a fence, like the SQL destinations; one that
// stages rows while storing and applies them on Acknowledge, the list of staged batches riding in
// the connector state; one that pushes documents out while storing and remembers nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/destination.h"
#include "connector/owner.h"

namespace weir::testing {

enum class FakeClass {
  kHoldsCheckpoint,
  // The same, but a commit is only started by start_commit() and decided before acknowledge()
  // returns; and it keeps a connector state, which must be that of a commit at each opening.
  kCommitsLate,
  kStages,
  kPushes
};
inline bool holds_checkpoint(FakeClass kind) {
  return kind == FakeClass::kHoldsCheckpoint || kind == FakeClass::kCommitsLate;
}

// What a binding's resource config says.
struct FakeResource {
  std::string table;
  bool delta_updates = false;
};
Result<FakeResource> read_resource(const std::string& config_json);

struct FakeRow {
  std::string values_packed;
  std::string doc_json;
  bool deleted = false;  // soft
  friend bool operator==(const FakeRow&, const FakeRow&) = default;
};

struct FakeTable {
  std::string materialization;  // empty: somebody else's table
  std::string state_key;
  std::uint32_t backfill = 0;
  std::vector<std::string> keys;                          // fields
  std::map<std::string, FakeRow> rows;                    // by packed key
  std::vector<std::pair<std::string, FakeRow>> appended;  // of delta updates, in order
  friend bool operator==(const FakeTable&, const FakeTable&) = default;
};

struct FakeChange {
  std::string table;
  std::string key_packed;
  FakeRow row;
  std::string state_key{};  // of the table when it was stored; a later one does not take it
  bool remove = false;      // hard delete
  bool append = false;      // delta updates
};

// Everything that a real endpoint would keep on its disk.
struct FakeData {
  std::map<std::string, FakeTable> tables;  // by the name of the resource
  std::optional<std::string> checkpoint;    // encoded; nullopt before the first opening (class A)
  std::uint64_t fence = 0;
  std::uint64_t owner_fence = 0;  // number that the owner's record was written with
  std::optional<connector::Owner> owner;
  bool closed = false;
  std::map<std::uint64_t, std::vector<FakeChange>> staged;  // class B, by batch
  std::uint64_t batches = 0;
  std::vector<FakeChange> pushed;  // class P, in order, re-sent ones again
};

// What becomes of the next commit (start_commit; of class B the staging is never held or lost, only
// the answer).
enum class CommitFault {
  kNone,
  kFails,              // not applied; kUnavailable
  kAnswerLost,         // applied; kUnknown
  kLostBeforeApplied,  // not applied; kUnknown
  kHeld,               // kUnknown; applied by complete_held() if the fence still allows it
};

class FakeServer {
 public:
  explicit FakeServer(FakeClass kind) : kind_(kind) {}
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  // A new session. It must not outlive the server. Sessions may live side by side; the server may
  // be read from other threads while one is used.
  std::unique_ptr<connector::Destination> connect();

  FakeData data() const;
  void set_data(FakeData data);
  // Rows of a table in key order, `key_hex` → document; soft-deleted ones included.
  std::map<std::string, std::string> rows(const std::string& table) const;

  void fail_next_commit(CommitFault fault);
  // A commit of a dead session that arrives late. False: there is none, or the fence refused it.
  bool complete_held();
  // Called before each call of any session with its name ("open", "store", …): an error is its
  // answer and spends the session, as if the connection had died there. May throw, to unwind like a
  // death.
  void set_before_call(std::function<Status(std::string_view call)> hook);
  // Called after each call that took effect: an error is told instead of its answer.
  void set_after_call(std::function<Status(std::string_view call)> hook);
  // Called with the checkpoint and its session's owner whenever a commit was applied.
  using OnCommit = std::function<void(const std::string& checkpoint, std::int64_t pid)>;
  void set_on_commit(OnCommit observer);
  // Is that batch of class B staged and not applied?
  bool staged(std::uint64_t batch) const;
  // How often open() raised the fence or shaped the tables.
  std::size_t openings() const;
  // Rows may be said to be new that exist: the runtime that holds the checkpoint was put back.
  void set_upserts_only(bool on) { upserts_only_ = on; }
  // What a session did that the contract forbids, in words.
  std::vector<std::string> violations() const;
  // Lines such as "load 2 keys"; cleared by taking them.
  std::vector<std::string> take_calls();

  FakeClass kind() const { return kind_; }

 private:
  friend class FakeDestination;
  struct HeldCommit {
    std::uint64_t fence;
    std::vector<FakeChange> changes;
    std::string checkpoint;
    std::int64_t pid = 0;
    std::uint64_t state = 0;  // of kCommitsLate: the number of its connector state
  };
  Status before(std::string_view call);
  void note(std::string line);
  // Each of these takes the lock.
  Result<connector::Opened> open(const connector::OpenRequest& request, std::uint64_t* fence);
  Status commit(const std::string& materialization, HeldCommit commit);
  Status commit_staged();
  Status after(std::string_view call);
  void violated(std::string words);
  void hold(HeldCommit commit);
  std::uint64_t next_state();
  std::optional<std::string> document(const std::string& table,
                                      const std::string& key_packed) const;
  void apply_commit(HeldCommit commit);
  Status release(const std::string& materialization, std::uint64_t fence, bool drop_marks);
  // These expect it to be held.
  Status check_fence(const std::string& materialization, std::uint64_t fence) const;
  CommitFault take_fault() { return std::exchange(next_commit_, CommitFault::kNone); }
  void apply(const std::vector<FakeChange>& changes);

  const FakeClass kind_;
  mutable std::recursive_mutex mutex_;  // observers look at the server
  FakeData data_;
  CommitFault next_commit_ = CommitFault::kNone;
  std::optional<HeldCommit> held_;
  std::function<Status(std::string_view)> before_call_;
  std::function<Status(std::string_view)> after_call_;
  OnCommit on_commit_;
  std::set<std::uint64_t> states_;  // of kCommitsLate: of all commits that ever were
  std::uint64_t last_state_ = 0;
  std::size_t openings_ = 0;
  bool upserts_only_ = false;
  std::vector<std::string> violations_;
  std::vector<std::string> calls_;
};

}  // namespace weir::testing
