// From a collection's shapes to its projections: the fields that destinations are offered. Private
// to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/object_reader.h"
#include "document/shape.h"
#include "protocol/spec.h"

namespace weir::catalog {

inline constexpr std::string_view kDocumentField = "flow_document";
inline constexpr std::string_view kPublishedAtField = "flow_published_at";
inline constexpr std::string_view kUuidPointer = "/_meta/uuid";
inline constexpr std::string_view kUuidTimePointer =
    "/_meta/uuid/date-time";  // stands for the UUID's time
inline constexpr std::string_view kTruncatedPointer = "/_meta/flow_truncated";

// A projection as the user wrote it.
struct WrittenProjection {
  std::string field;
  std::string pointer;
  bool partition = false;
  Location location;
};

struct WrittenKey {
  std::string pointer;
  Location location;
};

struct CollectionShapes {
  document::ShapePtr read;
  document::ShapePtr write;  // nullptr: the same
  const json::RegexFactory* regex = nullptr;
};

protocol::Inference inference_of(const document::Located& at);

// Problems of a key (`what`: "the key", "the partition \"region\""): each document must have a
// comparable scalar there.
void check_key_location(const std::string& pointer, const std::string& what,
                        const Location& location, const CollectionShapes& shapes,
                        Problems& problems);

// Explicit projections, the root, the publication time, the key's locations, and every location
// that the schema names; ascending by field. An explicit one takes the place of the inferred one of
// the same field.
std::vector<protocol::Projection> make_projections(const std::vector<WrittenProjection>& written,
                                                   const std::vector<WrittenKey>& key,
                                                   const CollectionShapes& shapes,
                                                   Problems& problems);

}  // namespace weir::catalog
