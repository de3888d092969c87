#include "document/fold.h"

namespace weir::document {

Result<CompiledBinding> CompiledBinding::compile(BindingSpec spec) {
  CompiledBinding out;
  WEIR_TRY(out.reductions, Reductions::compile(*spec.schema));
  WEIR_TRY(out.keys, FieldPacker::compile(spec.keys, Numbers::kKey));
  WEIR_TRY(out.values, FieldPacker::compile(spec.values, Numbers::kValue));
  out.truncation = Truncation(spec.truncation);
  out.statics = StaticReductions::of(*spec.schema, out.reductions);
  out.last_write_wins = out.statics.root_last_write_wins;
  out.spec = std::move(spec);
  return out;
}

void Folder::clear() {
  arena_.reset();
}

Result<json::Value> Folder::parse(std::string_view document) {
  const auto root = parser_.parse(document, arena_);
  if (!root) {
    return error(Code::kInvalid, "a document is not JSON: {}, at byte {}", root.error().message,
                 root.error().offset);
  }
  if (!root->is_object()) return error(Code::kInvalid, "a document must be a JSON object");
  return *root;
}

Status Folder::annotate(const json::Value& value, Annotations* out) {
  binding_.spec.schema->validate(value, outcome_);
  if (!outcome_.valid) return tl::unexpected<Error>(invalid(outcome_));
  out->assign(outcome_, binding_.reductions);
  return {};
}

Status Folder::validate(const json::Value& root) {
  if (binding_.spec.schema->is_valid(root)) return {};
  binding_.spec.schema->validate(root, outcome_);
  return tl::unexpected<Error>(invalid(outcome_));
}

Error Folder::invalid(const json::Outcome& outcome) const {
  if (outcome.problems.empty()) return {Code::kInvalid, "the document does not fit the schema"};
  const json::SchemaProblem& problem = outcome.problems.front();
  return {Code::kInvalid, fmt::format("at {}: {} ({})",
                                      problem.instance_pointer.empty() ? "the document's root"
                                                                       : problem.instance_pointer,
                                      problem.message, problem.schema_location)};
}

Result<Folded> Folder::full(std::span<const std::string_view> documents) {
  Folded folded;
  folded.original = documents[0];
  WEIR_TRY(folded.root, parse(documents[0]));
  for (const std::string_view document : documents.subspan(1)) {
    WEIR_TRY(const json::Value right, parse(document));
    if (folded.deleted && binding_.spec.removes_deleted) {
      folded = {right, document, false};
      continue;
    }
    WEIR_RETURN_IF_ERROR(annotate(right, &right_annotations_));
    const json::Value left = folded.root;
    Reducer reducer(arena_, Mode::kFull, {&left, nullptr}, {&right, &right_annotations_});
    WEIR_TRY(const auto reduced, reducer.run());
    folded = {reduced->value, {}, reduced->deleted};
  }
  WEIR_RETURN_IF_ERROR(validate(folded.root));
  return folded;
}

Status Folder::associative(std::span<const std::string_view> documents, std::vector<Folded>* out) {
  const bool deletes = binding_.reductions.any_delete();
  for (const std::string_view document : documents) {
    WEIR_TRY(const json::Value right, parse(document));
    if (out->empty()) {
      out->push_back({right, document, false});
      continue;
    }
    WEIR_RETURN_IF_ERROR(annotate(right, &right_annotations_));
    const json::Value left = out->back().root;
    if (deletes) WEIR_RETURN_IF_ERROR(annotate(left, &left_annotations_));
    Reducer reducer(arena_, Mode::kAssociative, {&left, deletes ? &left_annotations_ : nullptr},
                    {&right, &right_annotations_});
    WEIR_TRY(const auto reduced, reducer.run());
    if (reduced) {
      out->back() = {reduced->value, {}, false};
    } else {
      out->push_back({right, document, false});
    }
  }
  return {};
}

}  // namespace weir::document
