// One render: walks the tree and appends to the output. Private to this folder; helpers see it too.
// A function that returns false has called fail(), and nothing more may be rendered. Values are
// passed as pointers: into the data, the tree, a frame of a scope, or the arena of this render, all
// of which outlive their use. nullptr is a value that is not there.
#pragma once

#include <optional>
#include <string>

#include "handlebars/helpers.h"
#include "handlebars/scope.h"
#include "handlebars/tree.h"

namespace weir::handlebars {

class Renderer {
 public:
  Renderer(const Tree& main, const json::Value& root, const RenderOptions& options, SourceMap* map)
      : main_(main), root_(root), options_(options), map_(map) {}

  Rendered<std::string> run();  // once

  // ---- for helpers ------------------------------------------------------------------------------

  // Ends the render with an error at that place of the scope's template; the first one counts.
  // Always false.
  bool fail(const Scope& scope, std::uint32_t offset, std::string message);
  bool strict() const { return options_.strict; }

  // A branch of a block, which may be absent. `context` nullptr keeps the context.
  struct Entry {
    const json::Value* context = nullptr;
    const LoopFrame* loop = nullptr;  // nullptr keeps the loop
    std::array<const json::Value*, 2> params{};
  };
  bool branch(const Program* program, const Scope& scope, const Entry& entry);
  bool branch(const Program* program, const Scope& scope) { return branch(program, scope, {}); }
  // One pass per item of an array or member of an object, which must not be empty.
  bool loop(const json::Value& list, const Program* program, const Scope& scope);

  // The value of `name=…`, or nullptr if there is none. False after an error.
  bool named(const Invocation& invocation, std::string_view name, const json::Value** out);
  // Own member of an object, item of an array, `length` of an array or string; else nullptr.
  const json::Value* property(const json::Value& value, std::string_view name);
  // Counts work that the number of statements does not show, in units of some ten nanoseconds.
  void charge(std::size_t steps) { steps_ += steps; }
  // Copies into the memory of this render.
  const json::Value* keep(json::Value value);
  const json::Value* keep_text(std::string_view text);
  const json::Value* keep_number(std::size_t number);

 private:
  // ---- render.cc: statements --------------------------------------------------------------------
  bool statements(const Program& program, const Scope& scope);
  bool statement(const Text& text, std::uint32_t offset, const Scope& scope);
  bool statement(const Comment&, std::uint32_t, const Scope&) { return true; }
  bool statement(const Mustache& mustache, std::uint32_t offset, const Scope& scope);
  bool statement(const Block& block, std::uint32_t offset, const Scope& scope);
  bool statement(const Decorator&, std::uint32_t, const Scope&) { return true; }
  bool statement(const Partial& partial, std::uint32_t offset, const Scope& scope);
  // {{#name}} where the name is data.
  bool value_block(const Block& block, const json::Value* value, const Scope& scope);
  void append(const json::Value& value, bool escaped);
  void append_escaped(std::string_view text);
  bool output_fits(const Scope& scope, std::uint32_t offset);
  // An entry of the source map for what is appended next.
  void note(const Scope& scope, std::uint32_t offset, bool literal);
  // Both count, and fail beyond their limit.
  bool step(const Scope& scope, std::uint32_t offset);
  bool pass(const Scope& scope, std::uint32_t offset);

  // ---- partials.cc ------------------------------------------------------------------------------
  bool define_inlines(const Program& program, const Scope& scope, const Scope& outside,
                      PartialFrame& frame);
  const Closure* find_inline(const PartialFrame* frame, std::string_view name);
  bool partial_name(const Partial& partial, const Scope& scope, std::string_view* out);
  bool partial_context(const Partial& partial, const Scope& scope, const json::Value** out);
  bool call_partial(const Partial& partial, std::uint32_t offset, const Scope& scope);
  bool call_closure(const Closure& closure, const json::Value* context, const Scope& scope);
  bool call_template(const Tree& tree, const json::Value* context, const Scope& scope);
  void indent_output(std::size_t start, std::size_t map_start, std::string_view indent);

  // ---- evaluate.cc: expressions -----------------------------------------------------------------
  class Arguments;
  // Strict mode's rules about missing values are applied here, by what the user of the value
  // admits; resolve() and invoke() answer nullptr.
  bool evaluate(const Expression& expression, const Scope& scope, MissingArguments missing,
                const json::Value** out);
  bool call(const Call& call, const Scope& scope, MissingArguments missing,
            const json::Value** out);
  bool invoke(const Call& call, const Scope& scope, const json::Value** out);
  bool invoke_block(const Block& block, const Scope& scope);
  bool arguments(const Call& call, const Scope& scope, Arguments& out);
  bool resolve(const Expression& expression, const Scope& scope, const json::Value** out);
  bool start_of(const Expression& expression, const Scope& scope, const json::Value** start,
                std::size_t* used);
  const json::Value* data_variable(const Path& path, const Scope& scope);
  const json::Value* find_around(std::string_view name, const Scope& scope);
  bool nothing_found(const Call& call, const Scope& scope);
  bool missing_error(const Expression& expression, const Scope& scope);
  bool unknown_helper(const Call& call, const Scope& scope);

  void make_room();

  const Tree& main_;
  const json::Value& root_;
  const RenderOptions& options_;
  SourceMap* map_;
  json::Arena arena_;
  std::string out_;  // may hold secrets: written to behind make_room() only
  std::optional<TemplateError> error_;
  std::size_t frames_ = 0;
  std::size_t partial_depth_ = 0;
  std::size_t passes_ = 0;
  std::size_t steps_ = 0;
  // While a template from outside renders: where the main one called it.
  std::uint32_t outside_call_ = 0;
  std::string_view outside_name_;
};

}  // namespace weir::handlebars
