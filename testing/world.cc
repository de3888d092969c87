#include "testing/world.h"

#include <sqlite3.h>

#include <algorithm>

#include "base/check.h"
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
  return endpoint == Endpoint::kFakeB ? FakeClass::kStages : FakeClass::kHoldsCheckpoint;
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
  }
  return "?";
}

World::World(WorldOptions options)
    : options_(std::move(options)),
      journals_(clock_),
      server_(class_of(options_.endpoint)),
      random_(options_.seed) {}

World::~World() {
  // Sessions and their destination go before the server and the store.
  shard_.reset();
  dispatcher_.reset();
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
  built_ = std::move(built.materializations.front());
  built_->spec.config_json = placed(built_->spec.config_json);
  return {};
}

Result<std::unique_ptr<connector::Destination>> World::connect() {
  if (options_.endpoint == Endpoint::kSqlite) return sqlite::make_destination(clock_);
  return server_.connect();
}

void World::start(runtime::ShardOptions options) {
  WEIR_CHECK(built_.has_value());
  WEIR_CHECK(shard_ == nullptr);
  auto store = disk_.open();
  WEIR_CHECK(store.has_value());
  store_ = *std::move(store);
  dispatcher_ = std::make_unique<delivery::Dispatcher>(http_, clock_, Random(random_.next()),
                                                       [this] { changed_ = true; });
  runtime::ShardDeps deps;
  deps.make_destination = [this] { return connect(); };
  deps.journals = &journals_;
  deps.store = store_.get();
  deps.dispatcher = dispatcher_.get();
  deps.spill = &spill_;
  deps.clock = &clock_;
  deps.wake = &wake_;
  // Each life is a process of its own; those before it are dead.
  ++lives_;
  deps.owner = {.task = built_->spec.name,
                .host = "host-1",
                .boot_id = "boot-1",
                .pid = static_cast<std::int64_t>(lives_),
                .pid_started = static_cast<std::int64_t>(lives_),
                .state_id = "state-1",
                .since = ""};
  deps.owner_is_dead = [this](const connector::Owner& owner) {
    return owner.host == "host-1" && owner.pid != static_cast<std::int64_t>(lives_);
  };
  deps.seed = random_.next();
  ended_.reset();
  shard_ = std::make_unique<runtime::Shard>(*built_, std::move(options), std::move(deps));
}

// One turn of each; true if anything moved.
bool World::round() {
  bool moved = false;
  if (shard_ != nullptr && !ended_) {
    const auto wait = shard_->step();
    if (!wait) {
      ended_ = shard_->end();
      return true;
    }
    shard_waits_ = *wait;
    moved = wait->count() == 0;
  }
  if (dispatcher_ != nullptr) dispatcher_->step(std::chrono::milliseconds(0));
  if (std::exchange(changed_, false)) moved = true;
  return moved;
}

void World::settle() {
  int still = 0;
  for (int i = 0; i < kRoundsMax; ++i) {
    still = round() ? 0 : still + 1;
    if (still == 3) return;
  }
  WEIR_CHECK(!"the world does not come to rest");
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
  if (shard_ == nullptr) return;
  if (!ended_) shard_->stop();
  const Instant give_up = clock_.monotonic() + kDrainMax;
  settle();
  while (!ended_ && clock_.monotonic() < give_up) {
    clock_.advance(std::chrono::milliseconds(100));
    settle();
  }
  WEIR_CHECK(ended_.has_value());
  shard_.reset();
  dispatcher_.reset();
  const Status closed = store_->close();
  WEIR_CHECK(closed.has_value());
  store_.reset();
}

void World::crash(std::size_t kept) {
  if (shard_ == nullptr) return;
  disk_.crash(std::min(kept, disk_.unsynced()));
  http_.forget();
  // Whatever destructors still try to write meets a dead store; a destination rolls back.
  shard_.reset();
  dispatcher_.reset();
  store_.reset();
  (void)spill_.reset();
}

void World::append(const std::string& collection, const std::vector<std::string>& documents) {
  journals_.append(collection, documents);
  if (shard_ != nullptr) shard_->arrived();
}

runtime::TaskStatus World::status() const {
  WEIR_CHECK(shard_ != nullptr);
  return shard_->status();
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
