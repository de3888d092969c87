// Takes in the documents of one binding and holds, per key, as little as will do until they are
// drained:
// - where the later document wins, that one, with its columns packed;
// - where a reduction program exists (see plan.h), the latest document as a template and the slots
// of its key;
// - else all documents of the key, the first apart from the others, which are joined as they grow
// many. All of these are views into the buffers that documents came in, as far as possible.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/accumulate.h"
#include "document/fold.h"
#include "document/group.h"
#include "document/key_table.h"
#include "document/pins.h"
#include "document/plan.h"
#include "document/spill.h"
#include "document/walk.h"

namespace weir::document {

class Intake {
 public:
  // `number` is the binding's. `use_program` may be switched off to compare both ways.
  Intake(CompiledBinding binding, std::uint32_t number, Pins& pins, bool use_program);
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  const CompiledBinding& binding() const { return binding_; }
  // Is every document validated when it is added? Otherwise what is drained is, by tree.
  bool validates() const { return validates_; }
  GroupDrain& drain() { return drain_; }
  KeyTable& table() { return table_; }

  // Says that add_right() of this document comes next but for the one in hand; it is walked now,
  // and the memory of its key is fetched meanwhile. What is wrong with it shows when it is added.
  void expect(std::string_view document);
  // The packed key of the latest document. Errors name the binding; then nothing was taken in.
  Result<std::string_view> add_right(const DocumentRef& document, bool* first);
  Status add_front(std::string_view document);

  // What is held of an entry, as the drain wants it; `scratch` keeps what had to be written for it.
  Status collect(Entry& entry, Group* group, std::string* scratch);
  Status spill(Entry& entry, RunWriter& writer);
  void copy_out_of_sparse_buffers();
  std::size_t memory_used() const { return table_.memory_used() + slot_texts_.bytes_used(); }
  void clear();

 private:
  // A document that was walked, and its key.
  struct Looked {
    explicit Looked(const WalkPlan& plan) : walker(plan) {}
    Walker walker;
    std::string_view document;
    std::string key;
    std::uint64_t hash = 0;
    Status status;
    bool waits = false;  // to be added
  };
  void look(Looked& looked, std::string_view document, bool front);
  Looked& spare() { return looked_[0].waits ? looked_[1] : looked_[0]; }
  Result<Entry*> take(std::string_view document, bool front);
  Status validate_by_tree(std::string_view document);
  Status pack(Walker& walker, const FieldPacker& packer, const std::vector<std::uint32_t>& captures,
              std::string& out);
  Status hold(Entry& entry, const DocumentRef& document);
  void hold_last(Entry& entry, const DocumentRef& document);
  Status hold_in_program(Entry& entry, const DocumentRef& document);
  Status put_template(Entry& entry, const DocumentRef& document);
  void keep_template(Entry& entry, std::string_view text);
  void leave_program(Entry& entry);
  Status hold_in_chain(Entry& entry, const DocumentRef& document);
  Status join_chain(Entry& entry);
  void write_merged(Entry& entry, std::string* out);
  Error named(Error error) const;
  static Slot* slots_of(Entry& entry) { return reinterpret_cast<Slot*>(KeyTable::tail_of(entry)); }

  const CompiledBinding binding_;
  const std::uint32_t number_;
  Pins& pins_;
  const bool has_program_;
  WalkPlan walk_plan_;
  std::vector<std::uint32_t> key_captures_;
  std::vector<std::uint32_t> value_captures_;  // of last-write-wins bindings only
  std::vector<SlotSpec> slot_specs_;
  const bool validates_;
  std::array<Looked, 2> looked_;
  Looked* now_ = &looked_[0];  // the document in hand
  Walker other_walker_;        // for looking at a document once more that is held
  json::Arena slot_texts_;
  SlotProgram slots_;
  KeyTable table_;
  GroupDrain drain_;
  json::Arena scratch_;
  std::string values_;
  std::string text_;
};

}  // namespace weir::document
