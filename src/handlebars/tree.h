// The parsed template. Private to this folder. All text points into the Tree's arena, so nodes can
// be moved freely and live exactly as long as the Tree.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "handlebars/template.h"
#include "json/value.h"

namespace weir::handlebars {

struct Call;
struct Helper;
struct Statement;

// A run of statements: the template, a branch of a block, the content of a raw block.
struct Program {
  std::vector<Statement> statements;
  std::vector<std::string_view> params;  // names of `as |a b|`
  bool has_decorators = false;
};

struct Path {
  bool data = false;        // @name
  bool scoped = false;      // begins with `this` or `.`: never a helper
  std::uint16_t depth = 0;  // number of `..`
  // Block parameters are lexical, so the parser resolves them: how many enclosing programs that
  // declare parameters to go out, and which of its names it is. Negative: not a parameter.
  std::int16_t param_hops = -1;
  std::uint16_t param_index = 0;
  std::vector<std::string_view> segments;
  std::string_view original;  // as written, without brackets

  bool is_param() const { return param_hops >= 0; }
  // May name a helper.
  bool simple() const {
    return !data && !scoped && depth == 0 && segments.size() == 1 && !is_param();
  }
};

enum class ExpressionKind { kPath, kString, kNumber, kBoolean, kNull, kUndefined, kCall };

struct Expression {
  ExpressionKind kind = ExpressionKind::kPath;
  std::uint32_t offset = 0;
  // Of a literal too: in the place of a callee, `{{"a b"}}` and `{{12}}` read the property of that
  // name.
  Path path;
  json::Value literal;
  std::unique_ptr<Call> call;
};

struct HashPair {
  std::string_view name;
  Expression value;
};

// Callee and arguments of a mustache, a block, a partial or a subexpression.
struct Call {
  Expression callee;
  std::vector<Expression> arguments;
  std::vector<HashPair> hash;
  const Helper* helper = nullptr;  // resolved by name while parsing

  // The last of several pairs with that name, or nullptr.
  const Expression* named(std::string_view name) const {
    const Expression* found = nullptr;
    for (const HashPair& pair : hash) {
      if (pair.name == name) found = &pair.value;
    }
    return found;
  }
};

struct Text {
  std::string_view value;  // a contiguous piece of the template
};
struct Comment {
  std::string_view value;
};
struct Mustache {
  Call call;
  bool escaped = true;
};
struct Block {
  Call call;
  std::unique_ptr<Program> program;  // null: an inverse block without else
  std::unique_ptr<Program> inverse;  // null: no else
};
// {{#*inline "name"}}…{{/inline}}, or {{*name}}, which has no program.
struct Decorator {
  Call call;
  std::unique_ptr<Program> program;
};
struct Partial {
  Call call;                         // the callee is the name, or a subexpression that yields it
  std::string_view indent;           // blanks before a standalone tag
  std::unique_ptr<Program> program;  // of {{#> name}}; else null
};

struct Statement {
  std::uint32_t offset = 0;  // of the opening braces, or of the text's first byte
  std::variant<Text, Comment, Mustache, Block, Decorator, Partial> node;
};

struct Tree {
  json::Arena arena;
  std::string_view text;
  std::vector<std::uint32_t> line_starts;  // byte offsets, ascending; the first is 0
  Program root;

  json::Place place(std::uint32_t offset) const;  // columns count characters
  TemplateError error(std::uint32_t offset, std::string message) const;
};

// A path as messages name it: control characters escaped, and shortened if its author wrote a page
// of it.
std::string shown(std::string_view path);

}  // namespace weir::handlebars
