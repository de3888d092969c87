// What an operator is told of a task: its state, why it is blocked and what repairs it, and what it
// owes. A plain value, taken by the shard after each change; written as JSON for the control socket
// and as a copy in the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace weir::runtime {

enum class TaskState {
  kStarting,  // opening the endpoint
  kRunning,
  kBlocked,   // rows wait for an inline delivery
  kRetrying,  // a session failed; the next is opened after a pause
  kStuck,  // the same failure again and again, or one that only the user can mend; retried every 5
           // minutes
  kRefused,  // another owner has the endpoint; for good
  kStopped,
};
std::string_view name_of(TaskState state);

// One window or request. `state` is open, cut, parked or orphaned.
struct PendingStatus {
  std::string trigger;  // the label
  std::string identity;
  std::string request_id;  // of the range as it stands; an open window's can still change
  std::uint64_t after = 0;
  std::uint64_t through = 0;
  std::string state;
  std::uint32_t attempts = 0;
  std::optional<Timestamp> next_attempt_at;
  std::optional<Timestamp> since;  // when the first transaction that it tells of began
  std::string note;  // "waits for interval", "discard pending", the last failure; may be empty
};

// What became of a trigger's attempts since the process started.
struct AttemptCounts {
  std::string trigger;  // the label
  std::string identity;
  std::uint64_t delivered = 0;
  std::uint64_t retried = 0;    // failed, and tried again
  std::uint64_t failed = 0;     // failed for good, or the last of those that were allowed
  std::uint64_t cancelled = 0;  // cut off, or its outcome is not wanted any more
  void add(const AttemptCounts& other);
};

struct TaskStatus {
  std::string name;
  TaskState state = TaskState::kStarting;
  std::string reason;             // why it is not running; empty while it is
  std::string remedy;             // what repairs it
  std::uint64_t transaction = 0;  // the last committed one
  std::optional<Timestamp> committed_at;
  std::uint64_t documents = 0;  // since the process started
  std::uint64_t rows = 0;
  std::int64_t bytes_behind = 0;
  bool caught_up = false;  // everything read is committed
  std::vector<PendingStatus> pending;
  std::vector<AttemptCounts> attempts;  // of each trigger that the task has or had, by identity

  // Nothing is parked, failing or stuck: the exit code of `weir status`.
  bool healthy() const;
};

std::string to_json(const TaskStatus& status);
Result<TaskStatus> status_from_json(std::string_view text);

}  // namespace weir::runtime
