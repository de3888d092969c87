// weir triggers redeliver, weir triggers discard: the user's word about requests. A running task
// acts on it at once; otherwise it is kept for the next run.
#include "app/commands.h"
#include "app/control.h"
#include "app/output.h"
#include "app/trigger_commands.h"
#include "app/wiring.h"
#include "runtime/task_store.h"

namespace weir::app {
namespace {

Result<std::string> leave_for_next_run(const Folders& folders, const std::string& materialization,
                                       const runtime::Command& command) {
  WEIR_TRY(const auto seen, look_into_store(folders, materialization));
  if (seen == nullptr)
    return error(Code::kInvalid, "{} never ran; it owes nothing", materialization);
  WEIR_TRY(const auto store, open_store(task_folder(folders.state, materialization)));
  auto answer = runtime::leave_word(*store, command, system_clock().now());
  WEIR_RETURN_IF_ERROR(store->close());
  if (!answer) return answer;
  return fmt::format("{} is not running: {}", materialization, *answer);
}

ExitCode carry_out(const Arguments& arguments, runtime::Command::Kind kind) {
  const auto prospect = see_catalog(arguments);
  if (!prospect) return prospect.error();
  const auto target = see_target(arguments, *prospect, Need::kOwingWillDo);
  if (!target) return target.error();
  runtime::Command command;
  command.kind = kind;
  command.trigger = target->label;
  command.request_id = target->request_id;
  const std::string& name = target->built->spec.name;
  auto answer = ControlClient(control_folder(prospect->folders.state)).carry_out(name, command);
  if (!answer) return tell(answer.error());
  if (!*answer) {
    const auto left = leave_for_next_run(prospect->folders, name, command);
    if (!left) return tell(left.error());
    *answer = *left;
  }
  if (arguments.flag("--json")) {
    JsonRows rows;
    rows.begin();
    rows.text("materialization", name);
    rows.text("trigger", target->label);
    rows.text("request_id", target->request_id);
    rows.text("answer", **answer);
    print(rows.finish());
  } else {
    print(**answer + "\n");
  }
  return ExitCode::kDone;
}

std::vector<Positional> positionals() {
  return {materialization_positional("Where several have such a trigger: whose"),
          {.name = "TRIGGER", .help = "Its name, or method and origin of its URL", .at_least = 1},
          {.name = "REQUEST", .help = "A request's id: wr_…"}};
}

std::vector<OptionInfo> options() {
  return {
      flow_option(), state_option(),
      json_option("Print an array of one object {materialization, trigger, request_id, answer}")};
}

std::vector<ExitNote> exits() {
  return {{ExitCode::kDone, "done, or noted for the next run"},
          {ExitCode::kFailed, {}},
          {ExitCode::kUsage, "there is no such trigger or request"},
          {ExitCode::kCatalog, {}}};
}

ExitCode run_redeliver(const Arguments& arguments) {
  return carry_out(arguments, runtime::Command::Kind::kRedeliver);
}
ExitCode run_discard(const Arguments& arguments) {
  return carry_out(arguments, runtime::Command::Kind::kDiscard);
}

}  // namespace

const Command& triggers_redeliver_command() {
  static const Command command{
      .name = "triggers redeliver",
      .summary = "Send a parked or an earlier request again",
      .description =
          "Sends a request again under its id: a parked one, or any that the history still knows. "
          "Without "
          "REQUEST, all parked requests of the trigger.\n\n"
          "Where nothing runs, the word is kept, safely on disk, and the next run acts on it.",
      .positionals = positionals(),
      .options = options(),
      .exits = exits(),
      .examples = {{"weir triggers redeliver ci", "The receiver is mended: send what was parked."},
                   {"weir triggers redeliver orders ci wr_ab3…", "One request of the history."}},
      .run = run_redeliver};
  return command;
}

const Command& triggers_discard_command() {
  static const Command command{
      .name = "triggers discard",
      .summary = "Give up requests that are owed",
      .description =
          "Discards a request for good: it will not be sent, and the range of the trigger's next "
          "request "
          "shows the hole. Without REQUEST, everything that the trigger owes.\n\n"
          "It is done once a commit without the request is known; until then `weir triggers "
          "pending` says "
          "so. Where nothing runs, the word is kept, safely on disk, and the next run acts on it.",
      .positionals = positionals(),
      .options = options(),
      .exits = exits(),
      .examples = {{"weir triggers discard ci wr_ab3…", "One request."}},
      .run = run_discard};
  return command;
}

}  // namespace weir::app
