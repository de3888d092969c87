// Paths as catalog files write them: with "/", relative to the file that says them. Texts only:
// nothing is looked up. Private to this folder.
#pragma once

#include <string>
#include <string_view>

namespace weir::catalog {

// The folder of a file: "" for a bare name, so that join("", x) is x.
std::string folder_of(std::string_view path);
// `path` seen from `folder`, with "." and ".." taken out as far as possible. Absolute paths stay.
std::string join_path(std::string_view folder, std::string_view path);
bool is_remote(std::string_view path);  // has a scheme other than file:
std::string without_file_scheme(std::string_view path);
bool has_extension(std::string_view path, std::string_view extension);  // ".json", case ignored

}  // namespace weir::catalog
