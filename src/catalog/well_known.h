// Schemas that a collection may refer to by a flow:// name, which the platform of the published
// model fills in: what it has inferred from the documents, what a connector has said, and the write
// schema in two forms. Private to this folder.
#pragma once

#include <string_view>

#include "json/value.h"

namespace weir::catalog {

inline constexpr std::string_view kInferredSchema = "flow://inferred-schema";
inline constexpr std::string_view kConnectorSchema = "flow://connector-schema";
inline constexpr std::string_view kWriteSchema = "flow://write-schema";
inline constexpr std::string_view kRelaxedWriteSchema = "flow://relaxed-write-schema";

// The schema without what a schema inferred from documents tells better: type, required, format,
// const, enum, minLength, maxLength, redact and x-str-minimum and -maximum are left out, and so is
// `additionalProperties: false`; here and below $defs, definitions, allOf, properties, items,
// additionalItems and additionalProperties. Everything else stays, with its place; so do subschemas
// of other keywords, such as anyOf. As published. In `arena` where it differs.
json::Value relaxed_schema(json::Arena& arena, const json::Value& schema);

// Stands for an inferred schema while nothing can be inferred: no document fits it, for it asks for
// a property that none has. As published, but that it admits objects alone, as documents are.
json::Value inferred_placeholder();
// Is it that, or does it hold that? Catalogs that were pulled too early do.
bool is_placeholder(const json::Value& schema);

// Stands for what nothing is known of, where that is to be without effect.
json::Value any_object();
// A schema that asks for both.
json::Value both_of(json::Arena& arena, const json::Value& a, const json::Value& b);

}  // namespace weir::catalog
