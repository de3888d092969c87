// Walking nodes and an instance together. Inside the json folder only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/pointer.h"
#include "json/schema_compile.h"

namespace weir::json {

enum class ValidateMode {
  kFlag,     // valid or not, stopping as soon as that is known
  kCollect,  // annotations, too
  kExplain,  // problems, going on after the first
};

// One validation. Evaluation of a node is a bracket: what it noted (annotations, evaluated
// properties, problems of alternatives) is taken back where it fails.
template <ValidateMode kMode>
class Validation {
 public:
  Validation(const Schema::Impl& schema, Outcome& out) : schema_(schema), out_(out) {}
  bool run(const Value& instance) { return node(*schema_.nodes.front(), instance, false); }

 private:
  static constexpr bool kExplain = kMode == ValidateMode::kExplain;
  static constexpr std::uint32_t kAll = 0xFFFFFFFF;  // mark: every item

  // What is noted so far.
  struct Notes {
    std::size_t annotations, marks, problems;
  };
  Notes notes() const { return {out_.annotations.size(), out_.marks.size(), out_.problems.size()}; }
  void take_back(const Notes& to) {
    out_.annotations.resize(to.annotations);
    out_.marks.resize(to.marks);
  }
  // Problems of something that may fail.
  void forgive(const Notes& to) {
    if constexpr (kExplain) out_.problems.resize(to.problems);
  }

  // `track`: some node around this one, applied to the same instance, asks what was evaluated.
  bool node(const SchemaNode& node, const Value& instance, bool track);
  bool entered(const SchemaNode& node, const Value& instance, bool track);
  // A part of the instance: its marks are its own.
  bool part(const SchemaNode& node, const Value& instance);
  bool scalar_rules(const SchemaNode& node, const Value& instance);
  bool one_of_values(const SchemaNode& node, const Value& instance);
  bool number_rules(const SchemaNode& node, std::string_view number);
  bool number_bound(const SchemaNode& node, const Bound& bound, std::string_view keyword,
                    std::string_view number, std::optional<std::int64_t> integer);
  bool string_rules(const SchemaNode& node, std::string_view text);
  bool object_rules(const SchemaNode& node, const Value& object, bool track);
  bool object_members(const SchemaNode& node, const Value& object, bool track);
  bool missing(const SchemaNode& node, const Value& object);
  bool dependencies(const SchemaNode& node, const Value& object, bool track);
  bool array_rules(const SchemaNode& node, const Value& array, bool track);
  bool array_items(const SchemaNode& node, const Value& array, bool track);
  bool contains(const SchemaNode& node, const Value& array, bool track);
  bool unique(const SchemaNode& node, const Value& array);
  bool unevaluated(const SchemaNode& node, const Value& instance, std::size_t first_mark);
  bool applicators(const SchemaNode& node, const Value& instance, bool track);
  bool any_of(const SchemaNode& node, const Value& instance, bool track);
  bool one_of(const SchemaNode& node, const Value& instance, bool track);
  bool condition(const SchemaNode& node, const Value& instance, bool track);
  const SchemaNode& dynamic_target(const DynamicReference& reference) const;

  // False; in kExplain with the problem noted.
  template <typename... Args>
  bool problem(const SchemaNode& node, std::string_view keyword, fmt::format_string<Args...> format,
               Args&&... args) {
    if constexpr (kExplain) {
      add_problem(node, keyword, fmt::format(format, std::forward<Args>(args)...));
    }
    return false;
  }
  void add_problem(const SchemaNode& node, std::string_view keyword, std::string message);
  void keep_nearest(std::size_t first);
  // Steps of the instance's pointer; kept in kExplain only.
  template <typename Token>
  void descend(const Token& token) {
    if constexpr (kExplain) path_.push_back(std::string(token));
  }
  void descend_item(std::size_t index) {
    if constexpr (kExplain) path_.push_back(std::to_string(index));
  }
  void ascend() {
    if constexpr (kExplain) path_.pop_back();
  }
  // With the mode's patience: in kExplain all failures are wanted.
  static bool go_on(bool ok) { return ok || kExplain; }

  const Schema::Impl& schema_;
  Outcome& out_;
  std::size_t depth_ = 0;
  std::vector<std::uint32_t> scopes_;  // resources entered; only where the schema is dynamic
  std::vector<std::string> path_;
};

// Defined in schema_validate.cc (with schema_validate_scalars.h and schema_validate_containers.h).
extern template class Validation<ValidateMode::kFlag>;
extern template class Validation<ValidateMode::kCollect>;
extern template class Validation<ValidateMode::kExplain>;

}  // namespace weir::json
