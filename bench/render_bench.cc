// Rendering a payload: a loop over three tables and twenty variables. Compared with code that
// writes the same bytes by hand, and with replacing placeholders in a text, which is what programs
// do that have no template engine. Prints renders per second and the ratios.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "handlebars/template.h"
#include "json/events.h"

namespace {

using weir::handlebars::Template;

constexpr std::string_view kTables[] = {"orders", "customers", "line_items"};
constexpr std::string_view kCounts[] = {"stored", "inserted", "updated", "deleted"};
constexpr std::string_view kNames[] = {"request_id", "trigger", "endpoint", "environment"};

std::string payload_template() {
  std::string text = "{\n";
  for (const std::string_view name : kNames)
    text += fmt::format("  \"{0}\": \"{{{{{0}}}}}\",\n", name);
  for (int i = 0; i < 16; ++i) text += fmt::format("  \"v{0}\": \"{{{{facts.v{0}}}}}\",\n", i);
  text += "  \"tables\": [\n  {{#each tables}}\n    {\"name\": \"{{@key}}\"";
  for (const std::string_view name : kCounts) text += fmt::format(", \"{0}\": {{{{{0}}}}}", name);
  return text + "}{{#unless @last}},{{/unless}}\n  {{/each}}\n  ]\n}\n";
}

std::string payload_data() {
  std::string text = "{";
  for (const std::string_view name : kNames) text += fmt::format("\"{0}\":\"the {0}\",", name);
  text += "\"facts\":{";
  for (int i = 0; i < 16; ++i)
    text += fmt::format("{}\"v{}\":\"value {}\"", i > 0 ? "," : "", i, i);
  text += "},\"tables\":{";
  for (std::size_t t = 0; t < std::size(kTables); ++t) {
    text += fmt::format("{}\"{}\":{{", t > 0 ? "," : "", kTables[t]);
    for (std::size_t c = 0; c < std::size(kCounts); ++c) {
      text += fmt::format("{}\"{}\":{}", c > 0 ? "," : "", kCounts[c], 1000 * t + c);
    }
    text += "}";
  }
  return text + "}}";
}

void append_member(const weir::json::Value& object, std::string_view name, std::string& out) {
  out.append("  \"").append(name).append("\": \"");
  weir::json::write_string_inside(object.find(name)->as_string(), out);
  out += "\",\n";
}

// The same bytes without a template.
std::string by_hand(const weir::json::Value& data) {
  std::string out = "{\n";
  for (const std::string_view name : kNames) append_member(data, name, out);
  const weir::json::Value& facts = *data.find("facts");
  for (int i = 0; i < 16; ++i) append_member(facts, "v" + std::to_string(i), out);
  out += "  \"tables\": [\n";
  const auto tables = data.find("tables")->members();
  for (std::size_t i = 0; i < tables.size(); ++i) {
    out += "    {\"name\": \"";
    weir::json::write_string_inside(tables[i].name, out);
    out += '"';
    for (const std::string_view name : kCounts) {
      out.append(", \"").append(name).append("\": ");
      out += tables[i].value.find(name)->number_text();
    }
    out += i + 1 < tables.size() ? "},\n" : "}\n";
  }
  return out + "  ]\n}\n";
}

// Each placeholder of a flat text is searched for and replaced.
std::string by_replacing(std::string text, const std::map<std::string, std::string>& values) {
  for (const auto& [placeholder, value] : values) {
    for (std::size_t at = 0; (at = text.find(placeholder, at)) != std::string::npos;) {
      text.replace(at, placeholder.size(), value);
      at += value.size();
    }
  }
  return text;
}

struct Fixture {
  Fixture() {
    const std::string expected = by_hand(data.root);
    const auto out = weir::handlebars::render(parsed, data.root);
    WEIR_CHECK(out && *out == expected);
    // The flat text: what the engine prints, with the loop unrolled and every value a placeholder.
    for (const std::string_view name : kNames) add(name, data.root.find(name)->as_string());
    for (const auto& fact : data.root.find("facts")->members()) {
      add(fact.name, fact.value.as_string());
    }
    for (const auto& table : data.root.find("tables")->members()) {
      add(table.name, table.name);
      for (const auto& count : table.value.members()) {
        add(fmt::format("{}.{}", table.name, count.name), count.value.number_text());
      }
    }
    flat = "{\n";
    for (const std::string_view name : kNames)
      flat += fmt::format("  \"{0}\": \"{{{{{0}}}}}\",\n", name);
    for (int i = 0; i < 16; ++i) flat += fmt::format("  \"v{0}\": \"{{{{v{0}}}}}\",\n", i);
    flat += "  \"tables\": [\n";
    for (std::size_t t = 0; t < std::size(kTables); ++t) {
      flat += fmt::format("    {{\"name\": \"{{{{{}}}}}\"", kTables[t]);
      for (const std::string_view name : kCounts) {
        flat += fmt::format(", \"{1}\": {{{{{0}.{1}}}}}", kTables[t], name);
      }
      flat += t + 1 < std::size(kTables) ? "},\n" : "}\n";
    }
    flat += "  ]\n}\n";
    WEIR_CHECK(by_replacing(flat, values) == expected);
  }
  void add(std::string_view name, std::string_view value) {
    values.emplace(fmt::format("{{{{{}}}}}", name), value);
  }

  Template parsed = *Template::parse(payload_template());
  weir::json::Tree data = *weir::json::parse_tree(payload_data());
  std::string flat;
  std::map<std::string, std::string> values;
};

const Fixture& fixture() {
  static const Fixture kFixture;
  return kFixture;
}

void render(benchmark::State& state) {
  const Fixture& f = fixture();
  for (auto _ : state) benchmark::DoNotOptimize(weir::handlebars::render(f.parsed, f.data.root));
  state.SetItemsProcessed(state.iterations());
}
void render_with_source_map(benchmark::State& state) {
  const Fixture& f = fixture();
  weir::handlebars::SourceMap map;
  for (auto _ : state) {
    benchmark::DoNotOptimize(weir::handlebars::render(f.parsed, f.data.root, {}, &map));
  }
  state.SetItemsProcessed(state.iterations());
}
void parse(benchmark::State& state) {
  const std::string text = payload_template();
  for (auto _ : state) benchmark::DoNotOptimize(Template::parse(text));
  state.SetItemsProcessed(state.iterations());
}
void write_by_hand(benchmark::State& state) {
  const Fixture& f = fixture();
  for (auto _ : state) benchmark::DoNotOptimize(by_hand(f.data.root));
  state.SetItemsProcessed(state.iterations());
}
void replace_placeholders(benchmark::State& state) {
  const Fixture& f = fixture();
  for (auto _ : state) benchmark::DoNotOptimize(by_replacing(f.flat, f.values));
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(render);
BENCHMARK(render_with_source_map);
BENCHMARK(parse);
BENCHMARK(write_by_hand);
BENCHMARK(replace_placeholders);

// Prints the table as usual and keeps the times for the ratios.
class Reporter : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) seconds_[run.benchmark_name()] = run.GetAdjustedCPUTime() / 1e9;
  }
  void print_ratios() const {
    const auto engine = seconds_.find("render");
    if (engine == seconds_.end()) return;
    fmt::print("\n{:.0f} renders/s\n", 1 / engine->second);
    for (const char* baseline : {"write_by_hand", "replace_placeholders"}) {
      const auto other = seconds_.find(baseline);
      if (other == seconds_.end()) continue;
      fmt::print("{:.2f} times the time of {}\n", engine->second / other->second, baseline);
    }
  }

 private:
  std::map<std::string, double> seconds_;
};

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  reporter.print_ratios();
  return 0;
}
