// ${env:NAME} and ${file:PATH} in secret places: their syntax. They are looked up elsewhere, when a
// request is sent. Private to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::catalog {

// What is wrong with the references of a text, without quoting it; nullopt: nothing. "$${" is an
// escape.
std::optional<std::string> reference_problem(std::string_view text);
bool has_reference(std::string_view text);
// The text with the path of every ${file:PATH} joined to `folder`, unless it is absolute.
std::string with_paths_in(std::string_view folder, std::string_view text);
// Does a header or parameter of this name usually hold a secret?
bool is_secret_name(std::string_view name);

}  // namespace weir::catalog
