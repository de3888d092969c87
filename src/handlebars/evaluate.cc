// Expressions: what a path leads to, what a helper answers. A value that is not there is nullptr
// here; whether that is an error is decided where the value is used.
#include <fmt/core.h>

#include <new>

#include "handlebars/renderer.h"
#include "json/pointer.h"

namespace weir::handlebars {
namespace {

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++count;
  }
  return count;
}

}  // namespace

// Evaluated arguments; few enough to need no allocation, nearly always.
class Renderer::Arguments {
 public:
  void reserve(std::size_t count) {
    count_ = count;
    if (count > few_.size()) many_.resize(count);
  }
  const json::Value*& operator[](std::size_t i) { return many_.empty() ? few_[i] : many_[i]; }
  std::span<const json::Value* const> span() const {
    return {many_.empty() ? few_.data() : many_.data(), count_};
  }

 private:
  std::array<const json::Value*, 4> few_{};
  std::vector<const json::Value*> many_;
  std::size_t count_ = 0;
};

const json::Value* Renderer::keep(json::Value value) {
  return ::new (arena_.allocate(sizeof(json::Value))) json::Value(value);
}

const json::Value* Renderer::keep_text(std::string_view text) {
  return keep(json::Value::copied_string(arena_, text));
}

const json::Value* Renderer::keep_number(std::size_t number) {
  return keep(json::Value::integer(arena_, static_cast<std::int64_t>(number)));
}

const json::Value* Renderer::property(const json::Value& value, std::string_view name) {
  switch (value.kind()) {
    case json::Kind::kObject: charge(value.size() / 16); return value.find(name);
    case json::Kind::kArray: {
      if (name == "length") return keep_number(value.items().size());
      const auto index = json::array_index(name);
      return index && *index < value.items().size() ? &value.items()[*index] : nullptr;
    }
    case json::Kind::kString:
      charge(value.size() / 64);
      return name == "length" ? keep_number(count_characters(value.as_string())) : nullptr;
    default: return nullptr;
  }
}

const json::Value* Renderer::data_variable(const Path& path, const Scope& scope) {
  if (path.segments.empty()) return nullptr;
  const std::string_view name = path.segments.front();
  const json::Value* given = options_.data == nullptr ? nullptr : options_.data->find(name);
  if (name == "root") return given != nullptr ? given : &root_;
  if (name == "partial-block") {
    static const json::Value kPresent = json::Value::boolean(true);
    return scope.partial_block == nullptr ? nullptr : &kPresent;
  }
  const LoopFrame* frame = scope.loop;
  for (std::uint16_t i = 0; i < path.depth; ++i) {
    if (frame == nullptr) return nullptr;
    frame = frame->parent();
  }
  const json::Value* found = frame == nullptr ? nullptr : frame->find(name);
  return found != nullptr ? found : given;
}

// Mustache's lookup: the innermost context that has the name.
const json::Value* Renderer::find_around(std::string_view name, const Scope& scope) {
  for (const ContextFrame* frame = scope.context; frame != nullptr; frame = frame->parent) {
    if (const json::Value* found = property(*frame->value, name)) return found;
  }
  return nullptr;
}

// Where a path begins, and how many of its segments that has used.
bool Renderer::start_of(const Expression& expression, const Scope& scope, const json::Value** start,
                        std::size_t* used) {
  const Path& path = expression.path;
  *used = 1;
  if (path.data) {
    *start = data_variable(path, scope);
    return true;
  }
  if (path.is_param()) {
    const ParamFrame* frame = scope.params;
    for (std::int16_t i = 0; i < path.param_hops; ++i) frame = frame->parent;
    *start = path.param_index < frame->values.size() ? frame->values[path.param_index] : nullptr;
    return true;
  }
  if (options_.compat && path.depth == 0 && !path.scoped && !path.segments.empty()) {
    *start = find_around(path.segments.front(), scope);
    return true;
  }
  *used = 0;
  const ContextFrame* frame = scope.context;
  for (std::uint16_t i = 0; i < path.depth && frame != nullptr; ++i) frame = frame->parent;
  if (frame == nullptr && options_.strict) {
    return fail(scope, expression.offset,
                fmt::format("\"{}\" climbs above the outermost context", shown(path.original)));
  }
  *start = frame == nullptr ? nullptr : frame->value;
  return true;
}

bool Renderer::resolve(const Expression& expression, const Scope& scope, const json::Value** out) {
  const Path& path = expression.path;
  const json::Value* value = nullptr;
  std::size_t used = 0;
  charge(path.segments.size());
  if (!start_of(expression, scope, &value, &used)) return false;
  for (std::size_t i = used; i < path.segments.size(); ++i) {
    if (value == nullptr || value->is_null()) {
      if (options_.assume_objects) return missing_error(expression, scope);
      value = nullptr;
      break;
    }
    value = property(*value, path.segments[i]);
  }
  *out = value;
  return true;
}

bool Renderer::nothing_found(const Call& call, const Scope& scope) {
  std::string message = fmt::format("\"{}\" finds nothing", call.callee.path.original);
  if (!call.arguments.empty() && call.arguments[0].kind == ExpressionKind::kPath) {
    message += fmt::format(" in \"{}\"", shown(call.arguments[0].path.original));
  }
  return fail(scope, call.callee.offset, std::move(message));
}

bool Renderer::missing_error(const Expression& expression, const Scope& scope) {
  return fail(scope, expression.offset,
              fmt::format("\"{}\" is not in the data", shown(expression.path.original)));
}

bool Renderer::unknown_helper(const Call& call, const Scope& scope) {
  return fail(scope, call.callee.offset, unknown_helper_text(call.callee.path.original));
}

// An argument, or the value of a mustache or block that is no helper's.
bool Renderer::evaluate(const Expression& expression, const Scope& scope, MissingArguments missing,
                        const json::Value** out) {
  switch (expression.kind) {
    case ExpressionKind::kPath:
      if (!resolve(expression, scope, out)) return false;
      if (*out == nullptr && options_.strict && missing == MissingArguments::kRefused) {
        return missing_error(expression, scope);
      }
      return true;
    case ExpressionKind::kCall: {
      if (!call(*expression.call, scope, missing, out)) return false;
      if (expression.call->helper != nullptr && expression.call->helper->prints_json) {
        *out = keep_text(json::to_text(**out));
      }
      return true;
    }
    case ExpressionKind::kUndefined: *out = nullptr; return true;
    default: *out = &expression.literal; return true;
  }
}

// A mustache or a subexpression: a helper if the name is one, else the value of a path.
bool Renderer::call(const Call& call, const Scope& scope, MissingArguments missing,
                    const json::Value** out) {
  if (!step(scope, call.callee.offset)) return false;
  if (call.helper != nullptr) {
    if (!invoke(call, scope, out)) return false;
    if (*out == nullptr && options_.strict && missing != MissingArguments::kEverything) {
      return nothing_found(call, scope);
    }
    return true;
  }
  if (!call.arguments.empty() || !call.hash.empty()) return unknown_helper(call, scope);
  // A literal in this place is the name of a property.
  if (!resolve(call.callee, scope, out)) return false;
  if (*out == nullptr && options_.strict && missing == MissingArguments::kRefused) {
    return missing_error(call.callee, scope);
  }
  return true;
}

bool Renderer::arguments(const Call& call, const Scope& scope, Arguments& out) {
  const Helper& helper = *call.helper;
  const std::size_t count = call.arguments.size();
  if (count < helper.arguments_min || count > helper.arguments_max) {
    return fail(scope, call.callee.offset, fmt::format("{}, not {}", arity_text(helper), count));
  }
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (!evaluate(call.arguments[i], scope, helper.missing, &out[i])) return false;
  }
  return true;
}

bool Renderer::invoke(const Call& call, const Scope& scope, const json::Value** out) {
  const Helper& helper = *call.helper;
  if (helper.value == nullptr) {
    return fail(scope, call.callee.offset, wrong_form_text(helper));
  }
  Arguments values;
  if (!arguments(call, scope, values)) return false;
  return helper.value(*this, {.call = call, .scope = scope, .arguments = values.span()}, out);
}

bool Renderer::invoke_block(const Block& block, const Scope& scope) {
  const Helper& helper = *block.call.helper;
  if (helper.form == HelperForm::kValue) {
    return fail(scope, block.call.callee.offset, wrong_form_text(helper));
  }
  Arguments values;
  if (!arguments(block.call, scope, values)) return false;
  const Invocation invocation{.call = block.call, .scope = scope, .arguments = values.span()};
  if (helper.block != nullptr) return helper.block(*this, invocation, block);
  const json::Value* truth = nullptr;
  if (!helper.value(*this, invocation, &truth)) return false;
  return branch(is_true(truth) ? block.program.get() : block.inverse.get(), scope);
}

bool Renderer::named(const Invocation& invocation, std::string_view name, const json::Value** out) {
  *out = nullptr;
  const Expression* expression = invocation.call.named(name);
  if (expression == nullptr) return true;
  return evaluate(*expression, invocation.scope, MissingArguments::kRefused, out);
}

}  // namespace weir::handlebars
