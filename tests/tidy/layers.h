// Who may include whom: tools/layers.txt against the #include lines, and against what the CMake
// targets link.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source.h"

namespace weir::tidy {

class Layers {
 public:
  // Lines "folder: names…"; "#" starts a comment; "*" allows everything.
  static Layers parse(std::string_view text);

  // The layer that a path belongs to: "src/json" for "src/json/host/regex.h"; empty if it is in
  // none.
  std::string layer_of(std::string_view path) const;
  bool allows(const std::string& from, const std::string& to) const;
  const std::map<std::string, std::set<std::string>>& rows() const { return rows_; }

 private:
  std::map<std::string, std::set<std::string>> rows_;  // folder → names; "*" for everything
};

// Includes that cross into a layer which the file's own does not list.
std::vector<Finding> check_includes(const Layers& layers, const std::vector<Source>& sources);
// Rows of the list that name no folder of the tree, and folders that no row names.
std::vector<Finding> check_rows(const Layers& layers, const std::vector<Source>& sources);
// Targets weir_x that a folder's CMakeLists.txt links although its row does not list x.
std::vector<Finding> check_links(const Layers& layers, const std::vector<Source>& cmake_files);

}  // namespace weir::tidy
