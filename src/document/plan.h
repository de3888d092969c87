// How a binding's documents are taken in: which locations a walk captures, and, where the schema
// reduces every document alike, the reduction as a small program that needs neither trees nor
// validation.
//
// A plan exists where the root and the objects below it that merge do so unconditionally,
// everything else being summed, minimized, maximized, written once, or taken. `if`, `oneOf`,
// patterns and the like may stand in the schema as long as no annotation hangs on them; deletions,
// keyed arrays, sets and appended arrays are for trees.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/accumulate.h"
#include "document/strategy.h"
#include "document/walk.h"
#include "json/schema.h"

namespace weir::document {

// What the annotations of a schema say without looking at a document.
struct StaticReductions {
  // Does every document's root take the later document as it is?
  bool root_last_write_wins = false;

  // The program, if there is one: objects that merge, root included, and what their members do. A
  // member that is not named is taken.
  struct Member {
    std::string name;
    std::optional<SlotOp> op;  // or
    std::uint32_t merges = 0;  // the object that it is
  };
  struct Object {
    json::Pointer pointer;
    std::vector<Member> members;
    std::vector<std::string> taken;  // other names that the schema knows
  };
  std::vector<Object> objects;  // the first is the root; empty: no program

  static StaticReductions of(const json::Schema& schema, const Reductions& reductions);
};

// Merges documents that differ in layout as the program says; members that have slots keep the
// left's text, as the slots know better. Both trees; the result shares their storage.
json::Value merge_templates(json::Arena& arena, const StaticReductions& program,
                            const json::Value& left, const json::Value& right);

}  // namespace weir::document
