#include "catalog/projections.h"

#include <algorithm>

#include "base/text.h"
#include "json/pointer.h"

namespace weir::catalog {
namespace {

using document::Existence;
using document::Located;
using document::Types;

protocol::Exists exists_of(Existence exists) {
  switch (exists) {
    case Existence::kMust: return protocol::Exists::kMust;
    case Existence::kMay: return protocol::Exists::kMay;
    case Existence::kImplicit: return protocol::Exists::kImplicit;
    case Existence::kCannot: return protocol::Exists::kCannot;
  }
  return protocol::Exists::kInvalid;
}

protocol::Inference::Array array_of(const document::Shape& shape) {
  protocol::Inference::Array array;
  array.min_items = shape.min_items;
  array.max_items = shape.max_items;
  Types items = shape.items != nullptr ? shape.items->types : Types::any();
  for (const document::ShapePtr& item : shape.tuple) items = items | item->types;
  array.item_types = items.names();
  return array;
}

// Is nothing known of the location: does no part of the schema speak of it?
bool is_undescribed(const Located& at) {
  return at.exists == Existence::kImplicit && at.shape->types == Types::any() &&
         at.shape->title.empty();
}

protocol::Projection projection(std::string_view pointer, std::string_view field,
                                protocol::Inference inference) {
  protocol::Projection out;
  out.ptr = pointer;
  out.field = field;
  out.inference = std::move(inference);
  return out;
}

protocol::Inference published_at_inference() {
  protocol::Inference out;
  out.types = {"string"};
  out.string = protocol::Inference::String{};
  out.string->format = "date-time";
  out.string->content_encoding = "uuid";
  out.title = "Publication time";
  out.description = "When the document was published: the time of its UUID";
  out.exists = protocol::Exists::kMust;
  return out;
}

protocol::Inference truncated_inference() {
  protocol::Inference out;
  out.types = {"boolean"};
  out.title = "Truncation indicator";
  out.description = "Whether a value of this row was cut to fit the destination";
  out.exists = protocol::Exists::kMust;
  return out;
}

std::string field_of(std::string_view pointer) {
  return std::string(pointer.substr(pointer.empty() ? 0 : 1));
}

std::vector<std::string> named_pointers(const document::ShapePtr& shape) {
  std::vector<std::string> out;
  for (document::NamedLocation& location : document::locations(shape))
    out.push_back(std::move(location.pointer));
  return out;
}

std::string suggestion(std::string_view pointer, const document::ShapePtr& shape) {
  const std::vector<std::string> pointers = named_pointers(shape);
  const std::vector<std::string_view> views(pointers.begin(), pointers.end());
  return did_you_mean(pointer, views);
}

class Maker {
 public:
  Maker(const std::vector<WrittenKey>& key, const CollectionShapes& shapes, Problems& problems)
      : key_(key), shapes_(shapes), problems_(problems) {}

  void add_written(const WrittenProjection& written) {
    saw_root_ = saw_root_ || written.pointer.empty();
    if (written.pointer == kUuidTimePointer && !written.partition) {
      saw_time_ = true;
      add(projection(kUuidPointer, written.field, published_at_inference()), true);
      return;
    }
    const auto at = document::locate(shapes_.read, written.pointer, *shapes_.regex);
    if (!at) {
      problems_.add("E305", written.location,
                    fmt::format("\"{}\" is no JSON pointer", written.pointer));
      return;
    }
    if (written.partition) {
      check_key_location(written.pointer, fmt::format("the partition \"{}\"", written.field),
                         written.location, shapes_, problems_);
    } else if (at->exists == Existence::kCannot) {
      problems_.add("E310", written.location,
                    fmt::format("the projection \"{}\" is of {}, which no document can have",
                                written.field, written.pointer));
    } else if (is_undescribed(*at)) {
      problems_.add(
          "E310", written.location,
          fmt::format("the projection \"{}\" is of {}, of which the schema does not speak{}",
                      written.field, written.pointer, suggestion(written.pointer, shapes_.read)));
    }
    protocol::Projection made = projection(written.pointer, written.field, inference_of(*at));
    made.is_partition_key = written.partition;
    made.is_primary_key = is_key(written.pointer);
    add(std::move(made), true);
  }

  void add_inferred() {
    if (!saw_root_) add_location("", kDocumentField);
    if (!saw_time_) add(projection(kUuidPointer, kPublishedAtField, published_at_inference()));
    add(projection(kTruncatedPointer, field_of(kTruncatedPointer), truncated_inference()));
    for (const WrittenKey& key : key_) {
      if (!key.pointer.empty()) add_location(key.pointer, field_of(key.pointer));
    }
    for (const document::NamedLocation& named : document::locations(shapes_.read)) {
      const std::string field = field_of(named.pointer);
      if (field.empty() || field.back() == '/' || field == kDocumentField) continue;
      protocol::Projection made = projection(named.pointer, field, inference_of(named.located));
      made.is_primary_key = is_key(named.pointer);
      add(std::move(made));
    }
  }

  // Of equal fields the first stands; an explicit one that means another location is refused, for
  // the field would change its meaning with the projection.
  std::vector<protocol::Projection> take(const std::vector<WrittenProjection>& written) {
    std::stable_sort(projections_.begin(), projections_.end(),
                     [](const auto& a, const auto& b) { return a.field < b.field; });
    std::vector<protocol::Projection> out;
    for (protocol::Projection& p : projections_) {
      if (out.empty() || out.back().field != p.field) {
        out.push_back(std::move(p));
      } else if (out.back().is_explicit && out.back().ptr != p.ptr) {
        const auto it =
            std::find_if(written.begin(), written.end(),
                         [&](const WrittenProjection& w) { return w.field == p.field; });
        problems_.add("E314", it->location,
                      fmt::format("the projection \"{}\" of {} has the name of the field of {}",
                                  p.field, it->pointer, p.ptr));
      }
    }
    return out;
  }

 private:
  bool is_key(std::string_view pointer) const {
    return std::any_of(key_.begin(), key_.end(),
                       [&](const WrittenKey& key) { return key.pointer == pointer; });
  }
  void add(protocol::Projection made, bool is_explicit = false) {
    made.is_explicit = is_explicit;
    projections_.push_back(std::move(made));
  }
  void add_location(std::string_view pointer, std::string_view field) {
    const auto at = document::locate(shapes_.read, pointer, *shapes_.regex);
    if (!at) return;  // a key that is no pointer was reported
    add(projection(pointer, field, inference_of(*at)));
    projections_.back().is_primary_key = is_key(pointer);
  }

  const std::vector<WrittenKey>& key_;
  const CollectionShapes& shapes_;
  Problems& problems_;
  std::vector<protocol::Projection> projections_;
  bool saw_root_ = false;
  bool saw_time_ = false;
};

void check_key_in(const document::ShapePtr& shape, const std::string& pointer,
                  const std::string& what, const Location& location, const CollectionShapes& shapes,
                  Problems& problems) {
  const auto at = document::locate(shape, pointer, *shapes.regex);
  const std::string subject = fmt::format("{} \"{}\"", what, pointer);
  if (!at || !pointer.starts_with('/')) {
    return problems.add("E305", location,
                        fmt::format("{} is no JSON pointer of a member", subject));
  }
  if (at->exists == Existence::kCannot) {
    return problems.add("E306", location, fmt::format("{} cannot exist in any document", subject));
  }
  if (at->exists == Existence::kImplicit) {
    return problems.add(
        "E306", location,
        fmt::format("{} is not in the schema{}", subject, suggestion(pointer, shape)));
  }
  const bool has_default = !at->shape->default_json.empty();
  if (at->exists != Existence::kMust && !has_default) {
    problems.add("E307", location, fmt::format("{} may be absent", subject));
  }
  const Types types = at->shape->types;
  if (types.has(Types::kNull))
    problems.add("E308", location, fmt::format("{} may be null", subject));
  std::string bad;
  for (const std::string& name :
       (types & (Types::kFractional | Types::kArray | Types::kObject)).names()) {
    bad += fmt::format("{}{}", bad.empty() ? "" : " or ",
                       name == "fractional" ? "a number with a fraction" : "an " + name);
  }
  if (!bad.empty()) problems.add("E309", location, fmt::format("{} may be {}", subject, bad));
}

}  // namespace

protocol::Inference inference_of(const Located& at) {
  const document::Shape& shape = *at.shape;
  protocol::Inference out;
  out.types = shape.types.names();
  if (shape.types.has(Types::kString)) {
    out.string = protocol::Inference::String{};
    out.string->content_type = shape.content_type;
    out.string->format = shape.format;
    out.string->content_encoding = shape.content_encoding;
    out.string->max_length = shape.max_length.value_or(0);
  }
  if (!(shape.types & (Types::kInteger | Types::kFractional)).empty()) {
    out.numeric = protocol::Inference::Numeric{};
    out.numeric->minimum = shape.minimum;
    out.numeric->maximum = shape.maximum;
  }
  if (shape.types.has(Types::kArray)) out.array = array_of(shape);
  out.title = shape.title;
  out.description = shape.description;
  out.default_json = shape.default_json;
  out.secret = shape.secret;
  out.exists = exists_of(at.exists);
  return out;
}

void check_key_location(const std::string& pointer, const std::string& what,
                        const Location& location, const CollectionShapes& shapes,
                        Problems& problems) {
  const std::size_t before = problems.errors();
  check_key_in(shapes.read, pointer, what, location, shapes, problems);
  if (shapes.write != nullptr && problems.errors() == before) {
    check_key_in(shapes.write, pointer, what + " in the write schema,", location, shapes, problems);
  }
}

std::vector<protocol::Projection> make_projections(const std::vector<WrittenProjection>& written,
                                                   const std::vector<WrittenKey>& key,
                                                   const CollectionShapes& shapes,
                                                   Problems& problems) {
  Maker maker(key, shapes, problems);
  for (const WrittenProjection& projection : written) maker.add_written(projection);
  maker.add_inferred();
  return maker.take(written);
}

}  // namespace weir::catalog
