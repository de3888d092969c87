// Opening a `triggers` block that SOPS encrypted, at the start of a session.
#pragma once

#include <vector>

#include "base/result.h"
#include "catalog/spec.h"
#include "secrets/keyring.h"

namespace weir::trigger {

// The triggers with the values of their headers and secrets; as they are where the block is in
// clear. kSealed: no identity opens it, or it was edited where it may not be; names the
// materialization, never a value.
Result<std::vector<catalog::Trigger>> open_triggers(const catalog::BuiltMaterialization& built,
                                                    const secrets::Keyring& keyring);

}  // namespace weir::trigger
