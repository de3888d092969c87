// From the built specification to what the combiner needs: pointers, kinds and defaults of the
// selected fields, and the compiled read schema.
#pragma once

#include "base/result.h"
#include "document/binding.h"
#include "protocol/spec.h"

namespace weir::runtime {

// kInvalid names the binding and what of its schema cannot be used.
Result<document::BindingSpec> plan_binding(const protocol::Binding& binding);

}  // namespace weir::runtime
