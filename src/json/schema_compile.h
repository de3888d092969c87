// From registered documents to nodes. Inside the json folder only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/schema.h"
#include "json/schema_node.h"
#include "json/schema_registry.h"

namespace weir::json {

// What a Schema is made of.
struct Schema::Impl {
  std::vector<std::unique_ptr<SchemaNode>> nodes;  // by id
  std::vector<AnnotationSite> sites;
  std::vector<std::shared_ptr<const Tree>> documents;  // hold every Value that a node points to
  RegexFactory regex;                                  // for `format: regex`
  bool dynamic = false;                                // some reference depends on the way to it
};

// Vocabularies, as bits: a custom meta-schema may leave some out.
inline constexpr std::uint8_t kVocabularyCore = 1;
inline constexpr std::uint8_t kVocabularyApplicator = 2;
inline constexpr std::uint8_t kVocabularyUnevaluated = 4;
inline constexpr std::uint8_t kVocabularyValidation = 8;
inline constexpr std::uint8_t kVocabularyOther = 16;  // annotations

// Dialects, as bits. Draft 7 and before are read as 2019-09 without the keywords that it
// introduced.
inline constexpr std::uint8_t kDialect7 = 1;
inline constexpr std::uint8_t kDialect2019 = 2;
inline constexpr std::uint8_t kDialect2020 = 4;
inline constexpr std::uint8_t kDialectAny = 7;

// How the keywords of a resource are read.
struct DialectProfile {
  std::uint8_t dialect = kDialect2020;
  std::uint8_t vocabularies = 0xFF;
  bool assert_formats = false;
};

class SchemaCompiler {
 public:
  SchemaCompiler(const SchemaRegistry& registry, const SchemaOptions& options, Schema::Impl& out)
      : registry_(registry), options_(options), out_(out) {}
  Status run(std::string_view uri);

  // For the keyword functions (schema_keywords.cc).
  struct Context {
    SchemaNode& node;
    const SchemaPlace& place;
    const DialectProfile& profile;
  };
  // "LOCATION: MESSAGE", of a keyword.
  tl::unexpected<Error> refuse(const Context& at, std::string_view keyword,
                               std::string_view message) const;
  // The node of a subschema below the present one, e.g. "properties", "a".
  const SchemaNode* subschema(const Context& at, const Value& schema, std::string_view keyword,
                              std::string_view token = {});
  Result<std::vector<const SchemaNode*>> subschemas(const Context& at, const Value& list,
                                                    std::string_view keyword);
  Result<std::unique_ptr<Regex>> regex(const Context& at, std::string_view keyword,
                                       std::string_view pattern) const;
  Status reference(const Context& at, std::string_view keyword, const Value& value);
  Status dynamic_reference(const Context& at, std::string_view keyword, const Value& value);

 private:
  struct Job {
    SchemaNode* node;
    SchemaPlace place;
  };
  struct PendingDynamic {
    DynamicReference* reference;
    std::string anchor;  // empty: $recursiveAnchor
  };

  SchemaNode* node_at(const SchemaPlace& place);
  Status compile(const Job& job);
  Status annotate(const Context& at, const Member& keyword, TypeSet types);
  bool wanted(std::string_view keyword, bool annotates) const;
  Result<SchemaPlace> resolve(const SchemaResource& base, std::string_view reference) const;
  Result<const DialectProfile*> profile_of(const SchemaResource& resource);
  Result<DialectProfile> profile_by_uri(std::string_view uri, int depth) const;
  Result<DialectProfile> profile_of_meta_schema(const SchemaResource& meta, int depth) const;
  void add_dynamic_candidates();

  const SchemaRegistry& registry_;
  const SchemaOptions& options_;
  Schema::Impl& out_;
  std::vector<Job> jobs_;
  std::unordered_map<const Value*, SchemaNode*> by_value_;
  std::map<std::uint32_t, const SchemaResource*> used_;
  std::map<std::uint32_t, const SchemaRegistry*> used_registry_;
  std::map<const SchemaResource*, DialectProfile> profiles_;
  std::vector<PendingDynamic> dynamic_;
};

// One keyword of JSON Schema.
struct SchemaKeyword {
  std::string_view name;
  std::uint8_t dialects;
  std::uint8_t vocabulary;
  bool annotates;
  TypeSet types;  // instances that an annotation is for
  // Reads the keyword's value into the node; nullptr where there is nothing to read.
  Status (*compile)(SchemaCompiler& compiler, const SchemaCompiler::Context& at,
                    const Value& value);
};
const SchemaKeyword* find_schema_keyword(std::string_view name);

// What several keywords make together, once all of a schema were read.
void finish_node(SchemaNode& node);

}  // namespace weir::json
