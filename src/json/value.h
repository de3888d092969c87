// JSON values. One type serves documents, catalogs, schemas and template data: a 24-byte view whose
// bytes live in an Arena. Values are trivially copyable; they are valid as long as the arena they
// were made in (and any text they point to). Numbers keep their source text. Objects keep the order
// of their members.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace weir::json {

enum class Kind : std::uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };
std::string_view name_of(Kind kind);  // "null", "boolean", "number", "string", "array", "object"

// Bump allocator. Nothing is freed before reset() or the end; reset() keeps the largest block for
// reuse.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;
  void* allocate(std::size_t bytes);  // aligned to 8
  std::string_view copy(std::string_view text);
  template <typename T>
  T* array(std::size_t count) {
    return static_cast<T*>(allocate(count * sizeof(T)));
  }
  void reset();
  std::size_t bytes_used() const { return used_; }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
  std::size_t at_ = 0;    // first free byte of the last block
  std::size_t used_ = 0;  // over all blocks
};

// Where a value was read; 1-based, columns count bytes. Zero where it was not read from a text.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Member;

class Value {
 public:
  Value() : text_(nullptr) {}  // null
  static Value boolean(bool b);
  // `text` must be a JSON number and outlive the value, as must the string's and the span's
  // storage.
  static Value number(std::string_view text);
  static Value string(std::string_view text);
  static Value array(std::span<const Value> items);
  static Value object(std::span<const Member> members);
  static Value integer(Arena& arena, std::int64_t n);
  static Value copied_string(Arena& arena, std::string_view text);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_bool() const { return kind_ == Kind::kBool; }
  bool is_number() const { return kind_ == Kind::kNumber; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_object() const { return kind_ == Kind::kObject; }

  // Each accessor checks the kind (WEIR_CHECK).
  bool as_bool() const {
    WEIR_CHECK(is_bool());
    return bool_;
  }
  std::string_view as_string() const {
    WEIR_CHECK(is_string());
    return {text_, size_};
  }
  std::string_view number_text() const {
    WEIR_CHECK(is_number());
    return {text_, size_};
  }
  std::span<const Value> items() const {
    WEIR_CHECK(is_array());
    return {items_, size_};
  }
  inline std::span<const Member> members() const;

  // The member of that name (the last one, should the name occur twice), or nullptr; also nullptr
  // if not an object.
  const Value* find(std::string_view name) const;
  const Member* find_member(std::string_view name) const;
  std::size_t size() const { return size_; }  // bytes, items or members

  Place place() const { return place_; }
  void set_place(Place place) { place_ = place; }

 private:
  Kind kind_ = Kind::kNull;
  bool bool_ = false;
  std::uint32_t size_ = 0;
  union {
    const char* text_;
    const Value* items_;
    const Member* members_;
  };
  Place place_;
};
static_assert(sizeof(void*) != 8 || sizeof(Value) == 24);

struct Member {
  std::string_view name;
  Value value;
  Place place;  // of the name
};

std::span<const Member> Value::members() const {
  WEIR_CHECK(is_object());
  return {members_, size_};
}

// A value with the arena that holds it.
struct Tree {
  Arena arena;
  Value root;
};

// A copy that stands on its own, names and texts included.
Value deep_copy(Arena& arena, const Value& value);
// Equality of JSON Schema: numbers by value (1 equals 1.0), objects without regard to order.
bool equal(const Value& a, const Value& b);
// The order of reductions: null < bool < number < string < array < object; false < true; numbers by
// value; strings by bytes; arrays item by item; objects by their members in order of name.
int compare(const Value& a, const Value& b);

// Compact JSON. Strings escape what JSON must have escaped and nothing else; numbers as they were
// written.
void write(const Value& value, std::string& out);
std::string to_text(const Value& value);
std::string to_pretty_text(const Value& value);  // two spaces an indent, newline at the end
void write_string(std::string_view text, std::string& out);         // with the quotes
void write_string_inside(std::string_view text, std::string& out);  // without them

}  // namespace weir::json
