// weir triggers history
#include <unistd.h>

#include "app/commands.h"
#include "app/output.h"
#include "app/trigger_commands.h"
#include "delivery/history.h"

namespace weir::app {
namespace {

// The attempts of one request, in their order.
struct Delivery {
  std::string materialization;
  std::vector<delivery::HistoryRecord> attempts;
};

// Oldest first, by the first attempt.
Result<std::vector<Delivery>> read_deliveries(const Sight& sight,
                                              const std::vector<std::string>& words) {
  std::vector<Delivery> found;
  for (const std::string& name : sight.names) {
    WEIR_TRY(const auto store, look_into_store(sight.folders, name));
    if (store == nullptr) continue;
    WEIR_TRY(const std::vector<delivery::HistoryRecord> records, delivery::read_history(*store));
    std::map<std::string, std::size_t> places;  // by request id: index into `found`
    for (const delivery::HistoryRecord& record : records) {
      if (!matches(words, name, record.label, record.key.trigger)) continue;
      const auto [place, is_new] = places.emplace(record.request_id, found.size());
      if (is_new) found.push_back({name, {}});
      found[place->second].attempts.push_back(record);
    }
  }
  return found;
}

std::string attempts_as_json(const Delivery& each) {
  JsonRows rows;
  std::string out = "[";
  for (const delivery::HistoryRecord& record : each.attempts) {
    const delivery::AttemptRecord& attempt = record.attempt;
    rows.begin();
    rows.text("at", format_timestamp(attempt.at));
    rows.number("status", static_cast<std::int64_t>(attempt.status));
    rows.text("error", attempt.error);
    rows.number("milliseconds", static_cast<std::int64_t>(attempt.took.count()));
    rows.number("bytes", attempt.bytes);
    if (out.size() > 1) out += ',';
    out += JsonRows::line(rows);
  }
  return out + "]";
}

std::string as_json(const std::vector<Delivery>& found) {
  JsonRows rows;
  for (const Delivery& each : found) {
    const delivery::HistoryRecord& last = each.attempts.back();
    rows.begin();
    rows.text("materialization", each.materialization);
    rows.text("trigger", last.label);
    rows.text("request_id", last.request_id);
    rows.number("after", last.key.after);
    rows.number("through", last.key.through);
    rows.text("state", name_of(last.outcome));
    rows.text("revision", last.revision);
    rows.text("reason", last.reason);
    rows.raw("attempts", attempts_as_json(each));
  }
  return rows.finish();
}

std::string attempt_line(const delivery::AttemptRecord& attempt) {
  const std::string answer =
      attempt.status != 0 ? fmt::format("status {}", attempt.status) : attempt.error;
  std::string line = fmt::format("{}  attempt {}  {}  {} ms  {} bytes", short_timestamp(attempt.at),
                                 attempt.attempt, answer, attempt.took.count(), attempt.bytes);
  if (attempt.next_at) line += fmt::format("  next {}", short_timestamp(*attempt.next_at));
  return line;
}

std::string as_text(const std::vector<Delivery>& found) {
  if (found.empty()) return "no attempt is remembered\n";
  std::string text;
  const bool colour = coloured(STDOUT_FILENO);
  for (const Delivery& each : found) {
    const delivery::HistoryRecord& last = each.attempts.back();
    const bool delivered = last.outcome == delivery::Event::Kind::kDelivered;
    text +=
        headline({each.materialization, last.label,
                  paint(name_of(last.outcome), delivered ? Colour::kGreen : Colour::kRed, colour)});
    text += indented(fmt::format("{}  transactions ({}, {}]", last.request_id, last.key.after,
                                 last.key.through));
    text += indented(fmt::format("revision {}", last.revision));
    for (const delivery::HistoryRecord& record : each.attempts)
      text += indented(attempt_line(record.attempt));
    if (!last.reason.empty()) text += indented(last.reason);
  }
  return text;
}

ExitCode run(const Arguments& arguments) {
  const auto sight = see_names(arguments);
  if (!sight) return sight.error();
  auto found = read_deliveries(*sight, arguments.positionals());
  if (!found) return tell(found.error());
  if (arguments.given("--limit") && found->size() > arguments.count("--limit")) {
    found->erase(found->begin(),
                 found->end() - static_cast<std::ptrdiff_t>(arguments.count("--limit")));
  }
  print(arguments.flag("--json") ? as_json(*found) : as_text(*found));
  return ExitCode::kDone;
}

}  // namespace

const Command& triggers_history_command() {
  static const Command command{
      .name = "triggers history",
      .summary = "List the attempts to deliver, with their outcomes",
      .description =
          "Lists each request that was attempted, oldest first, with every attempt: when, the "
          "answer's "
          "status or what went wrong, how long it took, how much was read, when the next is "
          "due.\n\n"
          "The history is bounded by age and size, and the attempts of the last moment before a "
          "crash can "
          "be missing; what is owed never is.",
      .positionals = {materialization_positional(
                          "Only of this materialization, or of the trigger of this name"),
                      {.name = "TRIGGER", .help = "Only of this trigger"}},
      .options =
          {{.name = "--limit",
            .kind = ValueKind::kCount,
            .value = "N",
            .help = "Only the newest of them",
            .default_value = "all"},
           flow_option(),
           state_option(),
           json_option(
               "Print an array of objects {materialization, trigger, request_id, after, through, "
               "state, revision, reason, attempts: [{at, status, error, milliseconds, bytes}]}")},
      .exits = {{ExitCode::kDone, {}},
                {ExitCode::kFailed, {}},
                {ExitCode::kUsage, {}},
                {ExitCode::kCatalog, {}}},
      .examples = {{"weir triggers history --limit 5", "The newest five requests."}},
      .run = run};
  return command;
}

}  // namespace weir::app
