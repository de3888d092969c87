#include "document/shape_schema.h"

#include <vector>

#include "json/events.h"
#include "json/number.h"

namespace weir::document {
namespace {

using json::Member;
using json::Value;

class SchemaWriter {
 public:
  explicit SchemaWriter(json::Arena& arena) : arena_(arena) {}

  Value write(const ShapePtr& shape) {
    if (shape == nullptr) return Value::boolean(true);
    if (shape->types.empty()) return Value::boolean(false);
    std::vector<Member> out;
    if (shape->types != Types::any()) out.push_back({"type", types(shape->types), {}});
    add_text(out, "title", shape->title);
    add_text(out, "description", shape->description);
    if (!shape->default_json.empty()) {
      // Inferred from a schema that was parsed, so it parses; were it not to, no default is no
      // harm.
      const auto value = json::parse(arena_.copy(shape->default_json), arena_);
      if (value) out.push_back({"default", *value, {}});
    }
    if (shape->secret) out.push_back({"secret", Value::boolean(true), {}});
    add_scalars(*shape, out);
    add_arrays(*shape, out);
    add_objects(*shape, out);
    return object(out);
  }

 private:
  Value object(const std::vector<Member>& members) {
    Member* kept = arena_.array<Member>(members.size());
    std::uninitialized_copy(members.begin(), members.end(), kept);
    return Value::object({kept, members.size()});
  }
  Value array(const std::vector<Value>& items) {
    Value* kept = arena_.array<Value>(items.size());
    std::uninitialized_copy(items.begin(), items.end(), kept);
    return Value::array({kept, items.size()});
  }

  Value types(Types types) {
    // No type stands for numbers with a fraction alone.
    if (types.has(Types::kFractional)) types = types | Types::kInteger;
    std::vector<Value> names;
    for (const std::string& name : types.names()) {
      names.push_back(Value::copied_string(arena_, name));
    }
    return names.size() == 1 ? names.front() : array(names);
  }

  void add_text(std::vector<Member>& out, std::string_view keyword, const std::string& text) {
    if (!text.empty()) out.push_back({keyword, Value::copied_string(arena_, text), {}});
  }
  void add_count(std::vector<Member>& out, std::string_view keyword,
                 const std::optional<std::uint32_t>& count) {
    if (count) out.push_back({keyword, Value::integer(arena_, *count), {}});
  }
  void add_number(std::vector<Member>& out, std::string_view keyword,
                  const std::optional<double>& number) {
    if (!number) return;
    out.push_back({keyword, Value::number(arena_.copy(json::shortest_double(*number))), {}});
  }

  void add_scalars(const Shape& shape, std::vector<Member>& out) {
    add_text(out, "format", shape.format);
    add_text(out, "contentEncoding", shape.content_encoding);
    add_text(out, "contentMediaType", shape.content_type);
    add_count(out, "maxLength", shape.max_length);
    add_number(out, "minimum", shape.minimum);
    add_number(out, "maximum", shape.maximum);
  }

  void add_arrays(const Shape& shape, std::vector<Member>& out) {
    if (shape.min_items > 0) add_count(out, "minItems", shape.min_items);
    add_count(out, "maxItems", shape.max_items);
    if (!shape.tuple.empty()) {
      std::vector<Value> items;
      for (const ShapePtr& item : shape.tuple) items.push_back(write(item));
      out.push_back({"prefixItems", array(items), {}});
    }
    if (shape.items != nullptr) out.push_back({"items", write(shape.items), {}});
  }

  void add_objects(const Shape& shape, std::vector<Member>& out) {
    std::vector<Member> members;
    for (const auto& [name, property] : shape.properties) {
      members.push_back({arena_.copy(name), write(property), {}});
    }
    if (!members.empty()) out.push_back({"properties", object(members), {}});
    std::vector<Value> required;
    for (const std::string& name : shape.required) {
      required.push_back(Value::copied_string(arena_, name));
    }
    if (!required.empty()) out.push_back({"required", array(required), {}});
    members.clear();
    for (const PatternShape& pattern : shape.patterns) {
      members.push_back({arena_.copy(pattern.pattern), write(pattern.shape), {}});
    }
    if (!members.empty()) out.push_back({"patternProperties", object(members), {}});
    if (shape.additional != nullptr) {
      out.push_back({"additionalProperties", write(shape.additional), {}});
    }
  }

  json::Arena& arena_;
};

}  // namespace

Value schema_of_shape(json::Arena& arena, const ShapePtr& shape) {
  return SchemaWriter(arena).write(shape);
}

}  // namespace weir::document
