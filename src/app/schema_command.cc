// weir schema triggers
#include "app/commands.h"
#include "app/output.h"
#include "catalog/trigger_schema.h"

namespace weir::app {
namespace {

ExitCode run(const Arguments& arguments) {
  print(arguments.flag("--published") ? catalog::published_trigger_schema()
                                      : catalog::trigger_schema());
  return ExitCode::kDone;
}

}  // namespace

const Command& schema_triggers_command() {
  static const Command command{
      .name = "schema triggers",
      .summary = "Print the JSON Schema of a `triggers` block",
      .description =
          "Prints the schema that a `triggers` block of a catalog must satisfy, for editors and "
          "for "
          "other tools. Places marked `secret: true` are those that get encrypted.\n\n"
          "Every document that the published schema accepts is accepted by ours, with the same "
          "meaning.",
      .positionals = {},
      .options = {{.name = "--published",
                   .help =
                       "The schema as Estuary publishes it, without the options that are weir's "
                       "own"}},
      .exits = {{ExitCode::kDone, {}}, {ExitCode::kUsage, {}}},
      .examples = {{"weir schema triggers > triggers.schema.json", "For an editor."}},
      .run = run};
  return command;
}

}  // namespace weir::app
