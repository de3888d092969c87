// Running results in place of documents: for bindings whose reductions are the same whatever the
// documents say, the locations that are summed, minimized, maximized or written once live in slots.
// All other locations take the later value, so the latest document serves as the template that
// slots are put into.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/sum.h"
#include "document/walk.h"
#include "json/value.h"

namespace weir::document {

enum class SlotOp : std::uint8_t { kFirst, kSum, kMinimize, kMaximize };

// One location with a slot, and the capture that finds it.
struct SlotSpec {
  SlotOp op = SlotOp::kFirst;
  std::uint32_t capture = 0;
};

// JSON text, or a sum that is still going. All bytes zero is an absent value; may be moved as
// bytes.
struct Slot {
  enum class State : std::uint8_t {
    kAbsent = 0,
    kInline,    // the text itself
    kOwned,     // where a longer text is
    kBorrowed,  // the same, inside the key's document
    kSum,
  };
  static constexpr std::size_t kInlineMax = 32;  // a timestamp with microseconds fits
  State state;
  bool plain;  // a text without escapes
  std::uint32_t size;
  union {
    char bytes[kInlineMax];
    struct {
      char* data;
      std::uint32_t capacity;  // if owned
    } text;
    RunningSum sum;
  };
  std::string_view view() const { return {state == State::kInline ? bytes : text.data, size}; }
};
static_assert(sizeof(Slot) == 40);

// What to do with the slots of one binding's keys.
class SlotProgram {
 public:
  // Longer texts are kept in the arena.
  SlotProgram(std::vector<SlotSpec> specs, json::Arena& arena)
      : specs_(std::move(specs)), arena_(arena), changes_(specs_.size()) {}

  std::size_t bytes() const { return specs_.size() * sizeof(Slot); }  // of one key's slots

  // The first document of a key. Its longer texts are borrowed.
  void start(Slot* slots, std::span<const Capture> captures) const;
  // Reduces a later document in. False: some value is not one that slots can hold, and nothing
  // changed.
  bool reduce(Slot* slots, std::span<const Capture> captures);
  // Before the key's document goes away: what is borrowed from it is copied.
  void own(Slot* slots) const;
  // The document moved from `from` to `to`.
  void move_borrowed(Slot* slots, const char* from, const char* to) const;
  // Writes the document with what the slots hold. `captures` are of a walk over it.
  void write(const Slot* slots, std::string_view document, std::span<const Capture> captures,
             std::string& out) const;

 private:
  // What a reduction will do to a slot, once all slots of the document are known to take it.
  struct Change {
    enum class Kind : std::uint8_t { kNone, kCapture, kText, kSum };
    Kind kind = Kind::kNone;
    RunningSum sum;
    std::string_view text;
  };
  void set_text(Slot& slot, std::string_view text, bool plain) const;
  bool plan(SlotOp op, const Slot& slot, const Capture& capture, Change* change);
  bool plan_sum(const Slot& slot, const Capture& capture, Change* change);
  bool plan_sum_of_texts(const Slot& slot, const Capture& capture, Change* change);

  const std::vector<SlotSpec> specs_;
  json::Arena& arena_;
  std::vector<Change> changes_;
  json::Arena scratch_;  // texts of changes
};

}  // namespace weir::document
