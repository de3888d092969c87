// SQLite destination against the sqlite3 program's own import, on the same rows: a backfill of an
// empty table and a full update of every row. Rows are packed and texts written beforehand; ours
// sorts them by key inside the measured time, as the combiner would have. Both ends are durable:
// the tool with its default rollback journal, ours with its log. Runs alternate, the first round is
// a warm-up and thrown away, medians are printed, and before any ratio is printed the tables are
// compared row by row.
//
//   sqlite_bench [rows 1000000] [rounds 5] [rows per transaction: all] [folder]
#include <fmt/core.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"
#include "connectors/sqlite/destination.h"
#include "document/tuple.h"

namespace weir {
namespace {

struct PackedRow {
  std::string key, values, document;
};
struct DataSet {
  std::vector<PackedRow> rows;  // in the order of arrival
  std::string import_file;      // the same, for .import --ascii
};

constexpr const char* kColumns[] = {"id", "amount", "count",        "region",
                                    "ts", "user",   "flow_document"};
constexpr std::size_t kBatchRows = 512;  // as the runtime hands rows over

// Wall clock, and processor time of this program and of those it waited for.
struct Spent {
  double wall = 0, cpu = 0;
};

double cpu_seconds() {
  double total = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    for (const timeval& t : {usage.ru_utime, usage.ru_stime}) {
      total += static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    }
  }
  return total;
}

class Stopwatch {
 public:
  Spent spent() const {
    const std::chrono::duration<double> wall = system_clock().monotonic() - start_;
    return {.wall = wall.count(), .cpu = cpu_seconds() - cpu_};
  }

 private:
  Instant start_ = system_clock().monotonic();
  double cpu_ = cpu_seconds();
};

std::string note(Random& random) {
  constexpr const char* kWords[] = {"amber", "basin", "creek",  "delta", "eddy", "flume",
                                    "gauge", "head",  "inlet",  "jetty", "kelp", "levee",
                                    "marsh", "nappe", "outlet", "pond"};
  std::string out;
  for (int i = 0; i < 12; ++i) {
    if (i > 0) out += ' ';
    out += kWords[random.below(16)];
  }
  return out;
}

// About 310 bytes a document; keys are a permutation of 0 … rows - 1.
DataSet make_data(const std::filesystem::path& folder, std::size_t rows, std::uint64_t version) {
  Random random(1000 + version);
  std::vector<std::int64_t> ids(rows);
  std::iota(ids.begin(), ids.end(), 0);
  for (std::size_t i = rows; i > 1; --i) std::swap(ids[i - 1], ids[random.below(i)]);
  DataSet data;
  data.import_file = folder / fmt::format("{}.ascii", version);
  std::ofstream out(data.import_file, std::ios::binary);
  for (const std::int64_t id : ids) {
    const std::string amount = fmt::format("{}.{:02}", random.below(100000), 1 + random.below(99));
    const std::uint64_t count = random.below(1000);
    const std::string region = fmt::format("region-{}", random.below(20));
    const std::string ts = fmt::format("2026-11-{:02}T{:02}:{:02}:{:02}Z", 1 + random.below(28),
                                       random.below(24), random.below(60), random.below(60));
    const std::string user = fmt::format("user{:06}", random.below(1000000));
    const std::string document = fmt::format(
        R"({{"_meta":{{"uuid":"{:08x}-ca7a-11f0-8{:03x}-0123456789ab"}},"id":{},"user":"{}","ts":"{}",)"
        R"("amount":{},"region":"{}","count":{},"tags":["t{}","t{}","t{}"],"note":"{}"}})",
        random.below(1ULL << 32), version, id, user, ts, amount, region, count, random.below(100),
        random.below(100), random.below(100), note(random));
    PackedRow row;
    document::pack_int(row.key, id);
    document::pack_double(row.values, std::stod(amount));
    document::pack_uint(row.values, count);
    for (const std::string* text : {&region, &ts, &user}) document::pack_string(row.values, *text);
    row.document = document;
    data.rows.push_back(std::move(row));
    out << fmt::format("{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1e", id, amount, count, region, ts,
                       user, document);
  }
  return data;
}

protocol::Binding make_binding() {
  protocol::Binding binding;
  binding.resource_config_json = R"({"table":"t"})";
  binding.resource_path = {"t"};
  binding.state_key = "t";
  binding.collection.name = "bench/rows";
  const auto add = [&](std::string ptr, std::string field, std::string type) {
    protocol::Projection projection;
    projection.ptr = std::move(ptr);
    projection.field = std::move(field);
    projection.inference.types = {std::move(type)};
    binding.collection.projections.push_back(std::move(projection));
  };
  add("/amount", "amount", "number");
  add("/count", "count", "integer");
  add("", "flow_document", "object");
  add("/id", "id", "integer");
  add("/region", "region", "string");
  add("/ts", "ts", "string");
  add("/user", "user", "string");
  binding.field_selection = {.keys = {"id"},
                             .values = {"amount", "count", "region", "ts", "user"},
                             .document = "flow_document",
                             .field_config = {}};
  return binding;
}

template <typename T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "{}\n", result.error().message);
    std::exit(1);
  }
  return *std::move(result);
}
void must(Status status) {
  if (!status) {
    fmt::print(stderr, "{}\n", status.error().message);
    std::exit(1);
  }
}

struct OursOptions {
  std::size_t transaction_rows = 0;
  bool load = false;  // ask for every document before storing it
  bool count = false;
};

void run_transaction(connector::Destination& destination, const std::vector<PackedRow>& rows,
                     std::size_t begin, std::size_t end, const OursOptions& options) {
  std::vector<const PackedRow*> sorted;
  for (std::size_t i = begin; i < end; ++i) sorted.push_back(&rows[i]);
  must(destination.acknowledge());
  if (options.load) {
    for (const PackedRow* row : sorted) {
      const connector::LoadKey key{.binding = 0, .key_packed = row->key};
      must(destination.load({&key, 1}));
    }
  }
  std::size_t loaded_bytes = 0;
  must(destination.flush([&](std::uint32_t, std::string_view document) -> Status {
    loaded_bytes += document.size();
    return {};
  }));
  std::sort(sorted.begin(), sorted.end(),
            [](const PackedRow* a, const PackedRow* b) { return a->key < b->key; });
  std::vector<connector::StoreRow> batch;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    batch.push_back({.binding = 0,
                     .key_packed = sorted[i]->key,
                     .values_packed = sorted[i]->values,
                     .doc_json = sorted[i]->document,
                     .exists = connector::Exists::kUnknown,
                     .deleted = false});
    if (batch.size() < kBatchRows && i + 1 < sorted.size()) continue;
    must(destination.store(batch));
    batch.clear();
  }
  must(destination.finish_store());
  protocol::Checkpoint checkpoint;
  checkpoint.sources["bench;t"].read_through = static_cast<std::int64_t>(end);
  must(destination.start_commit(checkpoint));
}

// Opens, stores all rows, closes: everything between nothing and rows that survive a power cut.
Spent run_ours(const std::string& path, const DataSet& data, const OursOptions& options) {
  const Stopwatch watch;
  auto destination = sqlite::make_destination(system_clock());
  connector::OpenRequest request;
  request.spec.name = "bench";
  request.spec.config_json = fmt::format(R"({{"path":"{}"}})", path);
  request.spec.bindings = {make_binding()};
  request.count_changes = {options.count};
  must(destination->open(request));
  const std::size_t step =
      options.transaction_rows == 0 ? data.rows.size() : options.transaction_rows;
  for (std::size_t begin = 0; begin < data.rows.size(); begin += step) {
    run_transaction(*destination, data.rows, begin, std::min(begin + step, data.rows.size()),
                    options);
  }
  must(destination->acknowledge());
  must(destination->close());
  return watch.spent();
}

Spent run_tool(const std::filesystem::path& folder, const std::string& path,
               const std::string& script) {
  const std::string file = folder / "script.sql";
  std::ofstream(file) << script;
  const Stopwatch watch;
  const int status = std::system(fmt::format("sqlite3 -bail '{}' < '{}'", path, file).c_str());
  WEIR_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return watch.spent();
}

constexpr const char* kCreate =
    "CREATE TABLE IF NOT EXISTS t (id INTEGER NOT NULL, amount REAL, count INTEGER, region TEXT,"
    " ts TEXT, user TEXT, flow_document TEXT, PRIMARY KEY (id));\n";

std::string import_script(const DataSet& data) {
  return fmt::format("{}.import --ascii '{}' t\n", kCreate, data.import_file);
}

std::string upsert_script(const DataSet& data) {
  std::string assignments;
  for (const char* column : kColumns) {
    if (column == kColumns[0]) continue;
    assignments +=
        fmt::format("{}{} = excluded.{}", assignments.empty() ? "" : ", ", column, column);
  }
  return fmt::format(
      "CREATE TABLE s (id INTEGER, amount REAL, count INTEGER, region TEXT, ts TEXT, user TEXT,"
      " flow_document TEXT);\n.import --ascii '{}' s\n"
      "INSERT INTO t SELECT * FROM s WHERE true ON CONFLICT (id) DO UPDATE SET {};\nDROP TABLE "
      "s;\n",
      data.import_file, assignments);
}

// Rows that are in both and alike in every column must be all rows of both.
void compare(const std::string& ours, const std::string& theirs, std::size_t rows) {
  sqlite3* connection = nullptr;
  WEIR_CHECK(sqlite3_open(ours.c_str(), &connection) == SQLITE_OK);
  const std::string attach = fmt::format("ATTACH '{}' AS tool", theirs);
  WEIR_CHECK(sqlite3_exec(connection, attach.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  std::string alike;
  for (const char* column : kColumns) {
    alike += fmt::format("{}a.{} IS b.{} AND typeof(a.{}) = typeof(b.{})",
                         alike.empty() ? "" : " AND ", column, column, column, column);
  }
  const std::string sql = fmt::format(
      "SELECT (SELECT count(*) FROM main.t), (SELECT count(*) FROM tool.t),"
      " (SELECT count(*) FROM main.t a JOIN tool.t b ON a.id = b.id WHERE {})",
      alike);
  sqlite3_stmt* select = nullptr;
  WEIR_CHECK(sqlite3_prepare_v2(connection, sql.c_str(), -1, &select, nullptr) == SQLITE_OK);
  WEIR_CHECK(sqlite3_step(select) == SQLITE_ROW);
  for (int column = 0; column < 3; ++column) {
    const auto count = static_cast<std::size_t>(sqlite3_column_int64(select, column));
    if (count == rows) continue;
    fmt::print(stderr, "tables differ: {} {} {}\n", sqlite3_column_int64(select, 0),
               sqlite3_column_int64(select, 1), sqlite3_column_int64(select, 2));
    std::exit(1);
  }
  sqlite3_finalize(select);
  sqlite3_close(connection);
}

double median(const std::vector<Spent>& values, double Spent::*member) {
  std::vector<double> sorted;
  for (const Spent& value : values) sorted.push_back(value.*member);
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2];
}

void remove_database(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"})
    std::filesystem::remove(path + suffix);
}

struct Measured {
  std::vector<Spent> backfill, import, update, update_loaded, update_counted, upsert;
};

void report(const Measured& m, std::size_t rows) {
  const auto line = [&](const char* name, const std::vector<Spent>& times,
                        const std::vector<Spent>& tool) {
    const double wall = median(times, &Spent::wall);
    const double cpu = median(times, &Spent::cpu);
    const auto [low, high] = std::minmax_element(
        times.begin(), times.end(), [](const Spent& a, const Spent& b) { return a.wall < b.wall; });
    fmt::print("{:<32} {:>6.2f} s ({:.2f} … {:.2f}) {:>5.0f} k rows/s {:>6.2f} cpu s", name, wall,
               low->wall, high->wall, static_cast<double>(rows) / wall / 1000, cpu);
    if (&times != &tool) {
      fmt::print("  {:.2f} x  ({:.2f} x cpu)", median(tool, &Spent::wall) / wall,
                 median(tool, &Spent::cpu) / cpu);
    }
    fmt::print("\n");
  };
  line("backfill: sqlite3 .import", m.import, m.import);
  line("backfill: weir", m.backfill, m.import);
  line("update: sqlite3 .import + upsert", m.upsert, m.upsert);
  line("update: weir", m.update, m.upsert);
  line("update: weir, counting changes", m.update_counted, m.upsert);
  line("update: weir, loading each row", m.update_loaded, m.upsert);
}

int run(std::size_t rows, int rounds, std::size_t transaction_rows,
        const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const std::string ours = folder / "ours.db";
  const std::string tool = folder / "tool.db";
  const DataSet sets[] = {make_data(folder, rows, 0), make_data(folder, rows, 1)};
  Measured measured;
  for (int round = 0; round <= rounds; ++round) {
    Measured now;
    remove_database(ours);
    remove_database(tool);
    now.backfill.push_back(run_ours(
        ours, sets[0], {.transaction_rows = transaction_rows, .load = false, .count = false}));
    now.import.push_back(run_tool(folder, tool, import_script(sets[0])));
    compare(ours, tool, rows);
    // The two sets alternate, for writing what is there already would write nothing.
    now.update.push_back(run_ours(
        ours, sets[1], {.transaction_rows = transaction_rows, .load = false, .count = false}));
    now.upsert.push_back(run_tool(folder, tool, upsert_script(sets[1])));
    compare(ours, tool, rows);
    now.update_counted.push_back(run_ours(
        ours, sets[0], {.transaction_rows = transaction_rows, .load = false, .count = true}));
    now.update_loaded.push_back(run_ours(
        ours, sets[1], {.transaction_rows = transaction_rows, .load = true, .count = false}));
    compare(ours, tool, rows);
    if (round == 0) continue;  // warm-up
    const auto keep = [](std::vector<Spent>& to, const std::vector<Spent>& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    keep(measured.backfill, now.backfill);
    keep(measured.import, now.import);
    keep(measured.update, now.update);
    keep(measured.upsert, now.upsert);
    keep(measured.update_counted, now.update_counted);
    keep(measured.update_loaded, now.update_loaded);
  }
  fmt::print("{} rows, {} rows a transaction, medians of {} rounds, tables equal\n", rows,
             transaction_rows == 0 ? rows : transaction_rows, rounds);
  report(measured, rows);
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  for (int at = 1; at < std::min(argc, 4); ++at) {
    if (std::string_view(argv[at]).find_first_not_of("0123456789") == std::string_view::npos)
      continue;
    std::fprintf(stderr, "usage: sqlite_bench [ROWS [ROUNDS [ROWS_A_TRANSACTION [FOLDER]]]]\n");
    return 2;
  }
  const auto number = [&](int at, std::size_t otherwise) {
    return argc > at ? std::strtoull(argv[at], nullptr, 10) : otherwise;
  };
  const std::string pattern =
      (std::filesystem::temp_directory_path() / "weir-bench-XXXXXX").string();
  std::string made = pattern;
  const std::filesystem::path folder = argc > 4 ? std::filesystem::path(argv[4]) / "weir-bench"
                                                : std::filesystem::path(mkdtemp(made.data()));
  return weir::run(number(1, 1'000'000), static_cast<int>(number(2, 5)), number(3, 0), folder);
}
