// weir build
#include "app/catalog_access.h"
#include "app/commands.h"
#include "app/folders.h"
#include "app/output.h"
#include "app/selection.h"
#include "json/events.h"
#include "protocol/spec_json.h"

namespace weir::app {
namespace {

// `,"files":{"acme/orders":["data/*.jsonl"]}` of the collections that are read from files.
std::string files_member(const std::map<std::string, catalog::FileSource>& files) {
  if (files.empty()) return "";
  std::string text = ",\"files\":{";
  for (const auto& [collection, source] : files) {
    if (text.back() != '{') text += ',';
    json::write_string(collection, text);
    text += ":[";
    for (const std::string& pattern : source.patterns) {
      if (text.back() != '[') text += ',';
      json::write_string(pattern, text);
    }
    text += ']';
  }
  return text + "}";
}

// An array, indented; the order of members is that of the protocol.
Result<std::string> as_json(const std::vector<const catalog::BuiltMaterialization*>& chosen) {
  std::string text = "[";
  for (const catalog::BuiltMaterialization* built : chosen) {
    if (text.size() > 1) text += ',';
    text += protocol::to_json(built->spec);
    text.pop_back();
    text += files_member(built->files) + "}";
  }
  WEIR_TRY(const json::Tree tree, json::parse_tree(text + "]"));
  return json::to_pretty_text(tree.root);
}

ExitCode run(const Arguments& arguments) {
  const auto folders = find_folders(arguments, arguments.positionals());
  if (!folders) {
    print_error(folders.error().message);
    return ExitCode::kFailed;
  }
  const auto names = arguments.texts("--name");
  const auto built = build_catalog(folders->flow, Warnings::kKeepQuiet,
                                   {.journals = folders->journals, .names = names});
  if (!built) {
    print_error(built.error().message);
    return ExitCode::kCatalog;
  }
  const auto chosen = choose_by_name(built->materializations, names);
  if (!chosen) {
    print_error(chosen.error().message);
    return ExitCode::kUsage;
  }
  const auto text = as_json(*chosen);
  if (!text) {
    print_error(text.error().message);
    return ExitCode::kFailed;
  }
  print(*text);
  return ExitCode::kDone;
}

}  // namespace

const Command& build_command() {
  static const Command command{
      .name = "build",
      .summary = "Print the specifications that the runtime would run",
      .description =
          "Prints what a catalog comes to: for each materialization the fields that were selected, "
          "the "
          "inferred shape of each, the state keys, and the schemas with everything they refer to, "
          "as the "
          "specification that the protocol speaks of. `triggers` is an object.\n\n"
          "Every secret place is blank.",
      .positionals = {flow_positional()},
      .options = {name_option(), journals_option()},
      .exits = {{ExitCode::kDone, {}},
                {ExitCode::kFailed, {}},
                {ExitCode::kUsage, {}},
                {ExitCode::kCatalog, {}}},
      .examples = {{"weir build | jq '.[0].bindings[].fieldSelection'",
                    "Which fields become columns."}},
      .run = run};
  return command;
}

}  // namespace weir::app
