// For the tests of this folder: catalogs from memory, read as the product reads them from disk.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "catalog/load.h"
#include "json/host/re2_regex.h"
#include "json/host/yaml.h"

namespace weir::catalog {

inline LoadOptions test_options(FileReader& files) {
  LoadOptions options;
  options.files = &files;
  options.yaml = [](std::string_view text, json::Arena& arena) {
    return json::parse_yaml(text, arena);
  };
  options.regex = json::re2_regex_factory();
  return options;
}

inline Loaded load_text(std::string_view flow, std::map<std::string, std::string> others = {}) {
  others.emplace("flow.yaml", flow);
  MemoryFiles files(std::move(others));
  return load({"flow.yaml"}, test_options(files));
}

// One line per problem: "E403 7:9 /pointer message".
inline std::string brief(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& p : problems) {
    out += fmt::format("{} {}:{} {} {}\n", p.code, p.location.place.line, p.location.place.column,
                       p.location.pointer, p.message);
  }
  return out;
}

}  // namespace weir::catalog
