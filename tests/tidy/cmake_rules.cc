#include "tests/tidy/cmake_rules.h"

#include <fmt/format.h>

#include <set>
#include <sstream>

namespace weir::tidy {
namespace {

// The words of a CMake file, without comments and parentheses.
std::set<std::string> words_of(const std::string& text) {
  std::set<std::string> words;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line = line.substr(0, line.find('#'));
    for (char& c : line) {
      if (c == '(' || c == ')' || c == '"') c = ' ';
    }
    std::istringstream parts(line);
    for (std::string word; parts >> word;) words.insert(word);
  }
  return words;
}

bool named(const std::string& path, const std::vector<Source>& cmake_files) {
  for (const Source& file : cmake_files) {
    const std::string folder = folder_of(file.path);
    const std::set<std::string> words = words_of(file.text);
    if (words.contains("${PROJECT_SOURCE_DIR}/" + path)) return true;  // from another folder
    if (!path.starts_with(folder + "/")) continue;
    const std::string relative = path.substr(folder.size() + 1);
    if (words.contains(relative)) return true;
    // fuzz_${name}.cc and the like, made by a loop.
    for (const std::string& word : words) {
      const std::size_t open = word.find("${");
      if (open == std::string::npos || word.find('}') == std::string::npos) continue;
      const std::string before = word.substr(0, open);
      const std::string after = word.substr(word.find('}') + 1);
      if (relative.size() < before.size() + after.size() || !relative.starts_with(before) ||
          !relative.ends_with(after) || !after.ends_with(".cc")) {
        continue;
      }
      if (words.contains(
              relative.substr(before.size(), relative.size() - before.size() - after.size()))) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

std::vector<Finding> check_listed(const std::vector<Source>& sources,
                                  const std::vector<Source>& cmake_files) {
  std::vector<Finding> findings;
  for (const Source& source : sources) {
    if (source.is_header() || named(source.path, cmake_files)) continue;
    findings.push_back({source.is_test() ? "test-not-run" : "not-built", source.path, 0,
                        "no CMakeLists.txt names it"});
  }
  return findings;
}

}  // namespace weir::tidy
