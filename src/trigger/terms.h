// From a catalog's triggers to what delivery must know of them: identities, terms, retries.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/spec.h"
#include "delivery/dispatcher.h"
#include "delivery/ledger.h"

namespace weir::trigger {

inline constexpr std::chrono::hours kGiveUpAfter{72};  // background
inline constexpr std::chrono::milliseconds kBackgroundDelayMax{300'000};

// The image of a connector endpoint and the kind of the endpoint, as templates see them.
std::string connector_image_of(
    const protocol::MaterializationSpec& spec);               // empty for built-in endpoints
std::string_view endpoint_name(protocol::EndpointKind kind);  // "sqlite", …

// What people call a trigger: its name, or method and origin of its URL (or the reference that the
// URL begins with).
std::string label_of(const catalog::Trigger& trigger);

// In the order of the catalog. Two triggers that are equal in method and URL and have no name are
// told apart by their order among each other; a named one's former identity is the next free one of
// its address, so naming any of several equal triggers takes over what is owed.
std::vector<delivery::TriggerTerms> terms_of(const catalog::BuiltMaterialization& built,
                                             const std::string& environment);
delivery::RetryPolicy retry_of(const catalog::Trigger& trigger);

// Digest of everything besides the facts that body and URL are made of.
std::string revision_of(const catalog::Trigger& trigger, const catalog::BuiltMaterialization& built,
                        const std::string& environment);

// Per binding: does any enabled trigger's template ask how many rows were inserted, updated,
// deleted or unchanged?
std::vector<bool> counted_bindings(const catalog::BuiltMaterialization& built);

}  // namespace weir::trigger
