// Comments of YAML files: SOPS encrypts those below keys whose values it encrypts. They are not in
// the MAC. Private to this folder.
#pragma once

#include <vector>

#include "secrets/sops_rule.h"
#include "secrets/text_document.h"

namespace weir::secrets {

// Opens what opens; anything else is a comment that was never encrypted.
std::vector<Edit> open_comments(const TextDocument& document, const SopsRule& rule,
                                const Secret& key);
Result<std::vector<Edit>> seal_comments(const TextDocument& document, const SopsRule& rule,
                                        const Secret& key, const Entropy& entropy);
Result<std::vector<Edit>> reseal_comments(const TextDocument& document, const SopsRule& rule,
                                          const Secret& from, const Secret& to,
                                          const Entropy& entropy);

}  // namespace weir::secrets
