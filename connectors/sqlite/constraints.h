// What SQLite can do with each projection of a collection, in view of the table that stands there.
#pragma once

#include <optional>
#include <vector>

#include "connectors/sqlite/bookkeeping.h"
#include "connectors/sqlite/config.h"
#include "connectors/sqlite/shape.h"
#include "protocol/spec.h"

namespace weir::sqlite {

// The table as it stands; both absent where nothing does, or where it will be made anew.
struct Standing {
  std::optional<ActualTable> table;
  std::optional<TableRecord> record;
};

// One constraint per projection, in their order. `standing` is looked at unless the binding's
// backfill counter is above the recorded one.
std::vector<protocol::Constraint> constraints_of(const protocol::ValidateBinding& binding,
                                                 const Resource& resource,
                                                 const Standing& standing);

}  // namespace weir::sqlite
