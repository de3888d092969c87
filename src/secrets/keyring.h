// What secrets are opened with: the identities at hand and, for documents that only a key service
// opens, a way to ask the `sops` program.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "json/schema.h"
#include "secrets/age_key.h"

namespace weir::secrets {

struct Keyring {
  std::vector<Identity> identities;
  std::vector<std::string> sources;  // where they were found, for messages
  json::RegexFactory regex;          // RE2 syntax
  // A JSON document as text in, its plain text out; the program checks the MAC. kSealed: it could
  // not open it; kUnavailable: it did not run to its end. Not set: there is no such program.
  std::function<Result<Secret>(std::string_view document)> sops;
};

}  // namespace weir::secrets
