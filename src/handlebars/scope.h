// What a name means at one place of a render: five chains of frames that live on the stack of the
// calls that made them. A Scope is copied when a block or partial is entered; its frames outlive
// everything rendered inside.
#pragma once

#include <array>
#include <charconv>
#include <string_view>
#include <vector>

#include "handlebars/tree.h"
#include "json/value.h"

namespace weir::handlebars {

// The value that `this` is. `..` goes to the parent. A block that renders with the context it was
// found in adds no frame.
struct ContextFrame {
  const json::Value* value;
  const ContextFrame* parent;
};

// Values of `as |value key|`; a name beyond them is missing.
struct ParamFrame {
  std::array<const json::Value*, 2> values;
  const ParamFrame* parent;
};

// @index, @key, @first and @last of one pass of a loop.
class LoopFrame {
 public:
  explicit LoopFrame(const LoopFrame* parent) : parent_(parent) {}
  LoopFrame(const LoopFrame&) = delete;
  LoopFrame& operator=(const LoopFrame&) = delete;

  // `key` is nullptr in a list: its key is the index.
  void set(std::size_t index, std::size_t count, const std::string_view* key) {
    const auto end = std::to_chars(digits_.data(), digits_.data() + digits_.size(), index).ptr;
    index_ = json::Value::number({digits_.data(), static_cast<std::size_t>(end - digits_.data())});
    key_ = key == nullptr ? index_ : json::Value::string(*key);
    first_ = json::Value::boolean(index == 0);
    last_ = json::Value::boolean(index + 1 == count);
  }
  const json::Value& key() const { return key_; }
  const LoopFrame* parent() const { return parent_; }

  const json::Value* find(std::string_view name) const {
    if (name == "index") return &index_;
    if (name == "key") return &key_;
    if (name == "first") return &first_;
    if (name == "last") return &last_;
    return nullptr;
  }

 private:
  const LoopFrame* parent_;
  std::array<char, 20> digits_{};
  json::Value index_;
  json::Value key_;
  json::Value first_;
  json::Value last_;
};

struct PartialFrame;

// The content of {{#> name}}…{{/name}}, or of an inline partial, with what its names mean. Loop
// variables are always those of the caller.
struct Closure {
  const Program* program = nullptr;
  const Tree* tree = nullptr;
  const ContextFrame* context = nullptr;
  const ParamFrame* params = nullptr;
  const PartialFrame* partials = nullptr;  // of a partial block; nullptr: those of the caller
  const Closure* partial_block = nullptr;  // what @partial-block means inside a partial block
  bool is_partial_block = false;
};

// The inline partials of one block; the innermost definition wins.
struct PartialFrame {
  std::vector<std::pair<std::string_view, Closure>> partials;
  const PartialFrame* parent;
};

struct Scope {
  const Tree* tree = nullptr;  // which offsets refer to
  const ContextFrame* context = nullptr;
  const ParamFrame* params = nullptr;
  const LoopFrame* loop = nullptr;
  const PartialFrame* partials = nullptr;
  const Closure* partial_block = nullptr;  // what @partial-block means
};

}  // namespace weir::handlebars
