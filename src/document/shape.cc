// Inference walks the schema once and combines shapes: keywords beside each other and the members
// of `allOf` are intersected, alternatives are united. Each combination is sound for upper bounds:
// an intersection may keep too much and a union must never keep too little. How two shapes combine
// is shape_combine.cc.
#include "document/shape.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "document/shape_combine.h"
#include "json/number.h"
#include "json/pointer.h"

namespace weir::document {

std::vector<std::string> Types::names() const {
  std::vector<std::string> out;
  if (has(kArray)) out.emplace_back("array");
  if (has(kBoolean)) out.emplace_back("boolean");
  if (has(kFractional) && !has(kInteger)) out.emplace_back("fractional");
  if (has(kInteger) && !has(kFractional)) out.emplace_back("integer");
  if (has(kNull)) out.emplace_back("null");
  if (has(kInteger) && has(kFractional)) out.emplace_back("number");
  if (has(kObject)) out.emplace_back("object");
  if (has(kString)) out.emplace_back("string");
  return out;
}

Types Types::of(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::kNull: return kNull;
    case json::Kind::kBool: return kBoolean;
    case json::Kind::kNumber:
      return json::is_integral(value.number_text()) ? kInteger : kFractional;
    case json::Kind::kString: return kString;
    case json::Kind::kArray: return kArray;
    case json::Kind::kObject: return kObject;
  }
  return {};
}

ShapePtr Shape::anything() {
  static const ShapePtr kAnything = std::make_shared<const Shape>();
  return kAnything;
}

ShapePtr Shape::nothing() {
  static const ShapePtr kNothing = [] {
    Shape shape;
    shape.types = Types();
    return std::make_shared<const Shape>(std::move(shape));
  }();
  return kNothing;
}

namespace {

Types types_of_name(std::string_view name) {
  if (name == "null") return Types::kNull;
  if (name == "boolean") return Types::kBoolean;
  if (name == "integer") return Types::kInteger;
  if (name == "number") return Types::kInteger | Types::kFractional;
  if (name == "string") return Types::kString;
  if (name == "array") return Types::kArray;
  if (name == "object") return Types::kObject;
  return {};
}

std::optional<std::uint32_t> count_of(const json::Value* value) {
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const auto n = json::integral_uint64(value->number_text());
  if (!n) return std::nullopt;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(*n, UINT32_MAX));
}

std::optional<double> number_of(const json::Value* value) {
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return json::to_double(value->number_text());
}

std::string text_of(const json::Value* value) {
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

bool is_true(const json::Value* value) {
  return value != nullptr && value->is_bool() && value->as_bool();
}

class Inferrer {
 public:
  explicit Inferrer(const json::Value& root) : root_(root) { index(root, 0); }

  ShapePtr infer(const json::Value& schema, std::size_t depth) {
    if (schema.is_bool()) return schema.as_bool() ? Shape::anything() : Shape::nothing();
    if (!schema.is_object() || depth > kShapeDepthMax || nodes_ >= kShapeNodesMax) {
      return Shape::anything();
    }
    if (const auto it = done_.find(&schema); it != done_.end()) return it->second;
    if (!active_.insert(&schema).second) return Shape::anything();
    ++nodes_;
    ShapePtr shape = combined(schema, depth);
    active_.erase(&schema);
    done_.emplace(&schema, shape);
    return shape;
  }

 private:
  // The names by which a reference may call parts of the schema.
  void index(const json::Value& value, std::size_t depth) {
    if (depth > kShapeDepthMax * 2) return;
    if (value.is_array()) {
      for (const json::Value& item : value.items()) index(item, depth + 1);
    }
    if (!value.is_object()) return;
    for (const json::Member& member : value.members()) {
      if (member.value.is_string()) {
        const std::string text(member.value.as_string());
        if (member.name == "$id") names_.emplace(text, &value);
        if (member.name == "$anchor" || member.name == "$dynamicAnchor") {
          names_.emplace("#" + text, &value);
        }
      }
      index(member.value, depth + 1);
    }
  }

  const json::Value* resolve(std::string_view reference) const {
    if (const auto it = names_.find(std::string(reference)); it != names_.end()) return it->second;
    const json::Value* base = &root_;
    const std::size_t hash = reference.find('#');
    if (hash != 0) {
      const auto it = names_.find(std::string(reference.substr(0, hash)));
      if (it == names_.end()) return nullptr;
      base = it->second;
    }
    if (hash == std::string_view::npos || hash + 1 == reference.size()) return base;
    const auto pointer = json::Pointer::parse(percent_decoded(reference.substr(hash + 1)));
    return pointer ? pointer->find(*base) : nullptr;
  }

  static std::string percent_decoded(std::string_view text) {
    std::string out;
    const auto digit = [](char c) {
      return c >= '0' && c <= '9'                 ? c - '0'
             : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                  : -1;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
          digit(text[i + 2]) >= 0) {
        out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
        i += 2;
      } else {
        out += text[i];
      }
    }
    return out;
  }

  ShapePtr combined(const json::Value& schema, std::size_t depth) {
    ShapePtr shape = std::make_shared<const Shape>(own(schema, depth));
    for (const std::string_view keyword : {"$ref", "$dynamicRef", "$recursiveRef"}) {
      const json::Value* reference = schema.find(keyword);
      if (reference == nullptr || !reference->is_string()) continue;
      const json::Value* target = resolve(reference->as_string());
      if (target != nullptr) shape = algebra_.intersect(shape, infer(*target, depth));
    }
    if (const json::Value* all = schema.find("allOf"); all != nullptr && all->is_array()) {
      for (const json::Value& item : all->items())
        shape = algebra_.intersect(shape, infer(item, depth));
    }
    for (const std::string_view keyword : {"anyOf", "oneOf"}) {
      const json::Value* some = schema.find(keyword);
      if (some == nullptr || !some->is_array() || some->size() == 0) continue;
      ShapePtr alternatives;
      for (const json::Value& item : some->items()) {
        const ShapePtr next = infer(item, depth);
        alternatives = alternatives == nullptr ? next : algebra_.unite(alternatives, next);
      }
      shape = algebra_.intersect(shape, alternatives);
    }
    if (const json::Value* condition = schema.find("if")) {
      shape = algebra_.intersect(shape, conditional(schema, *condition, depth));
    }
    return with_unevaluated(schema, shape, depth);
  }

  ShapePtr conditional(const json::Value& schema, const json::Value& condition, std::size_t depth) {
    const json::Value* then = schema.find("then");
    const json::Value* otherwise = schema.find("else");
    if (then == nullptr && otherwise == nullptr) return Shape::anything();
    ShapePtr yes = infer(condition, depth);
    if (then != nullptr) yes = algebra_.intersect(infer(*then, depth), yes);
    return algebra_.unite(yes, otherwise != nullptr ? infer(*otherwise, depth) : Shape::anything());
  }

  // What no other keyword spoke of.
  ShapePtr with_unevaluated(const json::Value& schema, const ShapePtr& shape, std::size_t depth) {
    const json::Value* properties = schema.find("unevaluatedProperties");
    const json::Value* items = schema.find("unevaluatedItems");
    if (properties == nullptr && items == nullptr) return shape;
    Shape out = *shape;
    const auto narrow = [this](const ShapePtr& old, const ShapePtr& more) {
      return old == nullptr ? more : algebra_.intersect(old, more);
    };
    if (properties != nullptr)
      out.additional = narrow(out.additional, infer(*properties, depth + 1));
    if (items != nullptr) out.items = narrow(out.items, infer(*items, depth + 1));
    return std::make_shared<const Shape>(std::move(out));
  }

  Shape own(const json::Value& schema, std::size_t depth) {
    Shape shape;
    if (const json::Value* type = schema.find("type")) shape.types = own_types(*type);
    own_constants(schema, shape);
    shape.title = text_of(schema.find("title"));
    shape.description = text_of(schema.find("description"));
    if (const json::Value* value = schema.find("default"))
      shape.default_json = json::to_text(*value);
    shape.secret = is_true(schema.find("secret")) || is_true(schema.find("airbyte_secret"));
    shape.format = text_of(schema.find("format"));
    shape.content_encoding = text_of(schema.find("contentEncoding"));
    shape.content_type = text_of(schema.find("contentMediaType"));
    shape.max_length = count_of(schema.find("maxLength"));
    shape.minimum = number_of(schema.find("minimum"));
    shape.maximum = number_of(schema.find("maximum"));
    if (!shape.minimum) shape.minimum = number_of(schema.find("exclusiveMinimum"));
    if (!shape.maximum) shape.maximum = number_of(schema.find("exclusiveMaximum"));
    own_array(schema, shape, depth);
    own_object(schema, shape, depth);
    return shape;
  }

  static Types own_types(const json::Value& type) {
    if (type.is_string()) return types_of_name(type.as_string());
    Types out;
    if (!type.is_array()) return Types::any();
    for (const json::Value& item : type.items()) {
      if (item.is_string()) out = out | types_of_name(item.as_string());
    }
    return out;
  }

  static void own_constants(const json::Value& schema, Shape& shape) {
    const json::Value* constant = schema.find("const");
    const json::Value* list = schema.find("enum");
    const bool listed = list != nullptr && list->is_array();
    if (constant == nullptr && !listed) return;
    const std::span<const json::Value> values =
        constant != nullptr ? std::span<const json::Value>(constant, 1) : list->items();
    Types types;
    for (const json::Value& value : values) {
      types = types | Types::of(value);
    }
    shape.types = shape.types & types;
  }

  void own_array(const json::Value& schema, Shape& shape, std::size_t depth) {
    shape.min_items = count_of(schema.find("minItems")).value_or(0);
    shape.max_items = count_of(schema.find("maxItems"));
    const json::Value* prefix = schema.find("prefixItems");
    const json::Value* items = schema.find("items");
    if (prefix == nullptr && items != nullptr && items->is_array()) {  // the older dialect's tuple
      prefix = items;
      items = schema.find("additionalItems");
    }
    if (prefix != nullptr && prefix->is_array()) {
      for (const json::Value& item : prefix->items()) shape.tuple.push_back(infer(item, depth + 1));
    }
    if (items != nullptr && !items->is_array()) shape.items = infer(*items, depth + 1);
  }

  void own_object(const json::Value& schema, Shape& shape, std::size_t depth) {
    if (const json::Value* all = schema.find("properties"); all != nullptr && all->is_object()) {
      for (const json::Member& m : all->members()) {
        shape.properties.insert_or_assign(std::string(m.name), infer(m.value, depth + 1));
      }
    }
    if (const json::Value* all = schema.find("patternProperties");
        all != nullptr && all->is_object()) {
      for (const json::Member& m : all->members()) {
        shape.patterns.push_back({std::string(m.name), infer(m.value, depth + 1)});
      }
    }
    if (const json::Value* others = schema.find("additionalProperties")) {
      shape.additional = infer(*others, depth + 1);
    }
    if (const json::Value* names = schema.find("required"); names != nullptr && names->is_array()) {
      for (const json::Value& name : names->items()) {
        if (name.is_string()) shape.required.insert(std::string(name.as_string()));
      }
    }
  }

  const json::Value& root_;
  std::unordered_map<std::string, const json::Value*> names_;
  std::unordered_map<const json::Value*, ShapePtr> done_;
  std::unordered_set<const json::Value*> active_;
  std::size_t nodes_ = 0;
  ShapeAlgebra algebra_;
};

}  // namespace

ShapePtr infer_shape(const json::Value& schema) {
  return Inferrer(schema).infer(schema, 0);
}

}  // namespace weir::document
