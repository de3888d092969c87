// What completion offers of the user's own: names of a catalog, and requests that are owed.
#include <algorithm>

#include "app/catalog_access.h"
#include "app/complete.h"
#include "app/folders.h"
#include "app/task_view.h"
#include "trigger/terms.h"

namespace weir::app {
namespace {

bool has_option(const Command& command, std::string_view name) {
  return std::any_of(command.options.begin(), command.options.end(),
                     [&](const OptionInfo& option) { return option.name == name; });
}

// The catalog files that the words name; the command takes them by --flow, or as arguments.
std::vector<std::string> flow_of(const Arguments& typed) {
  std::vector<std::string> flow;
  if (has_option(typed.command(), "--flow")) {
    flow = typed.texts("--flow");
  } else if (!typed.command().positionals.empty() &&
             typed.command().positionals.front().name == "FLOW") {
    flow = typed.positionals();
  }
  if (flow.empty()) flow.emplace_back("flow.yaml");
  return flow;
}

catalog::Catalog read(const Arguments& typed) {
  return load_catalog(flow_of(typed)).catalog;
}

}  // namespace

Suggestions CatalogNames::collections(const Arguments& typed) {
  Suggestions out;
  for (const auto& [name, collection] : read(typed).collections) {
    out.push_back({name, "Collection"});
  }
  return out;
}

Suggestions CatalogNames::materializations(const Arguments& typed) {
  Suggestions out;
  for (const auto& [name, materialization] : read(typed).materializations) {
    out.push_back({name, "Materialization"});
  }
  return out;
}

Suggestions CatalogNames::triggers(const Arguments& typed, std::string_view materialization) {
  Suggestions out;
  for (const auto& [name, each] : read(typed).materializations) {
    if (!materialization.empty() && name != materialization) continue;
    for (const catalog::Trigger& trigger : each.triggers)
      out.push_back({trigger::label_of(trigger), "Trigger of " + name});
  }
  return out;
}

Suggestions CatalogNames::requests(const Arguments& typed) {
  const auto folders = find_folders(typed, flow_of(typed));
  if (!folders) return {};
  std::vector<std::string> names;
  for (const auto& [name, materialization] : read(typed).materializations) names.push_back(name);
  const auto views = view_tasks(*folders, names, Others::kNot);
  if (!views) return {};
  const std::vector<std::string>& words = typed.positionals();
  Suggestions out;
  for (const TaskView& view : *views) {
    if (words.size() > 1 && words.front() != view.status.name) continue;
    for (const runtime::PendingStatus& pending : view.status.pending) {
      if (pending.trigger != words.back() && pending.identity != words.back()) continue;
      out.push_back({pending.request_id, fmt::format("{}, transactions {} to {}", pending.state,
                                                     pending.after + 1, pending.through)});
    }
  }
  return out;
}

}  // namespace weir::app
