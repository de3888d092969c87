#include "app/catalog_access.h"

#include <algorithm>

#include "app/output.h"
#include "app/wiring.h"
#include "base/text.h"
#include "io/file.h"
#include "json/host/re2_regex.h"
#include "json/host/yaml.h"

namespace weir::app {
namespace {

class DiskFiles : public catalog::FileReader {
 public:
  Result<std::string> read(const std::string& path) override {
    return io::read_file(path, catalog::kFileBytesMax);
  }
};

bool refuse(const std::vector<catalog::Problem>& problems, Warnings warnings) {
  std::vector<catalog::Problem> shown;
  for (const catalog::Problem& problem : problems) {
    const bool is_error = problem.severity == catalog::Severity::kError;
    if (is_error || warnings == Warnings::kPrint) shown.push_back(problem);
  }
  print_problems(shown);
  return catalog::has_errors(problems);
}

}  // namespace

catalog::Loaded load_catalog(const std::vector<std::string>& flow) {
  DiskFiles files;
  catalog::LoadOptions options;
  options.files = &files;
  options.yaml = [](std::string_view text, json::Arena& arena) {
    return json::parse_yaml(text, arena);
  };
  options.regex = json::re2_regex_factory();
  catalog::Loaded loaded = catalog::load(flow, options);
  make_paths_absolute(loaded.catalog);
  return loaded;
}

void print_problems(const std::vector<catalog::Problem>& problems) {
  if (problems.empty()) return;
  const bool colour = coloured(2);
  std::string text;
  for (const catalog::Problem& problem : problems) {
    std::string lines = catalog::format_problem(problem);
    if (!lines.ends_with('\n')) lines += '\n';
    const std::string_view word =
        problem.severity == catalog::Severity::kError ? ": error: " : ": warning: ";
    const std::size_t at = lines.find(word);
    if (colour && at != std::string::npos) {
      const Colour which =
          problem.severity == catalog::Severity::kError ? Colour::kRed : Colour::kYellow;
      lines.replace(at + 2, word.size() - 4, paint(word.substr(2, word.size() - 4), which, true));
    }
    text += lines;
  }
  note(text);
}

Result<catalog::Built> build_catalog(const std::vector<std::string>& flow, Warnings warnings,
                                     std::map<std::string, catalog::Collection>* collections) {
  const catalog::Loaded loaded = load_catalog(flow);
  const catalog::ValidateOptions options{.strict = false,
                                         .constraints_of = constraints_of_destinations()};
  const std::vector<catalog::Problem> problems = catalog::validate(loaded, options);
  if (refuse(problems, warnings)) return error(Code::kInvalid, "the catalog has errors");
  if (collections != nullptr) {
    for (const auto& [name, collection] : loaded.catalog.collections) {
      if (collection.usable) collections->emplace(name, collection);
    }
  }
  return catalog::build(loaded.catalog, options.constraints_of);
}

Result<catalog::Collection> find_collection(const std::vector<std::string>& flow,
                                            std::string_view name) {
  const catalog::Loaded loaded = load_catalog(flow);
  const auto found = loaded.catalog.collections.find(std::string(name));
  if (found != loaded.catalog.collections.end() && found->second.usable) return found->second;
  if (refuse(loaded.problems, Warnings::kKeepQuiet))
    return error(Code::kInvalid, "the catalog has errors");
  std::vector<std::string_view> names;
  for (const auto& [known, collection] : loaded.catalog.collections) names.push_back(known);
  return error(Code::kNotFound, "the catalog has no collection \"{}\"{}", name,
               did_you_mean(name, names));
}

}  // namespace weir::app
