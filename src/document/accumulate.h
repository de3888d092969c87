// Running results in place of documents: for bindings whose reductions are the same whatever the
// documents say, the locations that are summed, minimized, maximized or written once live in slots
// of 40 bytes. All other locations take the later value, so the latest document serves as the
// template that slots are put into.
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

class Slots {
 public:
  Slots(std::vector<SlotSpec> specs, json::Arena& arena)
      : specs_(std::move(specs)), arena_(arena) {}

  // A new set of slots, holding what a document has. Its number.
  std::uint32_t add(std::span<const Capture> captures);
  // Reduces a later document in. False: some value is not one that slots can hold, and nothing
  // changed.
  bool reduce(std::uint32_t number, std::span<const Capture> captures);
  // Writes the document with what the slots hold. `captures` are of a walk over it.
  void write(std::uint32_t number, std::string_view document, std::span<const Capture> captures,
             std::string& out) const;

  std::size_t memory_used() const { return slots_.capacity() * sizeof(Slot); }
  void clear();

 private:
  // JSON text, or a sum that is still going.
  struct Slot {
    enum class State : std::uint8_t { kAbsent, kInline, kText, kSum };
    static constexpr std::size_t kInlineMax = 32;  // a timestamp with microseconds fits
    State state = State::kAbsent;
    std::uint32_t size = 0;
    union {
      char bytes[kInlineMax];
      struct {
        char* data;
        std::uint32_t capacity;
      } text;
      RunningSum sum;
    };
    Slot() : bytes{} {}
    std::string_view view() const {
      return state == State::kInline ? std::string_view(bytes, size)
                                     : std::string_view(text.data, size);
    }
  };
  static_assert(sizeof(Slot) == 40);

  // What a reduction will do to a slot, once all slots of the document are known to take it.
  struct Change {
    enum class Kind : std::uint8_t { kNone, kCapture, kText, kSum };
    Kind kind = Kind::kNone;
    RunningSum sum;
    std::string text;
  };

  void set_text(Slot& slot, std::string_view text);
  static bool plan(SlotOp op, const Slot& slot, const Capture& capture, Change* change);
  static bool plan_sum(const Slot& slot, const Capture& capture, Change* change);
  static bool plan_sum_of_texts(const Slot& slot, const Capture& capture, Change* change);

  const std::vector<SlotSpec> specs_;
  json::Arena& arena_;
  std::vector<Slot> slots_;
  std::vector<Change> changes_;
};

}  // namespace weir::document
