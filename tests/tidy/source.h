// The tree as the tidy test sees it: files with their text, and the same text with comments and
// literals blanked, so that rules look at code only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tidy {

struct Source {
  std::string path;  // relative to the root of the tree: "src/json/value.h"
  std::string text;
  std::string code;      // same length and lines; comments and the insides of literals are spaces
  std::string comments;  // the other half: only comments are left
  bool is_header() const { return path.ends_with(".h"); }
  bool is_test() const { return path.ends_with("_test.cc"); }
};

Source make_source(std::string path, std::string text);

struct Finding {
  std::string rule;  // "layer", "file-length", "banned sleep_for", …
  std::string path;
  std::size_t line = 0;  // 1-based; 0: of the file as a whole
  std::string message;
  std::string text() const;  // "path:line: rule: message"
};

std::size_t line_at(std::string_view text, std::size_t offset);
std::string folder_of(
    std::string_view path);  // "src/json" of "src/json/host/regex.h" is "src/json/host"

// Every .h and .cc file below the folders that hold code, ascending by path. The working directory
// is the root.
std::vector<Source> read_tree();
// Every CMakeLists.txt below the same folders.
std::vector<Source> read_cmake_files();
std::string read_text(const std::string& path);

}  // namespace weir::tidy
