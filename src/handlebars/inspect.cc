// Template::paths(): renders the tree with sets of paths in the place of values. Where a value may
// be one of several, all are followed; where nothing is known, the answer is a path with `*`.
#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <utility>

#include "handlebars/helpers.h"
#include "handlebars/tree.h"

namespace weir::handlebars {
namespace {

// Beyond these the answer is "*": sets of paths double with each {{#name}} that may be a boolean,
// and partials may call each other in exponentially many ways.
constexpr std::size_t kOriginsMax = 32;
constexpr std::size_t kWalkStepsMax = 50'000;

constexpr std::string_view kAnything = "*";

// Which paths a value may have come from, sorted; "" is the root. A name laid over it (a named
// argument of a partial) comes from elsewhere; what is laid over has no overlay itself.
struct NamedShape;
struct Shape {
  std::vector<std::string> origins;
  std::vector<NamedShape> overlay;
};
struct NamedShape {
  std::string_view name;
  Shape value;
};

void add_origin(Shape& shape, std::string origin) {
  const auto at = std::lower_bound(shape.origins.begin(), shape.origins.end(), origin);
  if (at != shape.origins.end() && *at == origin) return;
  shape.origins.insert(at, std::move(origin));
  if (shape.origins.size() > kOriginsMax) shape.origins = {std::string(kAnything)};
}
void add_all(Shape& shape, const Shape& other) {
  for (const std::string& origin : other.origins) add_origin(shape, origin);
  shape.overlay.insert(shape.overlay.end(), other.overlay.begin(), other.overlay.end());
  if (shape.overlay.size() > kOriginsMax)
    shape = {.origins = {std::string(kAnything)}, .overlay = {}};
}

bool ends_open(std::string_view origin) {
  return origin.ends_with(kAnything);
}

bool is_plain(std::string_view segment) {
  return !segment.empty() && segment.find_first_of(" \t\n./[]*") == std::string_view::npos;
}

// `relative` as it reads below `origin`.
std::string child(const std::string& origin, std::string_view relative) {
  if (ends_open(origin)) return origin;
  return origin.empty() ? std::string(relative) : (origin + ".").append(relative);
}
std::string below(const std::string& origin) {
  return child(origin, kAnything);
}

std::string written(std::string_view segment) {
  if (is_plain(segment)) return std::string(segment);
  return std::string("[").append(segment).append("]");
}

Shape descend(const Shape& shape, std::span<const std::string_view> segments) {
  if (segments.empty()) return shape;
  std::string relative;
  for (const std::string_view segment : segments) {
    if (!relative.empty()) relative += '.';
    relative += written(segment);
  }
  Shape result;
  for (const auto& [name, value] : shape.overlay) {
    if (name == segments.front()) add_all(result, descend(value, segments.subspan(1)));
  }
  for (const std::string& origin : shape.origins) add_origin(result, child(origin, relative));
  return result;
}

// An item of a path is reported as the path itself.
Shape items_of(const Shape& shape) {
  Shape result;
  for (const std::string& origin : shape.origins) {
    add_origin(result, origin.empty() ? std::string(kAnything) : origin);
  }
  for (const NamedShape& named : shape.overlay) add_all(result, named.value);
  return result;
}

bool overlap(const Shape& a, const Shape& b) {
  return std::any_of(a.origins.begin(), a.origins.end(), [&](const std::string& origin) {
    return std::binary_search(b.origins.begin(), b.origins.end(), origin);
  });
}

struct ContextShape {
  Shape shape;
  bool optional;  // may be the same value as its parent, and then adds no level for `..`
  const ContextShape* parent;
};
struct ParamShape {
  std::array<Shape, 2> values;
  const ParamShape* parent;
};
struct PartialShape;
struct WalkScope {
  const ContextShape* context;
  const ParamShape* params;
  const PartialShape* partials;
  const PartialShape* block;  // what @partial-block means
};
// An inline partial or the block of a partial, and where it stands.
struct PartialShape {
  std::string_view name;  // empty: named by an expression
  const Program* program;
  WalkScope scope;
  const PartialShape* next;
};

class Walker {
 public:
  std::vector<std::string> run(const Program& root) {
    const ContextShape context{
        .shape = {.origins = {""}, .overlay = {}}, .optional = false, .parent = nullptr};
    const WalkScope scope{&context, nullptr, nullptr, nullptr};
    walk(root, scope, {nullptr, nullptr, nullptr, nullptr});
    return {found_.begin(), found_.end()};
  }

 private:
  bool step() {
    if (++steps_ <= kWalkStepsMax) return true;
    found_.insert(std::string(kAnything));
    return false;
  }

  void report(const Shape& shape) {
    for (const std::string& origin : shape.origins) {
      found_.insert(origin.empty() ? std::string(kAnything) : origin);
    }
  }
  // Of a value that is entered: entering the root reads nothing yet.
  void report_entered(const Shape& shape) {
    for (const std::string& origin : shape.origins) {
      if (!origin.empty()) found_.insert(origin);
    }
  }

  // ---- values -----------------------------------------------------------------------------------

  static Shape climb(const ContextShape* context, std::size_t depth) {
    // Optional levels make several frames possible at once.
    std::set<const ContextShape*> frames;
    const auto add = [&frames](const ContextShape* frame) {
      for (; frame != nullptr && frames.insert(frame).second && frame->optional;) {
        frame = frame->parent;
      }
    };
    add(context);
    for (; depth > 0 && !frames.empty(); --depth) {
      const std::set<const ContextShape*> from = std::exchange(frames, {});
      for (const ContextShape* frame : from) add(frame->parent);
    }
    Shape result;
    for (const ContextShape* frame : frames) add_all(result, frame->shape);
    return result;
  }

  static Shape path_shape(const Path& path, const WalkScope& scope) {
    Shape shape;
    std::size_t used = 1;
    if (path.data) {
      if (!path.segments.empty() && path.segments.front() == "root") shape.origins = {""};
    } else if (path.is_param()) {
      const ParamShape* frame = scope.params;
      for (int i = 0; i < path.param_hops && frame != nullptr; ++i) frame = frame->parent;
      if (frame != nullptr && path.param_index < 2) shape = frame->values[path.param_index];
    } else {
      used = 0;
      shape = path.depth == 0 && scope.context != nullptr ? scope.context->shape
                                                          : climb(scope.context, path.depth);
    }
    return descend(shape, std::span(path.segments).subspan(std::min(used, path.segments.size())));
  }

  Shape evaluate(const Expression& expression, const WalkScope& scope) {
    if (expression.kind == ExpressionKind::kCall) return call(*expression.call, scope);
    if (expression.kind != ExpressionKind::kPath) return {};
    Shape shape = path_shape(expression.path, scope);
    report(shape);
    return shape;
  }
  Shape entered(const Expression& expression, const WalkScope& scope) {
    if (expression.kind != ExpressionKind::kPath) return evaluate(expression, scope);
    Shape shape = path_shape(expression.path, scope);
    report_entered(shape);
    return shape;
  }

  Shape call(const Call& call, const WalkScope& scope) {
    if (!step()) return {};
    for (const HashPair& pair : call.hash) evaluate(pair.value, scope);
    if (call.helper == nullptr) {
      for (const Expression& argument : call.arguments) evaluate(argument, scope);
      Shape shape = path_shape(call.callee.path, scope);
      report(shape);
      return shape;
    }
    if (call.helper->name == "lookup" && call.arguments.size() == 2) return lookup(call, scope);
    Shape all;
    for (const Expression& argument : call.arguments) add_all(all, evaluate(argument, scope));
    return call.helper->name == "default" ? all : Shape{};
  }

  Shape lookup(const Call& call, const WalkScope& scope) {
    const Expression& object = call.arguments[0];
    const Expression& key = call.arguments[1];
    const Shape from = object.kind == ExpressionKind::kPath ? path_shape(object.path, scope)
                                                            : evaluate(object, scope);
    evaluate(key, scope);
    Shape result;
    if (key.kind == ExpressionKind::kPath || key.kind == ExpressionKind::kCall) {
      for (const std::string& origin : from.origins) add_origin(result, below(origin));
      for (const NamedShape& named : from.overlay) add_all(result, named.value);
    } else {
      result = descend(from, key.path.segments);
    }
    report(result);
    return result;
  }

  // ---- statements -------------------------------------------------------------------------------

  // `outside` is the scope that the program stands in: the world of its inline partials.
  void walk(const Program& program, const WalkScope& scope, const WalkScope& outside) {
    WalkScope inner = scope;
    std::vector<PartialShape> inlines;
    if (program.has_decorators) define_inlines(program, inner, outside, inlines);
    for (const Statement& each : program.statements) {
      if (!step()) return;
      std::visit([&](const auto& node) { statement(node, inner); }, each.node);
    }
  }

  void define_inlines(const Program& program, WalkScope& scope, const WalkScope& outside,
                      std::vector<PartialShape>& inlines) {
    inlines.reserve(program.statements.size());
    for (const Statement& each : program.statements) {
      const auto* decorator = std::get_if<Decorator>(&each.node);
      if (decorator == nullptr || decorator->program == nullptr) continue;
      const bool named = decorator->call.arguments.size() == 1 &&
                         decorator->call.arguments[0].kind == ExpressionKind::kString;
      for (const Expression& argument : decorator->call.arguments) evaluate(argument, scope);
      inlines.push_back({.name = named ? decorator->call.arguments[0].literal.as_string() : "",
                         .program = decorator->program.get(),
                         .scope = {outside.context, scope.params, nullptr, nullptr},
                         .next = scope.partials});
      scope.partials = &inlines.back();
    }
  }

  void statement(const Text&, const WalkScope&) {}
  void statement(const Comment&, const WalkScope&) {}
  void statement(const Decorator&, const WalkScope&) {}
  void statement(const Mustache& mustache, const WalkScope& scope) { call(mustache.call, scope); }

  // A branch with a context of its own.
  void enter(const Program* program, const WalkScope& scope, const Shape& context, bool optional,
             const std::array<Shape, 2>& params) {
    if (program == nullptr) return;
    WalkScope inner = scope;
    const bool same = scope.context != nullptr && overlap(context, scope.context->shape);
    const ContextShape frame{context, optional || same, scope.context};
    inner.context = &frame;
    const ParamShape values{params, scope.params};
    if (!program->params.empty()) inner.params = &values;
    walk(*program, inner, scope);
  }
  void stay(const Program* program, const WalkScope& scope) {
    if (program == nullptr) return;
    WalkScope inner = scope;
    const ParamShape values{{}, scope.params};
    if (!program->params.empty()) inner.params = &values;
    walk(*program, inner, scope);
  }

  void statement(const Block& block, const WalkScope& scope) {
    const Call& call = block.call;
    const Program* program = block.program.get();
    if (call.helper == nullptr) {
      const Shape value = path_shape(call.callee.path, scope);
      report_entered(value);
      const Shape items = items_of(value);
      Shape context = value;
      add_all(context, items);
      add_all(context, scope.context->shape);  // The value may be `true`.
      enter(program, scope, context, true, {items, Shape{}});
    } else if (call.helper->name == "each" && !call.arguments.empty()) {
      const Shape items = items_of(entered(call.arguments[0], scope));
      enter(program, scope, items, false, {items, Shape{}});
    } else if (call.helper->name == "with" && !call.arguments.empty()) {
      const Shape value = entered(call.arguments[0], scope);
      enter(program, scope, value, false, {value, Shape{}});
    } else {
      this->call(call, scope);
      stay(program, scope);
    }
    stay(block.inverse.get(), scope);
  }

  void statement(const Partial& partial, const WalkScope& scope) {
    const Call& call = partial.call;
    Shape context = scope.context->shape;
    if (!call.arguments.empty()) context = entered(call.arguments[0], scope);
    for (const HashPair& pair : call.hash) {
      Shape value = evaluate(pair.value, scope);
      if (!value.overlay.empty()) value = {.origins = {std::string(kAnything)}, .overlay = {}};
      context.overlay.push_back({.name = pair.name, .value = std::move(value)});
    }
    const bool computed = call.callee.kind == ExpressionKind::kCall;
    if (computed) evaluate(call.callee, scope);
    const std::string_view name = call.callee.path.original;

    WalkScope caller = scope;
    std::vector<PartialShape> inlines;
    const PartialShape block{
        .name = {}, .program = partial.program.get(), .scope = scope, .next = nullptr};
    if (block.program != nullptr) {
      define_inlines(*block.program, caller, scope, inlines);
      caller.block = &block;
    }

    bool found = false;
    if (name == "@partial-block" && !computed) {
      found = scope.block != nullptr;
      if (found) follow(*scope.block, context, scope.block->scope, caller.block != scope.block);
    }
    for (const PartialShape* it = caller.partials; it != nullptr && !found; it = it->next) {
      if (!computed && it->name != name && !it->name.empty()) continue;
      WalkScope inner = it->scope;
      inner.partials = caller.partials;
      inner.block = caller.block;
      follow(*it, context, inner, block.program != nullptr);
      found = !computed && it->name == name;
    }
    if (found) return;
    // A template from outside may read whatever it likes.
    if (name != "@partial-block" || computed) found_.insert(std::string(kAnything));
    if (block.program != nullptr) follow(block, context, scope, false);
  }

  void follow(const PartialShape& partial, const Shape& context, const WalkScope& scope,
              bool with_block) {
    if (!step()) return;
    if (std::find(active_.begin(), active_.end(), partial.program) != active_.end()) {
      // It calls itself with something deeper.
      for (const std::string& origin : context.origins) found_.insert(below(origin));
      for (const NamedShape& named : context.overlay) report(named.value);
      if (with_block) found_.insert(std::string(kAnything));
      return;
    }
    active_.push_back(partial.program);
    enter(partial.program, scope, context, false, {});
    active_.pop_back();
  }

  std::set<std::string> found_;
  std::vector<const Program*> active_;  // partials being followed
  std::size_t steps_ = 0;
};

}  // namespace

std::vector<std::string> Template::paths() const {
  return Walker().run(tree_->root);
}

}  // namespace weir::handlebars
