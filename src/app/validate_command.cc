// weir validate
#include <algorithm>
#include <tuple>

#include "app/catalog_access.h"
#include "app/commands.h"
#include "app/folders.h"
#include "app/keyring.h"
#include "app/output.h"
#include "app/wiring.h"

namespace weir::app {
namespace {

constexpr std::size_t kIgnoredMax = 50;  // listed; the rest is counted

// Tries to open what is encrypted. What cannot be opened is told at its materialization.
ExitCode try_secrets(const Arguments& arguments, const catalog::Loaded& loaded) {
  if (arguments.flag("--no-decrypt")) return ExitCode::kDone;
  ExitCode worst = ExitCode::kDone;
  for (const auto& [name, model] : loaded.catalog.materializations) {
    catalog::BuiltMaterialization task;
    task.spec.name = name;
    task.spec.config_json = model.config_json;
    task.spec.endpoint = model.endpoint.value_or(protocol::EndpointKind::kConnector);
    task.triggers = model.triggers;
    task.sealed_triggers = model.sealed_triggers;
    task.base_dir = model.base_dir;
    if (!has_secrets(task)) continue;
    const auto keyring = find_keyring(arguments.texts("--identity"));
    if (keyring && keyring->identities.empty()) {
      note(
          fmt::format("{}: its encrypted values were not checked: no identity is at hand\n", name));
      continue;
    }
    const auto config = open_config(task, arguments.texts("--identity"));
    const auto triggers = open_triggers(task, arguments.texts("--identity"));
    if (config && triggers) continue;
    print_error(config ? triggers.error().message : config.error().message);
    worst = ExitCode::kSealed;
  }
  return worst;
}

// What of the published model is read and has no effect here.
void note_ignored(std::vector<catalog::Ignored> ignored) {
  if (ignored.empty()) return;
  std::sort(ignored.begin(), ignored.end(), [](const auto& a, const auto& b) {
    return std::tie(a.location.file, a.location.place.line, a.location.place.column) <
           std::tie(b.location.file, b.location.place.line, b.location.place.column);
  });
  std::string text = "noted and ignored:\n";
  for (std::size_t i = 0; i < std::min(ignored.size(), kIgnoredMax); ++i) {
    const catalog::Location& at = ignored[i].location;
    text +=
        fmt::format("    {}:{}:{}: {}\n", at.file, at.place.line, at.place.column, ignored[i].what);
  }
  if (ignored.size() > kIgnoredMax)
    text += fmt::format("    and {} more\n", ignored.size() - kIgnoredMax);
  note(text);
}

ExitCode run(const Arguments& arguments) {
  const auto folders = find_folders(arguments, arguments.positionals());
  if (!folders) {
    print_error(folders.error().message);
    return ExitCode::kFailed;
  }
  const bool published = arguments.flag("--published");
  if (published && folders->flow.size() > 1) {
    print_error(
        "--published takes one FLOW file: files that are laid over each other are weir's own");
    return ExitCode::kUsage;
  }
  const catalog::Loaded loaded =
      load_catalog(folders->flow, {.journals = folders->journals, .published = published});
  // What is only to be published is not built for the destinations that are here.
  const std::vector<catalog::Problem> problems = catalog::validate(
      loaded, {.strict = arguments.flag("--strict"),
               .constraints_of = published ? nullptr : constraints_of_destinations()});
  if (arguments.flag("--json")) {
    print(catalog::report_json(problems));
  } else {
    print_problems(problems);
    const auto errors = std::count_if(
        problems.begin(), problems.end(),
        [](const catalog::Problem& p) { return p.severity == catalog::Severity::kError; });
    const auto warnings = static_cast<std::ptrdiff_t>(problems.size()) - errors;
    const catalog::Catalog& found = loaded.catalog;
    note_ignored(found.ignored);
    note(fmt::format("{} materialization{}, {} collection{}: {} error{}, {} warning{}\n",
                     found.materializations.size(), found.materializations.size() == 1 ? "" : "s",
                     found.collections.size(), found.collections.size() == 1 ? "" : "s", errors,
                     errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s"));
  }
  if (catalog::has_errors(problems)) return ExitCode::kCatalog;
  return try_secrets(arguments, loaded);
}

}  // namespace

const Command& validate_command() {
  static const Command command{
      .name = "validate",
      .summary = "Check a catalog and report everything that is wrong with it",
      .description =
          "Reads the catalog, checks every part of it and reports all problems at once, each with "
          "file, "
          "line and column, a stable code, and what to do about it. Nothing is opened for writing "
          "and "
          "nothing is sent.\n\n"
          "Templates of triggers are rendered with three samples, and each result must be JSON. "
          "What "
          "is encrypted is opened if an identity is found, and said to be not checked otherwise.",
      .positionals = {flow_positional()},
      .options = {{.name = "--strict", .help = "Warnings are errors"},
                  {.name = "--published",
                   .help =
                       "Hold one FLOW file, and what it imports, to the published model: what is "
                       "weir's own is an error, and endpoints that weir cannot run are none"},
                  {.name = "--no-decrypt", .help = "Leave encrypted values unopened"},
                  identity_option(),
                  journals_option(),
                  json_option(
                      "Print an array of objects {severity, code, file, line, column, pointer, "
                      "message, remedy} to standard output")},
      .exits = {{ExitCode::kDone, "no errors"},
                {ExitCode::kUsage, {}},
                {ExitCode::kCatalog, {}},
                {ExitCode::kSealed,
                 "no errors, but what is encrypted does not open with the identities at hand"}},
      .examples = {{"weir validate", "./flow.yaml and what it imports."},
                   {"weir validate flow.yaml production.yaml --strict",
                    "A catalog with an environment laid over it, as a deployment would check it."},
                   {"weir validate --published flow.yaml",
                    "Is the file still one that can be published as it is?"}},
      .run = run};
  return command;
}

}  // namespace weir::app
