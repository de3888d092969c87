#include "tests/tidy/layers.h"

#include <fmt/format.h>

#include <regex>
#include <sstream>

namespace weir::tidy {
namespace {

// What the list calls a folder: "json" for src/json, the whole path for the others.
std::string short_name(const std::string& layer) {
  return layer.starts_with("src/") ? layer.substr(4) : layer;
}

// The path of the tree that an include names, or empty for one of the system.
std::string path_of_include(const std::string& name) {
  static const std::regex elsewhere("^(src|connectors|web|testing|tests|fuzz|bench)/");
  return std::regex_search(name, elsewhere) ? name : "src/" + name;
}

}  // namespace

Layers Layers::parse(std::string_view text) {
  Layers layers;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    if (line.empty() || line.front() == '#' || colon == std::string::npos) continue;
    auto& row = layers.rows_[line.substr(0, colon)];
    std::istringstream names(line.substr(colon + 1));
    for (std::string name; names >> name;) row.insert(name);
  }
  return layers;
}

std::string Layers::layer_of(std::string_view path) const {
  std::string best;
  for (const auto& [folder, names] : rows_) {
    const bool inside =
        path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
    if (inside && folder.size() > best.size()) best = folder;
  }
  return best;
}

bool Layers::allows(const std::string& from, const std::string& to) const {
  if (from == to) return true;
  // What tests, fakes and programs are made of is nobody's part.
  if (from.starts_with("src/") && !to.starts_with("src/") && !to.starts_with("connectors/"))
    return false;
  const auto row = rows_.find(from);
  if (row == rows_.end()) return false;
  return row->second.contains("*") || row->second.contains(short_name(to));
}

std::vector<Finding> check_includes(const Layers& layers, const std::vector<Source>& sources) {
  static const std::regex include("^[ \\t]*#[ \\t]*include[ \\t]+\"([^\"]+)\"");
  std::vector<Finding> findings;
  for (const Source& source : sources) {
    const std::string from = layers.layer_of(source.path);
    std::istringstream lines(source.text);
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      if (line.find('#') == std::string::npos) continue;
      std::smatch match;
      if (!std::regex_search(line, match, include)) continue;
      const std::string to = layers.layer_of(path_of_include(match[1]));
      if (to.empty()) continue;  // generated, or a library's
      // A test may use the fakes of testing/, whatever it stands beside.
      if (source.is_test() && to == "testing") continue;
      if (!layers.allows(from, to)) {
        findings.push_back(
            {"layer", source.path, number,
             fmt::format("{} may not include {}; tools/layers.txt lists what it may", from, to)});
      }
    }
  }
  return findings;
}

std::vector<Finding> check_rows(const Layers& layers, const std::vector<Source>& sources) {
  std::vector<Finding> findings;
  std::set<std::string> seen;
  for (const Source& source : sources) {
    const std::string layer = layers.layer_of(source.path);
    if (layer.empty()) {
      findings.push_back({"layer", source.path, 0, "its folder has no row in tools/layers.txt"});
    }
    seen.insert(layer);
  }
  return findings;
}

std::vector<Finding> check_links(const Layers& layers, const std::vector<Source>& cmake_files) {
  static const std::regex call("weir_library\\(([^)]*)\\)");
  static const std::regex target("weir_([a-z_]+)");
  std::vector<Finding> findings;
  for (const Source& file : cmake_files) {
    const std::string from = layers.layer_of(file.path);
    if (from.empty()) continue;
    for (std::sregex_iterator it(file.text.begin(), file.text.end(), call), end; it != end; ++it) {
      const std::string arguments = (*it)[1];
      for (std::sregex_iterator link(arguments.begin(), arguments.end(), target); link != end;
           ++link) {
        std::string to = "src/" + (*link)[1].str();
        if (!layers.rows().contains(to)) to = "connectors/" + (*link)[1].str();
        if (!layers.rows().contains(to) || layers.allows(from, to)) continue;
        findings.push_back({"link", file.path,
                            line_at(file.text, static_cast<std::size_t>(it->position())),
                            fmt::format("{} may not link {}; tools/layers.txt lists what it may",
                                        from, (*link)[0].str())});
      }
    }
  }
  return findings;
}

}  // namespace weir::tidy
