// Which values are secret: those that a JSON Schema annotates with `secret: true` or
// `airbyte_secret: true`. A secret must be a member of an object, for its name gets a suffix.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "json/schema.h"

namespace weir::secrets {

// kInvalid: the schema does not compile. `regex` is for its patterns (ECMA-262).
Result<std::shared_ptr<const json::Schema>> secret_schema(const json::Value& schema,
                                                          const json::RegexFactory& regex);

enum class LocationError { kNone, kNotValid, kNoMember };
struct SecretLocations {
  LocationError error = LocationError::kNone;
  std::string message;                        // of an error: names the location
  std::vector<json::SchemaProblem> problems;  // kNotValid
  std::vector<const json::Member*> members;   // in document order; they point into the tree
};

// kNotValid: the document does not fit the schema. kNoMember: the root or an item of an array would
// be secret, and neither has a name that could be changed.
SecretLocations secret_locations(const json::Schema& schema, const json::Value& document);

}  // namespace weir::secrets
