// How two values become one. A strategy is one function and one row of the table in strategy.cc;
// which strategy applies where is said by the `reduce` annotations of the schema that validated the
// right-hand document.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/pointer.h"
#include "json/schema.h"
#include "json/value.h"

namespace weir::document {

class Reducer;
struct Reduction;

// Reduces `right` into `left` (nullptr: nothing there yet) and writes the result, which may share
// the storage of both and of the reducer's arena. Returns false after Reducer::fail() or
// Reducer::keep_apart(). May assume nothing of the types of its operands; must obey, in any
// grouping, full(l, associative(a, b)) == full(full(l, a), b).
using ReduceFunction = bool (*)(Reducer& reducer, const Reduction& reduction,
                                const json::Value* left, const json::Value* right,
                                json::Value* out);

struct Strategy {
  std::string_view name;  // as schemas write it
  ReduceFunction reduce = nullptr;
  // Options it takes besides `strategy`; any other is an error.
  bool takes_key = false;     // "key": pointers that order or identify
  bool takes_delete = false;  // "delete": the location is removed by a full reduction
  bool takes_associative =
      false;  // "associative": false keeps unequal values apart until a full reduction
};

std::span<const Strategy> strategies();
const Strategy& default_strategy();  // lastWriteWins

// One `reduce` annotation, understood.
struct Reduction {
  const Strategy* strategy = &default_strategy();
  std::vector<json::Pointer> key;
  bool remove = false;
  bool associative = true;
  std::string schema_location;
};

// kInvalid names the schema location and what is wrong with the annotation.
Result<Reduction> parse_reduction(const json::AnnotationSite& site);

// All `reduce` annotations of a schema that was compiled with kReductionKeywords.
class Reductions {
 public:
  static Result<Reductions> compile(const json::Schema& schema);
  // nullptr where the site is of another keyword.
  const Reduction* of_site(std::uint32_t site) const {
    return by_site_[site].strategy != nullptr ? &by_site_[site] : nullptr;
  }
  bool any_delete() const { return any_delete_; }

 private:
  std::vector<Reduction> by_site_;
  bool any_delete_ = false;
};

// The order by key pointers: location by location, absent before anything that is there. No key:
// the whole values.
int compare_by_key(const std::vector<json::Pointer>& key, const json::Value& a,
                   const json::Value& b);

// In strategy_set.cc.
bool reduce_set(Reducer& reducer, const Reduction& reduction, const json::Value* left,
                const json::Value* right, json::Value* out);

}  // namespace weir::document
