// Handlebars templates: parse, print as a tree, inspect, render. Templates are tenant input: every
// limit has a name, a failed render yields nothing, and errors name the path, line and column,
// never a value.
//
// The language is that of handlebars.js 4.7, with these decisions:
//  - `}}` closes a tag that did not open with three braces, whatever follows: {"a":{{n}}} works.
//  - `a.0` is a path; {{(lookup a "x")}} prints; string literals are JSON strings.
//  - Strict: a path that leads nowhere is an error, except as an argument of if, unless, and, or,
//    not, default and log. each and with need a value or an else, lookup needs a result (but inside
//    default), partials and helpers must exist, `..` must not climb above the root.
//  - {} is true. Only own members exist, and `length` of arrays and strings.
//  - null prints nothing, numbers print as they were written, arrays and objects as compact JSON.
//  - eq and ne compare numbers by value, convert nothing; gt, gte, lt and lte order numbers (also
//    ones in strings), strings and booleans, and refuse the rest; len counts characters.
//  - default takes the first value that is neither missing nor null.
//  - Helpers win over data of the same name, which is reached as this.name.
//  - A tag of a raw block that stands alone on its line takes the line with it, like other blocks.
//
// A Template is immutable once parsed and may be rendered from several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace weir::handlebars {

inline constexpr std::size_t kTemplateBytesMax = 64u << 10;
// Blocks and subexpressions inside each other (an `else if` counts as inside its `if`); calls of
// partials inside partials.
inline constexpr std::size_t kNestingMax = 64;
// Blocks and partials that are being rendered at one moment, all kinds together: the stack's bound.
inline constexpr std::size_t kFramesMax = 256;
inline constexpr std::size_t kOutputBytesMax = 1u << 20;
// Passes of all loops and calls of all partials of one render.
inline constexpr std::size_t kIterationsMax = 1'000'000;
// Statements and helper calls of one render: ends what stays below the other limits for minutes.
inline constexpr std::size_t kStepsMax = 20'000'000;
// Values that helpers make while rendering (results of json, contexts of partials).
inline constexpr std::size_t kScratchBytesMax = 16u << 20;

struct TemplateError {
  std::uint32_t line = 0;    // 1-based
  std::uint32_t column = 0;  // 1-based, in characters of the template's line
  std::string message;
  std::string text() const;  // "line:column: message"
};
template <typename T>
using Rendered = tl::expected<T, TemplateError>;

// What `{{x}}` does to a value's text; `{{{x}}}`, `{{&x}}` and `{{json x}}` are never escaped.
//   kJson  strings, and the compact JSON of arrays and objects, as the inside of a JSON string
//   kHtml  the seven characters of the language's own rule, as character references
//   kNone  nothing
// Numbers, true and false need no escaping and print as they are; null prints nothing.
enum class Escape { kJson, kHtml, kNone };

struct ParseOptions {
  bool ignore_standalone = false;  // keep lines that hold nothing but a tag
};

struct Tree;

class Template {
 public:
  static Rendered<Template> parse(std::string_view text, const ParseOptions& options = {});

  // The tree, one node a line, children indented by two spaces: the notation of the language's own
  // AST printer.
  std::string print() const;

  // Paths that the template reads from its root context, as written from the root
  // ("tables.inserted", "headers.X"), each once, sorted. Loops are followed: {{#each
  // tables}}{{name}}{{/each}} gives "tables" and "tables.name". What cannot be followed statically
  // (lookup with a computed key, a partial from outside) is reported by its prefix and ".*", or by
  // "*" where that prefix is the root. A segment that is no plain name stands in brackets. The
  // answer may name too much, never too little.
  std::vector<std::string> paths() const;

  // Mistakes that no data can mend, found without rendering: unknown helpers, decorators and
  // partials, a wrong number of arguments, a value helper used as a block. In order of place.
  // `partials` names those that render() will be given.
  std::vector<TemplateError> problems(const std::vector<std::string>& partials = {}) const;

  Template(Template&&) noexcept;
  Template& operator=(Template&&) noexcept;
  ~Template();
  const Tree& tree() const { return *tree_; }

 private:
  explicit Template(std::unique_ptr<const Tree> tree);
  std::unique_ptr<const Tree> tree_;
};

// The defaults are the product's; the other settings are the language's own and let its public
// test suites run.
struct RenderOptions {
  Escape escape = Escape::kJson;
  // Missing paths, unknown partials, and each, with and lookup without a value are errors. False:
  // they print nothing.
  bool strict = true;
  bool assume_objects =
      false;            // only where not strict: a property of something missing is an error
  bool compat = false;  // a name that the context lacks is looked up in the contexts around
  bool explicit_partial_context = false;            // a partial without argument gets no context
  bool prevent_indent = false;                      // a standalone partial's lines are not indented
  std::map<std::string, const Template*> partials;  // must outlive the render
  // An object whose members are the outermost data variables (`@name`), or nullptr.
  const json::Value* data = nullptr;
};

// Where pieces of the output came from, so that a place in it can be led back to the template.
struct SourceMapEntry {
  std::size_t output_offset = 0;  // of the piece's first byte; ascending
  std::uint32_t line = 0;         // of the piece in the template, 1-based like TemplateError's
  std::uint32_t column = 0;
  bool literal = false;  // text of the template; else the output of a mustache
};
using SourceMap = std::vector<SourceMapEntry>;

// The template's place of a byte of the output: exact within literal text, else that of the
// mustache. `output` is what the same render returned; an offset at or past its end is led back to
// the last piece. A zero line if the map is empty.
SourceMapEntry locate(const SourceMap& map, std::string_view output, std::size_t offset);

// `map`, if given, is cleared and filled; after an error it is meaningless.
Rendered<std::string> render(const Template& parsed, const json::Value& context,
                             const RenderOptions& options = {}, SourceMap* map = nullptr);

}  // namespace weir::handlebars
