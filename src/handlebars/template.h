// Handlebars templates: parse, print as a tree, inspect, render. Templates are tenant input: every limit has a name,
// a failed render yields nothing, and errors name the path, line and column, never a value.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace weir::handlebars {

inline constexpr std::size_t kTemplateBytesMax = 64u << 10;
inline constexpr std::size_t kNestingMax = 64;
inline constexpr std::size_t kOutputBytesMax = 1u << 20;
inline constexpr std::size_t kIterationsMax = 1'000'000;

struct TemplateError {
  std::uint32_t line = 0;    // 1-based
  std::uint32_t column = 0;  // 1-based, in characters of the template's line
  std::string message;
  std::string text() const;  // "line:column: message"
};
template <typename T>
using Rendered = tl::expected<T, TemplateError>;

enum class Escape { kJson, kHtml, kNone };

// The language's own options; the product uses the defaults.
struct ParseOptions {
  bool ignore_standalone = false;
  bool prevent_indent = false;
};

struct Node;

class Template {
 public:
  static Rendered<Template> parse(std::string_view text, const ParseOptions& options = {});
  // The tree in the notation of the parser suite.
  std::string print() const;
  // Paths that the template reads from its root context, as written from the root ("tables.inserted", "headers.X"),
  // each once, sorted; iterated contexts are followed ("tables" of {{#each tables}}{{name}} gives "tables.name").
  // A path that cannot be followed statically (lookup with a computed key) is reported by its prefix and ".*".
  std::vector<std::string> paths() const;

  Template(Template&&) noexcept;
  Template& operator=(Template&&) noexcept;
  ~Template();
  const Node& root() const { return *root_; }

 private:
  explicit Template(std::unique_ptr<Node> root);
  std::unique_ptr<Node> root_;
};

struct RenderOptions {
  Escape escape = Escape::kJson;
  bool strict = true;
  bool assume_objects = false;
  bool compat = false;
  bool explicit_partial_context = false;
  bool prevent_indent = false;
  std::map<std::string, const Template*> partials;
};

Rendered<std::string> render(const Template& parsed, const json::Value& context, const RenderOptions& options = {});

}  // namespace weir::handlebars
