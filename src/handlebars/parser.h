// Tokens to a tree.
#pragma once

#include <memory>

#include "handlebars/tree.h"

namespace weir::handlebars {

Rendered<std::unique_ptr<const Tree>> parse_tree(std::string_view text,
                                                 const ParseOptions& options);

}  // namespace weir::handlebars
