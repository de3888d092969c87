// One materialization at work: opens sessions, drives them, and opens the next when one failed. A
// shard lives on one thread (run(), or step() in a simulation); stop(), post() and status() may be
// called from any.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/wake.h"
#include "catalog/spec.h"
#include "connector/destination.h"
#include "delivery/dispatcher.h"
#include "document/combiner.h"
#include "journal/reader.h"
#include "runtime/restart.h"
#include "runtime/status.h"
#include "store/store.h"
#include "trigger/expand.h"

namespace weir::runtime {

struct ShardOptions {
  bool take_over = false;
  bool until_caught_up =
      false;  // end when the tables are done and nothing is owed that could be delivered
  std::chrono::milliseconds wait{30'000};  // … but wait no longer than this for what is owed
  std::chrono::milliseconds drain{20'000};
  std::size_t combiner_memory = document::kCombinerMemoryDefault;
  std::string environment;      // the variable `environment` of templates
  std::string product_version;  // for User-Agent
  // How the last shard of this task in this process ended: its counts go on.
  std::optional<TaskStatus> before;
};

// Everything a shard needs of the outside; all outlive it.
struct ShardDeps {
  std::function<Result<std::unique_ptr<connector::Destination>>()> make_destination;
  journal::Journals* journals = nullptr;
  store::Store* store = nullptr;
  delivery::Dispatcher* dispatcher = nullptr;
  document::SpillFile* spill = nullptr;
  const Clock* clock = nullptr;
  WakeUp* wake =
      nullptr;  // notified by the dispatcher, by arrivals in the journals, and by stop() and post()
  connector::Owner owner;  // `since` is filled in at each opening
  connector::OwnerIsDead owner_is_dead;
  trigger::Surroundings surroundings;  // used from the dispatcher's thread too
  // Open what SOPS encrypted, anew for each session: the endpoint's config as JSON, and the
  // triggers with their secrets. Not set: nothing is opened.
  std::function<Result<Secret>(const catalog::BuiltMaterialization&)> open_config;
  std::function<Result<std::vector<catalog::Trigger>>(const catalog::BuiltMaterialization&)>
      open_triggers;
  std::uint64_t seed = 0;
};

// How a task ended; exit codes follow from it.
enum class TaskEnd {
  kDone,
  kFailed,         // 1
  kCatalog,        // 3
  kOwned,          // 4
  kSealed,         // 5
  kDeliveryWaits,  // 6: until_caught_up, and a delivery failed and waits, or is parked
};

// What the user asks of a running task.
struct Command {
  enum class Kind { kRedeliver, kDiscard };
  Kind kind = Kind::kRedeliver;
  std::string trigger;     // its label or identity
  std::string request_id;  // empty: all of the trigger's parked requests (redeliver), or all it
                           // owes (discard)
  std::function<void(Result<std::string>)>
      answer;  // a sentence for the user; called on the shard's thread
};
inline constexpr std::size_t kCommandsMax = 256;

class Session;

class Shard {
 public:
  Shard(catalog::BuiltMaterialization built, ShardOptions options, ShardDeps deps);
  ~Shard();

  // Until the task ends. Waits on deps.wake.
  TaskEnd run();
  // One round: does what can be done and says how long nothing else will happen by itself; nullopt:
  // the task ended.
  std::optional<std::chrono::nanoseconds> step();
  TaskEnd end() const { return end_; }

  // First call: finish the transaction in hand, let open attempts end, close. Second: at once,
  // safely.
  void stop();
  // Each command that is taken is answered. kLimit beyond kCommandsMax; kUnavailable: it has ended.
  Status post(Command command);
  // Retry a stuck or waiting task now.
  void retry_now();
  // Journals may have grown.
  void arrived();
  TaskStatus status() const;

 private:
  // Each answers as step() does.
  using Wait = std::optional<std::chrono::nanoseconds>;
  Wait open_session();
  Wait step_session();
  Wait idle_session(std::optional<Instant> wake);
  Wait drain_session();
  Wait failed(const Error& error);
  Wait finish(TaskEnd end, const std::string& reason);
  // Has --until-caught-up come to its end?
  std::optional<TaskEnd> caught_up_end();
  void end_session();
  // What is behind while no session is there to say it.
  void look_behind();
  void carry_out_commands();
  void end_commands();
  void refresh_status(bool now);
  void fill(TaskStatus& status) const;
  void publish(TaskState state, std::string reason, std::string remedy);

  const catalog::BuiltMaterialization built_;
  const ShardOptions options_;
  const ShardDeps deps_;
  Random random_;
  RestartPolicy restarts_;
  catalog::BuiltMaterialization opened_;  // of the session: built_ with its triggers opened
  std::unique_ptr<Session> session_;
  std::optional<Instant> reopen_at_;
  std::optional<Instant> drain_until_;
  std::optional<Instant> caught_up_at_;
  std::optional<Instant> refreshed_at_;
  std::optional<Instant> look_at_;  // for arrivals, although nobody told
  TaskEnd end_ = TaskEnd::kDone;
  std::uint64_t documents_before_ = 0;  // of earlier sessions
  std::uint64_t rows_before_ = 0;
  std::map<std::string, AttemptCounts> attempts_before_;  // by identity
  // Up to where everything is committed, as the last session knew; nullopt: none was open yet.
  std::optional<std::map<std::string, protocol::Source>> committed_;
  std::string status_copy_;

  std::atomic<int> stop_requests_ = 0;
  std::atomic<bool> retry_now_ = false;
  std::atomic<bool> arrived_ = true;
  mutable std::mutex mutex_;
  std::deque<Command> commands_;  // guarded by mutex_
  bool over_ = false;             // guarded by mutex_
  TaskStatus status_;             // guarded by mutex_
};

}  // namespace weir::runtime
