#include "app/catalog_access.h"

#include <algorithm>

#include "app/inferred_schema.h"
#include "app/output.h"
#include "app/wiring.h"
#include "base/text.h"
#include "io/file.h"
#include "json/host/re2_regex.h"
#include "json/host/yaml.h"
#include "json/pointer.h"

namespace weir::app {
namespace {

class Files : public catalog::FileReader {
 public:
  Files(const Texts* instead, Texts* seen) : instead_(instead), seen_(seen) {}

  Result<std::string> read(const std::string& path) override {
    Result<std::string> text = text_of(path);
    if (text && seen_ != nullptr) seen_->insert_or_assign(path, *text);
    return text;
  }

 private:
  Result<std::string> text_of(const std::string& path) const {
    if (instead_ != nullptr) {
      if (const auto found = instead_->find(path); found != instead_->end()) return found->second;
    }
    return io::read_file(path, catalog::kFileBytesMax);
  }

  const Texts* instead_;
  Texts* seen_;
};

Status refuse(const std::vector<catalog::Problem>& problems, Warnings warnings) {
  std::vector<catalog::Problem> shown;
  bool of_catalog = false, of_destination = false;
  for (const catalog::Problem& problem : problems) {
    const bool is_error = problem.severity == catalog::Severity::kError;
    if (is_error || warnings == Warnings::kPrint) shown.push_back(problem);
    if (!is_error) continue;
    (problem.code == catalog::kCannotBeAsked ? of_destination : of_catalog) = true;
  }
  print_problems(shown);
  if (of_catalog) return error(Code::kInvalid, "the catalog has errors");
  if (of_destination) return error(Code::kUnavailable, "a destination cannot be asked");
  return {};
}

// Does it lie in a materialization that is none of `names`?
bool is_of_another(const catalog::Problem& problem, const std::vector<std::string>& names) {
  const auto pointer = json::Pointer::parse(problem.location.pointer);
  if (!pointer || pointer->tokens().size() < 2 || pointer->tokens()[0] != "materializations")
    return false;
  return std::find(names.begin(), names.end(), pointer->tokens()[1]) == names.end();
}

}  // namespace

catalog::Loaded load_catalog(const std::vector<std::string>& flow, const CatalogUse& use) {
  Files files(use.instead, use.seen);
  catalog::LoadOptions options;
  options.files = &files;
  options.yaml = [](std::string_view text, json::Arena& arena) {
    return json::parse_yaml(text, arena);
  };
  options.regex = json::re2_regex_factory();
  options.published = use.published;
  if (!use.journals.empty()) options.inferred_schema = inferred_from_journals(use.journals);
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
                                     const CatalogUse& use,
                                     std::map<std::string, catalog::Collection>* collections) {
  const catalog::Loaded loaded = load_catalog(flow, use);
  catalog::Built built;
  std::vector<catalog::Problem> problems =
      catalog::validate(loaded, {.constraints_of = constraints_of_destinations()}, &built);
  const auto does_not_matter = [&](const catalog::Problem& problem) {
    return (!use.names.empty() && is_of_another(problem, use.names)) ||
           (use.may_wait && problem.code == catalog::kCannotBeAsked);
  };
  std::erase_if(problems, does_not_matter);
  WEIR_RETURN_IF_ERROR(refuse(problems, warnings));
  if (collections != nullptr) {
    for (const auto& [name, collection] : loaded.catalog.collections) {
      if (collection.usable) collections->emplace(name, collection);
    }
  }
  return built;
}

Result<catalog::Collection> find_collection(const std::vector<std::string>& flow,
                                            std::string_view name) {
  const catalog::Loaded loaded = load_catalog(flow);
  const auto found = loaded.catalog.collections.find(std::string(name));
  if (found != loaded.catalog.collections.end() && found->second.usable) return found->second;
  WEIR_RETURN_IF_ERROR(refuse(loaded.problems, Warnings::kKeepQuiet));
  std::vector<std::string_view> names;
  for (const auto& [known, collection] : loaded.catalog.collections) names.push_back(known);
  return error(Code::kNotFound, "the catalog has no collection \"{}\"{}", name,
               did_you_mean(name, names));
}

}  // namespace weir::app
