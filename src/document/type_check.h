// Validation on the way: most schemas ask for nothing but types and required members, and a walk
// can see to that.
#pragma once

#include "document/walk.h"
#include "json/schema.h"

namespace weir::document {

// Adds to the plan what the schema asks of documents. True: a document fits the walk exactly if it
// fits the schema. False: the schema asks for more than that; what a walk then says about fitting
// means nothing.
bool plan_type_check(WalkPlan& plan, const json::Schema& schema);

}  // namespace weir::document
