#include "catalog/trigger_context.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>

namespace weir::catalog {
namespace {

// Members in the order of the calls; one allocation per object.
class Members {
 public:
  explicit Members(json::Arena& arena) : arena_(arena) {}
  void add(std::string_view name, json::Value value) { members_.push_back({name, value, {}}); }
  void text(std::string_view name, std::string_view value) {
    add(name, json::Value::string(value));
  }
  void number(std::string_view name, std::uint64_t value) {
    add(name, json::Value::number(arena_.copy(fmt::format("{}", value))));
  }
  void number(std::string_view name, const std::optional<std::uint64_t>& value) {
    if (value) return number(name, *value);
    add(name, json::Value());
  }
  json::Value object() {
    json::Member* out = arena_.array<json::Member>(members_.size());
    std::uninitialized_copy(members_.begin(), members_.end(), out);
    return json::Value::object({out, members_.size()});
  }

 private:
  json::Arena& arena_;
  std::vector<json::Member> members_;
};

json::Value list(const std::vector<json::Value>& items, json::Arena& arena) {
  json::Value* out = arena.array<json::Value>(items.size());
  std::uninitialized_copy(items.begin(), items.end(), out);
  return json::Value::array({out, items.size()});
}

json::Value texts(const std::vector<std::string>& values, json::Arena& arena) {
  std::vector<json::Value> items;
  for (const std::string& value : values) items.push_back(json::Value::string(value));
  return list(items, arena);
}

json::Value secrets_of(const std::map<std::string, Secret>& secrets, json::Arena& arena) {
  Members out(arena);
  for (const auto& [name, secret] : secrets) out.text(name, secret.reveal());
  return out.object();
}

json::Value table_of(const TriggerTable& table, json::Arena& arena) {
  Members out(arena);
  out.text("name", table.name);
  out.add("path", texts(table.path, arena));
  out.text("collection", table.collection);
  out.number("documents", table.documents);
  out.number("stored", table.stored);
  out.number("inserted", table.inserted);
  out.number("updated", table.updated);
  out.number("deleted", table.deleted);
  out.number("unchanged", table.unchanged);
  return out.object();
}

}  // namespace

json::Value make_context(const TriggerFacts& facts, const std::map<std::string, Secret>& headers,
                         const std::map<std::string, Secret>& secrets, json::Arena& arena) {
  std::vector<json::Value> tables;
  for (const TriggerTable& table : facts.tables) tables.push_back(table_of(table, arena));
  Members transactions(arena);
  transactions.number("after", facts.after);
  transactions.number("through", facts.through);
  transactions.number("count", facts.through - facts.after);
  Members out(arena);
  out.add("collection_names", texts(facts.collection_names, arena));
  out.text("connector_image", facts.connector_image);
  out.text("materialization_name", facts.materialization_name);
  out.text("flow_published_at_min", facts.flow_published_at_min);
  out.text("flow_published_at_max", facts.flow_published_at_max);
  out.text("run_id", facts.run_id);
  out.add("headers", secrets_of(headers, arena));
  out.add("tables", list(tables, arena));
  out.add("transactions", transactions.object());
  out.text("started_at", facts.started_at);
  out.text("ended_at", facts.ended_at);
  out.text("trigger", facts.trigger);
  out.text("request_id", facts.request_id);
  out.text("endpoint", facts.endpoint);
  out.text("environment", facts.environment);
  out.add("secrets", secrets_of(secrets, arena));
  return out.object();
}

namespace {

constexpr std::string_view kAwkward = "\"\\\n";

TriggerTable sample_table(std::string_view name, std::uint64_t n) {
  TriggerTable table;
  table.name = name;
  table.path = {std::string(name)};
  table.collection = fmt::format("acmeCo/example/{}", name);
  table.documents = 12 * n;
  table.stored = 10 * n;
  table.inserted = 6 * n;
  table.updated = 3 * n;
  table.deleted = n;
  table.unchanged = 0;
  return table;
}

void without_counts(TriggerTable& table) {
  table.inserted = table.updated = table.deleted = table.unchanged = std::nullopt;
}

void make_awkward(TriggerFacts& facts) {
  std::vector<std::string*> all = {&facts.connector_image, &facts.materialization_name,
                                   &facts.run_id,          &facts.started_at,
                                   &facts.ended_at,        &facts.trigger,
                                   &facts.request_id,      &facts.endpoint,
                                   &facts.environment};
  for (std::string& name : facts.collection_names) all.push_back(&name);
  for (TriggerTable& table : facts.tables) {
    all.push_back(&table.name);
    all.push_back(&table.collection);
    for (std::string& part : table.path) all.push_back(&part);
  }
  for (std::string* text : all) *text += kAwkward;
}

}  // namespace

TriggerFacts sample_facts(Sample sample, std::string_view materialization,
                          std::string_view trigger) {
  const bool clocks = sample == Sample::kOneTable || sample == Sample::kTwoTables;
  TriggerFacts facts;
  facts.tables = {sample_table("orders", 1)};
  if (sample == Sample::kTwoTables) facts.tables.push_back(sample_table("customers", 2));
  for (const TriggerTable& table : facts.tables) facts.collection_names.push_back(table.collection);
  std::sort(facts.collection_names.begin(), facts.collection_names.end());
  facts.connector_image = clocks ? "example/materialize-example:v1" : "";
  facts.materialization_name = materialization;
  facts.flow_published_at_min = clocks ? "2024-01-01T00:00:00Z" : "";
  facts.flow_published_at_max = clocks ? "2024-01-01T00:01:00Z" : "";
  facts.run_id = "2024-01-01T00:00:00.000000Z";
  facts.after = 41;
  facts.through = sample == Sample::kTwoTables ? 44 : 42;
  facts.started_at = "2024-01-01T00:01:02.000000Z";
  facts.ended_at = "2024-01-01T00:01:03.000000Z";
  facts.trigger = trigger;
  facts.request_id = "wr_aaaaaaaaaaaaaaaaaaaaaaaaaa";
  facts.endpoint = "sqlite";
  facts.environment = "production";
  if (!clocks) std::for_each(facts.tables.begin(), facts.tables.end(), without_counts);
  if (sample == Sample::kAwkward) make_awkward(facts);
  return facts;
}

std::map<std::string, Secret> sample_secrets(Sample sample,
                                             const std::map<std::string, Secret>& names) {
  std::map<std::string, Secret> out;
  for (const auto& [name, secret] : names) {
    out.emplace(name,
                Secret("placeholder" + std::string(sample == Sample::kAwkward ? kAwkward : "")));
  }
  return out;
}

}  // namespace weir::catalog
