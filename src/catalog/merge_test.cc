// Several FLOW files laid over each other: what merges, what replaces, what null takes away, and
// that places and paths stay those of the file that says them.
#include <gtest/gtest.h>

#include "catalog/test_catalog.h"
#include "catalog/validate.h"

namespace weir::catalog {
namespace {

constexpr std::string_view kBase = R"(
collections:
  acme/orders:
    schema: { type: object, required: [id], properties: { id: { type: integer }, n: { type: integer } } }
    key: [/id]
  acme/users:
    schema: { type: object, required: [id], properties: { id: { type: integer } } }
    key: [/id]
materializations:
  m:
    endpoint: { connector: { image: "example/materialize-warehouse:v1", config: warehouse.yaml } }
    shards: { minTxnDuration: 1s }
    bindings:
      - source: { name: acme/orders, notBefore: 2024-01-01T00:00:00Z }
        resource: { table: orders, schema: public }
        fields: { recommended: 1, exclude: [n] }
      - source: acme/users
        resource: { table: users, schema: public }
    triggers:
      interval: 5m
      config:
        - url: https://ci.example.com/hook
          method: PUT
          headers: { Authorization: "Bearer ${file:token.txt}", X-Team: data }
          payloadTemplate: '{"run": "{{run_id}}"}'
        - url: https://chat.example.com/hook
          payloadTemplate: '{"text": "done"}'
)";

Loaded load_over(std::string_view over, std::string_view third = "{}") {
  MemoryFiles files({{"flow.yaml", std::string(kBase)},
                     {"warehouse.yaml", "password: canary\n"},
                     {"env/weir.yaml", std::string(over)},
                     {"third.yaml", std::string(third)}});
  return load({"flow.yaml", "env/weir.yaml", "third.yaml"}, test_options(files));
}

// Errors only: warnings have tests of their own.
std::string errors_of(const Loaded& loaded) {
  std::string out;
  for (const Problem& p : loaded.problems) {
    if (p.severity == Severity::kError) {
      out += fmt::format("{} {}:{}:{} {} {}\n", p.code, p.location.file, p.location.place.line,
                         p.location.place.column, p.location.pointer, p.message);
    }
  }
  return out;
}

constexpr std::string_view kSqlite = R"(
    endpoint: { sqlite: { path: out.db } }
    bindings:
      - { source: acme/orders, resource: { table: orders } }
      - { source: acme/users, resource: { table: users } }
)";

TEST(Merge, AnEndpointIsReplacedAndBindingsMergeBySource) {
  const Loaded loaded = load_over("materializations:\n  m:" + std::string(kSqlite));
  EXPECT_EQ(errors_of(loaded), "");
  const Materialization& m = loaded.catalog.materializations.at("m");
  EXPECT_EQ(m.endpoint, protocol::EndpointKind::kSqlite);
  EXPECT_EQ(m.config_json, R"({"path":"out.db"})");
  EXPECT_EQ(m.base_dir, "env");
  ASSERT_EQ(m.bindings.size(), 2u);
  EXPECT_EQ(m.bindings[0].resource_json, R"({"table":"orders"})");  // replaced, not merged
  EXPECT_EQ(m.bindings[0].not_before, "2024-01-01T00:00:00Z");      // a name alone keeps it
  EXPECT_EQ(m.bindings[0].fields.recommended_depth, 1u);
  EXPECT_EQ(m.bindings[0].fields.exclude, std::vector<std::string>{"n"});
  EXPECT_EQ(m.bindings[1].table, "users");
}

TEST(Merge, ATableThatIsBoundTwiceIsNamedWithItsFile) {
  const Loaded loaded = load_over(R"(
materializations:
  m:
    endpoint: { sqlite: { path: out.db } }
    bindings:
      - { source: acme/orders, resource: { table: one } }
      - { source: acme/users, resource: { table: two } }
)",
                                  R"(
materializations:
  m:
    bindings:
      - { source: acme/orders, resource: { table: TWO } }
)");
  EXPECT_EQ(
      errors_of(loaded),
      "E404 env/weir.yaml:7:50 /materializations/m/bindings/1/resource/table table \"two\" is "
      "bound twice, first at third.yaml:5:51 as \"TWO\"\n");
}

TEST(Merge, BindingsOfOneSourceMeetInOrderAndOthersAreAdded) {
  const std::string twice = "      - { source: acme/orders, resource: { table: again } }\n";
  const Loaded loaded = load_over("materializations:\n  m:" + std::string(kSqlite) + twice,
                                  R"(
materializations:
  m:
    bindings:
      - { source: { name: acme/orders, notAfter: 2025-01-01T00:00:00Z } }
      - { source: acme/orders, backfill: 2 }
      - { source: acme/users, disable: true }
)");
  EXPECT_EQ(errors_of(loaded), "");
  const auto& bindings = loaded.catalog.materializations.at("m").bindings;
  ASSERT_EQ(bindings.size(), 3u);
  EXPECT_EQ(bindings[0].table, "orders");
  EXPECT_EQ(bindings[0].not_after, "2025-01-01T00:00:00Z");
  EXPECT_EQ(bindings[0].not_before, "2024-01-01T00:00:00Z");  // objects merge
  EXPECT_EQ(bindings[0].backfill, 0u);
  EXPECT_EQ(bindings[2].table, "again");
  EXPECT_EQ(bindings[2].backfill, 2u);
  EXPECT_TRUE(bindings[1].disable);
}

TEST(Merge, TriggersMeetByUrlUntilTheyHaveAName) {
  const Loaded loaded = load_over("materializations:\n  m:" + std::string(kSqlite) + R"(
    triggers:
      config:
        - { url: "https://chat.example.com/hook", name: chat, delivery: background }
        - { url: "https://ci.example.com/hook", name: ci, onExhausted: failTask, headers: { X-Team: ops } }
        - { name: own, url: "https://own.example.com/", payloadTemplate: "{}" }
)",
                                  R"(
materializations:
  m:
    triggers:
      config:
        - { name: ci, url: "http://127.0.0.1:8080/", headers: { X-Team: null, X-New: a } }
)");
  EXPECT_EQ(errors_of(loaded), "");
  const auto& triggers = loaded.catalog.materializations.at("m").triggers;
  ASSERT_EQ(triggers.size(), 3u);
  const Trigger& ci = triggers[0];
  EXPECT_EQ(ci.name, "ci");
  EXPECT_EQ(ci.method, Method::kPut);
  EXPECT_EQ(ci.url.reveal(), "http://127.0.0.1:8080/");
  EXPECT_EQ(ci.on_exhausted, OnExhausted::kFailTask);
  EXPECT_EQ(ci.payload_template, R"({"run": "{{run_id}}"})");
  EXPECT_EQ(ci.headers.size(), 2u);
  EXPECT_EQ(ci.headers.count("X-Team"), 0u);
  EXPECT_EQ(triggers[1].name, "chat");
  EXPECT_EQ(triggers[1].delivery, DeliveryMode::kBackground);
  EXPECT_EQ(triggers[2].name, "own");
  EXPECT_EQ(triggers[0].interval, std::chrono::minutes(5));
  // What goes into specifications is the merged block, with secret places blank.
  EXPECT_EQ(
      loaded.catalog.materializations.at("m").triggers_json,
      R"({"interval":"5m","config":[{"url":"http://127.0.0.1:8080/","method":"PUT",)"
      R"("headers":{"Authorization":"","X-New":""},"payloadTemplate":"{\"run\": \"{{run_id}}\"}",)"
      R"("name":"ci","onExhausted":"failTask"},{"url":"https://chat.example.com/hook",)"
      R"("payloadTemplate":"{\"text\": \"done\"}","name":"chat","delivery":"background"},)"
      R"({"name":"own","url":"https://own.example.com/","payloadTemplate":"{}"}]})");
}

TEST(Merge, ATriggerIsKnownAgainByNameElseByUrlAndMethod) {
  struct Case {
    std::string_view item, expected;  // names or URLs of the triggers afterwards
  };
  constexpr std::string_view kCi = "https://ci.example.com/hook";
  constexpr Case cases[] = {
      {R"({ url: "https://ci.example.com/hook", enabled: false })", "ci chat"},
      {R"({ url: "https://ci.example.com/hook", method: PUT, enabled: false })", "ci chat"},
      {R"({ url: "https://ci.example.com/hook", method: POST, payloadTemplate: "{}" })",
       "ci chat ci"},
      {R"({ url: "https://CI.example.com/hook", payloadTemplate: "{}" })", "ci chat CI"},
  };
  for (const Case& c : cases) {
    const Loaded loaded = load_over(fmt::format(
        "materializations:\n  m:{}    triggers: {{ config: [ {} ] }}\n", kSqlite, c.item));
    std::string found;
    for (const Trigger& trigger : loaded.catalog.materializations.at("m").triggers) {
      const std::string url(trigger.url.reveal());
      found += (found.empty() ? "" : " ") + url.substr(8, url.find('.') - 8);
    }
    EXPECT_EQ(found, c.expected) << c.item;
    EXPECT_EQ(errors_of(loaded), "") << c.item;
  }
  EXPECT_EQ(kCi.size(), 27u);
}

TEST(Merge, WhatMeetsNothingIsSaidAtItsOwnPlace) {
  const Loaded loaded = load_over("materializations:\n  m:" + std::string(kSqlite) + R"(
      - { source: acme/order }
    triggers:
      config:
        - { name: ci, enabled: false }
)");
  EXPECT_EQ(errors_of(loaded),
            "E202 env/weir.yaml:8:9 /materializations/m/bindings/2 a binding has no \"resource\"\n"
            "E403 env/weir.yaml:8:19 /materializations/m/bindings/2/source materialization \"m\" "
            "binds unknown collection \"acme/order\" (did you mean \"acme/orders\"?)\n"
            "E202 env/weir.yaml:11:11 /materializations/m/triggers/config/0 a trigger has no "
            "\"payloadTemplate\"\n"
            "E202 env/weir.yaml:11:11 /materializations/m/triggers/config/0 a trigger has no "
            "\"url\"\n");
  for (const Problem& p : loaded.problems) {
    if (p.code == "E202")
      EXPECT_NE(p.remedy.find("of the files before"), std::string::npos) << p.remedy;
  }
}

TEST(Merge, NullTakesAwayWhatTheFilesBeforeSaid) {
  const Loaded loaded = load_over("materializations:\n  m:" + std::string(kSqlite) + R"(
    shards: null
    triggers: { interval: null, config: [] }
  none: null
collections: { none: null }
)",
                                  "materializations: { m: { triggers: null } }\n");
  EXPECT_EQ(errors_of(loaded), "");
  const Materialization& m = loaded.catalog.materializations.at("m");
  EXPECT_EQ(m.shards.min_txn_duration, std::chrono::seconds(0));
  EXPECT_TRUE(m.triggers.empty());
  EXPECT_EQ(m.triggers_json, "");
  EXPECT_EQ(loaded.catalog.materializations.size(), 1u);
  EXPECT_EQ(loaded.catalog.collections.size(), 2u);

  const Loaded without = load_over("materializations: { m: null }\n");
  EXPECT_EQ(errors_of(without), "");
  EXPECT_TRUE(without.catalog.materializations.empty());
  EXPECT_EQ(without.catalog.collections.size(), 2u);

  const Loaded again = load_over(
      "materializations: { m: null }\n",
      "materializations: { m: { endpoint: { sqlite: { path: x.db } }, bindings: [] } }\n");
  EXPECT_EQ(errors_of(again), "");
  EXPECT_TRUE(again.catalog.materializations.at("m").triggers.empty());
}

TEST(Merge, NullInTheFirstFileIsTheUsers) {
  const Loaded loaded = load_text("materializations: { m: null }\n");
  EXPECT_EQ(errors_of(loaded),
            "E203 flow.yaml:1:24 /materializations/m the materialization \"m\" must be an object, "
            "not null\n");
}

TEST(Merge, NullInsideOfWhatIsReplacedIsAValue) {
  const Loaded loaded = load_over(R"(
collections:
  acme/users:
    schema:
      type: object
      required: [id]
      properties: { id: { type: integer }, gone: { const: null }, kind: { enum: [a, null], default: null } }
materializations:
  m:
    endpoint: { local: { command: [x], config: { region: null } } }
)");
  const protocol::CollectionSpec& users = loaded.catalog.collections.at("acme/users").spec;
  EXPECT_NE(users.write_schema_json.find(R"("gone":{"const":null})"), std::string::npos);
  EXPECT_EQ(loaded.catalog.materializations.at("m").config_json,
            R"({"command":["x"],"config":{"region":null}})");
}

TEST(Merge, PathsOfReferencesAreRelativeToTheFileThatSaysThem) {
  const Loaded loaded = load_over("materializations:\n  m:" + std::string(kSqlite) + R"(
    triggers:
      config:
        - url: "https://ci.example.com/hook"
          headers: { X-Own: "${file:own.txt} ${env:A} ${file:/etc/x} $${file:no}" }
          secrets: { s: "${file:../s.txt}" }
        - { name: alone, url: "https://a.example.com/", payloadTemplate: "{}", secrets: { k: "${file:k}" } }
)");
  EXPECT_EQ(errors_of(loaded), "");
  const auto& triggers = loaded.catalog.materializations.at("m").triggers;
  ASSERT_EQ(triggers.size(), 3u);
  EXPECT_EQ(triggers[0].base_dir, "");
  EXPECT_EQ(triggers[0].headers.at("Authorization").reveal(), "Bearer ${file:token.txt}");
  EXPECT_EQ(triggers[0].headers.at("X-Own").reveal(),
            "${file:env/own.txt} ${env:A} ${file:/etc/x} $${file:no}");
  EXPECT_EQ(triggers[0].secrets.at("s").reveal(), "${file:s.txt}");
  EXPECT_EQ(triggers[2].base_dir, "env");
  EXPECT_EQ(triggers[2].secrets.at("k").reveal(), "${file:k}");
}

TEST(Merge, EncryptedBlocksKeepWhatTheirCodeCovers) {
  MemoryFiles files({{"flow.yaml", R"(
materializations:
  m:
    endpoint: { sqlite: { path: x.db } }
    bindings: []
    triggers:
      config:
        - { url: "https://a.example/", headers: { Authorization_sops: "ENC[x]" }, payloadTemplate: "{}" }
      sops: { mac: x, encrypted_suffix: _sops }
)"},
                     {"good.yaml", R"(
materializations:
  m:
    triggers:
      interval: 1m
      config: [{ url: "https://a.example/", name: a, delivery: background, timeout: 5s }]
)"},
                     {"bad.yaml", R"(
materializations:
  m:
    triggers:
      config:
        - { name: a, url: "https://b.example/", method: PUT }
        - { name: b, url: "https://b.example/", payloadTemplate: "{}" }
)"}});
  const Loaded good = load({"flow.yaml", "good.yaml"}, test_options(files));
  EXPECT_EQ(errors_of(good), "");
  EXPECT_EQ(good.catalog.materializations.at("m").sealed_triggers,
            R"({"config":[{"url":"https://a.example/","headers":{"Authorization_sops":"ENC[x]"},)"
            R"("payloadTemplate":"{}","name":"a","delivery":"background","timeout":"5s"}],)"
            R"("sops":{"mac":"x","encrypted_suffix":"_sops"},"interval":"1m"})");
  EXPECT_EQ(errors_of(load({"flow.yaml", "good.yaml", "bad.yaml"}, test_options(files))),
            "E513 bad.yaml:6:22 /materializations/m/triggers/config/0/url \"url\" of an encrypted "
            "trigger is changed\n"
            "E513 bad.yaml:6:49 /materializations/m/triggers/config/0/method \"method\" of an "
            "encrypted trigger is changed\n"
            "E513 bad.yaml:7:11 /materializations/m/triggers/config/1 an encrypted block gets "
            "another trigger\n");
}

TEST(Merge, ListsAndSchemasAreReplaced) {
  const Loaded loaded =
      load_over(R"(
collections:
  acme/orders:
    key: [/n]
    schema: { type: object, required: [n], properties: { n: { type: integer } } }
    projections: { total: /n }
)",
                "collections: { acme/orders: { projections: { total: null } } }\n");
  const protocol::CollectionSpec& orders = loaded.catalog.collections.at("acme/orders").spec;
  EXPECT_EQ(orders.key, std::vector<std::string>{"/n"});
  EXPECT_EQ(orders.find_projection("id"), nullptr);
  EXPECT_EQ(orders.find_projection("total"), nullptr);
  EXPECT_NE(orders.find_projection("n"), nullptr);
}

}  // namespace
}  // namespace weir::catalog
