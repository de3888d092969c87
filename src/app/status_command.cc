// weir status
#include <fmt/format.h>

#include <algorithm>

#include "app/commands.h"
#include "app/output.h"
#include "app/reporter.h"
#include "app/trigger_commands.h"
#include "base/text.h"

namespace weir::app {
namespace {

std::string_view state_of(const TaskView& view) {
  if (!view.ever_ran) return "never ran";
  return runtime::name_of(view.status.state);
}

std::size_t parked(const runtime::TaskStatus& status) {
  return static_cast<std::size_t>(
      std::count_if(status.pending.begin(), status.pending.end(),
                    [](const auto& pending) { return pending.state == "parked"; }));
}

std::string as_json(const std::vector<TaskView>& views) {
  JsonRows rows;
  for (const TaskView& view : views) {
    const runtime::TaskStatus& status = view.status;
    rows.begin();
    rows.text("materialization", status.name);
    rows.flag("running", view.running);
    rows.text("state", state_of(view));
    rows.flag("healthy", status.healthy());
    rows.text("reason", status.reason);
    rows.text("remedy", status.remedy);
    rows.number("transaction", status.transaction);
    if (status.committed_at) {
      rows.text("committed_at", format_timestamp(*status.committed_at));
    } else {
      rows.null("committed_at");
    }
    rows.number("documents", status.documents);
    rows.number("rows", status.rows);
    rows.number("bytes_behind", status.bytes_behind);
    rows.flag("caught_up", status.caught_up);
    rows.number("pending", static_cast<std::uint64_t>(status.pending.size()));
    rows.number("parked", static_cast<std::uint64_t>(parked(status)));
  }
  return rows.finish();
}

std::string as_text(const std::vector<TaskView>& views) {
  std::vector<std::vector<std::string>> rows{
      {"MATERIALIZATION", "STATE", "TRANSACTION", "COMMITTED", "BEHIND", "OWES"}};
  std::string reasons;
  for (const TaskView& view : views) {
    const runtime::TaskStatus& status = view.status;
    const std::string owes = count_pending(status);
    std::string state(state_of(view));
    if (view.ever_ran && !view.running) {
      const bool ended_well = status.state == runtime::TaskState::kStopped;
      state = ended_well ? "not running" : fmt::format("{} (not running)", state);
    }
    rows.push_back({status.name, state, std::to_string(status.transaction),
                    status.committed_at ? format_timestamp(*status.committed_at) : "-",
                    view.running ? fmt::format("{} bytes", status.bytes_behind) : "-",
                    owes.empty() ? "-" : owes});
    if (status.reason.empty() || status.healthy()) continue;
    reasons += fmt::format("\n{}: {}\n", status.name, status.reason);
    if (!status.remedy.empty()) reasons += fmt::format("    {}\n", status.remedy);
  }
  return text_table(rows) + reasons;
}

ExitCode run(const Arguments& arguments) {
  const auto sight = see_names(arguments);
  if (!sight) return sight.error();
  std::vector<std::string> names = sight->names;
  if (!arguments.positionals().empty()) {
    const std::string& wanted = arguments.positionals().front();
    if (std::find(names.begin(), names.end(), wanted) == names.end()) {
      const std::vector<std::string_view> known(names.begin(), names.end());
      print_error(fmt::format("the catalog has no materialization \"{}\"{}", wanted,
                              did_you_mean(wanted, known)));
      return ExitCode::kUsage;
    }
    names = {wanted};
  }
  const auto views = view_tasks(sight->folders, names,
                                arguments.positionals().empty() ? Others::kToo : Others::kNot);
  if (!views) return tell(views.error());
  print(arguments.flag("--json") ? as_json(*views) : as_text(*views));
  const bool healthy = std::all_of(views->begin(), views->end(),
                                   [](const TaskView& view) { return view.status.healthy(); });
  return healthy ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace

const Command& status_command() {
  static const Command command{
      .name = "status",
      .summary = "Show how each materialization is, and what repairs it",
      .description =
          "Asks the running process; of what does not run it shows what the last process left "
          "behind, and "
          "says \"not running\".\n\n"
          "BEHIND is how much of the journals was not read yet, OWES what triggers still have to "
          "deliver: "
          "`weir triggers pending` lists it.",
      .positionals = {materialization_positional("Only this one")},
      .options =
          {flow_option(), state_option(),
           json_option(
               "Print an array of objects {materialization, running, state, healthy, reason, "
               "remedy, transaction, committed_at, documents, rows, bytes_behind, caught_up, "
               "pending, parked}")},
      .exits = {{ExitCode::kDone, "all is well"},
                {ExitCode::kFailed,
                 "something is blocked, failing, stuck, refused or parked, running or not"},
                {ExitCode::kUsage, {}},
                {ExitCode::kCatalog, {}}},
      .examples = {{"weir status || page-somebody", "As a health check."}},
      .run = run};
  return command;
}

}  // namespace weir::app
