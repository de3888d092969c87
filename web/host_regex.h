// Patterns of schemas, matched by the page's own RegExp: they are ECMA-262 to begin with.
#pragma once

#include "json/schema.h"

namespace weir::web {

json::RegexFactory host_regex_factory();

}  // namespace weir::web
