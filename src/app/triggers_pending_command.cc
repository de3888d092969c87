// weir triggers pending
#include <unistd.h>

#include <algorithm>

#include "app/commands.h"
#include "app/output.h"
#include "app/trigger_commands.h"
#include "delivery/history.h"

namespace weir::app {
namespace {

struct Row {
  const std::string* materialization;
  const runtime::PendingStatus* pending;
};

std::string as_json(const std::vector<Row>& found) {
  JsonRows rows;
  for (const Row& row : found) {
    const runtime::PendingStatus& pending = *row.pending;
    rows.begin();
    rows.text("materialization", *row.materialization);
    rows.text("trigger", pending.trigger);
    rows.text("request_id", pending.request_id);
    rows.number("after", pending.after);
    rows.number("through", pending.through);
    rows.text("state", pending.state);
    rows.number("attempts", static_cast<std::uint64_t>(pending.attempts));
    if (pending.next_attempt_at) {
      rows.text("next_attempt_at", format_timestamp(*pending.next_attempt_at));
    } else {
      rows.null("next_attempt_at");
    }
    rows.text("note", pending.note);
  }
  return rows.finish();
}

std::string as_text(const std::vector<Row>& found) {
  if (found.empty()) return "nothing is owed\n";
  std::string text;
  const bool colour = coloured(STDOUT_FILENO);
  for (const Row& row : found) {
    const runtime::PendingStatus& pending = *row.pending;
    const bool ill = pending.state == "parked" || pending.attempts > 0;
    std::vector<std::string> parts = {
        *row.materialization, pending.trigger,
        paint(pending.state, ill ? Colour::kRed : Colour::kYellow, colour)};
    if (pending.attempts > 0)
      parts.push_back(
          fmt::format("{} attempt{}", pending.attempts, pending.attempts == 1 ? "" : "s"));
    text += headline(parts);
    text += indented(fmt::format("{}  transactions ({}, {}]", pending.request_id, pending.after,
                                 pending.through));
    if (pending.next_attempt_at)
      text += indented(fmt::format("next attempt {}", short_timestamp(*pending.next_attempt_at)));
    if (!pending.note.empty()) text += indented(pending.note);
  }
  return text;
}

// A session counts its own attempts only; the history knows those before it.
Status count_attempts(const Folders& folders, TaskView& view) {
  const auto unknown = [](const runtime::PendingStatus& pending) {
    return pending.attempts == 0 && pending.state != "open";
  };
  auto& all = view.status.pending;
  if (std::none_of(all.begin(), all.end(), unknown)) return {};
  WEIR_TRY(const auto store, look_into_store(folders, view.status.name));
  if (store == nullptr) return {};
  WEIR_TRY(const std::vector<delivery::HistoryRecord> history, delivery::read_history(*store));
  for (runtime::PendingStatus& pending : all) {
    if (!unknown(pending)) continue;
    for (const delivery::HistoryRecord& record : history) {
      if (record.request_id != pending.request_id) continue;
      ++pending.attempts;
      pending.note = record.reason;
    }
  }
  return {};
}

ExitCode run(const Arguments& arguments) {
  const auto sight = see_names(arguments);
  if (!sight) return sight.error();
  auto views = view_tasks(sight->folders, sight->names, Others::kToo);
  if (!views) return tell(views.error());
  std::vector<Row> found;
  for (TaskView& view : *views) {
    if (const Status counted = count_attempts(sight->folders, view); !counted)
      return tell(counted.error());
    for (const runtime::PendingStatus& pending : view.status.pending) {
      if (matches(arguments.positionals(), view.status.name, pending.trigger, pending.identity)) {
        found.push_back({&view.status.name, &pending});
      }
    }
    if (view.ever_ran && !view.running) {
      note(
          fmt::format("{} is not running; this is what it owed when it ended\n", view.status.name));
    }
  }
  print(arguments.flag("--json") ? as_json(found) : as_text(found));
  return ExitCode::kDone;
}

}  // namespace

const Command& triggers_pending_command() {
  static const Command command{
      .name = "triggers pending",
      .summary = "List what triggers still owe",
      .description =
          "Lists each window and request that is owed, with the range of transactions that it "
          "covers.\n\n"
          "open: it grows with every transaction until it is cut. cut: its range is fixed, and it "
          "is being "
          "delivered. parked: attempts are used up; `weir triggers redeliver` or `discard` is the "
          "way out. "
          "orphaned: its trigger left the catalog.",
      .positionals = {materialization_positional(
                          "Only of this materialization, or of the trigger of this name"),
                      {.name = "TRIGGER", .help = "Only of this trigger"}},
      .options =
          {flow_option(), state_option(),
           json_option(
               "Print an array of objects {materialization, trigger, request_id, after, through, "
               "state, attempts, next_attempt_at, note}")},
      .exits = {{ExitCode::kDone, "whether or not anything is owed"},
                {ExitCode::kFailed, {}},
                {ExitCode::kUsage, {}},
                {ExitCode::kCatalog, {}}},
      .examples = {{"weir triggers pending --json | jq 'map(select(.state == \"parked\"))'",
                    "What waits for you."}},
      .run = run};
  return command;
}

}  // namespace weir::app
