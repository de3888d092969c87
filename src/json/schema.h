// JSON Schema 2020-12 and 2019-09: compiling, validating, and collecting annotations of the
// locations that validated. Own, because no C++ library collects annotations, and reductions are
// chosen by them.
//
// A SchemaStore holds documents by URI; compile() resolves every reference at once, so a compiled
// Schema needs nothing more and validation cannot fail for lack of one. A Schema is immutable and
// may be used from several threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace weir::json {

inline constexpr std::size_t kSchemaDepthMax = 1024;   // nested subschemas entered while validating
inline constexpr std::size_t kSchemaProblemsMax = 64;  // problems reported of one instance

enum class Dialect { k2019_09, k2020_12 };

// A keyword at one place of the schema whose value validation can hand out. Sites are numbered 0,
// 1, … per Schema.
struct AnnotationSite {
  std::uint32_t id = 0;
  std::string keyword;          // "reduce", "secret", "title", …
  Value value;                  // the keyword's value; lives as long as the Schema
  std::string schema_location;  // URI with fragment
};

// One annotation of one validation: `instance` points into the validated value's tree.
struct Annotation {
  const Value* instance = nullptr;
  std::uint32_t site = 0;
};

struct SchemaProblem {
  std::string instance_pointer;
  std::string schema_location;
  std::string message;  // what is wrong, without the instance's values
};

struct Outcome {
  bool valid = false;
  // Of valid instances only, and only from subschemas that validated; in the order of evaluation,
  // the outer schema's own keywords before those of the subschemas it applied at the same location.
  std::vector<Annotation> annotations;
  std::vector<SchemaProblem> problems;
  std::vector<std::uint32_t> marks;  // working memory of validate()
};

// Regular expressions of `pattern` and `patternProperties` stay behind this (RE2 on the host).
class Regex {
 public:
  virtual ~Regex() = default;
  virtual bool search(std::string_view text) const = 0;  // anywhere in the text
};
using RegexFactory = std::function<Result<std::unique_ptr<Regex>>(std::string_view pattern)>;

struct SchemaOptions {
  Dialect dialect = Dialect::k2020_12;  // where `$schema` does not say
  // Keywords whose values are collected as annotations. Empty: every keyword that annotates,
  // unknown ones included.
  std::vector<std::string> keywords;
  bool assert_formats = false;
  RegexFactory regex;  // required
};

class Schema;

class SchemaStore {
 public:
  SchemaStore();
  ~SchemaStore();
  SchemaStore(SchemaStore&&) noexcept;
  SchemaStore& operator=(SchemaStore&&) noexcept;
  // Registers a document; it is copied. `$id`s inside it are registered too.
  Status add(std::string_view uri, const Value& document);
  bool has(std::string_view uri) const;
  // Compiles the schema at a URI, which may have a fragment (pointer or anchor). kInvalid names the
  // schema location.
  Result<std::shared_ptr<const Schema>> compile(std::string_view uri,
                                                const SchemaOptions& options) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Schema {
 public:
  struct Impl;
  explicit Schema(std::unique_ptr<Impl> impl);
  ~Schema();

  // Clears and fills `out`; its vectors are reused, so a loop that keeps one Outcome does not
  // allocate. Problems are only worked out where the instance is invalid (a second pass).
  void validate(const Value& instance, Outcome& out) const;
  bool is_valid(const Value& instance) const;  // no annotations, no problems: the fastest
  std::span<const AnnotationSite> sites() const;

  // Walking the compiled form: for shapes and for reduction plans. See schema_node.h.
  const struct SchemaNode& root() const;
  std::size_t node_count() const;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::json
