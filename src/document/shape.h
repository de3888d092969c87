// Shapes: what a JSON schema says about the locations of the documents it admits, worked out
// without a document. Columns, key checks and constraints are made from shapes.
//
// A shape is an upper bound: every valid document fits it, though not everything that fits is
// valid. Keywords that it cannot express (`not`, `contains`, `dependentSchemas`, …) are left out,
// which only makes it wider. Shapes are values that share their parts; they are immutable once
// inferred and may be read from several threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "json/schema.h"
#include "json/value.h"

namespace weir::document {

inline constexpr std::size_t kShapeNodesMax =
    200'000;  // visited while inferring; what lies beyond is "anything"
inline constexpr std::size_t kShapeDepthMax = 64;     // nested locations that are told apart
inline constexpr std::size_t kLocationsMax = 10'000;  // listed by locations()

// A set of JSON types; numbers are told apart by whether they are integers.
class Types {
 public:
  enum Bit : std::uint8_t {
    kNull = 1,
    kBoolean = 2,
    kInteger = 4,
    kFractional = 8,
    kString = 16,
    kArray = 32,
    kObject = 64,
  };
  constexpr Types() = default;
  constexpr Types(unsigned bits)
      : bits_(static_cast<std::uint8_t>(bits)) {}  // NOLINT: Types::kNull | …
  static constexpr Types any() { return 127; }

  constexpr bool has(Bit bit) const { return (bits_ & bit) != 0; }
  constexpr bool only(unsigned bits) const { return (bits_ & ~bits) == 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr Types without(unsigned bits) const { return bits_ & ~bits; }
  friend constexpr Types operator&(Types a, Types b) { return a.bits_ & b.bits_; }
  friend constexpr Types operator|(Types a, Types b) { return a.bits_ | b.bits_; }
  friend constexpr bool operator==(Types, Types) = default;

  // Sorted; "number" stands for integer and fractional together.
  std::vector<std::string> names() const;
  // Of one value; 1.0 is an integer.
  static Types of(const json::Value& value);

 private:
  std::uint8_t bits_ = 0;
};

// Does a location exist in every document?
enum class Existence {
  kMust,      // always
  kMay,       // it is named by the schema, but may be absent
  kImplicit,  // it is not named; a pattern or additional properties or items admit it
  kCannot,    // no valid document has it
};
// Of a location below one that itself exists in that way.
Existence below(Existence parent, Existence child);

struct Shape;
using ShapePtr = std::shared_ptr<const Shape>;

struct PatternShape {
  std::string pattern;
  ShapePtr shape;
};

struct Shape {
  Types types = Types::any();
  std::string title;
  std::string description;
  std::string default_json;  // empty: none
  bool secret = false;       // `secret` or `airbyte_secret`

  // Strings.
  std::string format;
  std::string content_encoding;
  std::string content_type;
  std::optional<std::uint32_t> max_length;
  // Numbers; inclusive bounds.
  std::optional<double> minimum;
  std::optional<double> maximum;
  // Arrays: the first items by position, and the others (nullptr: anything).
  std::uint32_t min_items = 0;
  std::optional<std::uint32_t> max_items;
  std::vector<ShapePtr> tuple;
  ShapePtr items;
  // Objects: properties by name, then patterns, then all others (nullptr: anything). A name in
  // `required` need not stand in `properties`.
  std::map<std::string, ShapePtr, std::less<>> properties;
  std::set<std::string, std::less<>> required;
  std::vector<PatternShape> patterns;
  ShapePtr additional;

  static ShapePtr anything();
  static ShapePtr nothing();  // admits no value
};

struct Located {
  ShapePtr shape;
  Existence exists = Existence::kMust;
};

// The shape of a self-contained schema: references are resolved inside it (`#/…`, `#anchor`, and
// `$id`s that stand in it, compared as text); a reference that leads elsewhere counts as
// "anything". A schema that refers to itself is unrolled once and is "anything" below.
ShapePtr infer_shape(const json::Value& schema);

ShapePtr intersect(const ShapePtr& a, const ShapePtr& b);  // what fits both
ShapePtr unite(const ShapePtr& a, const ShapePtr& b);      // what fits either

// The shape at a JSON pointer. `regex` decides which patterns apply to a name; without it, any
// might. kInvalid if the pointer is none.
Result<Located> locate(const ShapePtr& root, std::string_view pointer,
                       const json::RegexFactory& regex);

struct NamedLocation {
  std::string pointer;
  Located located;
};
// The root and every location that the schema names by properties, parents before children; those
// that cannot exist are left out. At most kLocationsMax.
std::vector<NamedLocation> locations(const ShapePtr& root);

}  // namespace weir::document
