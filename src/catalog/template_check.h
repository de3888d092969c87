// Checking the templates of a trigger: they must parse, render with samples, and the payload must
// then be JSON. Private to this folder.
#pragma once

#include <string>

#include "catalog/read.h"

namespace weir::catalog {

// `node` is the payloadTemplate. `trigger` gives the names of headers and secrets.
void check_payload_template(const Node& node, const Trigger& trigger,
                            const std::string& materialization, Problems& problems);
// A URL that holds a template: rendered only.
void check_url_template(const Node& node, const Trigger& trigger,
                        const std::string& materialization, Problems& problems);

}  // namespace weir::catalog
