// weir status
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "app/commands.h"
#include "app/output.h"
#include "app/screen_text.h"
#include "app/selection.h"
#include "app/signals.h"
#include "app/status_report.h"
#include "app/trigger_commands.h"
#include "app/watch_view.h"
#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::chrono::seconds kWatchEvery{1};

// What the words of the command ask to see.
struct Asked {
  Folders folders;
  std::vector<std::string> names;
  Others others = Others::kToo;
  bool json = false;
};

tl::expected<Asked, ExitCode> read_words(const Arguments& arguments) {
  auto sight = see_names(arguments);
  if (!sight) return tl::unexpected(sight.error());
  Asked asked{std::move(sight->folders), std::move(sight->names), Others::kToo,
              arguments.flag("--json")};
  if (arguments.positionals().empty()) return asked;
  const std::string& wanted = arguments.positionals().front();
  if (std::find(asked.names.begin(), asked.names.end(), wanted) == asked.names.end()) {
    const std::vector<std::string_view> known(asked.names.begin(), asked.names.end());
    print_error(no_materialization(wanted, known));
    return tl::unexpected(ExitCode::kUsage);
  }
  asked.names = {wanted};
  asked.others = Others::kNot;
  return asked;
}

// What the lines of a terminal say of tasks, those that do not run too.
std::vector<std::string> watched(const std::vector<TaskView>& views,
                                 std::map<std::string, Pace>& paces, std::size_t columns) {
  const Instant now = system_clock().monotonic();
  std::vector<runtime::TaskStatus> running;
  std::vector<std::string> others;
  for (const TaskView& view : views) {
    if (view.running) {
      paces[view.status.name].look(view.status, now);
      running.push_back(view.status);
    } else {
      others.push_back(cut_to_columns(fmt::format("{}  {}", printable(view.status.name),
                                                  view.ever_ran ? "not running" : "never ran"),
                                      columns > 1 ? columns - 1 : 1));
    }
  }
  std::vector<std::string> lines = task_lines(running, paces, columns, coloured(STDOUT_FILENO));
  lines.insert(lines.end(), others.begin(), others.end());
  return lines;
}

// Looks once a second until a signal ends it.
ExitCode watch(const Asked& asked) {
  Signals signals;
  ::signal(SIGPIPE, SIG_DFL);  // nobody reads any more: that is the end, too
  const bool redraw = can_redraw(STDOUT_FILENO) && !asked.json;
  DrawnLines drawn;
  std::map<std::string, Pace> paces;
  for (bool first = true;; first = false) {
    const auto views = view_tasks(asked.folders, asked.names, asked.others);
    if (!views) return tell(views.error());
    if (redraw) {
      const TerminalSize size = terminal_size(STDOUT_FILENO);
      print(drawn.draw(watched(*views, paces, size.columns), size));
    } else if (asked.json) {
      print(status_as_json(*views));
    } else {
      print((first ? "" : "\n") + status_as_text(*views));
    }
    const Instant next = system_clock().monotonic() + kWatchEvery;
    for (Instant now = system_clock().monotonic(); now < next; now = system_clock().monotonic()) {
      const auto signal = signals.wait(std::chrono::ceil<std::chrono::milliseconds>(next - now));
      if (signal == Signal::kInterrupt) return ExitCode::kInterrupted;
      if (signal == Signal::kTerminate) return ExitCode::kDone;
    }
  }
}

ExitCode run(const Arguments& arguments) {
  const auto asked = read_words(arguments);
  if (!asked) return asked.error();
  if (arguments.flag("--watch")) return watch(*asked);
  const auto views = view_tasks(asked->folders, asked->names, asked->others);
  if (!views) return tell(views.error());
  print(asked->json ? status_as_json(*views) : status_as_text(*views));
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
          {{.name = "--watch",
            .help = "Look once a second until Ctrl-C: on a terminal in lines that are drawn anew, "
                    "elsewhere as one block, or array, after the other"},
           flow_option(),
           state_option(),
           json_option(
               "Print an array of objects {materialization, running, state, healthy, reason, "
               "remedy, transaction, committed_at, documents, rows, bytes_behind, caught_up, "
               "pending, parked}")},
      .exits = {{ExitCode::kDone, "all is well"},
                {ExitCode::kFailed,
                 "something is blocked, failing, stuck, refused or parked, running or not"},
                {ExitCode::kUsage, {}},
                {ExitCode::kCatalog, {}},
                {ExitCode::kInterrupted, "--watch, ended by Ctrl-C"}},
      .examples = {{"weir status || page-somebody", "As a health check."},
                   {"weir status --watch", "To see a backfill through."}},
      .run = run};
  return command;
}

}  // namespace weir::app
