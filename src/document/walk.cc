#include "document/walk.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "json/host/scanner.h"

namespace weir::document {
namespace {

using json::Scanner;

struct NameWords {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

inline std::uint64_t load_8(const char* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, sizeof(word));
  return word;
}

// Eight bytes from the start of `name` must be readable.
inline NameWords words_of(std::string_view name) {
  if (name.size() >= 8) return {load_8(name.data()), load_8(name.data() + name.size() - 8)};
  if (name.empty()) return {};
  // Little-endian: what stands behind the name falls off.
  return {load_8(name.data()) << (64 - 8 * name.size()), 0};
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

std::uint32_t WalkPlan::node_of(const json::Pointer& pointer) {
  std::uint32_t at = 0;
  for (const std::string& token : pointer.tokens()) {
    auto& children = nodes_[at].children;
    const auto found = std::find_if(children.begin(), children.end(),
                                    [&](const Child& child) { return child.name == token; });
    if (found != children.end()) {
      at = found->node;
      continue;
    }
    Child child;
    const std::string padded = token + std::string(8, '\0');
    const NameWords words = words_of(std::string_view(padded).substr(0, token.size()));
    child.first = words.first;
    child.last = words.last;
    child.name = token;
    child.node = static_cast<std::uint32_t>(nodes_.size());
    child.item = json::array_index(token).value_or(kNoItem);
    nodes_[at].has_items |= child.item != kNoItem;
    at = child.node;
    children.push_back(std::move(child));
    nodes_.emplace_back();
    nodes_.back().id = XXH3_64bits_withSeed(token.data(), token.size(), nodes_.size());
  }
  return at;
}

std::uint32_t WalkPlan::want(const json::Pointer& pointer) {
  Node& node = nodes_[node_of(pointer)];
  if (node.capture == Node::kNone) node.capture = captures_++;
  return node.capture;
}

void WalkPlan::lay_out(const json::Pointer& pointer) {
  nodes_[node_of(pointer)].laid_out = true;
}

void WalkPlan::finish() {
  // Children come after their parents.
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
  hints_.assign(plan_.nodes_.size(), {});
}

class Walk {
 public:
  Walk(std::string_view document, Walker& walker)
      : walker_(walker), plan_(walker.plan_), scanner_(document) {}

  json::Parsed<void> run() {
    std::fill(walker_.captures_.begin(), walker_.captures_.end(), Capture());
    walker_.regular_ = true;
    const char* p = scanner_.skip_space(scanner_.begin());
    if (p < scanner_.end() && *p != '{') {
      return tl::unexpected(json::DocumentError{0, "a document must be an object"});
    }
    p = p < scanner_.end() ? value(p, 0, 0) : scanner_.fail(p, Scanner::kEnds);
    if (p != nullptr) {
      p = scanner_.skip_space(p);
      if (p == scanner_.end()) {
        walker_.layout_ = layout_;
        return {};
      }
      scanner_.fail(p, "expected the end of the document");
    }
    return tl::unexpected(scanner_.error());
  }

 private:
  using Node = WalkPlan::Node;
  using Child = WalkPlan::Child;

  const char* value(const char* p, std::size_t depth, std::uint32_t number) {
    if (p >= scanner_.end()) return scanner_.fail(p, Scanner::kEnds);
    const Node& node = plan_.nodes_[number];
    const char* const start = p;
    bool plain = true;
    if (*p == '{' && (!node.children.empty() || node.laid_out)) {
      p = object(p, depth, number, node);
    } else if (*p == '[' && node.has_items) {
      p = array(p, depth, node);
    } else if (*p == '"') {
      p = scanner_.string(p + 1, &plain);
      if (p != nullptr) ++p;
    } else {
      p = scanner_.skip_value(p, depth);
    }
    if (node.laid_out && *start != '{') walker_.regular_ = false;
    if (node.capture != Node::kNone && p != nullptr) {
      walker_.captures_[node.capture] = {{start, static_cast<std::size_t>(p - start)}, plain};
    }
    return p;
  }

  static bool matches(const Child& child, std::string_view name, const NameWords& words) {
    return child.name.size() == name.size() && child.first == words.first &&
           child.last == words.last && (name.size() <= 16 || child.name == name);
  }

  // The child of that name; `previous` is the one before it in this document, plus one.
  const Child* find(std::uint32_t number, const Node& node, std::string_view name,
                    std::size_t previous) {
    const NameWords words = words_of(name);
    auto& hints = walker_.hints_[number];
    if (hints.empty()) hints.assign(node.children.size() + 1, 0);
    const std::uint16_t hint = hints[previous];
    if (hint < node.children.size() && matches(node.children[hint], name, words)) {
      return &node.children[hint];
    }
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (!matches(node.children[i], name, words)) continue;
      hints[previous] = static_cast<std::uint16_t>(i);
      return &node.children[i];
    }
    return nullptr;
  }

  // What an earlier member of the same name left behind does not count.
  void forget(const Node& node) {
    for (const std::uint32_t capture : node.inside) walker_.captures_[capture] = {};
  }

  const char* member(const char* p, std::size_t depth, std::uint32_t number, const Node& node,
                     std::size_t* previous) {
    if (p >= scanner_.end() || *p != '"') {
      return scanner_.fail(p, "expected a name in double quotes");
    }
    bool plain = true;
    const char* const close = scanner_.string(p + 1, &plain);
    if (close == nullptr) return nullptr;
    std::string_view name(p + 1, static_cast<std::size_t>(close - p - 1));
    if (!plain) name = json::unescape(name, arena_);
    p = scanner_.skip_space(close + 1);
    if (p >= scanner_.end() || *p != ':') return scanner_.fail(p, "expected ':' after a name");
    p = scanner_.skip_space(p + 1);
    const Child* const child = find(number, node, name, *previous);
    if (child == nullptr) {
      if (node.laid_out) layout_ = mix(layout_, XXH3_64bits(name.data(), name.size()));
      return scanner_.skip_value(p, depth + 1);
    }
    *previous = static_cast<std::size_t>(child - node.children.data()) + 1;
    const Node& below = plan_.nodes_[child->node];
    if (node.laid_out) layout_ = mix(layout_, below.id);
    forget(below);
    return value(p, depth + 1, child->node);
  }

  const char* object(const char* p, std::size_t depth, std::uint32_t number, const Node& node) {
    if (depth == json::kDocumentDepthMax) return scanner_.fail(p, Scanner::kTooDeep);
    if (node.laid_out) layout_ = mix(layout_, kBegin);
    std::size_t previous = 0;
    p = scanner_.skip_space(p + 1);
    while (p >= scanner_.end() || *p != '}') {
      p = member(p, depth, number, node, &previous);
      if (p == nullptr) return nullptr;
      p = scanner_.skip_space(p);
      if (p >= scanner_.end()) return scanner_.fail(p, Scanner::kEnds);
      if (*p == '}') break;
      if (*p != ',') return scanner_.fail(p, "expected ',' or '}' after a member");
      p = scanner_.skip_space(p + 1);
      if (p < scanner_.end() && *p == '}')
        return scanner_.fail(p, "expected a name in double quotes");
    }
    if (node.laid_out) layout_ = mix(layout_, kEnd);
    return p + 1;
  }

  const char* array(const char* p, std::size_t depth, const Node& node) {
    if (depth == json::kDocumentDepthMax) return scanner_.fail(p, Scanner::kTooDeep);
    p = scanner_.skip_space(p + 1);
    if (p < scanner_.end() && *p == ']') return p + 1;
    for (std::size_t index = 0;; ++index) {
      const auto child = std::find_if(node.children.begin(), node.children.end(),
                                      [&](const Child& c) { return c.item == index; });
      p = child == node.children.end() ? scanner_.skip_value(p, depth + 1)
                                       : value(p, depth + 1, child->node);
      if (p == nullptr) return nullptr;
      p = scanner_.skip_space(p);
      if (p >= scanner_.end()) return scanner_.fail(p, Scanner::kEnds);
      if (*p == ']') return p + 1;
      if (*p != ',') return scanner_.fail(p, "expected ',' or ']' after an item");
      p = scanner_.skip_space(p + 1);
    }
  }

  Walker& walker_;
  const WalkPlan& plan_;
  Scanner scanner_;
  json::Arena arena_;  // names with escapes; no block is taken while there are none
  std::uint64_t layout_ = 0;
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
