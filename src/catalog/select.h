// Which fields of a collection a binding stores: what the destination can do, what the user asks
// for, and the usual. Private to this folder.
#pragma once

#include <string>
#include <vector>

#include "catalog/model.h"
#include "protocol/spec.h"

namespace weir::catalog {

struct FieldConflict {
  std::string field;
  std::string wanted;   // why it should be selected: "you require it"
  std::string refused;  // why it cannot be
};

struct Selected {
  protocol::FieldSelection selection;
  std::vector<FieldConflict> conflicts;
};

// The fields that the collection's key stands for, in its order: `group_by` if given, else for each
// location of the key its own field, or an explicit projection where that is excluded.
std::vector<std::string> group_by_of(const protocol::CollectionSpec& collection,
                                     const Fields& fields);

// Depth: `recommended` counts the tokens of a location. Objects above that depth give way to their
// members; at it they are stored whole. What lies under /_meta is only taken where it is asked for,
// `_meta/op` apart.
Selected select_fields(const protocol::CollectionSpec& collection, const Fields& fields,
                       const std::vector<std::string>& group_by,
                       const protocol::ValidatedBinding& validated);

}  // namespace weir::catalog
