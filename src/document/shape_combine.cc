// How two shapes combine. Keywords of one type do not concern values of the others, so facets are
// only compared where both sides admit the type: the facets of a side that does not are void.
#include "document/shape_combine.h"

#include <algorithm>

namespace weir::document {
namespace {

template <typename T, typename Pick>
std::optional<T> both(const std::optional<T>& a, const std::optional<T>& b, Pick pick) {
  if (!a) return b;
  if (!b) return a;
  return pick(*a, *b);
}
template <typename T, typename Pick>
std::optional<T> either(const std::optional<T>& a, const std::optional<T>& b, Pick pick) {
  if (!a || !b) return std::nullopt;
  return pick(*a, *b);
}

constexpr auto kLesser = [](auto a, auto b) { return std::min(a, b); };
constexpr auto kGreater = [](auto a, auto b) { return std::max(a, b); };

std::string first_of(const std::string& a, const std::string& b) {
  return a.empty() ? b : a;
}
std::string common_of(const std::string& a, const std::string& b) {
  return a == b ? a : std::string();
}

// What a shape says of a name that is not among its properties; nullptr: anything. Patterns are not
// tried here, so any of them makes the answer "anything".
ShapePtr property_of(const Shape& shape, const std::string& name) {
  const auto it = shape.properties.find(name);
  if (it != shape.properties.end()) return it->second;
  return shape.patterns.empty() ? shape.additional : nullptr;
}
ShapePtr item_of(const Shape& shape, std::size_t i) {
  return i < shape.tuple.size() ? shape.tuple[i] : shape.items;
}

void unite_strings(const Shape& b, Shape& out) {
  out.format = common_of(out.format, b.format);
  out.content_encoding = common_of(out.content_encoding, b.content_encoding);
  out.content_type = common_of(out.content_type, b.content_type);
  out.max_length = either(out.max_length, b.max_length, kGreater);
}
void copy_strings(const Shape& b, Shape& out) {
  out.format = b.format;
  out.content_encoding = b.content_encoding;
  out.content_type = b.content_type;
  out.max_length = b.max_length;
}
void copy_objects(const Shape& b, Shape& out) {
  out.properties = b.properties;
  out.required = b.required;
  out.patterns = b.patterns;
  out.additional = b.additional;
}
void copy_arrays(const Shape& b, Shape& out) {
  out.min_items = b.min_items;
  out.max_items = b.max_items;
  out.tuple = b.tuple;
  out.items = b.items;
}

}  // namespace

ShapePtr ShapeAlgebra::intersect(const ShapePtr& a, const ShapePtr& b) {
  if (b == Shape::anything() || a == b) return a;
  if (a == Shape::anything()) return b;
  return apply(Operation::kIntersect, a, b);
}

ShapePtr ShapeAlgebra::unite(const ShapePtr& a, const ShapePtr& b) {
  if (a == b || b->types.empty()) return a;
  if (a->types.empty()) return b;
  return apply(Operation::kUnite, a, b);
}

ShapePtr ShapeAlgebra::apply(Operation operation, const ShapePtr& a, const ShapePtr& b) {
  auto& done = done_[static_cast<int>(operation)];
  if (const auto it = done.find({a, b}); it != done.end()) return it->second;
  if (done_[0].size() + done_[1].size() >= kShapeNodesMax) {
    return operation == Operation::kIntersect ? a : Shape::anything();
  }
  Shape out = operation == Operation::kIntersect ? intersection(*a, *b) : union_of(*a, *b);
  ShapePtr shape = std::make_shared<const Shape>(std::move(out));
  done.emplace(Pair(a, b), shape);
  return shape;
}

// Of parts that may be nullptr, which is "anything".
ShapePtr ShapeAlgebra::part(Operation operation, const ShapePtr& a, const ShapePtr& b) {
  if (operation == Operation::kUnite) return a == nullptr || b == nullptr ? nullptr : unite(a, b);
  if (a == nullptr) return b;
  return b == nullptr ? a : intersect(a, b);
}

void ShapeAlgebra::combine_named(Operation operation, const Shape& a, const Shape& b, Shape& out) {
  const auto put = [](const ShapePtr& shape) {
    return shape != nullptr ? shape : Shape::anything();
  };
  out.properties.clear();
  for (const Shape* side : {&a, &b}) {
    for (const auto& [name, shape] : side->properties) {
      if (out.properties.contains(name)) continue;
      out.properties.emplace(name,
                             put(part(operation, property_of(a, name), property_of(b, name))));
    }
  }
  out.tuple.clear();
  for (std::size_t i = 0; i < std::max(a.tuple.size(), b.tuple.size()); ++i) {
    out.tuple.push_back(put(part(operation, item_of(a, i), item_of(b, i))));
  }
  out.items = part(operation, a.items, b.items);
}

Shape ShapeAlgebra::intersection(const Shape& a, const Shape& b) {
  Shape out = a;
  out.types = a.types & b.types;
  out.title = first_of(a.title, b.title);
  out.description = first_of(a.description, b.description);
  out.default_json = first_of(a.default_json, b.default_json);
  out.secret = a.secret || b.secret;
  out.format = first_of(a.format, b.format);
  out.content_encoding = first_of(a.content_encoding, b.content_encoding);
  out.content_type = first_of(a.content_type, b.content_type);
  out.max_length = both(a.max_length, b.max_length, kLesser);
  out.minimum = both(a.minimum, b.minimum, kGreater);
  out.maximum = both(a.maximum, b.maximum, kLesser);
  out.min_items = std::max(a.min_items, b.min_items);
  out.max_items = both(a.max_items, b.max_items, kLesser);
  combine_named(Operation::kIntersect, a, b, out);
  out.required.insert(b.required.begin(), b.required.end());
  out.patterns.insert(out.patterns.end(), b.patterns.begin(), b.patterns.end());
  out.additional = part(Operation::kIntersect, a.additional, b.additional);
  return out;
}

Shape ShapeAlgebra::union_of(const Shape& a, const Shape& b) {
  Shape out = a;
  out.types = a.types | b.types;
  out.title = common_of(a.title, b.title);
  out.description = common_of(a.description, b.description);
  out.default_json = common_of(a.default_json, b.default_json);
  out.secret = a.secret || b.secret;
  enum class Admits { kA, kB, kBoth };
  const auto admits = [&](unsigned bits) {
    if ((b.types & bits).empty()) return Admits::kA;
    return (a.types & bits).empty() ? Admits::kB : Admits::kBoth;
  };
  const Admits strings = admits(Types::kString);
  if (strings == Admits::kBoth) unite_strings(b, out);
  if (strings == Admits::kB) copy_strings(b, out);
  const Admits numbers = admits(Types::kInteger | Types::kFractional);
  if (numbers != Admits::kA) {
    out.minimum = numbers == Admits::kB ? b.minimum : either(a.minimum, b.minimum, kLesser);
    out.maximum = numbers == Admits::kB ? b.maximum : either(a.maximum, b.maximum, kGreater);
  }
  Shape named;
  combine_named(Operation::kUnite, a, b, named);
  const Admits arrays = admits(Types::kArray);
  if (arrays == Admits::kB) copy_arrays(b, out);
  if (arrays == Admits::kBoth) {
    out.min_items = std::min(a.min_items, b.min_items);
    out.max_items = either(a.max_items, b.max_items, kGreater);
    out.tuple = named.tuple;
    out.items = named.items;
  }
  const Admits objects = admits(Types::kObject);
  if (objects == Admits::kB) copy_objects(b, out);
  if (objects == Admits::kBoth) {
    out.properties = named.properties;
    unite_objects(a, b, out);
  }
  return out;
}

void ShapeAlgebra::unite_objects(const Shape& a, const Shape& b, Shape& out) {
  std::erase_if(out.required, [&](const std::string& name) { return !b.required.contains(name); });
  // A name that a pattern of one side matches is unnamed on the other: what is left is the union of
  // all of it.
  ShapePtr additional = part(Operation::kUnite, a.additional, b.additional);
  for (const Shape* side : {&a, &b}) {
    for (const PatternShape& pattern : side->patterns) {
      additional = part(Operation::kUnite, additional, pattern.shape);
    }
  }
  out.patterns.clear();
  out.additional = additional;
}

ShapePtr intersect(const ShapePtr& a, const ShapePtr& b) {
  return ShapeAlgebra().intersect(a, b);
}
ShapePtr unite(const ShapePtr& a, const ShapePtr& b) {
  return ShapeAlgebra().unite(a, b);
}

}  // namespace weir::document
