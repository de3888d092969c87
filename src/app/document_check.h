// Before documents are appended: may the collection have any, what the columns of a table become,
// and each document against the collection's write schema and its key.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "catalog/model.h"
#include "journal/csv.h"
#include "json/pointer.h"
#include "json/schema.h"
#include "protocol/spec.h"

namespace weir::app {

// kRefused: it is read from plain files, to which nothing is written.
Status check_appendable(const catalog::Collection& collection);

// From the collection's write schema, which is in order.
journal::CsvTypes csv_types(const protocol::CollectionSpec& collection);

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
