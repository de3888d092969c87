// Documents of journals: the hot path. A document is walked once and checked in full — grammar,
// escapes, control characters, UTF-8, depth — and whatever is not RFC 8259 is refused. Numbers of
// any size keep their text; texts without escapes are never copied: they point into the document.
//
// Every text handed in must have kDocumentPadding readable bytes behind it; what stands there does
// not matter.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/events.h"
#include "json/name_hash.h"
#include "json/pointer.h"
#include "json/value.h"

namespace weir::json {

inline constexpr std::size_t kDocumentPadding = 64;
inline constexpr std::size_t kDocumentDepthMax = 128;

// What is wrong, never quoting the document.
struct DocumentError {
  std::size_t offset = 0;    // in bytes from the start of the document
  std::string_view message;  // static text
};
template <typename T>
using Parsed = tl::expected<T, DocumentError>;

// Whole documents as values. Reuse one: its stacks are kept, so that a loop with one arena does not
// allocate. One thread at a time.
class DocumentParser {
 public:
  explicit DocumentParser(Duplicates duplicates = Duplicates::kLastWins)
      : duplicates_(duplicates) {}
  // The value lives as long as the arena and the text. It has no places.
  Parsed<Value> parse(std::string_view text, Arena& arena);

 private:
  friend class TreeWalk;
  Duplicates duplicates_;
  std::vector<Value> values_;
  std::vector<Member> members_;
  std::vector<Member*> order_;
};

// Is it one JSON value? Names may repeat.
Parsed<void> check_document(std::string_view text);

// What a captured location holds.
struct Slot {
  bool present = false;
  // The JSON text of the value; inside the document.
  std::string_view raw;
  // Scalars are complete; of arrays and objects only the kind counts: items and members are not
  // taken apart.
  Value value;
};

// A set of locations, compiled for capture(). Immutable: several threads may share one.
class PointerSet {
 public:
  // Pointers may repeat and may lie inside each other. Slot i belongs to pointer i.
  explicit PointerSet(std::span<const Pointer> pointers);
  std::size_t size() const { return size_; }

 private:
  friend class CaptureWalk;
  static constexpr std::size_t kNoItem = static_cast<std::size_t>(-1);
  struct Child {
    std::uint32_t node = 0;
    std::size_t item = kNoItem;  // the index, if the name can address an item
  };
  struct Node {
    std::vector<std::uint32_t> slots;   // filled with the value at this node
    std::vector<std::uint32_t> inside;  // slots of this node and of all below it
    NameTable names;
    std::vector<Child> children;  // by number of name
    bool has_items = false;       // some child can address an item
  };
  std::uint32_t child_of(std::uint32_t node, std::string_view token);
  std::vector<Node> nodes_;  // the first is the root
  std::size_t size_ = 0;
};

// One walk over the document that fills slots[i] with what pointer i finds, and checks all the
// rest. Where a name repeats, its last value counts. Texts with escapes are unescaped into `arena`;
// nothing else is copied. After an error the slots hold nothing of use.
Parsed<void> capture(std::string_view text, const PointerSet& pointers, std::span<Slot> slots,
                     Arena& arena);

}  // namespace weir::json
