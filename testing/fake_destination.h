// An endpoint in memory for tests and the simulator. FakeServer is the endpoint of one
// materialization: it outlives the sessions that connect() makes, and its whole state is a value
// that can be copied and put back (a restored backup). It keeps the contract of
// connector/destination.h strictly: calls out of order, unsorted rows and wrong `exists` are
// kInvalid, so that a runtime's mistake shows.
//
// Three classes: one that holds the checkpoint behind a fence, like the SQL destinations; one that
// stages rows while storing and applies them on Acknowledge, the list of staged batches riding in
// the connector state; one that pushes documents out while storing and remembers nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/destination.h"
#include "connector/owner.h"

namespace weir::testing {

enum class FakeClass { kHoldsCheckpoint, kStages, kPushes };

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
  bool remove = false;  // hard delete
  bool append = false;  // delta updates
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
  // Lines such as "load 2 keys"; cleared by taking them.
  std::vector<std::string> take_calls();

  FakeClass kind() const { return kind_; }

 private:
  friend class FakeDestination;
  struct HeldCommit {
    std::uint64_t fence;
    std::vector<FakeChange> changes;
    std::string checkpoint;
  };
  Status before(std::string_view call);
  void note(std::string line);
  // Each of these takes the lock.
  Result<connector::Opened> open(const connector::OpenRequest& request, std::uint64_t* fence);
  Status commit(const std::string& materialization, HeldCommit commit);
  Status commit_staged();
  Status release(const std::string& materialization, std::uint64_t fence, bool drop_marks);
  // These expect it to be held.
  Status check_fence(const std::string& materialization, std::uint64_t fence) const;
  CommitFault take_fault() { return std::exchange(next_commit_, CommitFault::kNone); }
  void apply(const std::vector<FakeChange>& changes);

  const FakeClass kind_;
  mutable std::mutex mutex_;
  FakeData data_;
  CommitFault next_commit_ = CommitFault::kNone;
  std::optional<HeldCommit> held_;
  std::function<Status(std::string_view)> before_call_;
  std::vector<std::string> calls_;
};

}  // namespace weir::testing
