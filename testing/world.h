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

namespace weir::testing {

// Which destination a world works on.
enum class Endpoint { kFakeA, kFakeB, kSqlite };
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
  const catalog::BuiltMaterialization& built() const { return *built_; }

  void start(runtime::ShardOptions options = {});
  bool running() const { return shard_ != nullptr; }
  // Drains, as after SIGTERM, while the clock advances as far as it must.
  void stop();
  // The process dies: everything of it is gone, and what of the store was not synced is lost but
  // for `kept` batches.
  void crash(std::size_t kept = 0);

  // Steps until nothing happens any more without time passing. Bounded: kRoundsMax.
  void settle();
  // Moves the clock in the order in which things wait for it, settling at each; ends at now + by.
  void advance(std::chrono::nanoseconds by);

  // One batch; the shard is told.
  void append(const std::string& collection, const std::vector<std::string>& documents);
  FakeJournals& journals() { return journals_; }
  FakeServer& server() { return server_; }
  FakeHttp& http() { return http_; }
  FakeDisk& disk() { return disk_; }
  FakeClock& clock() { return clock_; }
  runtime::Shard& shard() { return *shard_; }
  std::optional<runtime::TaskEnd> ended() const { return ended_; }
  runtime::TaskStatus status() const;

  // The documents of a table in key order (of a SQLite table, in the order of its column id), without their `_meta`; soft-deleted ones too.
  std::vector<std::string> rows(const std::string& table) const;
  // A query's rows, columns joined by " | ". kSqlite only.
  std::vector<std::string> query(const std::string& sql) const;

 private:
  Result<std::unique_ptr<connector::Destination>> connect();
  std::string placed(const std::string& config) const;
  bool round();
  std::chrono::nanoseconds until_next() const;

  WorldOptions options_;
  FakeClock clock_;
  FakeJournals journals_;
  FakeServer server_;
  FakeHttp http_;
  FakeDisk disk_;
  MemorySpill spill_;
  Random random_;
  std::optional<catalog::BuiltMaterialization> built_;

  // One process's life.
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<delivery::Dispatcher> dispatcher_;
  WakeUp wake_;
  std::unique_ptr<runtime::Shard> shard_;
  std::chrono::nanoseconds shard_waits_{0};
  std::optional<runtime::TaskEnd> ended_;
  std::uint64_t lives_ = 0;
  bool changed_ = false;
};

// Removes the member "_meta" from a document.
std::string without_meta(const std::string& document);

}  // namespace weir::testing
