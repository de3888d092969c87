#include "app/selection.h"

#include <algorithm>

#include "base/text.h"

namespace weir::app {

OptionInfo name_option() {
  return {.name = "--name",
          .kind = ValueKind::kText,
          .value = "NAME",
          .help = "Only the materialization of this name",
          .default_value = "all",
          .repeated = true};
}

Result<std::vector<const catalog::BuiltMaterialization*>> choose_by_name(
    const std::vector<catalog::BuiltMaterialization>& all, const std::vector<std::string>& names) {
  std::vector<std::string_view> known;
  for (const catalog::BuiltMaterialization& built : all) known.push_back(built.spec.name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return error(Code::kNotFound, "{}", no_materialization(name, known));
  }
  std::vector<const catalog::BuiltMaterialization*> chosen;
  for (const catalog::BuiltMaterialization& built : all) {
    if (names.empty() || std::find(names.begin(), names.end(), built.spec.name) != names.end()) {
      chosen.push_back(&built);
    }
  }
  return chosen;
}

std::string no_materialization(std::string_view name, const std::vector<std::string_view>& known) {
  std::string text =
      fmt::format("the catalog has no materialization \"{}\"{}", name, did_you_mean(name, known));
  const bool is_catalog =
      name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
  if (is_catalog) text += fmt::format("; a catalog file is given as --flow {}", name);
  return text;
}

}  // namespace weir::app
