// Judges documents before they are appended: the collection's write schema, and its key.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "json/pointer.h"
#include "json/schema.h"
#include "protocol/spec.h"

namespace weir::app {

class DocumentChecker {
 public:
  // kInvalid: the schema cannot be compiled (a checked catalog's can).
  static Result<DocumentChecker> make(const protocol::CollectionSpec& collection);

  // kInvalid names the place in the document and the rule, never the value. `pointer`, where given,
  // gets that place (the first of several).
  Status check(const json::Value& document, std::string* pointer = nullptr) const;

 private:
  std::shared_ptr<const json::Schema> schema_;
  std::vector<json::Pointer> key_;
};

}  // namespace weir::app
