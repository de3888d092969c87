#include "document/group.h"

#include <utility>

namespace weir::document {

void Group::clear() {
  key = {};
  documents.clear();
  front = false;
  reduced = false;
  packed = false;
  last_values = {};
}

Status GroupDrain::begin(std::uint32_t number, const Group& group) {
  folder_.clear();
  results_.clear();
  at_ = 0;
  drained_ = {};
  drained_.binding = number;
  drained_.key_packed = group.key;
  drained_.front = group.front;
  last_ready_ = begin_last(group);
  if (last_ready_) return {};
  Status status = begin_reduced(group);
  if (!status) {
    return tl::unexpected<Error>(with_context(binding_.spec.name, std::move(status).error()));
  }
  return {};
}

// Of last-write-wins bindings everything is known already.
bool GroupDrain::begin_last(const Group& group) {
  if (!group.packed || !validated_) return false;
  const std::string_view text = group.documents.back();
  if (binding_.truncation.can_matter(text.size())) return false;
  drained_.values_packed = group.last_values;
  drained_.doc_bytes = text.size();
  if (binding_.spec.with_document) drained_.doc_json = text;
  return true;
}

Status GroupDrain::begin_reduced(const Group& group) {
  if (binding_.spec.delta_updates) {
    WEIR_RETURN_IF_ERROR(folder_.associative(group.documents, &results_));
    if (group.reduced) results_.front().original = {};
    for (const Folded& folded : results_) WEIR_RETURN_IF_ERROR(folder_.validate(folded.root));
    return {};
  }
  // Where the last document wins, the others have nothing to say.
  const std::span<const std::string_view> all = group.documents;
  WEIR_TRY(Folded folded, folder_.full(binding_.last_write_wins ? all.last(1) : all));
  if (group.reduced) folded.original = {};
  results_.push_back(folded);
  return {};
}

Result<bool> GroupDrain::next(Drained* out) {
  if (std::exchange(last_ready_, false)) {
    *out = drained_;
    return true;
  }
  if (at_ == results_.size()) return false;
  *out = drained_;
  const Folded& folded = results_[at_++];
  Status status = emit(folded, out);
  if (!status) {
    return tl::unexpected<Error>(with_context(binding_.spec.name, std::move(status).error()));
  }
  return true;
}

Status GroupDrain::emit(const Folded& folded, Drained* out) {
  out->deleted = folded.deleted;
  std::string_view text = folded.original;
  if (text.empty()) {
    json_.clear();
    json::write(folded.root, json_);
    text = json_;
  }
  values_.clear();
  if (binding_.truncation.can_matter(text.size())) return emit_truncated(folded, out);
  WEIR_RETURN_IF_ERROR(binding_.values.pack(folded.root, values_));
  out->values_packed = values_;
  out->doc_bytes = text.size();
  if (binding_.spec.with_document) out->doc_json = text;
  return {};
}

Status GroupDrain::emit_truncated(const Folded& folded, Drained* out) {
  json::Arena arena;
  bool truncated = false;
  const json::Value root = binding_.truncation.document(arena, folded.root, &truncated);
  std::string_view text = folded.original;
  if (truncated || text.empty()) {
    json_.clear();
    json::write(root, json_);
    text = json_;
  }
  WEIR_RETURN_IF_ERROR(
      binding_.values.pack_truncated(arena, binding_.truncation, folded.root, &truncated, values_));
  out->values_packed = values_;
  out->doc_bytes = text.size();
  if (binding_.spec.with_document) out->doc_json = text;
  return {};
}

}  // namespace weir::document
