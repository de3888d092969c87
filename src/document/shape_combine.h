// The algebra of shapes. Shapes share their parts, so the same pair may meet along many paths: one
// Algebra remembers what it has combined and does each pair once. Private to this folder; used from
// one thread.
#pragma once

#include <map>
#include <utility>

#include "document/shape.h"

namespace weir::document {

class ShapeAlgebra {
 public:
  // Beyond kShapeNodesMax new shapes, an intersection is its left side and a union is "anything":
  // both are sound.
  ShapePtr intersect(const ShapePtr& a, const ShapePtr& b);
  ShapePtr unite(const ShapePtr& a, const ShapePtr& b);

 private:
  enum class Operation { kIntersect, kUnite };
  ShapePtr apply(Operation operation, const ShapePtr& a, const ShapePtr& b);
  ShapePtr part(Operation operation, const ShapePtr& a, const ShapePtr& b);
  void combine_named(Operation operation, const Shape& a, const Shape& b, Shape& out);
  Shape intersection(const Shape& a, const Shape& b);
  Shape union_of(const Shape& a, const Shape& b);
  void unite_objects(const Shape& a, const Shape& b, Shape& out);

  using Pair = std::pair<ShapePtr, ShapePtr>;
  std::map<Pair, ShapePtr> done_[2];
};

}  // namespace weir::document
