// What Estuary's runtime still owed when a task moved here: the value of its key `trigger-params`.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "delivery/ledger.h"
#include "delivery/window.h"

namespace weir::delivery {

// The entry that a materialization without one (n = 0) starts from instead: transaction 1, whose
// session follows from the bytes, with one cut request for each trigger. Its body is rendered from
// the variables' collections (once each; of `tables` where they are named there), clocks and run
// id. `bytes` is the JSON of one set of variables, or an object of such sets by "METHOD URL"; then
// a trigger gets the set of its own address, and those whose address is not there get nothing.
// Empty collections owe nothing. kCorrupt: neither.
Result<Entry> take_over_trigger_params(std::string_view bytes,
                                       const std::vector<TriggerTerms>& triggers,
                                       const std::vector<TableRef>& tables = {});

}  // namespace weir::delivery
