// A whole task in one thread: catalog, journals, store, destination, shard, dispatcher and
// receivers, on a clock that stands still until told. What survives a crash survives in it:
// journals, the endpoint, the synced part of the store, and what receivers saw. For scenarios, the
// crash sweep and the simulator.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog/spec.h"
#include "delivery/dispatcher.h"
#include "runtime/shard.h"
#include "testing/fake_clock.h"
#include "testing/fake_destination.h"
#include "testing/fake_http.h"
#include "testing/fake_journal.h"
#include "testing/fake_store.h"
#include "testing/memory_spill.h"
#include "testing/watched_destination.h"

namespace weir::testing {

// Which destination a world works on.
enum class Endpoint { kFakeA, kFakeB, kSqlite, kFakeLate, kFakeP };
std::string_view name_of(Endpoint endpoint);

struct WorldOptions {
  Endpoint endpoint = Endpoint::kFakeA;
  std::string folder;  // of kSqlite: an existing, empty one
  std::uint64_t seed = 1;
};

class World {
 public:
  explicit World(WorldOptions options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Loads and builds a catalog with one materialization; takes effect at the next start(). The
  // error is the report of all problems.
  Status set_catalog(const std::string& text);
  void set_built(std::shared_ptr<const catalog::BuiltMaterialization> built) {
    built_ = std::move(built);
  }
  const catalog::BuiltMaterialization& built() const { return *built_; }

  // Machines: each has a disk of its own, and one process at most. What follows is about the one
  // selected last; machine 0 is there from the start. Endpoint, journals, receivers and the clock
  // are the same for all.
  void select_machine(std::size_t n);
  // A frozen process does nothing until it is thawed: SIGSTOP and SIGCONT.
  void freeze(bool frozen) { here().frozen = frozen; }
  bool frozen() const { return here().frozen; }
  std::size_t selected() const { return selected_; }
  std::size_t machines() const { return machines_.size(); }
  // The machine whose process is at work, also when an exception left it in the middle of a step.
  std::size_t stepping() const { return stepping_; }

  void start(runtime::ShardOptions options = {});
  bool running() const { return here().shard != nullptr; }
  // Drains, as after SIGTERM, while the clock advances as far as it must.
  void stop();
  // The process dies: everything of it is gone, and what of the store was not synced is lost but
  // for `kept` batches.
  void crash(std::size_t kept = 0);

  // Steps until nothing happens any more without time passing. Bounded: kRoundsMax.
  void settle();
  // One turn of every process; true if anything moved.
  bool turn();
  // Moves the clock in the order in which things wait for it, settling at each; ends at now + by.
  void advance(std::chrono::nanoseconds by);

  // The journals grew.
  void arrived();
  // One batch; the shards are told.
  void append(const std::string& collection, const std::vector<std::string>& documents);
  FakeJournals& journals() { return journals_; }
  FakeServer& server() { return server_; }
  // What is asked and told of every call of the destination, whichever it is.
  void set_hooks(DestinationHooks hooks);
  // How often the endpoint was opened.
  std::size_t openings() const;
  // Answers every request of every machine.
  void set_receiver(FakeHttp::Receiver receiver);
  // Called when a process starts, with its pid.
  using OnStart = std::function<void(std::int64_t pid, const catalog::BuiltMaterialization&)>;
  void set_on_start(OnStart observer) { on_start_ = std::move(observer); }
  // Before a process of any machine starts: its number, which is the pid of its owner record.
  std::int64_t lives() const { return lives_; }
  FakeHttp& http() { return here().http; }
  FakeDisk& disk() { return here().disk; }
  FakeClock& clock() { return clock_; }
  runtime::Shard& shard() { return *here().shard; }
  std::optional<runtime::TaskEnd> ended() const { return here().ended; }
  runtime::TaskStatus status() const;

  // The documents of a table in key order (of a SQLite table, in the order of its column id),
  // without their `_meta`; soft-deleted ones too.
  std::vector<std::string> rows(const std::string& table) const;
  // A query's rows, columns joined by " | ". kSqlite only.
  std::vector<std::string> query(const std::string& sql) const;

 private:
  struct Machine {
    std::string host;
    FakeHttp http;
    FakeDisk disk;
    MemorySpill spill;
    bool frozen = false;
    bool changed = false;
    // One process's life.
    WakeUp wake;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<delivery::Dispatcher> dispatcher;
    std::unique_ptr<runtime::Shard> shard;
    std::optional<runtime::TaskEnd> ended;
    std::int64_t pid = 0;
  };
  Machine& here() { return *machines_[selected_]; }
  const Machine& here() const { return *machines_[selected_]; }
  Result<std::unique_ptr<connector::Destination>> connect();
  std::string checkpoint_in_file() const;
  std::string placed(const std::string& config) const;
  bool round(Machine& machine);

  WorldOptions options_;
  FakeClock clock_;
  FakeJournals journals_;
  FakeServer server_;
  DestinationHooks hooks_;
  std::size_t openings_ = 0;  // of kSqlite
  Random random_;
  std::shared_ptr<const catalog::BuiltMaterialization> built_;
  FakeHttp::Receiver receiver_;
  OnStart on_start_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::size_t selected_ = 0;
  std::size_t stepping_ = 0;
  std::int64_t lives_ = 0;
};

// Removes the member "_meta" from a document.
std::string without_meta(const std::string& document);

}  // namespace weir::testing
