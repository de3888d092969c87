// The table of strategies, each with its function, and the reading of annotations.
#include "document/strategy.h"

#include <algorithm>

#include "base/text.h"
#include "document/reduce.h"
#include "document/shape_schema.h"
#include "document/sum.h"

namespace weir::document {
namespace {

using json::Member;
using json::Value;

bool same_container(const Value& a, const Value& b) {
  return a.kind() == b.kind() && (a.is_object() || a.is_array());
}

bool first_write_wins(Reducer&, const Reduction&, const Value* left, const Value* right,
                      Value* out) {
  *out = left != nullptr ? *left : *right;
  return true;
}

bool last_write_wins(Reducer& reducer, const Reduction& reduction, const Value* left,
                     const Value* right, Value* out) {
  if (!reduction.associative && reducer.mode() == Mode::kAssociative && left != nullptr &&
      !json::equal(*left, *right)) {
    return reducer.keep_apart();
  }
  *out = *right;
  return true;
}

bool append(Reducer& reducer, const Reduction& reduction, const Value* left, const Value* right,
            Value* out) {
  if (!right->is_array()) return reducer.fail(reduction, "the later document has no array here");
  if (left == nullptr || left->is_null()) {
    *out = left == nullptr ? *right : *left;
    return true;
  }
  if (!left->is_array()) return reducer.fail(reduction, "the earlier document has no array here");
  std::vector<Value>& items = reducer.items();
  const std::size_t from = items.size();
  items.insert(items.end(), left->items().begin(), left->items().end());
  items.insert(items.end(), right->items().begin(), right->items().end());
  *out = reducer.pop_array(from);
  return true;
}

bool sum(Reducer& reducer, const Reduction& reduction, const Value* left, const Value* right,
         Value* out) {
  if (!is_summable(*right) || (left != nullptr && !is_summable(*left))) {
    return reducer.fail(reduction, "only numbers and numeric strings can be summed");
  }
  if (left == nullptr) {
    *out = *right;
    return true;
  }
  auto total = add_values(reducer.arena(), *left, *right);
  if (total) {
    *out = *total;
    return true;
  }
  // The left-most term may yet bring it back into range.
  if (reducer.mode() == Mode::kAssociative) return reducer.keep_apart();
  return reducer.fail(reduction, total.error().message);
}

// Reduces the right's children into nothing, which removes what they say is deleted.
bool take_right(Reducer& reducer, const Value* right, Value* out) {
  if (reducer.mode() == Mode::kAssociative) {
    *out = *right;
    return true;
  }
  if (right->is_object()) {
    const std::size_t from = reducer.members().size();
    for (const Member& member : right->members()) {
      if (!reducer.push_member(member.name, nullptr, &member.value)) return false;
    }
    *out = reducer.pop_object(from);
    return true;
  }
  const std::size_t from = reducer.items().size();
  for (std::size_t i = 0; i < right->size(); ++i) {
    if (!reducer.push_item(i, nullptr, &right->items()[i])) return false;
  }
  *out = reducer.pop_array(from);
  return true;
}

// Finds members by name when asked for them in about the order they stand in.
class MemberFinder {
 public:
  explicit MemberFinder(std::span<const Member> members) : members_(members) {
    constexpr std::size_t kLinearMax = 24;
    if (members.size() <= kLinearMax) return;
    by_name_.reserve(members.size());
    for (const Member& member : members) by_name_.push_back(&member);
    std::sort(by_name_.begin(), by_name_.end(), [](auto* a, auto* b) { return a->name < b->name; });
  }
  const Member* find(std::string_view name) {
    if (next_ < members_.size() && members_[next_].name == name) return &members_[next_++];
    const Member* found = search(name);
    if (found != nullptr) next_ = static_cast<std::size_t>(found - members_.data()) + 1;
    return found;
  }

 private:
  const Member* search(std::string_view name) const {
    if (by_name_.empty()) {
      const auto found = std::find_if(members_.begin(), members_.end(),
                                      [&](const Member& m) { return m.name == name; });
      return found == members_.end() ? nullptr : &*found;
    }
    const auto found = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                        [](const Member* m, auto n) { return m->name < n; });
    return found == by_name_.end() || (*found)->name != name ? nullptr : *found;
  }

  std::span<const Member> members_;
  std::vector<const Member*> by_name_;
  std::size_t next_ = 0;
};

bool merge_objects(Reducer& reducer, const Value* left, const Value* right, Value* out) {
  const std::span<const Member> rights = right->members();
  MemberFinder finder(rights);
  std::vector<bool> taken(rights.size());
  const std::size_t from = reducer.members().size();
  for (const Member& member : left->members()) {
    const Member* other = finder.find(member.name);
    if (other == nullptr) {
      reducer.members().push_back(member);
      continue;
    }
    taken[static_cast<std::size_t>(other - rights.data())] = true;
    if (!reducer.push_member(member.name, &member.value, &other->value)) return false;
  }
  for (std::size_t i = 0; i < rights.size(); ++i) {
    if (taken[i]) continue;
    if (!reducer.push_member(rights[i].name, nullptr, &rights[i].value)) return false;
  }
  *out = reducer.pop_object(from);
  return true;
}

bool is_ascending(const std::vector<json::Pointer>& key, std::span<const Value> items) {
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (compare_by_key(key, items[i - 1], items[i]) >= 0) return false;
  }
  return true;
}

bool merge_arrays(Reducer& reducer, const Reduction& reduction, const Value* left,
                  const Value* right, Value* out) {
  const std::span<const Value> lefts = left->items();
  const std::span<const Value> rights = right->items();
  const auto& key = reduction.key;
  if (!key.empty() && (!is_ascending(key, lefts) || !is_ascending(key, rights))) {
    return reducer.fail(reduction,
                        "arrays merged by key must be sorted by it and hold no key twice");
  }
  const std::size_t from = reducer.items().size();
  std::size_t l = 0;
  std::size_t r = 0;
  while (l < lefts.size() || r < rights.size()) {
    int order = 0;
    if (l == lefts.size()) {
      order = 1;
    } else if (r == rights.size()) {
      order = -1;
    } else if (!key.empty()) {
      order = compare_by_key(key, lefts[l], rights[r]);
    }
    if (order < 0) {
      reducer.items().push_back(lefts[l++]);
      continue;
    }
    if (!reducer.push_item(r, order == 0 ? &lefts[l] : nullptr, &rights[r])) return false;
    if (order == 0) ++l;
    ++r;
  }
  *out = reducer.pop_array(from);
  return true;
}

bool merge(Reducer& reducer, const Reduction& reduction, const Value* left, const Value* right,
           Value* out) {
  if (!right->is_object() && !right->is_array()) {
    return reducer.fail(reduction, "the later document has neither an object nor an array here");
  }
  if (left == nullptr || !same_container(*left, *right)) {
    // What stands left of `left` could be merged with `right` alone, so they do not join.
    if (left != nullptr && reducer.mode() == Mode::kAssociative) return reducer.keep_apart();
    return take_right(reducer, right, out);
  }
  if (right->is_object()) return merge_objects(reducer, left, right, out);
  return merge_arrays(reducer, reduction, left, right, out);
}

// `sign` is 1 for the smallest to win and -1 for the largest.
bool keep_extreme(Reducer& reducer, const Reduction& reduction, const Value* left,
                  const Value* right, Value* out, int sign) {
  const int order = left == nullptr ? 1 : sign * compare_by_key(reduction.key, *left, *right);
  if (order == 0 && !reduction.key.empty() && same_container(*left, *right)) {
    if (right->is_object()) return merge_objects(reducer, left, right, out);
    static const Reduction kByIndex{};
    return merge_arrays(reducer, kByIndex, left, right, out);
  }
  *out = order < 0 ? *left : *right;
  return true;
}

bool minimize(Reducer& reducer, const Reduction& reduction, const Value* left, const Value* right,
              Value* out) {
  return keep_extreme(reducer, reduction, left, right, out, 1);
}

bool maximize(Reducer& reducer, const Reduction& reduction, const Value* left, const Value* right,
              Value* out) {
  return keep_extreme(reducer, reduction, left, right, out, -1);
}

// The schema of what either side's schema admits.
bool merge_json_schemas(Reducer& reducer, const Reduction& reduction, const Value* left,
                        const Value* right, Value* out) {
  if (!right->is_object() || (left != nullptr && !left->is_object())) {
    return reducer.fail(reduction, "both sides must be objects that hold a JSON schema");
  }
  if (left == nullptr) {
    *out = *right;
    return true;
  }
  *out = schema_of_shape(reducer.arena(), unite(infer_shape(*left), infer_shape(*right)));
  return true;
}

constexpr Strategy kStrategies[] = {
    {.name = "append", .reduce = append},
    {.name = "firstWriteWins", .reduce = first_write_wins},
    {.name = "jsonSchemaMerge", .reduce = merge_json_schemas},
    {.name = "lastWriteWins",
     .reduce = last_write_wins,
     .takes_delete = true,
     .takes_associative = true},
    {.name = "maximize", .reduce = maximize, .takes_key = true},
    {.name = "merge", .reduce = merge, .takes_key = true, .takes_delete = true},
    {.name = "minimize", .reduce = minimize, .takes_key = true},
    {.name = "set", .reduce = reduce_set, .takes_key = true},
    {.name = "sum", .reduce = sum},
};

const Strategy* find_strategy(std::string_view name) {
  for (const Strategy& strategy : kStrategies) {
    if (strategy.name == name) return &strategy;
  }
  return nullptr;
}

std::string unknown_strategy(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Strategy& strategy : kStrategies) names.push_back(strategy.name);
  return fmt::format("unknown strategy \"{}\"{}", name, did_you_mean(name, names));
}

std::string unknown_option(const Strategy& strategy, std::string_view option) {
  std::vector<std::string_view> options{"strategy"};
  if (strategy.takes_key) options.push_back("key");
  if (strategy.takes_delete) options.push_back("delete");
  if (strategy.takes_associative) options.push_back("associative");
  return fmt::format("{} has no option \"{}\"{}", strategy.name, option,
                     did_you_mean(option, options));
}

Status read_key(const Value& value, std::vector<json::Pointer>* key) {
  if (!value.is_array()) return error(Code::kInvalid, "\"key\" must be an array of JSON pointers");
  for (const Value& item : value.items()) {
    if (!item.is_string()) return error(Code::kInvalid, "\"key\" must hold JSON pointers only");
    WEIR_TRY(json::Pointer pointer, json::Pointer::parse(item.as_string()));
    key->push_back(std::move(pointer));
  }
  return {};
}

Status read_flag(const Member& option, bool* flag) {
  if (!option.value.is_bool()) {
    return error(Code::kInvalid, "\"{}\" must be true or false", option.name);
  }
  *flag = option.value.as_bool();
  return {};
}

Status read_option(const Member& option, Reduction* out) {
  const Strategy& strategy = *out->strategy;
  if (option.name == "strategy") return {};
  if (option.name == "key" && strategy.takes_key) return read_key(option.value, &out->key);
  if (option.name == "delete" && strategy.takes_delete) return read_flag(option, &out->remove);
  if (option.name == "associative" && strategy.takes_associative) {
    return read_flag(option, &out->associative);
  }
  return error(Code::kInvalid, "{}", unknown_option(strategy, option.name));
}

Status read_annotation(const Value& value, Reduction* out) {
  const Value* name = value.find("strategy");
  if (name == nullptr || !name->is_string()) {
    return error(Code::kInvalid, "`reduce` must be an object with a \"strategy\"");
  }
  out->strategy = find_strategy(name->as_string());
  if (out->strategy == nullptr) {
    return error(Code::kInvalid, "{}", unknown_strategy(name->as_string()));
  }
  for (const Member& option : value.members()) {
    WEIR_RETURN_IF_ERROR(read_option(option, out));
  }
  return {};
}

}  // namespace

std::span<const Strategy> strategies() {
  return kStrategies;
}

const Strategy& default_strategy() {
  return *find_strategy("lastWriteWins");
}

int compare_by_key(const std::vector<json::Pointer>& key, const Value& a, const Value& b) {
  if (key.empty()) return json::compare(a, b);
  for (const json::Pointer& pointer : key) {
    const Value* left = pointer.find(a);
    const Value* right = pointer.find(b);
    if (left == nullptr || right == nullptr) {
      if (left != right) return left == nullptr ? -1 : 1;
      continue;
    }
    if (const int order = json::compare(*left, *right); order != 0) return order;
  }
  return 0;
}

Result<Reduction> parse_reduction(const json::AnnotationSite& site) {
  Reduction reduction;
  reduction.schema_location = site.schema_location + "/" + site.keyword;
  if (Status status = read_annotation(site.value, &reduction); !status) {
    return tl::unexpected<Error>(
        with_context(reduction.schema_location, std::move(status).error()));
  }
  return reduction;
}

Result<Reductions> Reductions::compile(const json::Schema& schema) {
  Reductions out;
  for (const json::AnnotationSite& site : schema.sites()) {
    Reduction& reduction = out.by_site_.emplace_back();
    if (site.keyword != "reduce") {
      reduction.strategy = nullptr;
      continue;
    }
    WEIR_TRY(reduction, parse_reduction(site));
    out.any_delete_ |= reduction.remove;
  }
  return out;
}

}  // namespace weir::document
