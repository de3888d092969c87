#include "catalog/load.h"

#include <gtest/gtest.h>

#include "catalog/test_catalog.h"
#include "catalog/validate.h"
#include "json/events.h"

namespace weir::catalog {
namespace {

constexpr std::string_view kOrders = R"(
collections:
  acmeCo/orders:
    schema:
      type: object
      properties: { id: { type: integer }, note: { type: string } }
      required: [id]
    key: [/id]
)";

std::string materialization(std::string_view path, std::string_view table) {
  return fmt::format(R"(
materializations:
  m:
    endpoint: {{ sqlite: {{ path: {} }} }}
    bindings:
      - source: acmeCo/orders
        resource: {{ table: {} }}
)",
                     path, table);
}

TEST(Load, ReadsTheModel) {
  const Loaded loaded = load_text(std::string(kOrders) + R"(
materializations:
  acmeCo/db:
    endpoint: { sqlite: { path: out.db, hardDelete: true } }
    shards: { minTxnDuration: 2s, maxTxnDuration: 1m 30s, logLevel: warn }
    bindings:
      - source: { name: acmeCo/orders, notBefore: 2024-01-01T00:00:00Z }
        resource: { table: Orders, delta_updates: true }
        backfill: 3
        priority: 7
        disable: true
        fields: { recommended: 2, require: { note: { a: 1 } }, exclude: [id], groupBy: [id] }
    triggers:
      interval: 5m
      config:
        - url: https://example.com/${env:X}
          method: PATCH
          headers: { A: b }
          payloadTemplate: "{}"
          timeout:
          maxAttempts: 0
        - { url: "https://example.com/", payloadTemplate: "{}", delivery: background, interval: 10s, secrets: { k: v } }
)");
  EXPECT_TRUE(loaded.ok()) << format_report(loaded.problems);
  const Materialization& m = loaded.catalog.materializations.at("acmeCo/db");
  EXPECT_EQ(m.endpoint, protocol::EndpointKind::kSqlite);
  EXPECT_EQ(m.config_json, R"({"path":"out.db","hardDelete":true})");
  EXPECT_EQ(m.shards.min_txn_duration, std::chrono::seconds(2));
  EXPECT_EQ(m.shards.max_txn_duration, std::chrono::seconds(90));
  EXPECT_EQ(m.shards.log_level, "warn");
  ASSERT_EQ(m.bindings.size(), 1u);
  const BindingModel& binding = m.bindings[0];
  EXPECT_EQ(binding.source, "acmeCo/orders");
  EXPECT_EQ(binding.not_before, "2024-01-01T00:00:00Z");
  EXPECT_EQ(binding.table, "Orders");
  EXPECT_EQ(binding.resource_json, R"({"table":"Orders","delta_updates":true})");
  EXPECT_EQ(binding.backfill, 3u);
  EXPECT_EQ(binding.priority, 7u);
  EXPECT_TRUE(binding.disable);
  EXPECT_EQ(binding.fields.recommended_depth, 2u);
  EXPECT_FALSE(binding.fields.recommended_all);
  EXPECT_EQ(binding.fields.require.at("note"), R"({"a":1})");
  EXPECT_EQ(binding.fields.exclude, std::vector<std::string>{"id"});
  ASSERT_EQ(m.triggers.size(), 2u);
  const Trigger& first = m.triggers[0];
  EXPECT_EQ(first.method, Method::kPatch);
  EXPECT_EQ(first.url.reveal(), "https://example.com/${env:X}");  // not looked up here
  EXPECT_EQ(first.headers.at("A").reveal(), "b");
  EXPECT_EQ(first.timeout, std::chrono::seconds(30));
  EXPECT_EQ(first.max_attempts, 0u);
  EXPECT_TRUE(first.max_attempts_written);
  EXPECT_EQ(first.interval, std::chrono::minutes(5));
  EXPECT_EQ(first.on_exhausted, OnExhausted::kFailTask);
  const Trigger& second = m.triggers[1];
  EXPECT_EQ(second.interval, std::chrono::seconds(10));
  EXPECT_EQ(second.on_exhausted, OnExhausted::kPark);
  EXPECT_FALSE(second.max_attempts_written);
  EXPECT_EQ(second.secrets.at("k").reveal(), "v");
}

TEST(Load, PartsOfEstuarysModelAreNotedAndIgnored) {
  const Loaded loaded = load_text(R"(
$schema: https://example.com/flow.schema.json
captures: { acmeCo/in: { endpoint: { connector: { image: x, config: {} } }, bindings: [] } }
tests: { t: [] }
storageMappings: { "": { stores: [] } }
collections:
  acmeCo/derived:
    schema:
      type: object
      properties: { id: { type: string }, mail: { type: string, redact: { strategy: sha256 } } }
      required: [id]
    key: [/id]
    derive: { using: { sqlite: {} }, transforms: [] }
    journals: { fragments: { length: 10 } }
    expectPubId: "00:00:00:00:00:00:00:00"
)");
  EXPECT_TRUE(loaded.ok()) << format_report(loaded.problems);
  EXPECT_TRUE(loaded.catalog.collections.at("acmeCo/derived").usable);
  std::string ignored;
  for (const Ignored& part : loaded.catalog.ignored) {
    ignored += fmt::format("{} {}:{}\n", part.what, part.location.file, part.location.place.line);
  }
  EXPECT_EQ(ignored,
            "captures flow.yaml:3\ntests flow.yaml:4\nstorageMappings flow.yaml:5\n"
            "\"redact\" in the schema of \"acmeCo/derived\" flow.yaml:10\n"
            "the derivation of \"acmeCo/derived\" flow.yaml:13\n");
}

TEST(Load, ImportsAreRelativeLoadedOnceAndMayBeCyclic) {
  const Loaded loaded =
      load_text("import: [a/one.yaml, ./a/../a/one.yaml, a/b/two.json]\n",
                {{"a/one.yaml", "import: [b/two.json, ../flow.yaml]\n" + std::string(kOrders)},
                 {"a/b/two.json", R"({"import": ["../one.yaml"], "collections": {}})"}});
  EXPECT_TRUE(loaded.ok()) << format_report(loaded.problems);
  EXPECT_EQ(loaded.catalog.files,
            (std::vector<std::string>{"flow.yaml", "a/one.yaml", "a/b/two.json"}));
  EXPECT_EQ(loaded.catalog.collections.at("acmeCo/orders").location.file, "a/one.yaml");
}

TEST(Load, FlowFilesAreLaidOverEachOther) {
  MemoryFiles files({
      {"base.yaml", std::string(kOrders) + materialization("base.db", "orders") + R"(
    shards: { minTxnDuration: 1s, logLevel: debug }
    triggers: { interval: 5m, config: [{ url: "https://example.com/", payloadTemplate: "{}" }] }
)"},
      {"env/production.yaml", R"(
materializations:
  m:
    endpoint: { sqlite: { path: production.db } }
    shards: { maxTxnDuration: 2m, logLevel: info }
    triggers: { interval: 1h }
  n: { endpoint: { sqlite: { path: n.db } }, bindings: [] }
)"},
  });
  const Loaded loaded = load({"base.yaml", "env/production.yaml"}, test_options(files));
  EXPECT_TRUE(loaded.ok()) << format_report(loaded.problems);
  const Materialization& m = loaded.catalog.materializations.at("m");
  EXPECT_EQ(m.config_json, R"({"path":"production.db"})");
  EXPECT_EQ(m.base_dir, "env");  // of the file that says the endpoint
  EXPECT_EQ(m.endpoint_location.file, "env/production.yaml");
  EXPECT_EQ(m.shards.min_txn_duration, std::chrono::seconds(1));
  EXPECT_EQ(m.shards.max_txn_duration, std::chrono::minutes(2));
  EXPECT_EQ(m.shards.log_level, "info");
  ASSERT_EQ(m.triggers.size(), 1u);
  EXPECT_EQ(m.triggers[0].interval, std::chrono::hours(1));
  ASSERT_EQ(m.bindings.size(), 1u);
  EXPECT_TRUE(loaded.catalog.materializations.contains("n"));
}

TEST(Load, OverlaidProblemsNameTheFileThatSaysThem) {
  MemoryFiles files(
      {{"a.yaml", std::string(kOrders) + materialization("out.db", "orders")},
       {"b.yaml", "materializations: { m: { shards: { maxTxnDuration: soon }, binding: [] } }\n"},
       {"c.yaml", "materializations: { m: 7 }\n"}});
  EXPECT_EQ(format_report(load({"a.yaml", "b.yaml"}, test_options(files)).problems),
            "b.yaml:1:52: error: \"maxTxnDuration\" is no duration [E206]\n"
            "    at /materializations/m/shards/maxTxnDuration\n"
            "    Write a duration such as 30s, 5m or 1h.\n"
            "b.yaml:1:60: error: \"binding\" of the materialization \"m\" is unknown (did you mean "
            "\"bindings\"?) [E201]\n"
            "    at /materializations/m/binding\n"
            "    Correct the name or remove the member.\n"
            "2 errors, 0 warnings\n");
  EXPECT_EQ(
      brief(load({"a.yaml", "c.yaml"}, test_options(files)).problems),
      "E203 1:24 /materializations/m the materialization \"m\" must be an object, not a number\n");
}

TEST(Load, EndpointsReplaceAndDoNotMerge) {
  MemoryFiles files(
      {{"a.yaml", std::string(kOrders) + materialization("out.db", "orders")},
       {"b.yaml",
        "materializations: { m: { endpoint: { sqlite: { path: b.db, hardDelete: true } } } }\n"},
       {"c.yaml", "materializations: { m: { endpoint: { sqlite: { path: c.db } } } }\n"}});
  const Loaded loaded = load({"a.yaml", "b.yaml", "c.yaml"}, test_options(files));
  EXPECT_EQ(loaded.catalog.materializations.at("m").config_json, R"({"path":"c.db"})");
}

TEST(Load, ConfigsAndResourcesMayStandInFilesOfTheirOwn) {
  const Loaded loaded =
      load_text(std::string(kOrders) + R"(
materializations:
  m:
    endpoint: { sqlite: conf/db.yaml }
    bindings: [{ source: acmeCo/orders, resource: conf/table.json }]
)",
                {{"conf/db.yaml", "path: out.db\n"}, {"conf/table.json", R"({"table": "t"})"}});
  EXPECT_TRUE(loaded.ok()) << format_report(loaded.problems);
  EXPECT_EQ(loaded.catalog.materializations.at("m").base_dir, "conf");
  EXPECT_EQ(loaded.catalog.materializations.at("m").bindings[0].table, "t");
}

class UnreadableFiles : public FileReader {
 public:
  Result<std::string> read(const std::string& path) override {
    if (path == "flow.yaml") return std::string("import: [secret.yaml, secret.yaml, huge.yaml]\n");
    if (path == "huge.yaml") return std::string(kFileBytesMax + 1, ' ');
    return error(Code::kUnavailable, "permission denied");
  }
};

TEST(Load, UnreadableFilesAreNamed) {
  UnreadableFiles files;
  EXPECT_EQ(brief(load({"flow.yaml"}, test_options(files)).problems),
            "E103 1:10 /import/0 secret.yaml cannot be read: permission denied\n"
            "E103 1:36 /import/2 huge.yaml is larger than 16 MiB\n");
}

class EndlessFiles : public FileReader {
 public:
  Result<std::string> read(const std::string& path) override {
    return fmt::format("{{\"import\": [\"{}.json\"]}}", std::stoi(path) + 1);
  }
};

TEST(Load, TheNumberOfFilesIsLimited) {
  EndlessFiles files;
  const Loaded loaded = load({"0.json"}, test_options(files));
  EXPECT_EQ(loaded.catalog.files.size(), kFilesMax);
  EXPECT_EQ(brief(loaded.problems), "E103 1:13 /import/0 the catalog has more than 1024 files\n");
}

TEST(Load, ProblemsAreLimitedAndTheRestCounted) {
  std::string flow = "collections:\n";
  for (std::size_t i = 0; i < kProblemsMax + 5; ++i) flow += fmt::format("  c{}: 1\n", i);
  const Loaded loaded = load_text(flow);
  ASSERT_EQ(loaded.problems.size(), kProblemsMax);
  EXPECT_NE(loaded.problems.back().message.find("and 5 problems more"), std::string::npos);
  EXPECT_FALSE(loaded.ok());
}

TEST(Load, TriggersTimesBindingsAreLimited) {
  std::string flow =
      std::string(kOrders) +
      "materializations:\n  m:\n    endpoint: { sqlite: { path: x } }\n    bindings:\n";
  for (int i = 0; i < 65; ++i)
    flow += fmt::format("      - {{ source: acmeCo/orders, resource: {{ table: t{} }} }}\n", i);
  flow += "    triggers:\n      config:\n";
  for (int i = 0; i < 64; ++i) {
    flow += fmt::format(
        "        - {{ name: t{}, url: \"https://example.com/\", payloadTemplate: \"{{}}\" }}\n", i);
  }
  std::string errors;
  for (const Problem& p : load_text(flow).problems) {
    if (p.severity == Severity::kError) errors += p.code + " " + p.message + "\n";
  }
  EXPECT_EQ(errors, "E410 64 triggers times 65 bindings are more than 4096\n");
}

TEST(Load, TriggersJsonIsBlankWhereSecretsStand) {
  const Loaded loaded = load_text(std::string(kOrders) + materialization("x.db", "t") + R"(
    triggers:
      interval: 1m
      config:
        - url: https://example.com/hook?a={{run_id}}
          headers: { Authorization: canary, X-Other: "${env:X}" }
          secrets: { key: canary }
          payloadTemplate: '{"a": 1}'
          timeout: 10s
        - url: https://example.com/?token=canary
          payloadTemplate: "{}"
)");
  EXPECT_EQ(
      loaded.catalog.materializations.at("m").triggers_json,
      R"({"interval":"1m","config":[{"url":"https://example.com/hook?a={{run_id}}",)"
      R"("headers":{"Authorization":"","X-Other":""},"secrets":{"key":""},)"
      R"("payloadTemplate":"{\"a\": 1}","timeout":"10s"},{"url":"","payloadTemplate":"{}"}]})");
}

TEST(Validate, StrictMakesErrorsOfWarnings) {
  const Loaded loaded = load_text(std::string(kOrders) + materialization("x.db", "t") + R"(
    triggers: { config: [{ url: "https://example.com/", payloadTemplate: "{}", interval: 1m }] }
)");
  EXPECT_TRUE(loaded.ok());
  EXPECT_FALSE(has_errors(validate(loaded)));
  const auto problems = validate(loaded, {.strict = true, .constraints_of = nullptr});
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].code, "W101");
  EXPECT_EQ(problems[0].severity, Severity::kError);
}

TEST(Validate, ReportForMachines) {
  EXPECT_EQ(report_json({}), "[]\n");
  const std::string report = report_json(validate(load_text("a: 1\nb: 2\n")));
  const auto tree = json::parse_tree(report);
  ASSERT_TRUE(tree) << report;
  ASSERT_EQ(tree->root.size(), 2u);
  EXPECT_EQ(
      json::to_text(tree->root.items()[0]),
      R"({"severity":"error","code":"E201","file":"flow.yaml","line":1,"column":1,"pointer":"/a",)"
      R"("message":"\"a\" of the catalog is unknown","remedy":"Correct the name or remove the member."})");
}

}  // namespace
}  // namespace weir::catalog
