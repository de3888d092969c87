// The `triggers` block for specifications: as written, with every secret place blank. Private to
// this folder.
#pragma once

#include <string>

#include "catalog/node.h"

namespace weir::catalog {

// The block as JSON, layers merged. Holds its secrets.
std::string merged_triggers(const Node& node);
// Values of `headers`, `secrets`, `env` and `signing.secrets` become empty texts, and a URL that
// looks like it carries a credential does, too. Everything else, references in URLs included,
// stands as it was written.
std::string triggers_json(const Node& node);

// The triggers of `config`, one node for each, those of several files merged: a trigger is known
// again by its name, else by its URL and, where both say one, its method.
Node config_of(Node config);

}  // namespace weir::catalog
