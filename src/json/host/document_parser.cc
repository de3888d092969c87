#include "json/host/document_parser.h"

#include <algorithm>

#include "json/host/scanner.h"

namespace weir::json {

// One parse. Containers under construction rest on the parser's stacks and move to the arena once
// complete.
class TreeWalk {
 public:
  TreeWalk(DocumentParser& parser, std::string_view text, Arena& arena)
      : parser_(parser), arena_(arena), scanner_(text) {
    parser_.values_.clear();
    parser_.members_.clear();
  }

  Parsed<Value> run() {
    Value root;
    const char* p = value(scanner_.skip_space(scanner_.begin()), 0, &root);
    if (p != nullptr) {
      p = scanner_.skip_space(p);
      if (p == scanner_.end()) return root;
      scanner_.fail(p, "expected the end of the document");
    }
    return tl::unexpected<DocumentError>(scanner_.error());
  }

 private:
  const char* value(const char* p, std::size_t depth, Value* out) {
    if (p >= scanner_.end()) return scanner_.fail(p, Scanner::kEnds);
    const char* const start = p;
    switch (*p) {
      case '"': {
        std::string_view text;
        p = string(p, &text);
        if (p != nullptr) *out = Value::string(text);
        return p;
      }
      case '{': return object(p, depth, out);
      case '[': return array(p, depth, out);
      case 't':
      case 'f': *out = Value::boolean(*p == 't'); return scanner_.literal(p);
      case 'n': *out = Value(); return scanner_.literal(p);
      default: break;
    }
    if (*p != '-' && (*p < '0' || *p > '9')) return scanner_.fail(p, "expected a value");
    p = scanner_.number(p);
    if (p != nullptr) *out = Value::number({start, static_cast<std::size_t>(p - start)});
    return p;
  }

  // From the opening quote to behind the closing one.
  const char* string(const char* p, std::string_view* out) {
    bool plain = true;
    const char* const close = scanner_.string(p + 1, &plain);
    if (close == nullptr) return nullptr;
    *out = {p + 1, static_cast<std::size_t>(close - p - 1)};
    if (!plain) *out = unescape(*out, arena_);
    return close + 1;
  }

  const char* array(const char* p, std::size_t depth, Value* out) {
    if (depth == kDocumentDepthMax) return scanner_.fail(p, Scanner::kTooDeep);
    std::vector<Value>& values = parser_.values_;
    const std::size_t start = values.size();
    p = scanner_.skip_space(p + 1);
    if (p < scanner_.end() && *p == ']') {
      *out = Value::array({});
      return p + 1;
    }
    while (true) {
      Value item;
      p = value(p, depth + 1, &item);
      if (p == nullptr) return nullptr;
      values.push_back(item);
      p = scanner_.skip_space(p);
      if (p >= scanner_.end()) return scanner_.fail(p, Scanner::kEnds);
      if (*p == ']') break;
      if (*p != ',') return scanner_.fail(p, "expected ',' or ']' after an item");
      p = scanner_.skip_space(p + 1);
    }
    const std::size_t count = values.size() - start;
    Value* const items = arena_.array<Value>(count);
    std::uninitialized_copy_n(values.data() + start, count, items);
    values.resize(start);
    *out = Value::array({items, count});
    return p + 1;
  }

  const char* object(const char* p, std::size_t depth, Value* out) {
    if (depth == kDocumentDepthMax) return scanner_.fail(p, Scanner::kTooDeep);
    std::vector<Member>& members = parser_.members_;
    const std::size_t start = members.size();
    const char* const open = p;
    p = scanner_.skip_space(p + 1);
    if (p < scanner_.end() && *p == '}') {
      *out = Value::object({});
      return p + 1;
    }
    while (true) {
      if (p >= scanner_.end() || *p != '"') {
        return scanner_.fail(p, "expected a name in double quotes");
      }
      Member member;
      p = string(p, &member.name);
      if (p == nullptr) return nullptr;
      p = scanner_.skip_space(p);
      if (p >= scanner_.end() || *p != ':') return scanner_.fail(p, "expected ':' after a name");
      p = value(scanner_.skip_space(p + 1), depth + 1, &member.value);
      if (p == nullptr) return nullptr;
      members.push_back(member);
      p = scanner_.skip_space(p);
      if (p >= scanner_.end()) return scanner_.fail(p, Scanner::kEnds);
      if (*p == '}') break;
      if (*p != ',') return scanner_.fail(p, "expected ',' or '}' after a member");
      p = scanner_.skip_space(p + 1);
    }
    if (!settle_duplicates(start)) {
      return scanner_.fail(open, "a name stands twice in this object");
    }
    const std::size_t count = members.size() - start;
    Member* const kept = arena_.array<Member>(count);
    std::uninitialized_copy_n(members.data() + start, count, kept);
    members.resize(start);
    *out = Value::object({kept, count});
    return p + 1;
  }

  // Do two of these members have the same name? A filter answers for most names.
  static bool has_duplicates(std::span<const Member> members) {
    constexpr std::size_t kPairwiseMax = 128;
    if (members.size() > kPairwiseMax) return true;  // as far as we know
    std::uint64_t seen[16] = {};
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::uint64_t hash = hash_name(members[i].name);
      std::uint64_t& word = seen[hash >> 6 & 15];
      const std::uint64_t bit = std::uint64_t{1} << (hash & 63);
      if ((word & bit) != 0) {
        for (std::size_t j = 0; j < i; ++j) {
          if (members[j].name == members[i].name) return true;
        }
      }
      word |= bit;
    }
    return false;
  }

  // Drops all but the last of members with the same name; false where that is refused.
  bool settle_duplicates(std::size_t start) {
    std::vector<Member>& members = parser_.members_;
    const auto begin = members.begin() + static_cast<std::ptrdiff_t>(start);
    if (!has_duplicates({begin, members.end()})) return true;
    std::vector<Member*>& order = parser_.order_;
    order.clear();
    for (auto it = begin; it != members.end(); ++it) order.push_back(&*it);
    std::sort(order.begin(), order.end(), [](const Member* a, const Member* b) {
      const int c = a->name.compare(b->name);
      return c != 0 ? c < 0 : a < b;
    });
    bool found = false;
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (order[i - 1]->name != order[i]->name) continue;
      order[i - 1]->place.line = kDropped;
      found = true;
    }
    if (!found) return true;
    if (parser_.duplicates_ == Duplicates::kRefuse) return false;
    members.erase(
        std::remove_if(begin, members.end(),
                       [](const Member& member) { return member.place.line == kDropped; }),
        members.end());
    return true;
  }

  static constexpr std::uint32_t kDropped = 0xFFFFFFFF;

  DocumentParser& parser_;
  Arena& arena_;
  Scanner scanner_;
};

Parsed<Value> DocumentParser::parse(std::string_view text, Arena& arena) {
  return TreeWalk(*this, text, arena).run();
}

}  // namespace weir::json
