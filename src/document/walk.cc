#include "document/walk.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "json/host/scanner.h"
#include "json/number.h"

namespace weir::document {
namespace {

using json::Scanner;

inline std::uint64_t load_8(const char* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, sizeof(word));
  return word;
}

constexpr std::uint64_t kBegin = 0x9fb21c651e98df25;
constexpr std::uint64_t kEnd = 0xa0761d6478bd642f;

inline std::uint64_t mix(std::uint64_t layout, std::uint64_t part) {
  layout = (layout ^ part) * 0x9e3779b97f4a7c15;
  return layout ^ layout >> 29;
}

}  // namespace

json::Kind Capture::kind() const {
  switch (raw.front()) {
    case '{': return json::Kind::kObject;
    case '[': return json::Kind::kArray;
    case '"': return json::Kind::kString;
    case 't':
    case 'f': return json::Kind::kBool;
    case 'n': return json::Kind::kNull;
    default: return json::Kind::kNumber;
  }
}

void WalkPlan::Text::set(std::string_view value) {
  text = value;
  const std::string padded = text + std::string(8, '\0');
  // Little-endian: the first bytes of the text are the low ones of the word.
  first_mask = text.size() >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * text.size()) - 1;
  first = load_8(padded.data()) & first_mask;
  if (text.size() <= 8) return;
  last_at = text.size() - 8;
  last_mask = ~std::uint64_t{0};
  last = load_8(padded.data() + last_at);
}

inline bool WalkPlan::Text::matches(const char* p) const {
  const std::uint64_t difference =
      ((load_8(p) ^ first) & first_mask) | ((load_8(p + last_at) ^ last) & last_mask);
  return difference == 0 && (text.size() <= 16 || std::memcmp(text.data(), p, text.size()) == 0);
}

std::uint32_t WalkPlan::child(std::uint32_t node, std::string_view name) {
  auto& children = nodes_[node].children;
  const auto found = std::find_if(children.begin(), children.end(),
                                  [&](const Child& known) { return known.name.text == name; });
  if (found != children.end()) return found->node;
  Child added;
  added.name.set(name);
  std::string written;
  json::write_string(name, written);
  if (written.size() == name.size() + 2) added.written.set(written + ':');
  added.node = static_cast<std::uint32_t>(nodes_.size());
  added.number = static_cast<std::uint16_t>(children.size());
  added.item = json::array_index(name).value_or(kNoItem);
  nodes_[node].has_items |= added.item != kNoItem;
  children.push_back(std::move(added));
  nodes_.emplace_back();
  nodes_.back().id = XXH3_64bits_withSeed(name.data(), name.size(), nodes_.size());
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

std::uint32_t WalkPlan::items(std::uint32_t node) {
  if (nodes_[node].items == Node::kNone) {
    nodes_[node].items = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
  }
  return nodes_[node].items;
}

std::uint32_t WalkPlan::at(const json::Pointer& pointer) {
  std::uint32_t node = 0;
  for (const std::string& token : pointer.tokens()) node = child(node, token);
  return node;
}

std::uint32_t WalkPlan::want(std::uint32_t node) {
  if (nodes_[node].capture == Node::kNone) nodes_[node].capture = captures_++;
  return nodes_[node].capture;
}

bool WalkPlan::require(std::uint32_t node, std::string_view name) {
  child(node, name);
  Node& object = nodes_[node];
  const auto found = std::find_if(object.children.begin(), object.children.end(),
                                  [&](const Child& known) { return known.name.text == name; });
  if (found->required == 0) {
    found->required = object.required + 1;  // the lowest bit that is free
    object.required |= found->required;
  }
  return found->required != 0;
}

void WalkPlan::finish() {
  hints_ = 0;
  for (Node& node : nodes_) {
    node.has_children = node.laid_out || !node.children.empty();
    node.hints = hints_;
    hints_ += static_cast<std::uint32_t>(node.children.size()) + 1;
  }
  // Children come after their parents, and nothing below items is captured.
  for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
    node->inside.clear();
    for (const Child& child : node->children) {
      const Node& below = nodes_[child.node];
      if (below.capture != Node::kNone) node->inside.push_back(below.capture);
      node->inside.insert(node->inside.end(), below.inside.begin(), below.inside.end());
    }
  }
}

void Walker::reset() {
  captures_.assign(plan_.captures(), {});
  hints_.assign(plan_.hints_, 0);
}

class Walk {
 public:
  Walk(std::string_view document, Walker& walker)
      : walker_(walker),
        nodes_(walker.plan_.nodes_.data()),
        captures_(walker.captures_.data()),
        hints_(walker.hints_.data()),
        scanner_(document) {}

  json::Parsed<void> run() {
    std::fill(walker_.captures_.begin(), walker_.captures_.end(), Capture());
    const char* p = scanner_.skip_space(scanner_.begin());
    if (p < scanner_.end() && *p != '{') {
      return tl::unexpected(json::DocumentError{0, "a document must be an object"});
    }
    p = value(p, 0, nodes_[0]);
    if (p != nullptr) {
      p = scanner_.skip_space(p);
      if (p == scanner_.end()) {
        walker_.layout_ = layout_;
        walker_.regular_ = regular_;
        walker_.fits_ = fits_;
        return {};
      }
      scanner_.fail(p, "expected the end of the document");
    }
    return tl::unexpected(scanner_.error());
  }

 private:
  using Node = WalkPlan::Node;
  using Child = WalkPlan::Child;

  const char* value(const char* p, std::size_t depth, const Node& node) {
    const char* const start = p;
    bool plain = true;
    if (p >= scanner_.end()) return scanner_.fail(p, Scanner::kEnds);
    if (*p == '"') {
      p = scanner_.string(p + 1, &plain);
      if (p != nullptr) ++p;
    } else if (*p == '-' || (*p >= '0' && *p <= '9')) {
      p = scanner_.number(p);
    } else if (*p == '{' && node.has_children) {
      p = object(p, depth, node);
    } else if (*p == '[' && (node.has_items || node.items != Node::kNone)) {
      p = array(p, depth, node);
    } else {
      p = scanner_.skip_value(p, depth);
    }
    if (node.laid_out && *start != '{') regular_ = false;
    if (node.types != json::kTypeAny && p != nullptr && !has_type(node.types, start, p)) {
      fits_ = false;
    }
    if (node.capture != Node::kNone && p != nullptr) {
      captures_[node.capture] = {{start, static_cast<std::size_t>(p - start)}, plain};
    }
    return p;
  }

  static bool has_type(json::TypeSet types, const char* begin, const char* end) {
    switch (*begin) {
      case '{': return (types & json::kTypeObject) != 0;
      case '[': return (types & json::kTypeArray) != 0;
      case '"': return (types & json::kTypeString) != 0;
      case 't':
      case 'f': return (types & json::kTypeBoolean) != 0;
      case 'n': return (types & json::kTypeNull) != 0;
      default: break;
    }
    constexpr json::TypeSet kBoth = json::kTypeInteger | json::kTypeNumber;
    if ((types & kBoth) == kBoth || (types & kBoth) == 0) return (types & kBoth) != 0;
    const std::string_view number(begin, static_cast<std::size_t>(end - begin));
    const bool integer =
        number.find_first_of(".eE") == std::string_view::npos || json::is_integral(number);
    return integer == ((types & json::kTypeInteger) != 0);
  }

  // What an earlier member of the same name left behind does not count.
  void forget(const Node& node) {
    for (const std::uint32_t capture : node.inside) captures_[capture] = {};
  }

  // The member that is expected here, written compactly: one comparison does for name and colon.
  const Child* expected(const char* p, const Node& node, const std::uint16_t* hint) const {
    if (node.children.empty()) return nullptr;
    const Child& child = node.children[*hint];
    const std::size_t size = child.written.text.size();
    if (size == 0 || size > static_cast<std::size_t>(scanner_.end() - p)) return nullptr;
    return child.written.matches(p) ? &child : nullptr;
  }

  static const Child* find(const Node& node, std::string_view name) {
    for (const Child& child : node.children) {
      if (child.name.text.size() == name.size() && child.name.matches(name.data())) return &child;
    }
    return nullptr;
  }

  // From a member's name to behind its value. `*hint` says which child is expected.
  const char* member(const char* p, std::size_t depth, const Node& node, std::uint16_t** hint,
                     std::uint64_t* required) {
    const Child* child = expected(p, node, *hint);
    if (child != nullptr) {
      p = scanner_.skip_space(p + child->written.text.size());
    } else {
      std::string_view name;
      p = name_and_colon(p, &name);
      if (p == nullptr) return nullptr;
      child = find(node, name);
      if (child == nullptr) {
        if (node.laid_out) layout_ = mix(layout_, XXH3_64bits(name.data(), name.size()));
        return scanner_.skip_value(p, depth + 1);
      }
      **hint = child->number;
    }
    *hint = hints_ + node.hints + child->number + 1;
    *required &= ~child->required;
    const Node& below = nodes_[child->node];
    if (node.laid_out) layout_ = mix(layout_, below.id);
    if (!below.inside.empty()) forget(below);
    return value(p, depth + 1, below);
  }

  const char* name_and_colon(const char* p, std::string_view* name) {
    if (p >= scanner_.end() || *p != '"') {
      return scanner_.fail(p, "expected a name in double quotes");
    }
    bool plain = true;
    const char* const close = scanner_.string(p + 1, &plain);
    if (close == nullptr) return nullptr;
    *name = {p + 1, static_cast<std::size_t>(close - p - 1)};
    if (!plain) *name = json::unescape(*name, arena_);
    p = scanner_.skip_space(close + 1);
    if (p >= scanner_.end() || *p != ':') return scanner_.fail(p, "expected ':' after a name");
    return scanner_.skip_space(p + 1);
  }

  const char* object(const char* p, std::size_t depth, const Node& node) {
    if (depth == json::kDocumentDepthMax) return scanner_.fail(p, Scanner::kTooDeep);
    if (node.laid_out) layout_ = mix(layout_, kBegin);
    std::uint16_t* hint = hints_ + node.hints;
    std::uint64_t required = node.required;
    p = scanner_.skip_space(p + 1);
    const bool empty = p < scanner_.end() && *p == '}';
    while (!empty) {
      p = member(p, depth, node, &hint, &required);
      if (p == nullptr) return nullptr;
      p = scanner_.skip_space(p);
      if (p >= scanner_.end()) return scanner_.fail(p, Scanner::kEnds);
      if (*p == '}') break;
      if (*p != ',') return scanner_.fail(p, "expected ',' or '}' after a member");
      p = scanner_.skip_space(p + 1);
    }
    if (node.laid_out) layout_ = mix(layout_, kEnd);
    if (required != 0) fits_ = false;
    return p + 1;
  }

  const Node* item_node(const Node& node, std::size_t index) const {
    if (node.has_items) {
      for (const Child& child : node.children) {
        if (child.item == index) return &nodes_[child.node];
      }
    }
    return node.items != Node::kNone ? &nodes_[node.items] : nullptr;
  }

  const char* array(const char* p, std::size_t depth, const Node& node) {
    if (depth == json::kDocumentDepthMax) return scanner_.fail(p, Scanner::kTooDeep);
    p = scanner_.skip_space(p + 1);
    if (p < scanner_.end() && *p == ']') return p + 1;
    for (std::size_t index = 0;; ++index) {
      const Node* const below = item_node(node, index);
      p = below == nullptr ? scanner_.skip_value(p, depth + 1) : value(p, depth + 1, *below);
      if (p == nullptr) return nullptr;
      p = scanner_.skip_space(p);
      if (p >= scanner_.end()) return scanner_.fail(p, Scanner::kEnds);
      if (*p == ']') return p + 1;
      if (*p != ',') return scanner_.fail(p, "expected ',' or ']' after an item");
      p = scanner_.skip_space(p + 1);
    }
  }

  Walker& walker_;
  const Node* const nodes_;
  Capture* const captures_;
  std::uint16_t* const hints_;
  Scanner scanner_;
  json::Arena arena_;  // names with escapes; no block is taken while there are none
  std::uint64_t layout_ = 0;
  bool regular_ = true;
  bool fits_ = true;
};

json::Parsed<void> Walker::walk(std::string_view document) {
  return Walk(document, *this).run();
}

json::Value Walker::value(const Capture& capture, json::Arena& arena) {
  switch (capture.kind()) {
    case json::Kind::kNull: return {};
    case json::Kind::kBool: return json::Value::boolean(capture.raw.front() == 't');
    case json::Kind::kNumber: return json::Value::number(capture.raw);
    case json::Kind::kString: {
      const std::string_view inside = capture.raw.substr(1, capture.raw.size() - 2);
      return json::Value::string(capture.plain ? inside : json::unescape(inside, arena));
    }
    case json::Kind::kArray:
    case json::Kind::kObject: break;
  }
  const auto parsed = parser_.parse(capture.raw, arena);
  return parsed ? *parsed : json::Value();  // it was checked by the walk
}

}  // namespace weir::document
