#include "app/task_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/control.h"
#include "app/selection.h"
#include "base/text.h"
#include "runtime/task_store.h"
#include "store/rocksdb_store.h"
#include "trigger/terms.h"

namespace weir::app {
namespace {

constexpr std::string_view kRequestPrefix = "wr_";

Result<TaskView> view_of_stopped(const Folders& folders, const std::string& name) {
  TaskView view;
  view.status.name = name;
  view.status.state = runtime::TaskState::kStopped;
  WEIR_TRY(const auto store, look_into_store(folders, name));
  if (store == nullptr) return view;
  WEIR_TRY(const auto copy, runtime::read_status_copy(*store));
  if (!copy) return view;
  WEIR_TRY(view.status, runtime::status_from_json(*copy));
  view.status.name = name;
  view.ever_ran = true;
  // A process that died could not say so.
  const bool was_at_work = view.status.state == runtime::TaskState::kRunning ||
                           view.status.state == runtime::TaskState::kStarting;
  if (was_at_work) view.status.state = runtime::TaskState::kStopped;
  return view;
}

// Does the task have a trigger of this label, in the catalog or among what it owes?
bool has_trigger(const catalog::BuiltMaterialization& built, const TaskView* view,
                 std::string_view label) {
  for (const catalog::Trigger& trigger : built.triggers) {
    if (trigger::label_of(trigger) == label) return true;
  }
  if (view == nullptr) return false;
  return std::any_of(
      view->status.pending.begin(), view->status.pending.end(),
      [&](const auto& pending) { return pending.trigger == label || pending.identity == label; });
}

const TaskView* view_of(const std::vector<TaskView>& views, const std::string& name) {
  for (const TaskView& view : views) {
    if (view.status.name == name) return &view;
  }
  return nullptr;
}

Error no_such_trigger(const std::vector<const catalog::BuiltMaterialization*>& among,
                      const std::vector<TaskView>& views, std::string_view label) {
  std::set<std::string> labels;
  for (const catalog::BuiltMaterialization* built : among) {
    for (const catalog::Trigger& trigger : built->triggers)
      labels.insert(trigger::label_of(trigger));
    const TaskView* view = view_of(views, built->spec.name);
    if (view == nullptr) continue;
    for (const auto& pending : view->status.pending) labels.insert(pending.trigger);
  }
  const std::vector<std::string_view> names(labels.begin(), labels.end());
  std::string known =
      names.empty() ? "there are no triggers" : fmt::format("there is {}", fmt::join(names, ", "));
  return {Code::kNotFound, fmt::format("there is no trigger \"{}\"{}; {}", label,
                                       did_you_mean(label, names), known)};
}

}  // namespace

Result<std::unique_ptr<store::Store>> look_into_store(const Folders& folders,
                                                      const std::string& name) {
  auto store = store::open_rocksdb_read_only(task_folder(folders.state, name));
  if (!store && store.error().code == Code::kNotFound) return std::unique_ptr<store::Store>();
  return store;
}

Result<std::vector<TaskView>> view_tasks(const Folders& folders,
                                         const std::vector<std::string>& names, Others others) {
  WEIR_TRY(const std::vector<runtime::TaskStatus> running,
           ControlClient(control_folder(folders.state)).status());
  std::vector<TaskView> views;
  for (const std::string& name : names) {
    const auto found =
        std::find_if(running.begin(), running.end(), [&](const auto& s) { return s.name == name; });
    if (found != running.end()) {
      views.push_back({*found, true, true});
      continue;
    }
    WEIR_TRY(TaskView view, view_of_stopped(folders, name));
    views.push_back(std::move(view));
  }
  if (others == Others::kNot) return views;
  for (const runtime::TaskStatus& status : running) {
    if (std::find(names.begin(), names.end(), status.name) == names.end())
      views.push_back({status, true, true});
  }
  return views;
}

Result<Target> find_target(const std::vector<catalog::BuiltMaterialization>& all,
                           const std::vector<TaskView>& views, std::vector<std::string> words) {
  Target target;
  if (words.size() > 1 && words.back().starts_with(kRequestPrefix)) {
    target.request_id = std::move(words.back());
    words.pop_back();
  }
  if (words.size() > 2) {
    return error(Code::kInvalid, "\"{}\" is no request: their ids start with {}", words.back(),
                 kRequestPrefix);
  }
  target.label = words.back();
  std::vector<const catalog::BuiltMaterialization*> among;
  std::vector<std::string_view> names;
  for (const catalog::BuiltMaterialization& built : all) {
    names.push_back(built.spec.name);
    if (words.size() == 1 || built.spec.name == words.front()) among.push_back(&built);
  }
  if (among.empty()) {
    return error(Code::kNotFound, "{}", no_materialization(words.front(), names));
  }
  for (const catalog::BuiltMaterialization* built : among) {
    if (!has_trigger(*built, view_of(views, built->spec.name), target.label)) continue;
    if (target.built != nullptr) {
      return error(Code::kInvalid,
                   "{} and {} both have a trigger \"{}\"; put the materialization before it",
                   target.built->spec.name, built->spec.name, target.label);
    }
    target.built = built;
  }
  if (target.built == nullptr) return tl::unexpected(no_such_trigger(among, views, target.label));
  for (const catalog::Trigger& trigger : target.built->triggers) {
    if (trigger::label_of(trigger) == target.label) target.trigger = &trigger;
  }
  return target;
}

}  // namespace weir::app
