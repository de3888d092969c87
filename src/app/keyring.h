// The keys of this machine, and opening what SOPS encrypted in a catalog with them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/spec.h"
#include "secrets/keyring.h"

namespace weir::app {

// Identities of the files, then of SOPS_AGE_KEY, SOPS_AGE_KEY_FILE and sops/age/keys.txt in the
// user's configuration folder; and the `sops` program, if it is on the PATH. kSealed: a file that
// is named cannot be read or holds something else; never quotes it.
Result<secrets::Keyring> find_keyring(const std::vector<std::string>& identity_files);

// What could not be opened for want of any identity, with the ways to give one.
Error with_advice(Error error, const secrets::Keyring& keyring);

// At the opening of a session: the endpoint's config, its paths absolute, and the triggers. As they
// are where nothing is encrypted. kSealed says what to do.
Result<Secret> open_config(const catalog::BuiltMaterialization& built,
                           const std::vector<std::string>& identity_files);
Result<std::vector<catalog::Trigger>> open_triggers(const catalog::BuiltMaterialization& built,
                                                    const std::vector<std::string>& identity_files);

// Is anything of it encrypted?
bool has_secrets(const catalog::BuiltMaterialization& built);

}  // namespace weir::app
