// A shape written as a JSON schema again.
#pragma once

#include "document/shape.h"
#include "json/value.h"

namespace weir::document {

// In a fixed order of keywords and names, so that equal shapes give equal bytes; inferring the
// result gives the shape again, but that a location which admits only numbers with a fraction comes
// to admit integers. In `arena` throughout.
json::Value schema_of_shape(json::Arena& arena, const ShapePtr& shape);

}  // namespace weir::document
