// The `triggers` block for specifications: as written, with every secret place blank. Private to
// this folder.
#pragma once

#include <string>

#include "catalog/node.h"

namespace weir::catalog {

// Values of `headers`, `secrets`, `env` and `signing.secrets` become empty texts, and a URL that
// looks like it carries a credential does, too. Everything else, references in URLs included,
// stands as it was written.
std::string triggers_json(const Node& node);

}  // namespace weir::catalog
