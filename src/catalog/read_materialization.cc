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

// The name of the source collection: written alone, or in an object.
std::string_view source_of(const json::Value* source) {
  if (source != nullptr && source->is_object()) source = source->find("name");
  return source != nullptr && source->is_string() ? source->as_string() : "";
}

int binding_likeness(const Node& below, const json::Value& above) {
  const auto source = below.child("source");
  const std::string_view name = source ? source_of(&source->tree()) : "";
  return !name.empty() && name == source_of(above.find("source")) ? 1 : 0;
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
    const Location& first = it->second->table_location;
    const std::string file =
        first.file == binding.table_location.file ? "" : fmt::format("{}:", first.file);
    problems.add(
        "E404", binding.table_location,
        fmt::format("table \"{}\" is bound twice, first at {}{}:{} as \"{}\"", binding.table, file,
                    first.place.line, first.place.column, it->second->table));
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

// What is not to run anyway may have any endpoint.
void refuse_endpoint(const std::string& kind, const Materialization& out, Problems& problems) {
  if (kind.empty() || out.deleted || out.shards.disable || problems.published()) return;
  problems.add("E402", out.endpoint_location,
               fmt::format("this build cannot run the endpoint \"{}\" of \"{}\"", kind, out.name),
               fmt::format("Lay a file over this one: materializations: {{\"{0}\": {{endpoint: "
                           "{{sqlite: {{path: …}}}}}}}}, with a resource for each binding; or "
                           "{{\"{0}\": null}}, which leaves it out.",
                           out.name));
}

// Does the template ask for the variable's presence anywhere?
bool asks_for(std::string_view text, std::string_view variable) {
  for (const std::string_view helper : {"if", "unless", "with", "or", "and", "not"}) {
    if (text.find(fmt::format("{} {}", helper, variable)) != std::string_view::npos) return true;
  }
  return false;
}

// W108: documents of plain files have no clocks of ours.
void warn_of_clocks(const Materialization& out,
                    const std::map<std::string, Collection>& collections, Problems& problems) {
  const auto from_files = [&](const BindingModel& binding) {
    const auto found = collections.find(binding.source);
    return !binding.disable && found != collections.end() && found->second.files;
  };
  const auto binding = std::find_if(out.bindings.begin(), out.bindings.end(), from_files);
  if (binding == out.bindings.end()) return;
  for (const Trigger& trigger : out.triggers) {
    for (const std::string_view variable : {"flow_published_at_min", "flow_published_at_max"}) {
      const std::string& text = trigger.payload_template;
      if (text.find(variable) == std::string::npos || asks_for(text, variable)) continue;
      problems.add(
          "W108", trigger.location,
          fmt::format("{} is empty where documents have no clock, as in the files of \"{}\"",
                      variable, binding->source));
      break;
    }
  }
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
  std::string cannot_run;
  if (const auto endpoint = object.whole("endpoint")) {
    cannot_run = read_endpoint(*endpoint, out, context);
  } else if (object.is_object()) {
    object.problem("E401", node, fmt::format("{} has no \"endpoint\"", object.what()));
  }
  if (auto bindings = object.array("bindings")) {
    bindings->merge_items(binding_likeness);
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
  refuse_endpoint(cannot_run, out, problems);
  for (const std::string_view member : {"source", "sourceCapture"}) {
    const auto source = object.any(member);
    if (source) {
      context.ignored.push_back(
          {fmt::format("\"{}\" of \"{}\"", member, name), source->name_location()});
    }
  }
  object.ignore({"expectPubId", "reset"});
  object.finish();
  check_tables(out, problems);
  warn_of_clocks(out, collections, problems);
  out.broken = problems.errors() != errors;
  return out;
}

}  // namespace weir::catalog
