// The hot paths of documents: parse and key, reduce in place and by trees, combine by sum and by
// last-write-wins. Beside each runs a plain implementation with a well-known library (nlohmann) on
// the same documents; before anything is measured, both must have the same results. Ratios are
// printed at the end.
//
//   document_bench [--benchmark_filter=…] [other options of Google Benchmark]
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "document/combiner.h"
#include "document/fold.h"
#include "document/tuple.h"
#include "document/uuid.h"
#include "document/walk.h"
#include "json/events.h"
#include "json/host/document_parser.h"
#include "json/host/re2_regex.h"
#include "testing/memory_spill.h"

namespace weir::document {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kBufferBytes = 1u << 20;
constexpr std::size_t kSumDocuments = 2'000'000;
constexpr std::size_t kSumKeys = 100'000;
constexpr std::size_t kRows = 1'000'000;

constexpr std::string_view kSumSchema = R"({
  "type": "object", "required": ["id"], "reduce": {"strategy": "merge"},
  "properties": {
    "id": {"type": "integer"},
    "region": {"type": "string"},
    "amount": {"type": "integer", "reduce": {"strategy": "sum"}},
    "count": {"type": "integer", "reduce": {"strategy": "sum"}},
    "last": {"type": "string", "reduce": {"strategy": "maximize"}},
    "_meta": {"type": "object", "properties": {"uuid": {"type": "string"}}}
  }
})";

constexpr std::string_view kRowSchema = R"({
  "type": "object", "required": ["id"],
  "properties": {
    "id": {"type": "integer"},
    "user": {"type": "string"},
    "ts": {"type": "string"},
    "amount": {"type": "number"},
    "region": {"type": "string"},
    "count": {"type": "integer"},
    "note": {"type": "string"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "_meta": {"type": "object", "properties": {"uuid": {"type": "string"}}}
  }
})";

struct Document {
  std::uint32_t buffer;
  std::string_view text;
};

// Documents in buffers as a journal reader hands them over.
struct Data {
  std::vector<Buffer> buffers;
  std::vector<Document> documents;
  std::size_t bytes = 0;
};

class DataBuilder {
 public:
  void add(const std::string& text) {
    if (buffer_.size() + text.size() + 1 > kBufferBytes - json::kDocumentPadding) flush();
    places_.emplace_back(buffer_.size(), text.size());
    buffer_ += text;
    buffer_ += '\n';
  }
  Data take() {
    flush();
    return std::move(data_);
  }

 private:
  void flush() {
    buffer_.reserve(kBufferBytes);
    const auto buffer = std::make_shared<const std::string>(std::move(buffer_));
    for (const auto& [at, size] : places_) {
      data_.documents.push_back({static_cast<std::uint32_t>(data_.buffers.size()),
                                 std::string_view(*buffer).substr(at, size)});
      data_.bytes += size;
    }
    data_.buffers.push_back(buffer);
    buffer_ = std::string();
    buffer_.reserve(kBufferBytes);
    places_.clear();
  }
  Data data_;
  std::string buffer_;
  std::vector<std::pair<std::size_t, std::size_t>> places_;
};

std::string uuid_text(Random& random) {
  Uuid uuid;
  uuid.clock = kUnixEpochClock + random.below(std::uint64_t{1} << 58);
  uuid.producer = {0x03, 1, 2, 3, 4, 5};
  return format_uuid(uuid);
}

std::string timestamp(Random& random) {
  return fmt::format("2026-{:02}-{:02}T{:02}:{:02}:{:02}Z", 1 + random.below(12),
                     1 + random.below(28), random.below(24), random.below(60), random.below(60));
}

Data sum_data(std::size_t count, std::size_t keys) {
  Random random(1);
  DataBuilder builder;
  for (std::size_t i = 0; i < count; ++i) {
    builder.add(fmt::format(
        R"({{"id":{},"_meta":{{"uuid":"{}"}},"region":"eu-{}","amount":{},"count":1,"last":"{}"}})",
        random.below(keys), uuid_text(random), random.below(9), random.below(1000),
        timestamp(random)));
  }
  return builder.take();
}

Data row_data(std::size_t count) {
  Random random(2);
  DataBuilder builder;
  for (std::size_t i = 0; i < count; ++i) {
    // A permutation: the factor has no common divisor with any power of ten.
    const std::size_t id = i * 7919 % count;
    builder.add(fmt::format(
        R"({{"_meta":{{"uuid":"{}"}},"id":{},"user":"user-{}","ts":"{}","amount":{}.{:02},)"
        R"("region":"eu-{}","count":{},"tags":["a","bb","ccc"],)"
        R"("note":"amber basin creek delta eddy flume gauge head inlet jetty kelp levee marsh nappe )"
        R"(outlet pond amber basin creek delta"}})",
        uuid_text(random), id, random.below(50'000), timestamp(random), random.below(1000),
        random.below(100), random.below(9), random.below(100)));
  }
  return builder.take();
}

const Data& sums() {
  static const Data data = sum_data(kSumDocuments, kSumKeys);
  return data;
}
const Data& rows() {
  static const Data data = row_data(kRows);
  return data;
}

BindingSpec binding(std::string_view schema, std::vector<std::string_view> columns) {
  const auto tree = json::parse_tree(schema);
  WEIR_CHECK(tree.has_value());
  json::SchemaStore store;
  WEIR_CHECK(store.add("bench:schema", tree->root).has_value());
  json::SchemaOptions options;
  options.keywords = kReductionKeywords;
  options.regex = json::re2_regex_factory();
  auto compiled = store.compile("bench:schema", options);
  WEIR_CHECK(compiled.has_value());
  BindingSpec spec;
  spec.name = "bench";
  spec.schema = *compiled;
  spec.keys.push_back({*json::Pointer::parse("/id"), FieldKind::kPlain, ""});
  for (const auto column : columns) {
    spec.values.push_back({*json::Pointer::parse(column), FieldKind::kPlain, ""});
  }
  return spec;
}

BindingSpec sum_binding() {
  return binding(kSumSchema, {"/amount", "/count", "/last", "/region"});
}
BindingSpec row_binding() {
  return binding(kRowSchema, {"/amount", "/count", "/note", "/region", "/ts", "/user"});
}

struct Row {
  std::string key, values, document;
  friend bool operator==(const Row&, const Row&) = default;
};

// Returns the number of rows, and the rows themselves if asked.
std::size_t combine(const Data& data, Combiner& combiner, std::vector<Row>* out) {
  for (const Document& document : data.documents) {
    const auto added = combiner.add_right(0, document.text, data.buffers[document.buffer]);
    WEIR_CHECK(added.has_value());
  }
  std::size_t count = 0;
  for (;;) {
    const auto drained = combiner.next();
    WEIR_CHECK(drained.has_value());
    if (!*drained) break;
    ++count;
    benchmark::DoNotOptimize((*drained)->values_packed.data());
    if (out == nullptr) continue;
    out->push_back({std::string((*drained)->key_packed), std::string((*drained)->values_packed),
                    std::string((*drained)->doc_json)});
  }
  combiner.reset();
  return count;
}

// ---- the plain implementation ----

void pack_plain(std::string& out, const Json& value) {
  if (value.is_string()) return pack_string(out, value.get_ref<const std::string&>());
  if (value.is_number_integer()) return pack_int(out, value.get<std::int64_t>());
  if (value.is_number()) return pack_double(out, value.get<double>());
  pack_null(out);
}

Row plain_row(std::int64_t id, const Json& document, std::span<const std::string_view> columns) {
  Row row;
  pack_int(row.key, id);
  for (const std::string_view column : columns)
    pack_plain(row.values, document[std::string(column)]);
  row.document = document.dump();
  return row;
}

constexpr std::string_view kSumColumns[] = {"amount", "count", "last", "region"};
constexpr std::string_view kRowColumns[] = {"amount", "count", "note", "region", "ts", "user"};

std::vector<Row> plain_sum(const Data& data) {
  std::unordered_map<std::int64_t, Json> by_key;
  for (const Document& document : data.documents) {
    Json parsed = Json::parse(document.text);
    const auto [found, added] = by_key.try_emplace(parsed["id"].get<std::int64_t>());
    if (added) {
      found->second = std::move(parsed);
      continue;
    }
    Json& total = found->second;
    parsed["amount"] = total["amount"].get<std::int64_t>() + parsed["amount"].get<std::int64_t>();
    parsed["count"] = total["count"].get<std::int64_t>() + parsed["count"].get<std::int64_t>();
    parsed["last"] = std::max(total["last"].get<std::string>(), parsed["last"].get<std::string>());
    total = std::move(parsed);
  }
  std::vector<Row> out;
  for (const auto& [id, document] : by_key) out.push_back(plain_row(id, document, kSumColumns));
  std::sort(out.begin(), out.end(), [](const Row& a, const Row& b) { return a.key < b.key; });
  return out;
}

std::vector<Row> plain_last(const Data& data) {
  std::unordered_map<std::int64_t, Json> by_key;
  for (const Document& document : data.documents) {
    Json parsed = Json::parse(document.text);
    const auto id = parsed["id"].get<std::int64_t>();
    by_key.insert_or_assign(id, std::move(parsed));
  }
  std::vector<Row> out;
  for (const auto& [id, document] : by_key) out.push_back(plain_row(id, document, kRowColumns));
  std::sort(out.begin(), out.end(), [](const Row& a, const Row& b) { return a.key < b.key; });
  return out;
}

// nlohmann writes 5.10 as 5.1: compare what was written as values where texts may differ.
bool same_rows(const std::vector<Row>& a, const std::vector<Row>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Row& x, const Row& y) {
    return x.key == y.key && x.values == y.values &&
           (x.document == y.document || Json::parse(x.document) == Json::parse(y.document));
  });
}

void check_equal() {
  const Data few_sums = sum_data(50'000, 3'000);
  const Data few_rows = row_data(20'000);
  const auto ours = [](const Data& data, BindingSpec spec, CombinerOptions options) {
    std::vector<Row> out;
    testing::MemorySpill spill;
    options.spill = &spill;
    Combiner combiner({std::move(spec)}, options);
    combine(data, combiner, &out);
    return out;
  };
  const std::vector<Row> sums_expected = plain_sum(few_sums);
  const std::vector<Row> rows_expected = plain_last(few_rows);
  CombinerOptions trees;
  trees.use_programs = false;
  CombinerOptions tight;
  tight.memory_max = 2u << 20;
  const bool equal = same_rows(ours(few_sums, sum_binding(), {}), sums_expected) &&
                     same_rows(ours(few_sums, sum_binding(), trees), sums_expected) &&
                     same_rows(ours(few_sums, sum_binding(), tight), sums_expected) &&
                     same_rows(ours(few_rows, row_binding(), {}), rows_expected) &&
                     same_rows(ours(few_rows, row_binding(), tight), rows_expected);
  if (!equal) {
    fmt::print(stderr, "the results differ from the plain implementation's; nothing is measured\n");
    std::exit(1);
  }
}

// ---- the benchmarks ----

void per_document(benchmark::State& state, const Data& data) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(data.documents.size()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(data.bytes));
}

void combine_loop(benchmark::State& state, const Data& data, BindingSpec spec,
                  CombinerOptions options) {
  testing::MemorySpill spill;
  options.spill = &spill;
  Combiner combiner({std::move(spec)}, options);
  for (auto _ : state) benchmark::DoNotOptimize(combine(data, combiner, nullptr));
  per_document(state, data);
}

void parse_and_key(benchmark::State& state) {
  const Data& data = sums();
  WalkPlan plan;
  const std::uint32_t id = plan.want(plan.at(*json::Pointer::parse("/id")));
  plan.finish();
  Walker walker(plan);
  std::string key;
  for (auto _ : state) {
    for (const Document& document : data.documents) {
      WEIR_CHECK(walker.walk(document.text).has_value());
      key.clear();
      WEIR_CHECK(pack_number(key, walker.captures()[id].raw, Numbers::kKey).has_value());
      benchmark::DoNotOptimize(key.data());
    }
  }
  per_document(state, data);
}

void parse_and_key_plain(benchmark::State& state) {
  const Data& data = sums();
  std::string key;
  for (auto _ : state) {
    for (const Document& document : data.documents) {
      const Json parsed = Json::parse(document.text);
      key.clear();
      pack_int(key, parsed["id"].get<std::int64_t>());
      benchmark::DoNotOptimize(key.data());
    }
  }
  per_document(state, data);
}

void sum_in_place(benchmark::State& state) {
  combine_loop(state, sums(), sum_binding(), {});
}
void sum_by_trees(benchmark::State& state) {
  CombinerOptions options;
  options.use_programs = false;
  options.memory_max = 2u << 30;
  combine_loop(state, sums(), sum_binding(), options);
}
void sum_plain(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(plain_sum(sums()).size());
  per_document(state, sums());
}

void last_write(benchmark::State& state) {
  CombinerOptions options;
  options.memory_max = 2u << 30;
  combine_loop(state, rows(), row_binding(), options);
}
void last_write_spilling(benchmark::State& state) {
  CombinerOptions options;
  options.memory_max = 64u << 20;
  combine_loop(state, rows(), row_binding(), options);
}
void last_write_plain(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(plain_last(rows()).size());
  per_document(state, rows());
}

BENCHMARK(parse_and_key)->Unit(benchmark::kMillisecond);
BENCHMARK(parse_and_key_plain)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(sum_in_place)->Unit(benchmark::kMillisecond);
BENCHMARK(sum_by_trees)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(sum_plain)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(last_write)->Unit(benchmark::kMillisecond);
BENCHMARK(last_write_spilling)->Unit(benchmark::kMillisecond);
BENCHMARK(last_write_plain)->Unit(benchmark::kMillisecond)->Iterations(1);

// Remembers CPU times, for the ratios.
class Reporter : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const std::string name = run.run_name.function_name;
      seconds_[name] = run.cpu_accumulated_time / static_cast<double>(run.iterations);
    }
    ConsoleReporter::ReportRuns(runs);
  }
  void print_ratios() const {
    constexpr std::pair<const char*, const char*> kPairs[] = {
        {"parse_and_key", "parse_and_key_plain"},
        {"sum_in_place", "sum_plain"},
        {"sum_by_trees", "sum_plain"},
        {"last_write", "last_write_plain"},
        {"last_write_spilling", "last_write_plain"}};
    fmt::print("\nresults equal to the plain implementation's\n");
    for (const auto& [ours, plain] : kPairs) {
      const auto mine = seconds_.find(ours);
      const auto other = seconds_.find(plain);
      if (mine == seconds_.end() || other == seconds_.end()) continue;
      fmt::print("{:<22}{:>6.1f} times as fast as {}\n", ours, other->second / mine->second, plain);
    }
  }

 private:
  std::map<std::string, double> seconds_;
};

}  // namespace
}  // namespace weir::document

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  weir::document::check_equal();
  weir::document::Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  reporter.print_ratios();
  return 0;
}
