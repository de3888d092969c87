// Opening the config of an endpoint that SOPS encrypted, just before the endpoint is opened.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "secrets/keyring.h"

namespace weir::connector {

// The config with its values opened and the suffix taken from their names, as JSON; as it is where
// nothing is encrypted. Of endpoints that hold the connector's config in a member `config`, that
// one is opened. `place` starts every message: "endpoint.sqlite". kSealed: no identity opens it, or
// it was edited.
Result<Secret> open_config(std::string_view place, const std::string& config_json,
                           const secrets::Keyring& keyring);

// The same shape without opening anything: `sops` and the suffixes are gone, encrypted texts are
// "sealed", encrypted booleans and numbers true and 0. For checks that need no secrets.
std::string without_seal(const std::string& config_json);

bool is_sealed(const std::string& config_json);

}  // namespace weir::connector
