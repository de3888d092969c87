// What tests of the combiner share: bindings, and a combiner that takes and gives texts.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "document/combiner.h"
#include "document/test_support.h"
#include "document/tuple.h"

namespace weir::document {

inline Field field(std::string_view pointer, FieldKind kind = FieldKind::kPlain,
                   std::string_view default_json = "") {
  return {*json::Pointer::parse(pointer), kind, std::string(default_json)};
}

inline BindingSpec binding(std::string_view schema) {
  BindingSpec spec;
  spec.name = "acme/orders → orders";
  spec.keys.push_back(field("/id"));
  spec.schema = compile_schema(schema);
  return spec;
}

inline std::string text_of(const Element& element) {
  if (std::holds_alternative<Null>(element)) return "null";
  if (const auto* b = std::get_if<bool>(&element)) return *b ? "true" : "false";
  if (const auto* n = std::get_if<std::int64_t>(&element)) return std::to_string(*n);
  if (const auto* d = std::get_if<double>(&element))
    return json::to_text(json::Value::number(std::to_string(*d)));
  if (const auto* s = std::get_if<std::string_view>(&element)) return std::string(*s);
  if (const auto* b = std::get_if<Bytes>(&element)) return std::string(b->text);
  return "?";
}

inline std::string tuple_text(std::string_view packed) {
  std::string out;
  for (TupleReader reader(packed); !reader.done();) {
    const auto element = reader.next();
    if (!element) return "broken";
    if (!out.empty()) out += ' ';
    out += text_of(*element);
  }
  return out;
}

// A combiner that takes texts and gives rows: `binding key | columns | document`, with `front` and
// `deleted` behind.
class Script {
 public:
  explicit Script(std::vector<BindingSpec> bindings, CombinerOptions options = {})
      : combiner_(std::move(bindings), with_spill(options)) {}

  Script& right(std::uint32_t number, std::vector<std::string> documents) {
    const auto [buffer, views] = buffer_of(documents);
    for (std::size_t i = 0; i < views.size(); ++i) {
      if (hints_ && i + 1 < views.size()) combiner_.expect(number, views[i + 1]);
      note(combiner_.add_right(number, views[i], buffer));
    }
    return *this;
  }
  // Tells from now on which document follows the one in hand.
  Script& with_hints() {
    hints_ = true;
    return *this;
  }
  Script& front(std::uint32_t number, const std::string& document) {
    const Status status = combiner_.add_front(number, document);
    if (!status && error_.empty()) error_ = status.error().message;
    return *this;
  }
  std::vector<std::string> rows() {
    std::vector<std::string> out;
    for (;;) {
      const auto drained = combiner_.next();
      if (!drained) {
        out.push_back("error: " + drained.error().message);
        break;
      }
      if (!*drained) break;
      out.push_back(row(**drained));
    }
    combiner_.reset();
    return out;
  }
  const std::string& error() const { return error_; }
  const std::string& firsts() const { return firsts_; }
  Combiner& combiner() { return combiner_; }
  MemorySpill& spill() { return spill_; }

 private:
  CombinerOptions with_spill(CombinerOptions options) {
    options.spill = &spill_;
    return options;
  }
  void note(const Result<Added>& added) {
    if (!added && error_.empty()) error_ = added.error().message;
    firsts_ += !added ? 'x' : added->first ? '1' : '0';
  }
  static std::string row(const Drained& drained) {
    EXPECT_TRUE(drained.doc_json.empty() || drained.doc_json.size() == drained.doc_bytes);
    return std::to_string(drained.binding) + " " + tuple_text(drained.key_packed) + " | " +
           tuple_text(drained.values_packed) + " | " + std::string(drained.doc_json) +
           (drained.front ? " front" : "") + (drained.deleted ? " deleted" : "");
  }

  MemorySpill spill_;
  bool hints_ = false;
  Combiner combiner_;
  std::string error_;
  std::string firsts_;
};

using Rows = std::vector<std::string>;

constexpr std::string_view kSum =
    R"({"type":"object","required":["id"],"reduce":{"strategy":"merge"},
  "properties":{"id":{"type":"integer"},"n":{"type":"number","reduce":{"strategy":"sum"}},
                "hi":{"reduce":{"strategy":"maximize"}}}})";
constexpr std::string_view kLast =
    R"({"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}})";
constexpr std::string_view kDeleting =
    R"({"if":{"properties":{"op":{"const":"d"}},"required":["op"]},
  "then":{"reduce":{"strategy":"merge","delete":true}},"else":{"reduce":{"strategy":"merge"}}})";

}  // namespace weir::document
