// A schema worked out from documents: the types that each location had, the formats that all its
// texts have, and which members no document lacks. It admits every document it was shown.
//
// What it leaves open: ranges of numbers and lengths of texts, which say more about the sample than
// about the data, but that integers which 64 bits do not hold are told by a bound far away; members
// that no document had, for the next one may have them; and locations that were null wherever they
// stood, for one day they hold what they are there for. Equal documents in an equal order give
// equal bytes, and any order gives the same schema as long as no limit is met. Memory is bounded by
// the limits below, whatever is shown.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "document/shape.h"
#include "json/value.h"

namespace weir::document {

inline constexpr std::size_t kInferredDepthMax =
    32;  // nested locations told apart; deeper ones admit anything
// Members of one object told apart. With more it is a map, not a record: only the members that all
// its values have are kept, and the others become one schema of `additionalProperties`.
inline constexpr std::size_t kInferredPropertiesMax = 1000;
inline constexpr std::size_t kInferredLocationsMax =
    10'000;  // of the whole schema; further members are left open
inline constexpr std::size_t kInferredNameBytesMax = 256;  // members of longer names are left open
inline constexpr std::size_t kInferredTextBytesMax = 64;   // longer texts have no format

class SchemaInference {
 public:
  SchemaInference();
  ~SchemaInference();
  SchemaInference(SchemaInference&&) noexcept;
  SchemaInference& operator=(SchemaInference&&) noexcept;

  // Nothing of the document is kept.
  void add(const json::Value& document);
  std::uint64_t documents() const { return documents_; }

  // Compact JSON, members in order of name; `true` before the first document. Formats are those of
  // JSON Schema (date-time, date, time, uuid, email, ipv4, ipv6), and `integer` and `number` for
  // texts that are one as JSON writes it, so that a leading zero keeps a text a text.
  std::string schema_json() const;
  // The same taken apart, for whoever wants to look rather than write.
  ShapePtr shape() const;

 private:
  struct Node;
  void add(Node& node, const json::Value& value, std::size_t depth);
  void add_object(Node& node, const json::Value& value, std::size_t depth);
  void add_member(Node& node, std::string_view name, const json::Value& value, std::size_t depth);
  std::unique_ptr<Node> make_node();  // nullptr: there are as many as may be
  void fold(Node& node);
  void fold_absent(Node& node);
  void merge(std::unique_ptr<Node>& into, std::unique_ptr<Node> from);
  static ShapePtr shape_of(const Node& node);

  std::unique_ptr<Node> root_;
  std::uint64_t documents_ = 0;
  std::size_t locations_ = 1;
};

}  // namespace weir::document
