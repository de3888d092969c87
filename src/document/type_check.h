// Validation on the way: most schemas ask for nothing but types and required members, and a walk
// can see to that.
#pragma once

#include "document/walk.h"
#include "json/schema.h"

namespace weir::document {

// Adds to the plan what the schema asks of documents. True: a document that fits the walk is valid;
// one that does not is invalid, unless it repeats a name, of which only the last value counts: ask
// the schema then. False: the schema asks for more than a walk can see; what it says about fitting
// means nothing.
bool plan_type_check(WalkPlan& plan, const json::Schema& schema);

}  // namespace weir::document
