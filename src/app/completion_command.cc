// weir completion
#include <fmt/format.h>

#include <algorithm>

#include "app/complete.h"
#include "app/output.h"
#include "base/text.h"

namespace weir::app {
namespace {

ExitCode run(const Arguments& arguments) {
  const std::string& shell = arguments.positionals().front();
  if (shell == "bash") print(completion_script(Shell::kBash));
  if (shell == "zsh") print(completion_script(Shell::kZsh));
  if (shell == "fish") print(completion_script(Shell::kFish));
  const std::vector<std::string_view> names = split(kShellNames, '|');
  if (std::find(names.begin(), names.end(), shell) != names.end()) return ExitCode::kDone;
  print_error(fmt::format("completion: SHELL wants one of {}, not \"{}\"{}", fmt::join(names, ", "),
                          shell, did_you_mean(shell, names)));
  return ExitCode::kUsage;
}

}  // namespace

const Command& completion_command() {
  static const Command command{
      .name = "completion",
      .summary = "Print the script by which a shell completes these commands",
      .description =
          "Prints a script for the shell. With it the tab key completes commands, options and "
          "their values, files, and names of the catalog: collections, materializations, triggers, "
          "and requests that are owed.\n\n"
          "The Debian package brings the scripts along. Otherwise put them where the shell looks:\n"
          "\n"
          "  bash  weir completion bash > ~/.local/share/bash-completion/completions/weir\n"
          "  zsh   weir completion zsh > DIR/_weir, where DIR is a folder of $fpath\n"
          "  fish  weir completion fish > ~/.config/fish/completions/weir.fish",
      .positionals = {{.name = "SHELL", .help = "bash, zsh or fish", .at_least = 1}},
      .options = {},
      .exits = {{ExitCode::kDone, {}}, {ExitCode::kUsage, {}}},
      .examples = {{"source <(weir completion bash)", "For the shell that runs now."}},
      .run = run};
  return command;
}

}  // namespace weir::app
