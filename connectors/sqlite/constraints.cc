#include "connectors/sqlite/constraints.h"

#include <algorithm>

#include "connectors/sqlite/names.h"

namespace weir::sqlite {

using protocol::Constraint;
using protocol::ConstraintType;
using protocol::Projection;

namespace {

class Judge {
 public:
  Judge(const protocol::ValidateBinding& binding, const Resource& resource,
        const Standing& standing)
      : binding_(binding), resource_(resource), standing_(standing) {
    keys_ = binding.group_by;
    if (keys_.empty()) {
      for (const std::string& pointer : binding.collection.key) add_key_field(pointer);
    }
    anew_ = standing.record && binding.backfill > standing.record->backfill;
  }

  Constraint constraint(const Projection& projection) const {
    auto [type, reason] = judge(projection);
    return {.field = projection.field,
            .type = type,
            .reason = std::move(reason),
            .folded_field = folded(projection.field)};
  }

 private:
  struct Verdict {
    ConstraintType type;
    std::string reason;
  };

  // The first key projection of a location, explicit ones before inferred ones.
  void add_key_field(const std::string& pointer) {
    const Projection* found = nullptr;
    for (const Projection& p : binding_.collection.projections) {
      if (p.ptr != pointer || !p.is_primary_key) continue;
      if (found == nullptr || (p.is_explicit && !found->is_explicit)) found = &p;
    }
    if (found != nullptr) keys_.push_back(found->field);
  }

  bool is_key(const Projection& projection) const {
    return std::find(keys_.begin(), keys_.end(), projection.field) != keys_.end();
  }

  const ActualColumn* standing_column(std::string_view field) const {
    if (anew_ || !standing_.table) return nullptr;
    for (const ActualColumn& column : standing_.table->columns) {
      if (same_name(column.name, field)) return &column;
    }
    return nullptr;
  }
  const Column* recorded(std::string_view field) const {
    if (anew_ || !standing_.record) return nullptr;
    return find_column(standing_.record->columns, field);
  }

  bool key_differs() const {
    if (anew_ || !standing_.table) return false;
    const std::vector<std::string> stands = standing_.table->key();
    if (resource_.delta_updates) return !stands.empty();
    return !std::equal(keys_.begin(), keys_.end(), stands.begin(), stands.end(), same_name);
  }

  std::string anew_advice() const {
    if (!standing_.record) return "drop or rename the table, or choose another";
    return fmt::format("write `backfill: {}` in the binding to fill the table anew",
                       standing_.record->backfill + 1);
  }

  Verdict judge(const Projection& projection) const {
    if (projection.field.find('\0') != std::string::npos) {
      return {ConstraintType::kFieldForbidden, "no column can have this name"};
    }
    const auto kind =
        projection.ptr.empty() ? std::optional(ColumnKind::kJson) : kind_of(projection.inference);
    if (!kind) return {ConstraintType::kFieldForbidden, "it can only be null"};
    if (is_key(projection) && key_differs()) {
      return {ConstraintType::kIncompatible,
              "the table stands there with another primary key; " + anew_advice()};
    }
    if (const ActualColumn* stands = standing_column(projection.field)) {
      const auto stored = kind_of_actual(*stands, recorded(projection.field), *kind);
      if (!stored || !join(*stored, *kind)) {
        return {ConstraintType::kIncompatible,
                fmt::format("its column is {}, which cannot become {}; {}",
                            stored ? name_of(*stored) : std::string_view(stands->type),
                            name_of(*kind), anew_advice())};
      }
    }
    if (is_key(projection)) return key_verdict();
    if (projection.ptr.empty()) return document_verdict(projection);
    return value_verdict(projection);
  }

  Verdict key_verdict() const {
    if (resource_.delta_updates) {
      return {ConstraintType::kLocationRecommended, "the collection's key"};
    }
    return {ConstraintType::kFieldRequired, "the key of the table's rows"};
  }

  Verdict document_verdict(const Projection& projection) const {
    if (resource_.delta_updates) {
      return {ConstraintType::kFieldOptional, "delta updates can do without the whole document"};
    }
    const Column* column = recorded(projection.field);
    if (column != nullptr && column->role == ColumnRole::kDocument) {
      return {ConstraintType::kFieldRequired, "the documents of the table's rows are there"};
    }
    return {ConstraintType::kLocationRequired, "rows are reduced into their whole document"};
  }

  static Verdict value_verdict(const Projection& projection) {
    const auto& types = projection.inference.types;
    const bool scalar = std::none_of(types.begin(), types.end(), [](const std::string& type) {
      return type == "array" || type == "object";
    });
    if (scalar) return {ConstraintType::kLocationRecommended, "a value of one column"};
    return {ConstraintType::kFieldOptional, "stored as JSON text"};
  }

  const protocol::ValidateBinding& binding_;
  const Resource& resource_;
  const Standing& standing_;
  std::vector<std::string> keys_;
  bool anew_ = false;
};

}  // namespace

std::vector<Constraint> constraints_of(const protocol::ValidateBinding& binding,
                                       const Resource& resource, const Standing& standing) {
  const Judge judge(binding, resource, standing);
  std::vector<Constraint> out;
  for (const Projection& projection : binding.collection.projections) {
    out.push_back(judge.constraint(projection));
  }
  return out;
}

}  // namespace weir::sqlite
