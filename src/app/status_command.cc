// weir status
#include <fmt/format.h>

#include <algorithm>

#include "app/commands.h"
#include "app/output.h"
#include "app/status_report.h"
#include "app/trigger_commands.h"
#include "base/text.h"

namespace weir::app {
namespace {

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
  print(arguments.flag("--json") ? status_as_json(*views) : status_as_text(*views));
  return all_healthy(*views) ? ExitCode::kDone : ExitCode::kFailed;
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
