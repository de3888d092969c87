#include "document/plan.h"

namespace weir::document {

StaticReductions StaticReductions::of(const json::Schema& schema, const Reductions& reductions) {
  static_cast<void>(schema);
  StaticReductions out;
  out.may_delete = reductions.any_delete();
  out.root_last_write_wins = !reductions.any_delete() && !reductions.any_but_last_write_wins();
  return out;
}

}  // namespace weir::document
