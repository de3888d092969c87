// Making a schema self-contained: what it references in other files is put under its `$defs` and
// the references point there. Only what is referenced is taken along, never the file around it.
// Private to this folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/node.h"

namespace weir::catalog {

inline constexpr std::size_t kEmbeddedMax = 4096;  // definitions put into one schema

// A schema that may be referred to by a flow:// name without being defined.
struct WellKnownSchema {
  json::Value value;
  std::string warning;  // W112 at each reference; empty: none
};
using WellKnown = std::map<std::string, WellKnownSchema, std::less<>>;

struct BundledSchema {
  json::Value
      value;  // in the arena given to SchemaBundler; keeps the places of what it was made from
  std::string json;   // the same, compact
  Location location;  // of the schema as the collection says it
  // Files of embedded definitions by name, and the pointers they came from.
  std::map<std::string, Location> embedded;
  // The flow:// names that were referred to, with the schemas that define them; nullptr: it is not
  // defined here, but well-known or missing.
  std::map<std::string, const json::Value*, std::less<>> named;

  // The place of a location of the bundled schema, in whichever file it stands.
  Location locate(std::string_view pointer) const;
};

class SchemaBundler {
 public:
  SchemaBundler(Sources& sources, Problems& problems, json::Arena& arena)
      : sources_(sources), problems_(problems), arena_(arena) {}

  // `node` is a schema, or the text of a reference to one. What the schema defines itself, by `$id`
  // or by a flow:// name in its `$defs`, comes before what is well-known. nullopt if it is no
  // schema at all; a reference that leads nowhere is a problem and becomes `true`.
  std::optional<BundledSchema> bundle(const Node& node, const WellKnown& well_known);

 private:
  // A document that "#" in a reference stands for.
  struct Document {
    const SourceFile* file;
    const json::Value* root;
    std::string pointer;  // of the root inside the file: inline schemas are documents of their own
    friend bool operator==(const Document&, const Document&) = default;
  };
  struct Definition {
    std::string name;
    const json::Value* target;
    Document document;
    std::string pointer;  // inside the document
  };
  // Where a reference leads.
  struct Target {
    Document document;
    const json::Value* value;
    std::string pointer;
  };

  json::Value rewrite(const json::Value& value, const Document& document, bool is_root);
  json::Value rewrite_map(const json::Value& value, const Document& document, bool is_root);
  json::Value rewrite_object(const json::Value& value, const Document& document, bool is_root);
  std::string rewrite_reference(const json::Value& reference, const Document& document);
  std::optional<Target> resolve(std::string_view reference, const Document& document,
                                const Location& at);
  std::optional<Document> defined(const Document& document, std::string_view uri);
  std::optional<Target> inside(const Document& document, std::string_view fragment);
  std::string definition_of(const Target& target);
  std::string definition_name(const Target& target) const;
  json::Value with_definitions(const json::Value& root, std::vector<json::Member> definitions);
  Location location_of(const json::Value& value, const Document& document) const;

  Sources& sources_;
  Problems& problems_;
  json::Arena& arena_;
  const WellKnown* well_known_ = nullptr;
  std::map<std::string, const json::Value*, std::less<>> named_;
  Document root_document_{};
  std::string root_pointer_;  // of the schema inside root_document_
  const json::Value* root_ = nullptr;
  std::string at_;                       // pointer of what is being rewritten, inside its document
  std::vector<Definition> definitions_;  // in order of first use; grows while they are rewritten
};

}  // namespace weir::catalog
