// The suffix by which names tell that their value is encrypted.
#pragma once

#include <string>
#include <string_view>

#include "json/value.h"
#include "secrets/sops_document.h"

namespace weir::secrets {

inline constexpr std::string_view kEncryptedSuffix = "_sops";

// Once, from the end; nothing where it does not end so, or would be empty.
std::string_view without_suffix(std::string_view name, std::string_view suffix);

// A document with its values opened, as JSON: without the top-level `sops`, without comments that
// stand as items, and, where the stanza has an encrypted suffix, without it on every name at every
// depth. kInvalid: two members of an object that would have the same name, with their place.
Result<Secret> opened_json(const json::Value& root, std::span<const OpenedLeaf> leaves,
                           const SopsStanza& stanza);

}  // namespace weir::secrets
