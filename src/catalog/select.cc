// Every field gets its strongest reason for being selected and its strongest against, in the
// published order of strength. Fields are then settled from the strongest reason down, so that a
// location or a column name that two fields share goes to the one that is wanted more.
#include "catalog/select.h"

#include <algorithm>
#include <optional>
#include <set>

#include "catalog/projections.h"

namespace weir::catalog {
namespace {

using protocol::ConstraintType;

// Ascending strength.
enum class For {
  kDepth,
  kMetadata,
  kLocationRequired,
  kExplicit,
  kPartition,
  kFieldRequired,
  kUser,
  kKey
};
enum class Against {
  kCovered,
  kExcludedParent,
  kDuplicateLocation,
  kDuplicateColumn,
  kNoConstraint,
  kNoField,
  kIncompatible,
  kForbidden,
  kExcluded,
};

struct Candidate {
  std::string field;
  const protocol::Projection* projection = nullptr;
  const protocol::Constraint* constraint = nullptr;
  std::optional<For> wanted;
  std::optional<Against> refused;
  std::string detail;  // the other field of a duplicate

  void want(For reason) { wanted = wanted ? std::max(*wanted, reason) : reason; }
  void refuse(Against reason) { refused = refused ? std::max(*refused, reason) : reason; }
  std::string_view pointer() const {
    return projection != nullptr ? std::string_view(projection->ptr) : "";
  }
  std::string column() const {
    return constraint != nullptr && !constraint->folded_field.empty() ? constraint->folded_field
                                                                      : field;
  }
};

bool is_above(std::string_view pointer, std::string_view other) {
  return other.size() > pointer.size() && other.starts_with(pointer) &&
         other[pointer.size()] == '/';
}

std::size_t depth_of(std::string_view pointer) {
  return static_cast<std::size_t>(std::count(pointer.begin(), pointer.end(), '/'));
}

bool is_object(const protocol::Inference& inference) {
  const auto& types = inference.types;
  return types == std::vector<std::string>{"object"} ||
         types == std::vector<std::string>{"null", "object"};
}

class Selection {
 public:
  Selection(const protocol::CollectionSpec& collection, const Fields& fields,
            const std::vector<std::string>& group_by, const protocol::ValidatedBinding& validated)
      : collection_(collection), fields_(fields), group_by_(group_by), validated_(validated) {}

  Selected run() {
    for (const protocol::Projection& p : collection_.projections)
      candidate(p.field).projection = &p;
    collect_wishes();
    collect_depth();
    collect_constraints();
    settle();
    return std::move(out_);
  }

 private:
  Candidate& candidate(const std::string& field) {
    Candidate& c = candidates_[field];
    c.field = field;
    return c;
  }

  void collect_wishes() {
    for (const std::string& field : group_by_) candidate(field).want(For::kKey);
    for (const auto& [field, config] : fields_.require) {
      candidate(field).want(For::kUser);
      out_.selection.field_config.emplace(field, config);
    }
    for (const std::string& field : fields_.exclude) candidate(field).refuse(Against::kExcluded);
  }

  void collect_depth() {
    std::vector<const protocol::Projection*> sorted;
    for (const protocol::Projection& p : collection_.projections) sorted.push_back(&p);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto* a, const auto* b) { return a->ptr < b->ptr; });
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      const protocol::Projection& p = *sorted[i];
      const bool has_members = i + 1 < sorted.size() && is_above(p.ptr, sorted[i + 1]->ptr);
      Candidate& c = candidate(p.field);
      if (p.is_partition_key) c.want(For::kPartition);
      if (fields_.recommended_depth == 0) continue;
      if (p.is_explicit) c.want(For::kExplicit);
      if (p.field == kPublishedAtField || p.field == "_meta/op") c.want(For::kMetadata);
      if (is_at_depth(p, has_members)) c.want(For::kDepth);
    }
  }

  bool is_at_depth(const protocol::Projection& p, bool has_members) const {
    const std::size_t depth = depth_of(p.ptr);
    if (p.ptr.starts_with("/_meta") || depth > fields_.recommended_depth) return false;
    if (depth == fields_.recommended_depth || !is_object(p.inference)) return true;
    return !has_members && !fields_.recommended_all;
  }

  void collect_constraints() {
    for (const protocol::Constraint& constraint : validated_.constraints) {
      Candidate& c = candidate(constraint.field);
      c.constraint = &constraint;
      switch (constraint.type) {
        case ConstraintType::kFieldRequired: c.want(For::kFieldRequired); break;
        case ConstraintType::kLocationRequired: c.want(For::kLocationRequired); break;
        case ConstraintType::kFieldForbidden: c.refuse(Against::kForbidden); break;
        case ConstraintType::kIncompatible: c.refuse(Against::kIncompatible); break;
        case ConstraintType::kInvalid: c.refuse(Against::kNoConstraint); break;
        case ConstraintType::kLocationRecommended:
        case ConstraintType::kFieldOptional: break;
      }
    }
    for (auto& [field, c] : candidates_) {
      if (c.constraint == nullptr) c.refuse(Against::kNoConstraint);
      if (c.projection == nullptr) c.refuse(Against::kNoField);
      const bool own_field = c.pointer().size() > 1 && c.pointer().substr(1) == c.field;
      if (c.refused == Against::kExcluded && own_field) excluded_.insert(c.pointer());
    }
  }

  // Does a field that is already selected serve instead? Then the weaker reasons are satisfied.
  void compare_with_selected(Candidate& c) {
    const std::string column = folded(c.column());
    if (const auto it = columns_.find(column); it != columns_.end()) {
      c.refuse(Against::kDuplicateColumn);
      if (c.refused == Against::kDuplicateColumn) c.detail = it->second;
    }
    const bool weak = !c.wanted || *c.wanted <= For::kLocationRequired;
    const bool weakest = !c.wanted || *c.wanted == For::kDepth;
    const auto under = [&](const std::set<std::string_view>& pointers) {
      for (std::string_view above = c.pointer(); !above.empty();) {
        above = above.substr(0, above.rfind('/'));
        if (!above.empty() && pointers.contains(above)) return true;
      }
      return false;
    };
    if (pointers_.contains(c.pointer())) {
      if (weak) give_up(c, Against::kDuplicateLocation);
    } else if (weakest && under(pointers_)) {
      give_up(c, Against::kCovered);
    } else if (weakest && under(excluded_)) {
      give_up(c, Against::kExcludedParent);
    }
  }
  static void give_up(Candidate& c, Against reason) {
    c.wanted.reset();
    c.refuse(reason);
  }

  std::string folded(std::string column) const {
    if (!validated_.case_insensitive_fields) return column;
    for (char& c : column) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return column;
  }

  void settle() {
    std::vector<Candidate*> order;
    for (auto& [field, c] : candidates_) order.push_back(&c);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto* a, const auto* b) { return a->wanted > b->wanted; });
    for (Candidate* c : order) {
      compare_with_selected(*c);
      if (!c->wanted) continue;
      if (c->refused) {
        const bool yields = *c->wanted == For::kDepth || *c->wanted == For::kMetadata ||
                            *c->wanted == For::kExplicit || *c->wanted == For::kPartition;
        if (!yields) out_.conflicts.push_back({c->field, why(*c), why_not(*c)});
        continue;
      }
      select(*c);
    }
    std::sort(out_.selection.values.begin(), out_.selection.values.end());
    out_.selection.keys = group_by_;
  }

  void select(const Candidate& c) {
    columns_.emplace(folded(c.column()), c.field);
    const bool is_key = std::find(group_by_.begin(), group_by_.end(), c.field) != group_by_.end();
    if (!c.pointer().empty()) {
      pointers_.insert(c.pointer());
    } else if (out_.selection.document.empty()) {
      out_.selection.document = c.field;
      return;
    }
    if (!is_key) out_.selection.values.push_back(c.field);
  }

  static std::string with_reason(std::string text, const Candidate& c) {
    if (c.constraint != nullptr && !c.constraint->reason.empty())
      text += fmt::format(" ({})", c.constraint->reason);
    return text;
  }
  static std::string why(const Candidate& c) {
    switch (*c.wanted) {
      case For::kKey: return "it is part of the key";
      case For::kUser: return "\"fields\" requires it";
      case For::kFieldRequired: return with_reason("the destination requires it", c);
      case For::kLocationRequired: return with_reason("the destination requires its location", c);
      case For::kPartition: return "it is a partition of the collection";
      case For::kExplicit: return "it is a projection of the collection";
      case For::kMetadata:
      case For::kDepth: return "it is recommended";
    }
    return "";
  }
  static std::string why_not(const Candidate& c) {
    switch (*c.refused) {
      case Against::kExcluded: return "\"fields\" excludes it";
      case Against::kForbidden: return with_reason("the destination forbids it", c);
      case Against::kIncompatible: return with_reason("the table cannot take it as it is", c);
      case Against::kNoField: return "the collection has no such field";
      case Against::kNoConstraint: return "the destination says nothing of it";
      case Against::kDuplicateColumn:
        return fmt::format("its column is already that of \"{}\"", c.detail);
      case Against::kDuplicateLocation: return "another selected field has its location";
      case Against::kExcludedParent: return "the object around it is excluded";
      case Against::kCovered: return "the object around it is selected";
    }
    return "";
  }

  const protocol::CollectionSpec& collection_;
  const Fields& fields_;
  const std::vector<std::string>& group_by_;
  const protocol::ValidatedBinding& validated_;
  std::map<std::string, Candidate> candidates_;  // by field
  std::set<std::string_view> excluded_, pointers_;
  std::map<std::string, std::string> columns_;
  Selected out_;
};

}  // namespace

std::vector<std::string> group_by_of(const protocol::CollectionSpec& collection,
                                     const Fields& fields) {
  if (!fields.group_by.empty()) return fields.group_by;
  std::vector<std::string> out;
  for (const std::string& pointer : collection.key) {
    const std::string own = pointer.substr(pointer.empty() ? 0 : 1);
    const auto excluded = [&](const std::string& field) {
      return std::find(fields.exclude.begin(), fields.exclude.end(), field) != fields.exclude.end();
    };
    std::string best = own;
    if (excluded(own)) {
      for (const protocol::Projection& p : collection.projections) {
        if (p.ptr == pointer && !excluded(p.field)) best = p.field;
      }
    }
    out.push_back(std::move(best));
  }
  return out;
}

Selected select_fields(const protocol::CollectionSpec& collection, const Fields& fields,
                       const std::vector<std::string>& group_by,
                       const protocol::ValidatedBinding& validated) {
  return Selection(collection, fields, group_by, validated).run();
}

}  // namespace weir::catalog
