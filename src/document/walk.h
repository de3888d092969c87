// One walk over a document that checks all of it, captures wanted locations, and sums up the
// *layout*: which members stand in which order in those objects whose members are reduced one by
// one. Two documents of one layout differ in nothing but values, so the later can take the place of
// the earlier without looking at names again.
//
// On documents of a few hundred bytes this is several times faster than building a tree.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/host/document_parser.h"
#include "json/pointer.h"
#include "json/schema_node.h"
#include "json/value.h"

namespace weir::document {

struct Capture {
  // The JSON text of the value, inside the document; data() is nullptr where the location is
  // absent.
  std::string_view raw;
  bool plain = true;  // of a string: it has no escapes

  bool present() const { return raw.data() != nullptr; }
  json::Kind kind() const;
};

// The locations of a walk, compiled: a tree of names. Immutable once built.
class WalkPlan {
 public:
  WalkPlan() : nodes_(1) {}

  // ---- nodes: the root is 0 ----
  std::uint32_t child(std::uint32_t node, std::string_view name);
  std::uint32_t items(std::uint32_t node);  // all items of an array
  std::uint32_t at(const json::Pointer& pointer);
  bool has_numbered_items(std::uint32_t node) const { return nodes_[node].has_items; }
  std::size_t size() const { return nodes_.size(); }

  // Captures a location; the same number for the same node.
  std::uint32_t want(std::uint32_t node);
  // The members of this object, and the order they come in, are part of the layout. Ancestors must
  // be laid out too.
  void lay_out(std::uint32_t node) { nodes_[node].laid_out = true; }
  // Documents fit if the value has one of these types, and
  void allow(std::uint32_t node, json::TypeSet types) { nodes_[node].types &= types; }
  // the object this member. False: there is no room for another.
  bool require(std::uint32_t node, std::string_view name);

  void finish();  // after the last of these calls
  std::size_t captures() const { return captures_; }

 private:
  friend class Walk;
  friend class Walker;
  // A text to compare with what a document has: its first and last eight bytes do for up to 16 of
  // them.
  struct Text {
    std::uint64_t first = 0, first_mask = 0;
    std::uint64_t last = 0, last_mask = 0;
    std::size_t last_at = 0;
    std::string text;

    void set(std::string_view value);
    bool matches(const char* p) const;  // 16 bytes or the text's size must be readable
  };
  struct Child {
    Text name;
    Text written;  // "name": as compact documents have it; empty if the name has to be escaped
    std::uint32_t node = 0;
    std::uint16_t number = 0;    // among its siblings
    std::uint64_t required = 0;  // its bit, if it is
    std::size_t item = kNoItem;
  };
  struct Node {
    static constexpr std::uint32_t kNone = 0xffffffff;
    std::uint32_t capture = kNone;
    std::uint32_t items = kNone;
    json::TypeSet types = json::kTypeAny;
    bool laid_out = false;
    bool has_items = false;
    bool has_children = false;
    std::uint64_t id = 0;               // its share of a layout
    std::uint64_t required = 0;         // bits of the children that must be there
    std::uint32_t hints = 0;            // where its hints start; as many as children, and one
    std::vector<std::uint32_t> inside;  // captures below
    std::vector<Child> children;
  };
  static constexpr std::size_t kNoItem = ~std::size_t{0};
  std::vector<Node> nodes_;  // the first is the root
  std::uint32_t captures_ = 0;
  std::uint32_t hints_ = 0;
};

// The result of the latest walk, and scratch. One per plan, used from one thread.
class Walker {
 public:
  explicit Walker(const WalkPlan& plan) : plan_(plan) { reset(); }
  void reset();  // after the plan was extended

  // `document` must be a JSON object and have json::kDocumentPadding readable bytes behind it.
  json::Parsed<void> walk(std::string_view document);
  std::span<const Capture> captures() const { return captures_; }
  std::uint64_t layout() const { return layout_; }
  // Every location that lay_out() named is an object or absent.
  bool regular() const { return regular_; }
  // What allow() and require() ask for is so.
  bool fits() const { return fits_; }
  // A captured value: scalars as they are, arrays and objects as trees. May use the arena.
  json::Value value(const Capture& capture, json::Arena& arena);

 private:
  friend class Walk;
  const WalkPlan& plan_;
  std::vector<Capture> captures_;
  // Per node: the child that came first and the one that followed each child last time, documents
  // being alike.
  std::vector<std::uint16_t> hints_;
  std::uint64_t layout_ = 0;
  bool regular_ = true;
  bool fits_ = true;
  json::DocumentParser parser_;
};

}  // namespace weir::document
