// Sets: {"add": …, "intersect": …} or {"remove": …, "add": …}, each an object whose names are the
// members, or an array sorted by key. An update first intersects or removes, then adds; what is
// added to a member that is there is reduced into it. A full reduction leaves `add` alone, for
// nothing is left that the other terms could act on.
#include <algorithm>

#include "document/reduce.h"
#include "document/strategy.h"

namespace weir::document {
namespace {

using json::Member;
using json::Value;

struct Terms {
  const Value* add = nullptr;
  const Value* intersect = nullptr;
  const Value* remove = nullptr;
};

enum class Form { kAny, kMap, kArray };  // kAny: no term says

bool is_ascending(const std::vector<json::Pointer>& key, const Value& array) {
  for (std::size_t i = 1; i < array.size(); ++i) {
    if (compare_by_key(key, array.items()[i - 1], array.items()[i]) >= 0) return false;
  }
  return true;
}

const char* read_terms(const Reduction& reduction, const Value& set, Form* form, Terms* out) {
  if (!set.is_object()) return "a set is an object with `add`, `intersect` or `remove`";
  for (const Member& member : set.members()) {
    const Value** term = member.name == "add"         ? &out->add
                         : member.name == "intersect" ? &out->intersect
                         : member.name == "remove"    ? &out->remove
                                                      : nullptr;
    if (term == nullptr) return "a set has no other members than `add`, `intersect` and `remove`";
    if (!member.value.is_object() && !member.value.is_array()) {
      return "the terms of a set are objects or arrays";
    }
    const Form found = member.value.is_object() ? Form::kMap : Form::kArray;
    if (*form != Form::kAny && *form != found) {
      return "the terms of a set are all objects or all arrays";
    }
    if (found == Form::kArray && !is_ascending(reduction.key, member.value)) {
      return "the arrays of a set must be sorted by its key and hold no key twice";
    }
    *form = found;
    *term = &member.value;
  }
  if (out->intersect != nullptr && out->remove != nullptr) {
    return "a set may hold `intersect` or `remove`, not both";
  }
  return nullptr;
}

// Builds one term as (left, filtered) ∪ right. Names of objects or keys of arrays identify members.
class TermBuilder {
 public:
  TermBuilder(Reducer& reducer, const Reduction& reduction, Form form)
      : reducer_(reducer), key_(reduction.key), map_(form != Form::kArray) {}

  // Members of `left` that `filter` has (`within`) or has not; all if there is no filter. Members
  // on both sides are reduced, or the right one is taken where `reduce` is not set.
  bool unite(const Value* left, const Value* filter, bool within, const Value* right, bool reduce,
             Value* out) {
    return map_ ? unite_maps(left, filter, within, right, reduce, out)
                : unite_arrays(left, filter, within, right, reduce, out);
  }

 private:
  bool passes(const Member& member, const Value* filter, bool within) const {
    return filter == nullptr || (filter->find_member(member.name) != nullptr) == within;
  }
  bool passes(const Value& item, const Value* filter, bool within) const {
    if (filter == nullptr) return true;
    const auto items = filter->items();
    const auto at = std::lower_bound(
        items.begin(), items.end(), item,
        [&](const Value& a, const Value& b) { return compare_by_key(key_, a, b) < 0; });
    return (at != items.end() && compare_by_key(key_, *at, item) == 0) == within;
  }

  bool unite_maps(const Value* left, const Value* filter, bool within, const Value* right,
                  bool reduce, Value* out) {
    const std::size_t from = reducer_.members().size();
    const auto lefts = left != nullptr ? left->members() : std::span<const Member>();
    const auto rights = right != nullptr ? right->members() : std::span<const Member>();
    std::vector<bool> taken(rights.size());
    for (const Member& member : lefts) {
      if (!passes(member, filter, within)) continue;
      const Member* other = right != nullptr ? right->find_member(member.name) : nullptr;
      if (other == nullptr) {
        reducer_.members().push_back(member);
        continue;
      }
      taken[static_cast<std::size_t>(other - rights.data())] = true;
      if (!push(other, reduce ? &member.value : nullptr, reduce)) return false;
    }
    for (std::size_t i = 0; i < rights.size(); ++i) {
      if (!taken[i] && !push(&rights[i], nullptr, reduce)) return false;
    }
    *out = reducer_.pop_object(from);
    return true;
  }

  bool push(const Member* member, const Value* left, bool reduce) {
    if (reduce) return reducer_.push_member(member->name, left, &member->value);
    reducer_.members().push_back(*member);
    return true;
  }

  bool unite_arrays(const Value* left, const Value* filter, bool within, const Value* right,
                    bool reduce, Value* out) {
    const std::size_t from = reducer_.items().size();
    const auto lefts = left != nullptr ? left->items() : std::span<const Value>();
    const auto rights = right != nullptr ? right->items() : std::span<const Value>();
    std::size_t r = 0;
    for (const Value& item : lefts) {
      if (!passes(item, filter, within)) continue;
      int order = -1;
      while (r < rights.size() && (order = compare_by_key(key_, item, rights[r])) > 0) {
        if (!push(r++, rights, nullptr, reduce)) return false;
      }
      if (r == rights.size() || order != 0) {
        reducer_.items().push_back(item);
      } else if (!push(r++, rights, reduce ? &item : nullptr, reduce)) {
        return false;
      }
    }
    for (; r < rights.size(); ++r) {
      if (!push(r, rights, nullptr, reduce)) return false;
    }
    *out = reducer_.pop_array(from);
    return true;
  }

  bool push(std::size_t at, std::span<const Value> rights, const Value* left, bool reduce) {
    if (reduce) return reducer_.push_item(at, left, &rights[at]);
    reducer_.items().push_back(rights[at]);
    return true;
  }

  Reducer& reducer_;
  const std::vector<json::Pointer>& key_;
  const bool map_;
};

// The term besides `add` of two updates joined. Removing and then intersecting is intersecting with
// less.
bool join_filters(TermBuilder& builder, const Terms& left, const Terms& right, Value* out) {
  if (right.intersect != nullptr) {
    const Value* filter = left.intersect != nullptr ? left.intersect : left.remove;
    return builder.unite(right.intersect, filter, left.intersect != nullptr, nullptr, false, out);
  }
  if (left.intersect != nullptr) {
    return builder.unite(left.intersect, right.remove, false, nullptr, false, out);
  }
  return builder.unite(left.remove, nullptr, false, right.remove, false, out);
}

}  // namespace

bool reduce_set(Reducer& reducer, const Reduction& reduction, const Value* left, const Value* right,
                Value* out) {
  Terms lefts;
  Terms rights;
  Form form = Form::kAny;
  const char* problem = left != nullptr ? read_terms(reduction, *left, &form, &lefts) : nullptr;
  if (problem == nullptr) problem = read_terms(reduction, *right, &form, &rights);
  if (problem != nullptr) return reducer.fail(reduction, problem);
  if (left == nullptr && reducer.mode() == Mode::kAssociative) {
    *out = *right;
    return true;
  }
  TermBuilder builder(reducer, reduction, form);
  Member members[2];
  std::size_t count = 0;
  if (lefts.add != nullptr || rights.add != nullptr) {
    const bool within = rights.intersect != nullptr;
    const Value* filter = within ? rights.intersect : rights.remove;
    members[count].name = "add";
    if (!builder.unite(lefts.add, filter, within, rights.add, true, &members[count].value)) {
      return false;
    }
    ++count;
  }
  const bool intersect = lefts.intersect != nullptr || rights.intersect != nullptr;
  const bool filters = intersect || lefts.remove != nullptr || rights.remove != nullptr;
  if (reducer.mode() == Mode::kAssociative && filters) {
    members[count].name = intersect ? "intersect" : "remove";
    if (!join_filters(builder, lefts, rights, &members[count].value)) return false;
    ++count;
  }
  const std::size_t from = reducer.members().size();
  reducer.members().insert(reducer.members().end(), members, members + count);
  *out = reducer.pop_object(from);
  return true;
}

}  // namespace weir::document
