// weir explain
#include <fmt/format.h>

#include "app/commands.h"
#include "app/help.h"
#include "app/output.h"
#include "base/text.h"
#include "catalog/codes.h"

namespace weir::app {
namespace {

std::string page_of(const catalog::CodeInfo& info) {
  const bool warning = info.severity() == catalog::Severity::kWarning;
  return fmt::format("{} ({}): {}\n\n{}\n\n{}\n", info.code, warning ? "warning" : "error",
                     info.title, wrap(info.explanation, 0), wrap(info.remedy, 0));
}

std::string all_as_text() {
  std::vector<std::vector<std::string>> rows;
  for (const catalog::CodeInfo& info : catalog::codes()) {
    rows.push_back({std::string(info.code), std::string(info.title)});
  }
  return text_table(rows);
}

std::string as_json(std::span<const catalog::CodeInfo> infos) {
  JsonRows rows;
  for (const catalog::CodeInfo& info : infos) {
    rows.begin();
    rows.text("code", info.code);
    rows.text("severity", info.severity() == catalog::Severity::kWarning ? "warning" : "error");
    rows.text("title", info.title);
    rows.text("explanation", info.explanation);
    rows.text("remedy", info.remedy);
  }
  return rows.finish();
}

ExitCode run(const Arguments& arguments) {
  const bool json = arguments.flag("--json");
  if (arguments.positionals().empty()) {
    print(json ? as_json(catalog::codes()) : all_as_text());
    return ExitCode::kDone;
  }
  const std::string& code = arguments.positionals().front();
  const catalog::CodeInfo* info = catalog::find_code(code);
  if (info == nullptr) {
    std::vector<std::string_view> known;
    for (const catalog::CodeInfo& each : catalog::codes()) known.push_back(each.code);
    print_error(fmt::format("there is no code \"{}\"{}; `weir explain` lists them", code,
                            did_you_mean(code, known)));
    return ExitCode::kUsage;
  }
  print(json ? as_json({info, 1}) : page_of(*info));
  return ExitCode::kDone;
}

}  // namespace

const Command& explain_command() {
  static const Command command{
      .name = "explain",
      .summary = "Explain a code of `weir validate`",
      .description =
          "Tells what a code such as W101 means and what to do about it. A code keeps its meaning "
          "for ever. "
          "Without CODE it lists all of them.",
      .positionals = {{.name = "CODE", .help = "E… for errors, W… for warnings"}},
      .options = {json_option(
          "Print an array of objects {code, severity, title, explanation, remedy}")},
      .exits = {{ExitCode::kDone, {}}, {ExitCode::kUsage, "there is no such code"}},
      .examples = {{"weir explain W101", "Why the tables could stop."}},
      .run = run};
  return command;
}

}  // namespace weir::app
