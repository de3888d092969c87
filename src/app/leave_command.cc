// weir leave
#include "app/catalog_access.h"
#include "app/commands.h"
#include "app/machinery.h"
#include "app/output.h"
#include "app/owner_identity.h"
#include "app/selection.h"
#include "app/trigger_commands.h"
#include "runtime/session.h"

namespace weir::app {
namespace {

Status leave(const catalog::BuiltMaterialization& built, const Folders& folders,
             const connector::Owner& owner, const Arguments& arguments) {
  WEIR_TRY(const auto machinery, Machinery::make(built, folders, owner, {}));
  runtime::ShardOptions options;
  options.take_over = arguments.flag("--take-over");
  Random random(random_seed());
  runtime::Session session(built, options, machinery->deps(), random);
  WEIR_RETURN_IF_ERROR(session.open());
  const Status left = session.leave(arguments.flag("--discard"));
  const Status closed = session.close();
  WEIR_RETURN_IF_ERROR(left);
  return closed;
}

ExitCode run(const Arguments& arguments) {
  const auto prospect = see_catalog(arguments);
  if (!prospect) return prospect.error();
  const auto chosen = choose_by_name(prospect->all, arguments.positionals());
  if (!chosen) return tell(chosen.error());
  const auto state_id = open_state(prospect->folders.state);
  if (!state_id) return tell(state_id.error());
  const auto owner = this_process(*state_id);
  if (!owner) return tell(owner.error());
  ExitCode worst = ExitCode::kDone;
  for (const catalog::BuiltMaterialization* built : *chosen) {
    const Status left = leave(*built, prospect->folders, *owner, arguments);
    if (!left) {
      worst = worse(worst, tell(left.error()));
      continue;
    }
    note(fmt::format(
        "{}: the endpoint holds a plain checkpoint now; another program can go on from it\n",
        built->spec.name));
  }
  return worst;
}

}  // namespace

const Command& leave_command() {
  static const Command command{
      .name = "leave",
      .summary = "Hand a materialization's tables over to another program",
      .description =
          "Commits a checkpoint that holds nothing of weir's own, so that another runtime with the "
          "same "
          "connector protocol can go on from where weir stopped. Nothing may be running, and "
          "nothing may be "
          "owed to a receiver unless --discard gives it up.\n\n"
          "`weir run --take-over` is the way back.",
      .positionals = {materialization_positional("Only this one; otherwise all")},
      .options = {{.name = "--discard", .help = "Give up what triggers still owe"},
                  {.name = "--take-over",
                   .help =
                       "Also where another owner's fence is raised; be sure that it has stopped"},
                  flow_option(),
                  identity_option(),
                  state_option(),
                  journals_option()},
      .exits = {{ExitCode::kDone, {}},
                {ExitCode::kFailed, "something is still owed, or nothing was ever committed"},
                {ExitCode::kUsage, {}},
                {ExitCode::kCatalog, {}},
                {ExitCode::kOwned, {}}},
      .examples = {{"weir leave acme/orders",
                    "After `weir run --until-caught-up` said that all is delivered."}},
      .run = run};
  return command;
}

}  // namespace weir::app
