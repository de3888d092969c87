// Construction, search, equality and order of values.
#include "json/value.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

#include "json/number.h"

namespace weir::json {
namespace {

constexpr std::size_t kBlockBytesMin = 4096;
constexpr std::size_t kBlockBytesMax = 1u << 20;

std::uint32_t checked_size(std::size_t size) {
  WEIR_CHECK(size <= std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(size);
}

// The members of an object in order of name, each name once (its last occurrence).
class SortedMembers {
 public:
  explicit SortedMembers(const Value& object) {
    const std::span<const Member> members = object.members();
    const Member** begin = inline_;
    if (members.size() > std::size(inline_)) {
      heap_.resize(members.size());
      begin = heap_.data();
    }
    const Member** end = begin;
    for (const Member& member : members) *end++ = &member;
    std::stable_sort(begin, end, [](auto* a, auto* b) { return a->name < b->name; });
    const Member** out = begin;
    for (const Member** it = begin; it != end; ++it) {
      if (it + 1 != end && (*it)->name == (*(it + 1))->name) continue;
      *out++ = *it;
    }
    sorted_ = {begin, out};
  }
  SortedMembers(const SortedMembers&) = delete;
  SortedMembers& operator=(const SortedMembers&) = delete;
  std::span<const Member* const> get() const { return sorted_; }

 private:
  const Member* inline_[16];
  std::vector<const Member*> heap_;
  std::span<const Member* const> sorted_;
};

bool equal_objects(const Value& a, const Value& b) {
  // Most objects that are equal were written by the same program, members in the same order.
  const std::span<const Member> left = a.members();
  const std::span<const Member> right = b.members();
  if (left.size() == right.size()) {
    std::size_t same = 0;
    while (same < left.size() && left[same].name == right[same].name) ++same;
    if (same == left.size()) {
      bool all = true;
      for (std::size_t i = 0; all && i < left.size(); ++i) {
        all = equal(left[i].value, right[i].value);
      }
      if (all) return true;
    }
  }
  const SortedMembers sorted_left(a);
  const SortedMembers sorted_right(b);
  return std::equal(sorted_left.get().begin(), sorted_left.get().end(), sorted_right.get().begin(),
                    sorted_right.get().end(), [](const Member* x, const Member* y) {
                      return x->name == y->name && equal(x->value, y->value);
                    });
}

int sign_of(int n) {
  return (n > 0) - (n < 0);
}

int compare_objects(const Value& a, const Value& b) {
  const SortedMembers sorted_left(a);
  const SortedMembers sorted_right(b);
  const auto left = sorted_left.get();
  const auto right = sorted_right.get();
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (const int c = left[i]->name.compare(right[i]->name); c != 0) return sign_of(c);
    if (const int c = compare(left[i]->value, right[i]->value); c != 0) return c;
  }
  return (left.size() > right.size()) - (left.size() < right.size());
}

int compare_arrays(const Value& a, const Value& b) {
  const auto left = a.items();
  const auto right = b.items();
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (const int c = compare(left[i], right[i]); c != 0) return c;
  }
  return (left.size() > right.size()) - (left.size() < right.size());
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::kNull: return "null";
    case Kind::kBool: return "boolean";
    case Kind::kNumber: return "number";
    case Kind::kString: return "string";
    case Kind::kArray: return "array";
    case Kind::kObject: return "object";
  }
  return "";
}

void* Arena::allocate(std::size_t bytes) {
  bytes = (bytes + 7) & ~std::size_t{7};
  if (blocks_.empty() || bytes > blocks_.back().size - at_) {
    const std::size_t grown = blocks_.empty() ? kBlockBytesMin : blocks_.back().size * 2;
    const std::size_t size = std::max(bytes, std::min(grown, kBlockBytesMax));
    // operator new aligns to at least 8, and the bytes need no value.
    blocks_.push_back({std::unique_ptr<std::byte[]>(new std::byte[size]), size});
    at_ = 0;
  }
  std::byte* result = blocks_.back().bytes.get() + at_;
  at_ += bytes;
  used_ += bytes;
  return result;
}

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {};
  char* bytes = static_cast<char*>(allocate(text.size()));
  std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

void Arena::reset() {
  at_ = 0;
  used_ = 0;
  if (blocks_.size() <= 1) return;
  auto largest = std::max_element(blocks_.begin(), blocks_.end(),
                                  [](const Block& a, const Block& b) { return a.size < b.size; });
  Block keep = std::move(*largest);
  blocks_.clear();
  blocks_.push_back(std::move(keep));
}

Value Value::boolean(bool b) {
  Value value;
  value.kind_ = Kind::kBool;
  value.bool_ = b;
  return value;
}

Value Value::number(std::string_view text) {
  Value value;
  value.kind_ = Kind::kNumber;
  value.size_ = checked_size(text.size());
  value.text_ = text.data();
  return value;
}

Value Value::string(std::string_view text) {
  Value value;
  value.kind_ = Kind::kString;
  value.size_ = checked_size(text.size());
  value.text_ = text.data();
  return value;
}

Value Value::array(std::span<const Value> items) {
  Value value;
  value.kind_ = Kind::kArray;
  value.size_ = checked_size(items.size());
  value.items_ = items.data();
  return value;
}

Value Value::object(std::span<const Member> members) {
  Value value;
  value.kind_ = Kind::kObject;
  value.size_ = checked_size(members.size());
  value.members_ = members.data();
  return value;
}

Value Value::integer(Arena& arena, std::int64_t n) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), n).ptr;
  return number(arena.copy({digits, static_cast<std::size_t>(end - digits)}));
}

Value Value::copied_string(Arena& arena, std::string_view text) {
  return string(arena.copy(text));
}

const Member* Value::find_member(std::string_view name) const {
  if (!is_object()) return nullptr;
  for (std::size_t i = size_; i-- > 0;) {
    const Member& member = members_[i];
    if (member.name.size() == name.size() &&
        (name.empty() || std::memcmp(member.name.data(), name.data(), name.size()) == 0)) {
      return &member;
    }
  }
  return nullptr;
}

const Value* Value::find(std::string_view name) const {
  const Member* member = find_member(name);
  return member == nullptr ? nullptr : &member->value;
}

Value deep_copy(Arena& arena, const Value& value) {
  Value copy;
  switch (value.kind()) {
    case Kind::kNull: break;
    case Kind::kBool: copy = Value::boolean(value.as_bool()); break;
    case Kind::kNumber: copy = Value::number(arena.copy(value.number_text())); break;
    case Kind::kString: copy = Value::copied_string(arena, value.as_string()); break;
    case Kind::kArray: {
      const auto items = value.items();
      Value* out = arena.array<Value>(items.size());
      for (std::size_t i = 0; i < items.size(); ++i)
        new (&out[i]) Value(deep_copy(arena, items[i]));
      copy = Value::array({out, items.size()});
      break;
    }
    case Kind::kObject: {
      const auto members = value.members();
      Member* out = arena.array<Member>(members.size());
      for (std::size_t i = 0; i < members.size(); ++i) {
        new (&out[i]) Member{arena.copy(members[i].name), deep_copy(arena, members[i].value),
                             members[i].place};
      }
      copy = Value::object({out, members.size()});
      break;
    }
  }
  copy.set_place(value.place());
  return copy;
}

bool equal(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kNull: return true;
    case Kind::kBool: return a.as_bool() == b.as_bool();
    case Kind::kNumber:
      return a.number_text() == b.number_text() ||
             compare_numbers(a.number_text(), b.number_text()) == 0;
    case Kind::kString: return a.as_string() == b.as_string();
    case Kind::kArray: {
      const auto left = a.items();
      const auto right = b.items();
      return std::equal(left.begin(), left.end(), right.begin(), right.end(), equal);
    }
    case Kind::kObject: return equal_objects(a, b);
  }
  return false;
}

int compare(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return a.kind() < b.kind() ? -1 : 1;
  switch (a.kind()) {
    case Kind::kNull: return 0;
    case Kind::kBool: return static_cast<int>(a.as_bool()) - static_cast<int>(b.as_bool());
    case Kind::kNumber: return compare_numbers(a.number_text(), b.number_text());
    case Kind::kString: return sign_of(a.as_string().compare(b.as_string()));
    case Kind::kArray: return compare_arrays(a, b);
    case Kind::kObject: return compare_objects(a, b);
  }
  return 0;
}

}  // namespace weir::json
