#include <algorithm>

#include "base/duration.h"
#include "catalog/paths.h"
#include "catalog/read.h"
#include "json/events.h"

namespace weir::catalog {
namespace {

void read_shards(const Node& node, Materialization& out, ReadContext& context) {
  ObjectReader object(node, "\"shards\"", context.problems);
  ShardTemplate& shards = out.shards;
  shards.disable = object.boolean("disable").value_or(false);
  shards.min_txn_duration = object.duration("minTxnDuration").value_or(shards.min_txn_duration);
  shards.max_txn_duration = object.duration("maxTxnDuration").value_or(shards.max_txn_duration);
  for (const std::string_view name : {"hotStandbys", "ringBufferSize", "readChannelSize"})
    object.count(name);
  constexpr std::string_view kLevels[] = {"error", "warn", "info", "debug", "trace"};
  const auto level =
      object.choice("logLevel", {kLevels[0], kLevels[1], kLevels[2], kLevels[3], kLevels[4]});
  if (level) shards.log_level = kLevels[*level];
  object.finish();
  if (shards.min_txn_duration > shards.max_txn_duration) {
    object.problem("E409", node,
                   fmt::format("\"minTxnDuration\" is longer than \"maxTxnDuration\" ({})",
                               format_duration(shards.max_txn_duration)));
  }
}

// SQLite compares names without regard to ASCII case.
std::string folded(std::string name) {
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return name;
}

void check_tables(const Materialization& out, Problems& problems) {
  std::map<std::string, const BindingModel*> tables;
  for (const BindingModel& binding : out.bindings) {
    if (binding.table.empty()) continue;
    const auto [it, added] = tables.emplace(folded(binding.table), &binding);
    if (added) continue;
    const json::Place first = it->second->table_location.place;
    problems.add("E404", binding.table_location,
                 fmt::format("table \"{}\" is bound twice, first at {}:{} as \"{}\"", binding.table,
                             first.line, first.column, it->second->table));
  }
}

// The database file that a materialization writes to; empty: none that others could name, too.
std::string database_of(const Materialization& materialization) {
  if (materialization.endpoint != protocol::EndpointKind::kSqlite) return "";
  json::Arena arena;
  const auto config =
      json::parse_text(materialization.config_json, arena, json::Duplicates::kLastWins);
  const json::Value* path = config ? config->find("path") : nullptr;
  if (path == nullptr || !path->is_string() || path->as_string().empty()) return "";
  return join_path(materialization.base_dir, path->as_string());
}

}  // namespace

void check_shared_tables(std::map<std::string, Materialization>& all, Problems& problems) {
  std::map<std::pair<std::string, std::string>, const Materialization*> tables;
  for (auto& [name, materialization] : all) {
    const std::string database = database_of(materialization);
    if (database.empty() || materialization.deleted) continue;
    for (const BindingModel& binding : materialization.bindings) {
      if (binding.table.empty()) continue;
      const auto [it, added] =
          tables.try_emplace({database, folded(binding.table)}, &materialization);
      if (added || it->second == &materialization) continue;
      problems.add("E404", binding.table_location,
                   fmt::format("table \"{}\" of this database is bound by materialization \"{}\", "
                               "too",
                               binding.table, it->second->name));
      materialization.broken = true;
    }
  }
}

Materialization read_materialization(const std::string& name, const Node& node,
                                     const std::map<std::string, Collection>& collections,
                                     ReadContext& context) {
  Problems& problems = context.problems;
  const std::size_t errors = problems.errors();
  Materialization out;
  out.name = name;
  out.location = node.name_location();
  check_name("materialization", name, out.location, problems);
  ObjectReader object(node, fmt::format("the materialization \"{}\"", name), problems);
  if (const auto endpoint = object.any("endpoint")) {
    read_endpoint(endpoint->top(), out, context);
  } else if (object.is_object()) {
    object.problem("E401", node, fmt::format("{} has no \"endpoint\"", object.what()));
  }
  if (const auto bindings = object.array("bindings")) {
    for (const Node& binding : bindings->items()) {
      out.bindings.push_back(read_binding(binding, out, collections, context));
    }
  }
  object.require({"bindings"});
  if (const auto shards = object.object("shards")) read_shards(*shards, out, context);
  if (auto triggers = object.any("triggers")) {
    triggers->make_confidential();
    read_triggers(*triggers, out, context);
    if (out.triggers.size() * out.bindings.size() > kTriggersTimesBindingsMax) {
      object.problem(
          "E410", *triggers,
          fmt::format("{} triggers times {} bindings are more than {}", out.triggers.size(),
                      out.bindings.size(), kTriggersTimesBindingsMax));
    }
  }
  object.choice("onIncompatibleSchemaChange",
                {"abort", "backfill", "disableBinding", "disableTask"});
  out.deleted = object.boolean("delete").value_or(false);
  object.ignore({"source", "sourceCapture", "expectPubId", "reset"});
  object.finish();
  check_tables(out, problems);
  out.broken = problems.errors() != errors;
  return out;
}

}  // namespace weir::catalog
