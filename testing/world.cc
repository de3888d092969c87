#include "testing/world.h"

#include <sqlite3.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "catalog/build.h"
#include "catalog/load.h"
#include "catalog/validate.h"
#include "connectors/sqlite/destination.h"
#include "json/events.h"
#include "json/host/re2_regex.h"
#include "json/host/yaml.h"

namespace weir::testing {
namespace {

// Rounds in which something must come to rest without time passing.
constexpr int kRoundsMax = 100'000;
// How long a drain may take on the fake clock.
constexpr std::chrono::minutes kDrainMax{10};

FakeClass class_of(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kFakeA:
    case Endpoint::kSqlite: return FakeClass::kHoldsCheckpoint;
    case Endpoint::kFakeLate: return FakeClass::kCommitsLate;
    case Endpoint::kFakeB: return FakeClass::kStages;
    case Endpoint::kFakeP: return FakeClass::kPushes;
  }
  return FakeClass::kHoldsCheckpoint;
}

catalog::LoadOptions load_options(catalog::FileReader& files) {
  catalog::LoadOptions options;
  options.files = &files;
  options.yaml = [](std::string_view text, json::Arena& arena) {
    return json::parse_yaml(text, arena);
  };
  options.regex = json::re2_regex_factory();
  return options;
}

}  // namespace

std::string_view name_of(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kFakeA: return "fake A";
    case Endpoint::kFakeB: return "fake B";
    case Endpoint::kSqlite: return "sqlite";
    case Endpoint::kFakeLate: return "fake late";
    case Endpoint::kFakeP: return "fake P";
  }
  return "?";
}

World::World(WorldOptions options)
    : options_(std::move(options)),
      journals_(clock_),
      server_(class_of(options_.endpoint)),
      random_(options_.seed) {
  select_machine(0);
}

World::~World() {
  // Sessions and their destinations go before the server and the stores.
  for (const auto& machine : machines_) {
    machine->shard.reset();
    machine->dispatcher.reset();
  }
}

void World::select_machine(std::size_t n) {
  while (machines_.size() <= n) {
    auto machine = std::make_unique<Machine>();
    machine->host = "host-" + std::to_string(machines_.size());
    if (receiver_) machine->http.set_receiver(receiver_);
    machines_.push_back(std::move(machine));
  }
  selected_ = n;
}

void World::set_receiver(FakeHttp::Receiver receiver) {
  receiver_ = std::move(receiver);
  for (const auto& machine : machines_) machine->http.set_receiver(receiver_);
}

// The endpoint's config with the database in the world's own folder.
std::string World::placed(const std::string& config) const {
  if (options_.endpoint != Endpoint::kSqlite) return config;
  const std::string_view name = "\"scenario.db\"";
  const auto at = config.find(name);
  WEIR_CHECK(at != std::string::npos);
  std::string out = config;
  return out.replace(at, name.size(), "\"" + options_.folder + "/scenario.db\"");
}

Status World::set_catalog(const std::string& text) {
  catalog::MemoryFiles files({{"flow.yaml", text}});
  const catalog::Loaded loaded = catalog::load({"flow.yaml"}, load_options(files));
  const auto constraints = [this](const std::string& config,
                                  std::span<const protocol::ValidateBinding> bindings)
      -> Result<std::vector<protocol::ValidatedBinding>> {
    WEIR_TRY(const auto destination, connect());
    return destination->validate(placed(config), bindings);
  };
  const std::vector<catalog::Problem> problems =
      catalog::validate(loaded, {.strict = false, .constraints_of = constraints});
  if (catalog::has_errors(problems))
    return error(Code::kInvalid, "{}", catalog::format_report(problems));
  catalog::Built built = catalog::build(loaded.catalog, constraints);
  WEIR_CHECK(built.materializations.size() == 1);  // A scenario is about one task.
  catalog::BuiltMaterialization one = std::move(built.materializations.front());
  one.spec.config_json = placed(one.spec.config_json);
  built_ = std::make_shared<const catalog::BuiltMaterialization>(std::move(one));
  return {};
}

Result<std::unique_ptr<connector::Destination>> World::connect() {
  if (options_.endpoint != Endpoint::kSqlite) return server_.connect();
  return watch_destination(
      sqlite::make_destination(clock_), hooks_, [this] { return checkpoint_in_file(); }, openings_);
}

std::string World::checkpoint_in_file() const {
  const std::vector<std::string> found = query("select checkpoint from flow_checkpoints_v1");
  return found.empty() ? "" : from_base64(found.front()).value_or("");
}

void World::set_hooks(DestinationHooks hooks) {
  server_.set_before_call(hooks.before_call);
  server_.set_after_call(hooks.after_call);
  server_.set_on_commit(hooks.on_commit);
  hooks_ = std::move(hooks);
}

std::size_t World::openings() const {
  return options_.endpoint == Endpoint::kSqlite ? openings_ : server_.openings();
}

void World::start(runtime::ShardOptions options) {
  WEIR_CHECK(built_ != nullptr);
  Machine& machine = here();
  WEIR_CHECK(machine.shard == nullptr);
  auto store = machine.disk.open();
  WEIR_CHECK(store.has_value());
  machine.store = *std::move(store);
  machine.dispatcher = std::make_unique<delivery::Dispatcher>(
      machine.http, clock_, Random(random_.next()), [&machine] { machine.changed = true; });
  runtime::ShardDeps deps;
  deps.make_destination = [this] { return connect(); };
  deps.journals = &journals_;
  deps.store = machine.store.get();
  deps.dispatcher = machine.dispatcher.get();
  deps.spill = &machine.spill;
  deps.clock = &clock_;
  deps.wake = &machine.wake;
  // Each life is a process of its own; those before it on the same machine are dead.
  machine.pid = ++lives_;
  if (on_start_) on_start_(machine.pid, *built_);
  deps.owner = {.task = built_->spec.name,
                .host = machine.host,
                .boot_id = "boot-of-" + machine.host,
                .pid = machine.pid,
                .pid_started = machine.pid,
                .state_id = "state-of-" + machine.host,
                .since = ""};
  deps.owner_is_dead = [&machine](const connector::Owner& owner) {
    return owner.host == machine.host && owner.pid != machine.pid;
  };
  deps.seed = random_.next();
  machine.ended.reset();
  machine.frozen = false;
  machine.shard = std::make_unique<runtime::Shard>(*built_, std::move(options), std::move(deps));
}

// One turn of each of its parts; true if anything moved.
bool World::round(Machine& machine) {
  if (machine.frozen) return false;
  bool moved = false;
  if (machine.shard != nullptr && !machine.ended) {
    const auto wait = machine.shard->step();
    if (!wait) {
      machine.ended = machine.shard->end();
      return true;
    }
    moved = wait->count() == 0;
  }
  if (machine.dispatcher != nullptr) machine.dispatcher->step(std::chrono::milliseconds(0));
  return std::exchange(machine.changed, false) || moved;
}

void World::settle() {
  int still = 0;
  for (int i = 0; i < kRoundsMax; ++i) {
    const bool moved = turn();
    still = moved ? 0 : still + 1;
    if (still == 3) return;
  }
  WEIR_CHECK(!"the world does not come to rest");
}

bool World::turn() {
  bool moved = false;
  for (std::size_t i = 0; i < machines_.size(); ++i) {
    stepping_ = i;
    moved = round(*machines_[i]) || moved;
  }
  return moved;
}

void World::advance(std::chrono::nanoseconds by) {
  // In strides rather than from wait to wait: simpler, and no timer of any part can be overlooked.
  // Fine ones show times exactly; over a long time they are coarse, and timers are late by a stride
  // at most.
  constexpr std::chrono::nanoseconds kStride = std::chrono::milliseconds(100);
  constexpr std::chrono::seconds kExactMax{10};
  const Instant end = clock_.monotonic() + by;
  settle();
  while (clock_.monotonic() < end) {
    const auto left = end - clock_.monotonic();
    const auto stride =
        by <= kExactMax ? kStride : std::max<std::chrono::nanoseconds>(kStride, by / 300);
    clock_.advance(std::min<std::chrono::nanoseconds>(stride, left));
    settle();
  }
}

void World::stop() {
  Machine& machine = here();
  stepping_ = selected_;
  if (machine.shard == nullptr) return;
  if (!machine.ended) machine.shard->stop();
  const Instant give_up = clock_.monotonic() + kDrainMax;
  settle();
  while (!machine.ended && clock_.monotonic() < give_up) {
    clock_.advance(std::chrono::milliseconds(100));
    settle();
  }
  WEIR_CHECK(machine.ended.has_value());
  machine.shard.reset();
  machine.dispatcher.reset();
  const Status closed = machine.store->close();
  WEIR_CHECK(closed.has_value());
  machine.store.reset();
}

void World::crash(std::size_t kept) {
  Machine& machine = here();
  if (machine.shard == nullptr) return;
  machine.disk.crash(std::min(kept, machine.disk.unsynced()));
  machine.http.forget();
  // Whatever destructors still try to write meets a dead store; a destination rolls back.
  machine.shard.reset();
  machine.dispatcher.reset();
  machine.store.reset();
  (void)machine.spill.reset();
}

void World::arrived() {
  for (const auto& machine : machines_) {
    if (machine->shard != nullptr) machine->shard->arrived();
  }
}

void World::append(const std::string& collection, const std::vector<std::string>& documents) {
  journals_.append(collection, documents);
  arrived();
}

runtime::TaskStatus World::status() const {
  WEIR_CHECK(running());
  return here().shard->status();
}

std::string without_meta(const std::string& document) {
  const auto tree = json::parse_tree(document, json::Duplicates::kLastWins);
  if (!tree || !tree->root.is_object()) return document;
  std::vector<json::Member> members;
  for (const json::Member& member : tree->root.members()) {
    if (member.name != "_meta") members.push_back(member);
  }
  return json::to_text(json::Value::object(members));
}

std::vector<std::string> World::rows(const std::string& table) const {
  std::vector<std::string> out;
  if (options_.endpoint == Endpoint::kSqlite) {
    for (const std::string& row :
         query("select flow_document from \"" + table + "\" order by id")) {
      out.push_back(without_meta(row));
    }
    return out;
  }
  for (const auto& [key, document] : server_.rows(table)) out.push_back(without_meta(document));
  return out;
}

std::vector<std::string> World::query(const std::string& sql) const {
  WEIR_CHECK(options_.endpoint == Endpoint::kSqlite);
  std::vector<std::string> out;
  sqlite3* database = nullptr;
  const std::string path = options_.folder + "/scenario.db";
  if (sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
    sqlite3_close(database);
    return {"cannot open the database"};
  }
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    out.push_back(std::string("error: ") + sqlite3_errmsg(database));
  }
  while (statement != nullptr && sqlite3_step(statement) == SQLITE_ROW) {
    std::string row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      row += (i > 0 ? " | " : "") + std::string(text == nullptr ? "null" : text);
    }
    out.push_back(row);
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return out;
}

}  // namespace weir::testing
