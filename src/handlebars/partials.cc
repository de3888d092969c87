// Partials: inline ones, blocks handed to them, and templates from outside.
#include <fmt/core.h>

#include <algorithm>
#include <new>

#include "handlebars/renderer.h"

namespace weir::handlebars {
namespace {

const json::Value kNull;
const json::Value kEmptyObject = json::Value::object({});

}  // namespace

const Closure* Renderer::find_inline(const PartialFrame* frame, std::string_view name) {
  for (; frame != nullptr; frame = frame->parent) {
    charge(frame->partials.size() / 4);
    // Of two definitions in one block the later one holds.
    for (auto it = frame->partials.rbegin(); it != frame->partials.rend(); ++it) {
      if (it->first == name) return &it->second;
    }
  }
  return nullptr;
}

// Inline partials hold in their whole block, before their definition too. `outside` is the scope
// that the block stands in: what `..` reaches from an inline partial.
bool Renderer::define_inlines(const Program& program, const Scope& scope, const Scope& outside,
                              PartialFrame& frame) {
  for (const Statement& each : program.statements) {
    const auto* decorator = std::get_if<Decorator>(&each.node);
    if (decorator == nullptr) continue;
    const Call& call = decorator->call;
    if (call.callee.path.original != "inline" || decorator->program == nullptr) {
      return fail(scope, each.offset, unknown_decorator_text(call.callee.path.original));
    }
    const json::Value* name = nullptr;
    if (call.arguments.size() == 1 &&
        !evaluate(call.arguments[0], scope, MissingArguments::kRefused, &name)) {
      return false;
    }
    if (name == nullptr || !name->is_string()) {
      return fail(scope, each.offset, std::string(kInlineNeedsName));
    }
    frame.partials.emplace_back(name->as_string(), Closure{.program = decorator->program.get(),
                                                           .tree = scope.tree,
                                                           .context = outside.context,
                                                           .params = scope.params});
  }
  return true;
}

bool Renderer::partial_name(const Partial& partial, const Scope& scope, std::string_view* out) {
  const Expression& callee = partial.call.callee;
  *out = callee.path.original;
  if (callee.kind != ExpressionKind::kCall) return true;
  const json::Value* name = nullptr;
  if (!evaluate(callee, scope, MissingArguments::kRefused, &name)) return false;
  if (name == nullptr || !name->is_string()) {
    return fail(scope, callee.offset, "the name of a partial has to be a string");
  }
  *out = name->as_string();
  return true;
}

// The argument or the current context, with the named values laid over a copy of it.
bool Renderer::partial_context(const Partial& partial, const Scope& scope,
                               const json::Value** out) {
  const Call& call = partial.call;
  const json::Value* context =
      options_.explicit_partial_context ? &kEmptyObject : scope.context->value;
  if (!call.arguments.empty()) {
    if (!evaluate(call.arguments[0], scope, MissingArguments::kRefused, &context)) return false;
    if (context == nullptr) context = &kNull;
  }
  *out = context;
  if (call.hash.empty()) return true;

  const auto own = context->is_object() ? context->members() : std::span<const json::Member>();
  charge(call.hash.size() * (call.hash.size() + own.size()));
  auto* members = arena_.array<json::Member>(own.size() + call.hash.size());
  std::size_t count = 0;
  for (const json::Member& member : own) {
    if (call.named(member.name) == nullptr) ::new (&members[count++]) json::Member(member);
  }
  for (const HashPair& pair : call.hash) {
    if (call.named(pair.name) != &pair.value) continue;
    const json::Value* value = nullptr;
    if (!evaluate(pair.value, scope, MissingArguments::kRefused, &value)) return false;
    if (value == nullptr) continue;
    ::new (&members[count++]) json::Member{.name = pair.name, .value = *value, .place = {}};
  }
  *out = keep(json::Value::object({members, count}));
  return true;
}

bool Renderer::statement(const Partial& partial, std::uint32_t offset, const Scope& scope) {
  if (partial_depth_ >= kNestingMax) {
    return fail(scope, offset, fmt::format("partials nested deeper than {} levels", kNestingMax));
  }
  if (!pass(scope, offset)) return false;
  std::string_view indent = partial.indent;
  if (options_.prevent_indent && !indent.empty()) {
    note(scope, offset, false);
    out_ += indent;
    indent = {};
  }
  const std::size_t start = out_.size();
  const std::size_t map_start = map_ == nullptr ? 0 : map_->size();
  ++partial_depth_;
  const bool ok = call_partial(partial, offset, scope);
  --partial_depth_;
  if (!ok) return false;
  if (!indent.empty()) indent_output(start, map_start, indent);
  return output_fits(scope, offset);
}

bool Renderer::call_partial(const Partial& partial, std::uint32_t offset, const Scope& scope) {
  std::string_view name;
  const json::Value* context = nullptr;
  if (!partial_name(partial, scope, &name)) return false;
  if (!partial_context(partial, scope, &context)) return false;

  Scope caller = scope;
  const Closure block{.program = partial.program.get(),
                      .tree = scope.tree,
                      .context = scope.context,
                      .params = scope.params,
                      .partials = scope.partials,
                      .partial_block = scope.partial_block,
                      .is_partial_block = true};
  PartialFrame inlines{.partials = {}, .parent = scope.partials};
  if (block.program != nullptr) {
    caller.partial_block = &block;
    if (block.program->has_decorators) {
      if (!define_inlines(*block.program, scope, scope, inlines)) return false;
      caller.partials = &inlines;
    }
  }

  if (name == "@partial-block") {
    if (scope.partial_block != nullptr) return call_closure(*scope.partial_block, context, caller);
  } else if (const Closure* found = find_inline(caller.partials, name)) {
    return call_closure(*found, context, caller);
  } else if (const auto it = options_.partials.find(std::string(name));
             it != options_.partials.end()) {
    const std::uint32_t call_before = outside_call_;
    const std::string_view name_before = outside_name_;
    if (scope.tree == &main_) outside_call_ = offset;
    outside_name_ = it->first;
    const bool ok = call_template(it->second->tree(), context, caller);
    outside_call_ = call_before;
    outside_name_ = name_before;
    return ok;
  }
  if (block.program != nullptr) return call_closure(block, context, scope);
  if (partial.call.callee.kind != ExpressionKind::kCall) {
    return fail(scope, offset, unknown_partial_text(name));
  }
  // The name is a value, which no message shows.
  return fail(scope, partial.call.callee.offset, "there is no partial of this name");
}

bool Renderer::call_closure(const Closure& closure, const json::Value* context,
                            const Scope& caller) {
  Scope scope = caller;
  scope.tree = closure.tree;
  scope.context = closure.context;
  scope.params = closure.params;
  if (closure.is_partial_block) {
    scope.partials = closure.partials;
    scope.partial_block = closure.partial_block;
  }
  return branch(closure.program, scope, {.context = context});
}

bool Renderer::call_template(const Tree& tree, const json::Value* context, const Scope& caller) {
  Scope scope = caller;
  scope.tree = &tree;
  scope.params = nullptr;
  if (!options_.compat) scope.context = nullptr;
  return branch(&tree.root, scope, {.context = context});
}

// Puts `indent` before every line that was rendered since `start`. Entries of the source map move
// along; text behind an inserted indent gets one of its own.
void Renderer::indent_output(std::size_t start, std::size_t map_start, std::string_view indent) {
  const std::string old = out_.substr(start);
  out_.resize(start);
  SourceMap before;
  if (map_ != nullptr) {
    before.assign(map_->begin() + static_cast<std::ptrdiff_t>(map_start), map_->end());
    for (SourceMapEntry& entry : before) entry.output_offset -= start;
    map_->resize(map_start);
  }
  auto next = before.begin();
  for (std::size_t line = 0; line < old.size();) {
    const std::size_t line_break = old.find('\n', line);
    const std::size_t end = line_break == std::string::npos ? old.size() : line_break + 1;
    out_ += indent;
    if (!before.empty()) {
      SourceMapEntry entry = locate(before, old, line);
      entry.output_offset = out_.size();
      map_->push_back(entry);
    }
    while (next != before.end() && next->output_offset <= line) ++next;
    for (; next != before.end() && next->output_offset < end; ++next) {
      SourceMapEntry entry = *next;
      entry.output_offset = out_.size() + (entry.output_offset - line);
      map_->push_back(entry);
    }
    out_.append(old, line, end - line);
    line = end;
  }
}

}  // namespace weir::handlebars
