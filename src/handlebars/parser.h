// Text to a tree: lexer, whitespace control, parser. What makes a template unreadable is an error
// with its place; what only makes it fail when rendered (unknown helpers, wrong arguments) is not.
#pragma once

#include <memory>

#include "handlebars/tree.h"

namespace weir::handlebars {

Rendered<std::unique_ptr<const Tree>> parse_tree(std::string_view text,
                                                 const ParseOptions& options);

}  // namespace weir::handlebars
