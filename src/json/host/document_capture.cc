// The capture walk follows the set's tree of names; what it does not follow is checked by the
// scanner alone.
#include "json/host/document_parser.h"
#include "json/host/scanner.h"

namespace weir::json {
PointerSet::PointerSet(std::span<const Pointer> pointers) : size_(pointers.size()) {
  nodes_.emplace_back();
  for (std::uint32_t slot = 0; slot < pointers.size(); ++slot) {
    std::uint32_t at = 0;
    nodes_[at].inside.push_back(slot);
    for (const std::string& token : pointers[slot].tokens()) {
      at = child_of(at, token);
      nodes_[at].inside.push_back(slot);
    }
    nodes_[at].slots.push_back(slot);
  }
}

std::uint32_t PointerSet::child_of(std::uint32_t node, std::string_view token) {
  const std::uint32_t number = nodes_[node].names.insert(token);
  if (number < nodes_[node].children.size()) return nodes_[node].children[number].node;
  const auto added = static_cast<std::uint32_t>(nodes_.size());
  const std::size_t item = array_index(token).value_or(kNoItem);
  nodes_[node].children.push_back({added, item});
  nodes_[node].has_items |= item != kNoItem;
  nodes_.emplace_back();
  return added;
}

class CaptureWalk {
 public:
  CaptureWalk(std::string_view text, const PointerSet& set, std::span<Slot> slots, Arena& arena)
      : set_(set), slots_(slots), arena_(arena), scanner_(text) {}

  Parsed<void> run() {
    for (Slot& slot : slots_) slot.present = false;
    const char* p = value(scanner_.skip_space(scanner_.begin()), 0, set_.nodes_[0]);
    if (p != nullptr) {
      p = scanner_.skip_space(p);
      if (p == scanner_.end()) return {};
      scanner_.fail(p, "expected the end of the document");
    }
    return tl::unexpected<DocumentError>(scanner_.error());
  }

 private:
  const char* value(const char* p, std::size_t depth, const PointerSet::Node& node) {
    if (p >= scanner_.end()) return scanner_.fail(p, Scanner::kEnds);
    const char* const start = p;
    Value captured;
    if (*p == '{') {
      p = node.children.empty() ? scanner_.skip_value(p, depth) : object(p, depth, node);
      captured = Value::object({});
    } else if (*p == '[') {
      p = node.has_items ? array(p, depth, node) : scanner_.skip_value(p, depth);
      captured = Value::array({});
    } else {
      p = scalar(p, &captured);
    }
    if (p == nullptr) return nullptr;
    for (const std::uint32_t i : node.slots) {
      slots_[i] = {true, {start, static_cast<std::size_t>(p - start)}, captured};
    }
    return p;
  }

  const char* scalar(const char* p, Value* out) {
    const char* const start = p;
    if (*p == '"') {
      bool plain = true;
      p = scanner_.string(p + 1, &plain);
      if (p == nullptr) return nullptr;
      const std::string_view inside(start + 1, static_cast<std::size_t>(p - start - 1));
      *out = Value::string(plain ? inside : unescape(inside, arena_));
      return p + 1;
    }
    if (*p == '-' || (*p >= '0' && *p <= '9')) {
      p = scanner_.number(p);
      if (p != nullptr) *out = Value::number({start, static_cast<std::size_t>(p - start)});
      return p;
    }
    if (*p == 't' || *p == 'f') {
      *out = Value::boolean(*p == 't');
      return scanner_.literal(p);
    }
    if (*p != 'n') return scanner_.fail(p, "expected a value");
    *out = Value();
    return scanner_.literal(p);
  }

  // A name that stood before: what its earlier value left does not count.
  void forget(const PointerSet::Node& node) {
    for (const std::uint32_t i : node.inside) slots_[i].present = false;
  }

  const char* object(const char* p, std::size_t depth, const PointerSet::Node& node) {
    if (depth == kDocumentDepthMax) return scanner_.fail(p, Scanner::kTooDeep);
    p = scanner_.skip_space(p + 1);
    if (p < scanner_.end() && *p == '}') return p + 1;
    while (true) {
      if (p >= scanner_.end() || *p != '"') {
        return scanner_.fail(p, "expected a name in double quotes");
      }
      bool plain = true;
      const char* const close = scanner_.string(p + 1, &plain);
      if (close == nullptr) return nullptr;
      std::string_view name(p + 1, static_cast<std::size_t>(close - p - 1));
      if (!plain) name = unescape(name, arena_);
      p = scanner_.skip_space(close + 1);
      if (p >= scanner_.end() || *p != ':') return scanner_.fail(p, "expected ':' after a name");
      p = scanner_.skip_space(p + 1);
      const std::uint32_t number = node.names.find(name);
      if (number == NameTable::kNone) {
        p = scanner_.skip_value(p, depth + 1);
      } else {
        const PointerSet::Node& below = set_.nodes_[node.children[number].node];
        forget(below);
        p = value(p, depth + 1, below);
      }
      if (p == nullptr) return nullptr;
      p = scanner_.skip_space(p);
      if (p >= scanner_.end()) return scanner_.fail(p, Scanner::kEnds);
      if (*p == '}') return p + 1;
      if (*p != ',') return scanner_.fail(p, "expected ',' or '}' after a member");
      p = scanner_.skip_space(p + 1);
    }
  }

  // The child that addresses an item by number.
  const PointerSet::Node* item_node(const PointerSet::Node& node, std::size_t index) const {
    for (const PointerSet::Child& child : node.children) {
      if (child.item == index) return &set_.nodes_[child.node];
    }
    return nullptr;
  }

  const char* array(const char* p, std::size_t depth, const PointerSet::Node& node) {
    if (depth == kDocumentDepthMax) return scanner_.fail(p, Scanner::kTooDeep);
    p = scanner_.skip_space(p + 1);
    if (p < scanner_.end() && *p == ']') return p + 1;
    for (std::size_t index = 0;; ++index) {
      const PointerSet::Node* const below = item_node(node, index);
      p = below == nullptr ? scanner_.skip_value(p, depth + 1) : value(p, depth + 1, *below);
      if (p == nullptr) return nullptr;
      p = scanner_.skip_space(p);
      if (p >= scanner_.end()) return scanner_.fail(p, Scanner::kEnds);
      if (*p == ']') return p + 1;
      if (*p != ',') return scanner_.fail(p, "expected ',' or ']' after an item");
      p = scanner_.skip_space(p + 1);
    }
  }

  const PointerSet& set_;
  std::span<Slot> slots_;
  Arena& arena_;
  Scanner scanner_;
};

Parsed<void> capture(std::string_view text, const PointerSet& pointers, std::span<Slot> slots,
                     Arena& arena) {
  WEIR_CHECK(slots.size() >= pointers.size());
  return CaptureWalk(text, pointers, slots.first(pointers.size()), arena).run();
}

}  // namespace weir::json
