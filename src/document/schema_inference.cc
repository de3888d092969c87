#include "document/schema_inference.h"

#include <map>
#include <utility>

#include "document/shape_schema.h"
#include "json/format.h"
#include "json/number.h"

namespace weir::document {
namespace {

// Every location starts with all formats; each text takes away those that it does not have.
struct KnownFormat {
  std::string_view name;
  bool (*is)(std::string_view text);
};

bool is_integer_word(std::string_view text) {
  return json::is_integer_text(text) && json::to_int64(text).has_value();
}
// Without an exponent: 12e45 is more often a piece of a digest than a number.
bool is_number_word(std::string_view text) {
  return json::is_number_text(text) && text.find_first_of("eE") == std::string_view::npos;
}
template <const char* kName>
bool has_format(std::string_view text) {
  static const json::FormatCheck kCheck = json::find_format(kName);
  return kCheck(text);
}
constexpr char kDateTime[] = "date-time";
constexpr char kDate[] = "date";
constexpr char kTime[] = "time";
constexpr char kUuid[] = "uuid";
constexpr char kEmail[] = "email";

// The first that all texts have is said.
constexpr KnownFormat kFormats[] = {
    {kDateTime, has_format<kDateTime>},
    {kDate, has_format<kDate>},
    {kTime, has_format<kTime>},
    {kUuid, has_format<kUuid>},
    {kEmail, has_format<kEmail>},
    {"ipv4", json::is_ipv4},
    {"ipv6", json::is_ipv6},
    {"integer", is_integer_word},
    {"number", is_number_word},
};
// What a bound says of integers beyond 64 bits: that there are such, and no more.
constexpr double kBeyondIntegers = 1e300;
constexpr std::uint32_t kAllFormats = (1u << std::size(kFormats)) - 1;

std::uint32_t formats_of(std::string_view text, std::uint32_t among) {
  if (text.empty() || text.size() > kInferredTextBytesMax) return 0;
  std::uint32_t found = 0;
  for (std::size_t i = 0; i < std::size(kFormats); ++i) {
    const std::uint32_t bit = 1u << i;
    if ((among & bit) != 0 && kFormats[i].is(text)) found |= bit;
  }
  return found;
}

// By how it is written: 10.0 among prices is no integer, although its value is one.
Types types_of(const json::Value& value) {
  if (!value.is_number()) return Types::of(value);
  return json::is_integer_text(value.number_text()) ? Types::kInteger
                                                    : Types::kInteger | Types::kFractional;
}

}  // namespace

struct SchemaInference::Node {
  struct Property {
    std::unique_ptr<Node> node;
    std::uint64_t count = 0;  // of objects that have it
  };
  Types types = Types();
  std::uint32_t formats = kAllFormats;
  std::uint64_t objects = 0;
  std::map<std::string, Property, std::less<>> properties;
  std::unique_ptr<Node> items;
  std::unique_ptr<Node> additional;  // of what is not in `properties`; only where folded
  bool far_below = false;            // integers that 64 signed bits do not hold
  bool far_above = false;
  bool items_open = false;  // some items were not looked at
  bool folded = false;      // a map
  bool open = false;        // some members were not looked at: anything may stand there
};

SchemaInference::SchemaInference() : root_(std::make_unique<Node>()) {}
SchemaInference::~SchemaInference() = default;
SchemaInference::SchemaInference(SchemaInference&&) noexcept = default;
SchemaInference& SchemaInference::operator=(SchemaInference&&) noexcept = default;

void SchemaInference::add(const json::Value& document) {
  ++documents_;
  add(*root_, document, 0);
}

std::unique_ptr<SchemaInference::Node> SchemaInference::make_node() {
  if (locations_ == kInferredLocationsMax) return nullptr;
  ++locations_;
  return std::make_unique<Node>();
}

void SchemaInference::add(Node& node, const json::Value& value, std::size_t depth) {
  const Types types = types_of(value);
  node.types = node.types | types;
  if (types == Types::kInteger && !json::to_int64(value.number_text())) {
    (value.number_text().starts_with('-') ? node.far_below : node.far_above) = true;
  } else if (value.is_string() && node.formats != 0) {
    node.formats = formats_of(value.as_string(), node.formats);
  } else if (value.is_object()) {
    add_object(node, value, depth);
  } else if (value.is_array() && value.size() > 0 && !node.items_open) {
    if (node.items == nullptr && depth < kInferredDepthMax) node.items = make_node();
    node.items_open = node.items == nullptr;
    if (node.items_open) return;
    for (const json::Value& item : value.items()) add(*node.items, item, depth + 1);
  }
}

void SchemaInference::add_object(Node& node, const json::Value& value, std::size_t depth) {
  ++node.objects;
  if (depth == kInferredDepthMax) {
    node.open = true;
    return;
  }
  for (const json::Member& member : value.members()) {
    add_member(node, member.name, member.value, depth + 1);
  }
  if (node.folded) fold_absent(node);
}

void SchemaInference::add_member(Node& node, std::string_view name, const json::Value& value,
                                 std::size_t depth) {
  const auto known = node.properties.find(name);
  if (known != node.properties.end()) {
    ++known->second.count;
    return add(*known->second.node, value, depth);
  }
  if (node.folded) {
    if (node.additional == nullptr && !node.open) node.additional = make_node();
    if (node.additional == nullptr) node.open = true;
    if (node.additional != nullptr) add(*node.additional, value, depth);
    return;
  }
  auto made = name.size() > kInferredNameBytesMax || node.open ? nullptr : make_node();
  if (made == nullptr) {
    // From here on no new member of this object is told apart: one that was passed over once could
    // not be told to have had another type.
    node.open = true;
    return;
  }
  add(*made, value, depth);
  node.properties.emplace(name, Node::Property{std::move(made), 1});
  if (node.properties.size() > kInferredPropertiesMax) fold(node);
}

// Called in the middle of an object: what is in `properties` and in every object before this one
// may still come.
void SchemaInference::fold(Node& node) {
  node.folded = true;
  for (auto at = node.properties.begin(); at != node.properties.end();) {
    if (node.objects > 1 && at->second.count + 1 >= node.objects) {
      ++at;
      continue;
    }
    merge(node.additional, std::move(at->second.node));
    at = node.properties.erase(at);
  }
}

void SchemaInference::fold_absent(Node& node) {
  for (auto at = node.properties.begin(); at != node.properties.end();) {
    if (at->second.count == node.objects) {
      ++at;
      continue;
    }
    merge(node.additional, std::move(at->second.node));
    at = node.properties.erase(at);
  }
}

void SchemaInference::merge(std::unique_ptr<Node>& into, std::unique_ptr<Node> from) {
  if (from == nullptr) return;
  if (into == nullptr) {
    into = std::move(from);
    return;
  }
  --locations_;
  into->types = into->types | from->types;
  into->formats &= from->formats;
  into->objects += from->objects;
  into->far_below |= from->far_below;
  into->far_above |= from->far_above;
  into->items_open |= from->items_open;
  into->open |= from->open;
  merge(into->items, std::move(from->items));
  merge(into->additional, std::move(from->additional));
  for (auto& [name, property] : from->properties) {
    Node::Property& known = into->properties[name];
    known.count += property.count;
    merge(known.node, std::move(property.node));
  }
  into->folded |= from->folded || into->properties.size() > kInferredPropertiesMax;
  if (into->folded) fold_absent(*into);
}

ShapePtr SchemaInference::shape_of(const Node& node) {
  auto shape = std::make_shared<Shape>();
  if (node.types == Types::kNull) return shape;  // it admits anything
  shape->types = node.types;
  if (node.types.has(Types::kString)) {
    for (std::size_t i = 0; i < std::size(kFormats) && shape->format.empty(); ++i) {
      if ((node.formats & 1u << i) != 0) shape->format = kFormats[i].name;
    }
  }
  if (!node.types.has(Types::kFractional)) {
    if (node.far_below) shape->minimum = -kBeyondIntegers;
    if (node.far_above) shape->maximum = kBeyondIntegers;
  }
  if (node.items != nullptr && !node.items_open) shape->items = shape_of(*node.items);
  for (const auto& [name, property] : node.properties) {
    shape->properties.emplace(name, shape_of(*property.node));
    if (property.count == node.objects) shape->required.insert(name);
  }
  if (node.additional != nullptr && !node.open) shape->additional = shape_of(*node.additional);
  return shape;
}

ShapePtr SchemaInference::shape() const {
  return documents_ == 0 ? Shape::anything() : shape_of(*root_);
}

std::string SchemaInference::schema_json() const {
  json::Arena arena;
  return json::to_text(schema_of_shape(arena, documents_ == 0 ? nullptr : shape()));
}

}  // namespace weir::document
