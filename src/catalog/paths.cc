#include "catalog/paths.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace weir::catalog {

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return "";
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

std::string join_path(std::string_view folder, std::string_view path) {
  const bool absolute = path.starts_with('/');
  std::string joined(absolute || folder.empty() ? path
                                                : std::string(folder) + "/" + std::string(path));
  const bool rooted = joined.starts_with('/');
  std::vector<std::string_view> parts;
  for (const std::string_view part : split(joined, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part != ".." || !rooted) {
      parts.push_back(part);
    }
  }
  std::string out = rooted ? "/" : "";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += '/';
    out += parts[i];
  }
  return out.empty() ? "." : out;
}

bool is_remote(std::string_view path) {
  const std::size_t colon = path.find("://");
  return colon != std::string_view::npos && colon > 0 && path.substr(0, colon) != "file" &&
         path.find('/') > colon;
}

std::string without_file_scheme(std::string_view path) {
  constexpr std::string_view kScheme = "file://";
  return std::string(path.starts_with(kScheme) ? path.substr(kScheme.size()) : path);
}

bool has_extension(std::string_view path, std::string_view extension) {
  if (path.size() < extension.size()) return false;
  const std::string_view end = path.substr(path.size() - extension.size());
  return std::equal(end.begin(), end.end(), extension.begin(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

}  // namespace weir::catalog
