#include "app/trigger_commands.h"

#include "app/catalog_access.h"
#include "app/output.h"
#include "trigger/terms.h"

namespace weir::app {

Positional materialization_positional(std::string_view help) {
  return {.name = "MATERIALIZATION", .help = help};
}

OptionInfo environment_option() {
  return {.name = "--environment",
          .kind = ValueKind::kText,
          .value = "NAME",
          .help = "What templates see as {{environment}}",
          .default_value = "empty",
          .env = "WEIR_ENVIRONMENT"};
}

ExitCode tell(const Error& error) {
  print_error(error.message);
  return error.code == Code::kNotFound ? ExitCode::kUsage : exit_code_of(error.code);
}

tl::expected<Sight, ExitCode> see_names(const Arguments& arguments) {
  auto folders = find_folders(arguments, arguments.texts("--flow"));
  if (!folders) return tl::unexpected(tell(folders.error()));
  const catalog::Loaded loaded = load_catalog(folders->flow);
  Sight sight{std::move(*folders), {}};
  for (const auto& [name, materialization] : loaded.catalog.materializations)
    sight.names.push_back(name);
  if (sight.names.empty() && catalog::has_errors(loaded.problems)) {
    print_problems(loaded.problems);
    return tl::unexpected(ExitCode::kCatalog);
  }
  return sight;
}

tl::expected<Prospect, ExitCode> see_catalog(const Arguments& arguments) {
  auto folders = find_folders(arguments, arguments.texts("--flow"));
  if (!folders) return tl::unexpected(tell(folders.error()));
  auto built = build_catalog(folders->flow, Warnings::kKeepQuiet);
  if (!built) {
    print_error(built.error().message);
    return tl::unexpected(ExitCode::kCatalog);
  }
  std::vector<std::string> names;
  for (const catalog::BuiltMaterialization& each : built->materializations)
    names.push_back(each.spec.name);
  auto views = view_tasks(*folders, names, Others::kNot);
  if (!views) return tl::unexpected(tell(views.error()));
  return Prospect{std::move(*folders), std::move(built->materializations), std::move(*views)};
}

tl::expected<Target, ExitCode> see_target(const Arguments& arguments, const Prospect& prospect,
                                          Need need) {
  auto target = find_target(prospect.all, prospect.views, arguments.positionals());
  if (!target) {
    print_error(target.error().message);
    return tl::unexpected(ExitCode::kUsage);
  }
  if (need == Need::kInCatalog && target->trigger == nullptr) {
    print_error(
        fmt::format("trigger \"{}\" left the catalog; only what it owes is known", target->label));
    return tl::unexpected(ExitCode::kUsage);
  }
  return *target;
}

bool matches(const std::vector<std::string>& words, const std::string& materialization,
             const std::string& label, const std::string& identity) {
  const auto is_trigger = [&](const std::string& word) {
    return word == label || word == identity;
  };
  if (words.empty()) return true;
  if (words.size() == 1) return words[0] == materialization || is_trigger(words[0]);
  return words[0] == materialization && is_trigger(words[1]);
}

}  // namespace weir::app
