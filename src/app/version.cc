#include "app/version.h"

#include "app/commands.h"
#include "app/output.h"

namespace weir::app {
namespace {

ExitCode run(const Arguments& arguments) {
  if (!arguments.flag("--json")) {
    print(version_line());
    return ExitCode::kDone;
  }
  JsonRows rows;
  rows.begin();
  rows.text("version", version());
#ifdef WEIR_FAULT_POINTS
  rows.flag("fault_points", true);
#else
  rows.flag("fault_points", false);
#endif
  print(rows.finish());
  return ExitCode::kDone;
}

}  // namespace

std::string_view version() {
  return WEIR_VERSION;
}
std::string version_line() {
  return "weir " WEIR_VERSION "\n";
}

const Command& version_command() {
  static const Command command{
      .name = "version",
      .summary = "Print which build this is",
      .description = "Prints the version. `weir --version` is the same.",
      .positionals = {},
      .options = {json_option("Print an array of one object {version, fault_points}")},
      .exits = {{ExitCode::kDone, {}}, {ExitCode::kUsage, {}}},
      .examples = {{"weir version --json", "For programs."}},
      .run = run};
  return command;
}

}  // namespace weir::app
