#include "catalog/build.h"

#include <algorithm>

#include "catalog/problems.h"
#include "catalog/select.h"
#include "json/events.h"

namespace weir::catalog {
namespace {

class Builder {
 public:
  Builder(const Catalog& catalog, const Materialization& model, const ConstraintsOf& constraints_of,
          Problems& problems)
      : catalog_(catalog), model_(model), constraints_of_(constraints_of), problems_(problems) {}

  std::optional<BuiltMaterialization> build() {
    std::vector<protocol::ValidateBinding> asked;
    for (const BindingModel& binding : model_.bindings) {
      if (binding.disable) continue;
      bindings_.push_back(&binding);
      asked.push_back(ask(binding));
    }
    const std::size_t errors = problems_.errors();
    const auto answers = constraints_of_(model_.config_json, asked);
    if (!answers) {
      const bool passes = may_pass(answers.error().code);
      if (passes) no_answer_ = answers.error().message;
      problems_.add(passes ? kCannotBeAsked : "E408", model_.endpoint_location,
                    answers.error().message);
      return std::nullopt;
    }
    if (answers->size() != asked.size()) {
      problems_.add("E408", model_.endpoint_location,
                    fmt::format("the destination spoke of {} bindings, not of {}", answers->size(),
                                asked.size()));
      return std::nullopt;
    }
    BuiltMaterialization out;
    out.spec.name = model_.name;
    out.spec.endpoint = *model_.endpoint;
    out.spec.config_json = model_.config_json;
    out.spec.triggers_json = model_.triggers_json;
    for (std::size_t i = 0; i < bindings_.size(); ++i) {
      out.spec.bindings.push_back(build_binding(*bindings_[i], asked[i], (*answers)[i]));
    }
    check_paths(out.spec.bindings);
    if (problems_.errors() != errors) return std::nullopt;
    out.triggers = model_.triggers;
    for (const BindingModel* binding : bindings_) {
      const Collection& collection = catalog_.collections.at(binding->source);
      if (collection.files) out.files.emplace(binding->source, *collection.files);
    }
    out.sealed_triggers = model_.sealed_triggers;
    out.shards = model_.shards;
    out.location = model_.location;
    out.base_dir = model_.base_dir;
    return out;
  }
  // Why the destination could not be asked, if that was it.
  const std::optional<std::string>& no_answer() const { return no_answer_; }

 private:
  static bool may_pass(Code code) {
    return code == Code::kUnavailable || code == Code::kFull || code == Code::kUnknown;
  }

  const protocol::CollectionSpec& collection_of(const BindingModel& binding) const {
    return catalog_.collections.at(binding.source).spec;
  }

  protocol::ValidateBinding ask(const BindingModel& binding) const {
    protocol::ValidateBinding out;
    out.resource_config_json = binding.resource_json;
    out.collection = collection_of(binding);
    out.field_config = binding.fields.require;
    out.backfill = binding.backfill;
    out.group_by = group_by_of(out.collection, binding.fields);
    return out;
  }

  protocol::Binding build_binding(const BindingModel& binding,
                                  const protocol::ValidateBinding& asked,
                                  const protocol::ValidatedBinding& answer) {
    Selected selected = select_fields(asked.collection, binding.fields, asked.group_by, answer);
    for (const FieldConflict& conflict : selected.conflicts) {
      problems_.add(
          "E407", place_of(binding, conflict.field),
          fmt::format("field \"{}\" of table \"{}\" is in conflict: {}, but {}", conflict.field,
                      answer.resource_path.empty() ? binding.table : answer.resource_path.back(),
                      conflict.wanted, conflict.refused));
    }
    protocol::Binding out;
    out.resource_config_json = binding.resource_json;
    out.resource_path = answer.resource_path;
    out.collection = asked.collection;
    out.field_selection = std::move(selected.selection);
    out.delta_updates = answer.delta_updates;
    out.priority = binding.priority;
    out.not_before = binding.not_before;
    out.not_after = binding.not_after;
    out.backfill = binding.backfill;
    out.state_key = protocol::state_key(out.resource_path, out.backfill);
    out.journal_read_suffix = fmt::format("materialize/{}/{}", model_.name, out.state_key);
    out.partitions_include = binding.partitions_include;
    out.partitions_exclude = binding.partitions_exclude;
    out.ser_policy = answer.ser_policy;
    return out;
  }

  // Where the user spoke of a field, else the binding.
  static Location place_of(const BindingModel& binding, const std::string& field) {
    const Fields& fields = binding.fields;
    for (std::size_t i = 0; i < fields.group_by.size(); ++i) {
      if (fields.group_by[i] == field) return fields.group_by_locations[i];
    }
    for (const auto* places : {&fields.require_locations, &fields.exclude_locations}) {
      if (const auto it = places->find(field); it != places->end()) return it->second;
    }
    return binding.location;
  }

  void check_paths(const std::vector<protocol::Binding>& built) {
    for (std::size_t i = 0; i < built.size(); ++i) {
      const auto same = [&](const protocol::Binding& other) {
        return other.resource_path == built[i].resource_path;
      };
      if (std::find_if(built.begin(), built.begin() + static_cast<std::ptrdiff_t>(i), same) ==
          built.begin() + static_cast<std::ptrdiff_t>(i)) {
        continue;
      }
      const Location& at =
          bindings_[i]->table.empty() ? bindings_[i]->location : bindings_[i]->table_location;
      problems_.add("E404", at, "the destination calls this table like that of an earlier binding");
    }
  }

  const Catalog& catalog_;
  const Materialization& model_;
  const ConstraintsOf& constraints_of_;
  Problems& problems_;
  std::vector<const BindingModel*> bindings_;
  std::optional<std::string> no_answer_;
};

bool is_buildable(const Catalog& catalog, const Materialization& model) {
  if (model.broken || model.deleted || model.shards.disable || !model.endpoint) return false;
  return std::all_of(
      model.bindings.begin(), model.bindings.end(), [&](const BindingModel& binding) {
        const auto it = catalog.collections.find(binding.source);
        return binding.disable || (it != catalog.collections.end() && it->second.usable);
      });
}

}  // namespace

Built build(const Catalog& catalog, const ConstraintsOf& constraints_of) {
  Built out;
  Problems problems;
  for (const auto& [name, model] : catalog.materializations) {
    if (!is_buildable(catalog, model)) continue;
    Builder builder(catalog, model, constraints_of, problems);
    auto built = builder.build();
    if (builder.no_answer()) out.unasked.emplace(name, *builder.no_answer());
    if (built) out.materializations.push_back(*std::move(built));
  }
  out.problems = problems.take();
  return out;
}

ConstraintsOf permissive_constraints() {
  return [](const std::string&, std::span<const protocol::ValidateBinding> bindings)
             -> Result<std::vector<protocol::ValidatedBinding>> {
    std::vector<protocol::ValidatedBinding> out;
    for (const protocol::ValidateBinding& binding : bindings) {
      protocol::ValidatedBinding& answer = out.emplace_back();
      json::Arena arena;
      const auto resource =
          json::parse_text(binding.resource_config_json, arena, json::Duplicates::kLastWins);
      const json::Value* table = resource ? resource->find("table") : nullptr;
      const json::Value* delta = resource ? resource->find("delta_updates") : nullptr;
      answer.resource_path.emplace_back(table != nullptr && table->is_string() ? table->as_string()
                                                                               : "");
      answer.delta_updates = delta != nullptr && delta->is_bool() && delta->as_bool();
      for (const protocol::Projection& p : binding.collection.projections) {
        protocol::Constraint& constraint = answer.constraints.emplace_back();
        constraint.field = p.field;
        constraint.type = p.ptr.empty() && !answer.delta_updates
                              ? protocol::ConstraintType::kLocationRequired
                              : protocol::ConstraintType::kFieldOptional;
        if (p.is_primary_key) constraint.type = protocol::ConstraintType::kLocationRequired;
      }
    }
    return out;
  };
}

}  // namespace weir::catalog
