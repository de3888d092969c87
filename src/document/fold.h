// The documents of one key become one: parsed, validated, reduced and packed, as trees. This is the
// path that handles every schema; fast paths give the same bytes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/binding.h"
#include "document/extract.h"
#include "document/plan.h"
#include "document/reduce.h"
#include "document/strategy.h"
#include "json/host/document_parser.h"

namespace weir::document {

// A binding, understood. Immutable.
struct CompiledBinding {
  static Result<CompiledBinding> compile(BindingSpec spec);

  BindingSpec spec;
  Reductions reductions;
  FieldPacker keys;
  FieldPacker values;
  Truncation truncation{SerPolicy{}};
  StaticReductions statics;
  // Reducing is taking the later document, in every mode and whatever the documents say.
  bool last_write_wins = false;
};

struct Folded {
  json::Value root;
  std::string_view original;  // the text it came in; empty if it is a reduction
  bool deleted = false;
};

// Scratch for folding the groups of one binding after the other. What it returns is valid until
// clear().
class Folder {
 public:
  explicit Folder(const CompiledBinding& binding) : binding_(binding) {}

  void clear();
  // `document` must have json::kDocumentPadding readable bytes behind it.
  Result<json::Value> parse(std::string_view document);

  // Left to right, the first being the left-most of its key. The result is validated.
  Result<Folded> full(std::span<const std::string_view> documents);
  // Left to right, joining neighbours where that needs no left-most document. In order; texts are
  // views of what was given or of storage valid until clear(). Nothing is validated but what
  // reducing needs.
  Status associative(std::span<const std::string_view> documents, std::vector<Folded>* out);
  Status validate(const json::Value& root);
  json::Arena& arena() { return arena_; }

 private:
  Status annotate(const json::Value& value, Annotations* out);
  Error invalid(const json::Outcome& outcome) const;

  const CompiledBinding& binding_;
  json::DocumentParser parser_;
  json::Arena arena_;
  json::Outcome outcome_;
  Annotations left_annotations_;
  Annotations right_annotations_;
};

}  // namespace weir::document
