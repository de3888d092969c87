#include "catalog/trigger_context.h"

#include <gtest/gtest.h>

#include "handlebars/template.h"

namespace weir::catalog {
namespace {

TEST(TriggerContext, HoldsEveryVariable) {
  TriggerFacts facts = sample_facts(Sample::kOneTable, "acmeCo/db", "ci");
  facts.tables[0].unchanged = std::nullopt;
  std::map<std::string, Secret> headers, secrets;
  headers.emplace("X-Api-Key", Secret("h"));
  secrets.emplace("key", Secret("s"));
  json::Arena arena;
  EXPECT_EQ(
      json::to_text(make_context(facts, headers, secrets, arena)),
      R"({"collection_names":["acmeCo/example/orders"],"connector_image":"example/materialize-example:v1",)"
      R"("materialization_name":"acmeCo/db","flow_published_at_min":"2024-01-01T00:00:00Z",)"
      R"("flow_published_at_max":"2024-01-01T00:01:00Z","run_id":"2024-01-01T00:00:00.000000Z",)"
      R"("headers":{"X-Api-Key":"h"},"tables":[{"name":"orders","path":["orders"],)"
      R"("collection":"acmeCo/example/orders","documents":12,"stored":10,"inserted":6,"updated":3,"deleted":1,)"
      R"("unchanged":null}],"transactions":{"after":41,"through":42,"count":1},)"
      R"("started_at":"2024-01-01T00:01:02.000000Z","ended_at":"2024-01-01T00:01:03.000000Z","trigger":"ci",)"
      R"("request_id":"wr_aaaaaaaaaaaaaaaaaaaaaaaaaa","endpoint":"sqlite","environment":"production",)"
      R"("secrets":{"key":"s"}})");
}

TEST(TriggerContext, SecretsArePointedTo) {
  std::map<std::string, Secret> headers;
  headers.emplace("A", Secret("a text that is too long for the small string buffer"));
  json::Arena arena;
  const json::Value context = make_context({}, headers, {}, arena);
  EXPECT_EQ(context.find("headers")->find("A")->as_string().data(),
            headers.at("A").reveal().data());
}

TEST(TriggerContext, AwkwardSampleIsAwkwardEverywhere) {
  const TriggerFacts facts = sample_facts(Sample::kAwkward, "m", "t");
  std::map<std::string, Secret> names;
  names.emplace("A", Secret("real"));
  const auto headers = sample_secrets(Sample::kAwkward, names);
  json::Arena arena;
  const json::Value context = make_context(facts, headers, headers, arena);
  for (const json::Member& m : context.members()) {
    if (!m.value.is_string() || m.name.starts_with("flow_published_at")) continue;
    EXPECT_TRUE(m.value.as_string().ends_with("\"\\\n")) << m.name;
  }
  const json::Value& table = context.find("tables")->items()[0];
  for (const std::string_view name : {"inserted", "updated", "deleted", "unchanged"}) {
    EXPECT_TRUE(table.find(name)->is_null()) << name;
  }
  EXPECT_TRUE(table.find("path")->items()[0].as_string().ends_with("\"\\\n"));
  EXPECT_TRUE(context.find("headers")->find("A")->as_string().ends_with("\"\\\n"));
  EXPECT_EQ(context.find("headers")->find("A")->as_string().find("real"), std::string_view::npos);
  EXPECT_EQ(context.find("flow_published_at_min")->as_string(), "");
}

// The published example of a template with all variables renders as it does there.
TEST(TriggerContext, RendersThePublishedVariables) {
  const auto parsed = handlebars::Template::parse(
      R"({"m":"{{materialization_name}}","i":"{{connector_image}}","c":[{{#each collection_names}}"{{this}}")"
      R"({{#unless @last}}, {{/unless}}{{/each}}],"a":"{{flow_published_at_min}}","b":"{{flow_published_at_max}}",)"
      R"("r":"{{run_id}}","h":"{{headers.X-Api-Key}}"})");
  ASSERT_TRUE(parsed);
  const TriggerFacts facts = sample_facts(Sample::kTwoTables, "acmeCo/db", "ci");
  std::map<std::string, Secret> headers;
  headers.emplace("X-Api-Key", Secret("k"));
  json::Arena arena;
  const auto rendered = handlebars::render(*parsed, make_context(facts, headers, {}, arena));
  ASSERT_TRUE(rendered) << rendered.error().text();
  EXPECT_EQ(
      *rendered,
      R"({"m":"acmeCo/db","i":"example/materialize-example:v1","c":["acmeCo/example/customers", )"
      R"("acmeCo/example/orders"],"a":"2024-01-01T00:00:00Z","b":"2024-01-01T00:01:00Z",)"
      R"("r":"2024-01-01T00:00:00.000000Z","h":"k"})");
}

}  // namespace
}  // namespace weir::catalog
