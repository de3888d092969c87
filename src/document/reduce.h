// Reducing one document into another, location by location, as trees.
//
// *Full* reductions have the left-most document of a key on their left: deletions take effect.
// *Associative* ones join two documents whose left-most is not known yet: deletions are carried
// along, and what cannot be joined without it is kept apart. Grouping never shows: full(l,
// associative(a, b)) == full(full(l, a), b), byte by byte. To that end objects keep the order of
// the left's members and append the right's new ones, and a float sum is rounded to what its
// decimal says (see sum.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/strategy.h"
#include "json/schema.h"
#include "json/value.h"

namespace weir::document {

enum class Mode { kFull, kAssociative };

// Which reduction is in force at each location of one validated document. Where several annotations
// apply to a location, the last in the order of evaluation rules: a conditional refines what stands
// around it.
class Annotations {
 public:
  // Both must outlive their use here. Storage is reused.
  void assign(const json::Outcome& outcome, const Reductions& reductions);
  const Reduction& at(const json::Value* location) const;

 private:
  struct Entry {
    const json::Value* location;
    const Reduction* reduction;
  };
  std::vector<Entry> entries_;  // by location
};

// A document and its annotations. The tree must be the very one that was validated.
struct Annotated {
  const json::Value* value = nullptr;
  const Annotations* annotations = nullptr;
};

struct Reduced {
  json::Value value;
  bool deleted = false;  // a full reduction asked for deletion of the whole document
};

// The work of one reduction, handed through the strategies.
class Reducer {
 public:
  // `left.annotations` matters to associative reductions only, and may be nullptr where no
  // reduction deletes.
  Reducer(json::Arena& arena, Mode mode, Annotated left, Annotated right);

  // nullopt: the two must be kept apart until a full reduction. kInvalid names location, strategy
  // and schema location.
  Result<std::optional<Reduced>> run();

  // ---- for strategies ----
  Mode mode() const { return mode_; }
  json::Arena& arena() { return arena_; }
  // Reduces one location by its own annotation. `*removed`: it is gone; only in full reductions.
  bool reduce(const json::Value* left, const json::Value* right, json::Value* out, bool* removed);
  bool fail(const Reduction& reduction, std::string_view problem);
  bool keep_apart();

  // Members of a result under construction; a stack, so that nested objects can be built meanwhile.
  std::vector<json::Member>& members() { return members_; }
  std::vector<json::Value>& items() { return items_; }
  json::Value pop_object(std::size_t from);  // the members since `from`
  json::Value pop_array(std::size_t from);

  // Reduces a member or an item and pushes what is left of it.
  bool push_member(std::string_view name, const json::Value* left, const json::Value* right);
  bool push_item(std::size_t index, const json::Value* left, const json::Value* right);

 private:
  struct Step {
    std::string_view name;
    std::size_t index = 0;
    bool is_index = false;
  };
  std::string path_text() const;

  json::Arena& arena_;
  const Mode mode_;
  const Annotated left_;
  const Annotated right_;
  std::vector<Step> path_;
  std::vector<json::Member> members_;
  std::vector<json::Value> items_;
  bool apart_ = false;
  Error error_;
};

}  // namespace weir::document
