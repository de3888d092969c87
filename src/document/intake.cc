#include "document/intake.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "document/type_check.h"

namespace weir::document {
namespace {

constexpr unsigned kLinksShift = 5;  // a chain is joined when it is 32 documents long

std::vector<std::uint32_t> want_fields(WalkPlan& plan, const std::vector<Field>& fields) {
  std::vector<std::uint32_t> captures;
  for (const Field& field : fields) captures.push_back(plan.want(plan.at(field.pointer)));
  return captures;
}

// Every location with a slot, and the layout of what merges.
std::vector<SlotSpec> want_program(WalkPlan& plan, const StaticReductions& program) {
  std::vector<SlotSpec> slots;
  for (const StaticReductions::Object& object : program.objects) {
    const std::uint32_t node = plan.at(object.pointer);
    plan.lay_out(node);
    for (const StaticReductions::Member& member : object.members) {
      const std::uint32_t child = plan.child(node, member.name);
      if (member.op) slots.push_back({*member.op, plan.want(child)});
    }
    for (const std::string& name : object.taken) plan.child(node, name);
  }
  return slots;
}

bool want_validation(WalkPlan& plan, const json::Schema& schema) {
  WalkPlan checking = plan;
  const bool complete = plan_type_check(checking, schema);
  if (complete) plan = std::move(checking);
  plan.finish();
  return complete;
}

}  // namespace

Intake::Intake(CompiledBinding binding, std::uint32_t number, Pins& pins, bool use_program)
    : binding_(std::move(binding)),
      number_(number),
      pins_(pins),
      has_program_(use_program && !binding_.statics.objects.empty()),
      key_captures_(want_fields(walk_plan_, binding_.spec.keys)),
      value_captures_(binding_.last_write_wins ? want_fields(walk_plan_, binding_.spec.values)
                                               : std::vector<std::uint32_t>()),
      slot_specs_(has_program_ ? want_program(walk_plan_, binding_.statics)
                               : std::vector<SlotSpec>()),
      validates_(want_validation(walk_plan_, *binding_.spec.schema)),
      looked_{Looked(walk_plan_), Looked(walk_plan_)},
      other_walker_(walk_plan_),
      slots_(slot_specs_, slot_texts_),
      table_(slots_.bytes()),
      drain_(binding_, validates_) {}

Error Intake::named(Error error) const {
  return with_context(binding_.spec.name, std::move(error));
}

Status Intake::pack(Walker& walker, const FieldPacker& packer,
                    const std::vector<std::uint32_t>& captures, std::string& out) {
  for (std::size_t i = 0; i < captures.size(); ++i) {
    const Capture& capture = walker.captures()[captures[i]];
    if (packer.pack_text(i, capture.raw, capture.plain, out)) continue;
    if (!capture.present()) {
      WEIR_RETURN_IF_ERROR(packer.pack_one(i, nullptr, out));
      continue;
    }
    const json::Value value = walker.value(capture, scratch_);
    WEIR_RETURN_IF_ERROR(packer.pack_one(i, &value, out));
  }
  return {};
}

void Intake::look(Looked& looked, std::string_view document, bool front) {
  const auto run = [&]() -> Status {
    if (document.size() > kDocumentBytesMax) {
      return error(Code::kLimit, "a document is larger than {} MiB", kDocumentBytesMax >> 20);
    }
    if (const auto walked = looked.walker.walk(document); !walked) {
      return error(Code::kInvalid, "{} (byte {} of a document)", walked.error().message,
                   walked.error().offset);
    }
    if (validates_ && !front && !looked.walker.fits()) {
      WEIR_RETURN_IF_ERROR(validate_by_tree(document));
    }
    scratch_.reset();
    looked.key.clear();
    WEIR_RETURN_IF_ERROR(pack(looked.walker, binding_.keys, key_captures_, looked.key));
    looked.hash = hash_key(looked.key);
    return {};
  };
  looked.document = document;
  looked.status = run();
}

void Intake::expect(std::string_view document) {
  Looked& looked = spare();
  look(looked, document, false);
  looked.waits = true;
  if (looked.status) table_.expect(looked.hash);
}

// Walks a document, unless that was done, and finds the entry of its key.
Result<Entry*> Intake::take(std::string_view document, bool front) {
  now_ = nullptr;
  for (Looked& looked : looked_) {
    const bool same = looked.waits && looked.document.data() == document.data() &&
                      looked.document.size() == document.size();
    if (same) now_ = &looked;
  }
  if (now_ == nullptr) {
    now_ = &spare();
    look(*now_, document, front);
  }
  now_->waits = false;
  WEIR_RETURN_IF_ERROR(std::move(now_->status));
  return table_.find_or_add(now_->key, now_->hash);
}

// Of a document that a walk found not to fit: for the message, and because a name that repeats may
// have misled the walk.
Status Intake::validate_by_tree(std::string_view document) {
  Folder& folder = drain_.folder();
  folder.clear();
  WEIR_TRY(const json::Value root, folder.parse(document));
  return folder.validate(root);
}

Result<std::string_view> Intake::add_right(const DocumentRef& document, bool* first) {
  const auto entry = take(document.view(), false);
  if (!entry) return tl::unexpected<Error>(named(entry.error()));
  *first = (*entry)->document.text == nullptr && (*entry)->front == nullptr;
  if (Status status = hold(**entry, document); !status) {
    return tl::unexpected<Error>(named(std::move(status).error()));
  }
  return now_->key;
}

Status Intake::add_front(std::string_view document) {
  const DocumentRef kept = keep_document(table_.arena(), document);
  const auto entry = take(kept.view(), true);
  if (!entry) return tl::unexpected<Error>(named(entry.error()));
  (*entry)->front = new (table_.arena().allocate(sizeof(DocumentRef))) DocumentRef(kept);
  return {};
}

Status Intake::hold(Entry& entry, const DocumentRef& document) {
  if (binding_.last_write_wins) {
    values_.clear();
    WEIR_RETURN_IF_ERROR(pack(now_->walker, binding_.values, value_captures_, values_));
    hold_last(entry, document);
    return {};
  }
  if (entry.document.text == nullptr) {
    pins_.hold(document);
    entry.document = document;
    if (!has_program_ || !now_->walker.regular()) return {};
    entry.in_program = true;
    entry.plan.layout = now_->walker.layout();
    slots_.start(slots_of(entry), now_->walker.captures());
    return {};
  }
  return entry.in_program ? hold_in_program(entry, document) : hold_in_chain(entry, document);
}

void Intake::hold_last(Entry& entry, const DocumentRef& document) {
  pins_.hold(document);
  pins_.release(std::exchange(entry.document, document));
  if (values_.size() > entry.values.capacity) {
    entry.values.text = table_.arena().array<char>(values_.size());
    entry.values.capacity = static_cast<std::uint32_t>(values_.size());
  }
  entry.values.size = static_cast<std::uint32_t>(values_.size());
  if (!values_.empty()) std::memcpy(entry.values.text, values_.data(), values_.size());
}

Status Intake::hold_in_program(Entry& entry, const DocumentRef& document) {
  if (now_->walker.regular() && slots_.reduce(slots_of(entry), now_->walker.captures())) {
    entry.merged = true;
    slots_.own(slots_of(entry));
    return put_template(entry, document);
  }
  leave_program(entry);
  return hold_in_chain(entry, document);
}

Status Intake::put_template(Entry& entry, const DocumentRef& document) {
  if (entry.plan.layout == now_->walker.layout()) {
    pins_.hold(document);
    pins_.release(std::exchange(entry.document, document));
    entry.plan.owned_capacity = 0;
    return {};
  }
  Folder& folder = drain_.folder();
  folder.clear();
  WEIR_TRY(const json::Value left, folder.parse(entry.document.view()));
  WEIR_TRY(const json::Value right, folder.parse(document.view()));
  text_.clear();
  json::write(merge_templates(folder.arena(), binding_.statics, left, right), text_);
  keep_template(entry, text_);
  if (other_walker_.walk(entry.document.view())) entry.plan.layout = other_walker_.layout();
  return {};
}

// Templates of changing layout come and go: what they needed before is used again.
void Intake::keep_template(Entry& entry, std::string_view text) {
  if (text.size() <= entry.plan.owned_capacity) {
    std::memcpy(const_cast<char*>(entry.document.text), text.data(), text.size());
    entry.document.size = static_cast<std::uint32_t>(text.size());
    return;
  }
  pins_.release(entry.document);
  entry.document = keep_document(table_.arena(), text, text.size() / 4);
  entry.plan.owned_capacity = static_cast<std::uint32_t>(text.size() + text.size() / 4);
}

void Intake::write_merged(Entry& entry, std::string* out) {
  if (other_walker_.walk(entry.document.view())) {
    slots_.write(slots_of(entry), entry.document.view(), other_walker_.captures(), *out);
  }
}

// What was merged becomes the first document, and the next ones are kept as they are.
void Intake::leave_program(Entry& entry) {
  if (entry.merged) {
    text_.clear();
    write_merged(entry, &text_);
    pins_.release(entry.document);
    entry.document = keep_document(table_.arena(), text_);
  }
  entry.merged = false;
  entry.in_program = false;
  entry.chain = {nullptr, nullptr};
}

Status Intake::hold_in_chain(Entry& entry, const DocumentRef& document) {
  pins_.hold(document);
  auto* link = new (table_.arena().allocate(sizeof(ChainLink))) ChainLink{document};
  (entry.chain.first == nullptr ? entry.chain.first : entry.chain.last->next) = link;
  entry.chain.last = link;
  const unsigned shift = std::max<unsigned>(entry.links_shift, kLinksShift);
  return ++entry.links >> shift == 0 ? Status{} : join_chain(entry);
}

// Joins what followed the first document of a key, which stays apart: it may be the left-most of
// all.
Status Intake::join_chain(Entry& entry) {
  Folder& folder = drain_.folder();
  folder.clear();
  std::vector<std::string_view> documents;
  for (ChainLink* link = entry.chain.first; link != nullptr; link = link->next) {
    documents.push_back(link->document.view());
  }
  std::vector<Folded> joined;
  WEIR_RETURN_IF_ERROR(folder.associative(documents, &joined));
  ChainLink* link = entry.chain.first;
  ChainLink** at = &entry.chain.first;
  for (const Folded& folded : joined) {
    while (!folded.original.empty() && link->document.text != folded.original.data()) {
      pins_.release(std::exchange(link, link->next)->document);
    }
    if (folded.original.empty()) {
      text_.clear();
      json::write(folded.root, text_);
      *at = new (table_.arena().allocate(sizeof(ChainLink)))
          ChainLink{keep_document(table_.arena(), text_)};
    } else {
      *at = std::exchange(link, link->next);
    }
    entry.chain.last = *at;
    at = &(*at)->next;
  }
  while (link != nullptr) pins_.release(std::exchange(link, link->next)->document);
  entry.chain.last->next = nullptr;
  entry.links = static_cast<std::uint32_t>(joined.size());
  entry.links_shift = static_cast<std::uint8_t>(std::bit_width(entry.links) + 1);
  return {};
}

Status Intake::collect(Entry& entry, Group* group, std::string* scratch) {
  group->key = entry.key();
  if (entry.front != nullptr) {
    group->front = true;
    group->documents.push_back(entry.front->view());
  }
  if (entry.document.text == nullptr) return {};
  if (entry.merged) {
    scratch->clear();
    write_merged(entry, scratch);
    const std::size_t size = scratch->size();
    scratch->append(json::kDocumentPadding, '\0');
    group->documents.push_back(std::string_view(*scratch).substr(0, size));
    group->reduced = true;
    return {};
  }
  group->documents.push_back(entry.document.view());
  if (binding_.last_write_wins) {
    group->packed = true;
    group->last_values = {entry.values.text, entry.values.size};
  } else if (!entry.in_program) {
    for (ChainLink* link = entry.chain.first; link != nullptr; link = link->next) {
      group->documents.push_back(link->document.view());
    }
  }
  return {};
}

Status Intake::spill(Entry& entry, RunWriter& writer) {
  if (!binding_.last_write_wins && !entry.in_program && entry.links > 1) {
    if (Status status = join_chain(entry); !status) {
      return tl::unexpected<Error>(named(std::move(status).error()));
    }
  }
  Group group;
  std::string scratch;
  WEIR_RETURN_IF_ERROR(collect(entry, &group, &scratch));
  Record record;
  record.binding = number_;
  record.key = group.key;
  for (std::size_t i = 0; i < group.documents.size(); ++i) {
    record.front = group.front && i == 0;
    record.document = group.documents[i];
    record.reduced = group.reduced && !record.front;
    if (!record.front) record.values = group.last_values;
    record.packed = group.packed && !record.front;
    WEIR_RETURN_IF_ERROR(writer.add(record));
  }
  return {};
}

void Intake::copy_out_of_sparse_buffers() {
  const auto copy_out = [&](DocumentRef& document) {
    if (document.pin == DocumentRef::kOwned || !pins_.is_sparse(document.pin)) return;
    pins_.release(std::exchange(document, keep_document(table_.arena(), document.view())));
  };
  table_.for_each([&](Entry& entry) {
    const char* const from = entry.document.text;
    copy_out(entry.document);
    if (entry.in_program) {
      slots_.move_borrowed(slots_of(entry), from, entry.document.text);
    } else if (!binding_.last_write_wins) {
      for (ChainLink* link = entry.chain.first; link != nullptr; link = link->next) {
        copy_out(link->document);
      }
    }
  });
}

void Intake::clear() {
  table_.clear();
  slot_texts_.reset();
  for (Looked& looked : looked_) looked.waits = false;
}

}  // namespace weir::document
