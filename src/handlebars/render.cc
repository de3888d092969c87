// Statements.
#include <fmt/core.h>

#include "base/secret.h"
#include "handlebars/renderer.h"

namespace weir::handlebars {
namespace {

// Keeps the number of frames while one is being rendered.
class Held {
 public:
  explicit Held(std::size_t& count) : count_(++count) {}
  ~Held() { --count_; }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  std::size_t& count_;
};

void append_html(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#x27;"; break;
      case '`': out += "&#x60;"; break;
      case '=': out += "&#x3D;"; break;
      default: out += c;
    }
  }
}

}  // namespace

Rendered<std::string> Renderer::run() {
  const ContextFrame root{.value = &root_, .parent = nullptr};
  // Inline partials of the outermost level have no context around them.
  const Scope outside{.tree = &main_};
  Scope scope = outside;
  scope.context = &root;
  PartialFrame inlines{.partials = {}, .parent = nullptr};
  bool ok = true;
  if (main_.root.has_decorators) {
    ok = define_inlines(main_.root, scope, outside, inlines);
    scope.partials = &inlines;
  }
  if (!ok || !statements(main_.root, scope)) {
    wipe(out_);
    return tl::unexpected<TemplateError>(*std::move(error_));
  }
  return std::move(out_);
}

// A buffer that out_ outgrew would be given back with what it held. One piece of output rarely has
// more than this.
void Renderer::make_room() {
  constexpr std::size_t kRoom = 8u << 10;
  if (out_.capacity() - out_.size() >= kRoom) return;
  std::string larger;
  larger.reserve(2 * out_.capacity() + kRoom);
  larger += out_;
  wipe(out_);
  out_ = std::move(larger);
}

bool Renderer::fail(const Scope& scope, std::uint32_t offset, std::string message) {
  if (error_) return false;
  if (scope.tree != &main_) {
    message += fmt::format(" (in the partial \"{}\")", shown(outside_name_));
  }
  error_ = scope.tree->error(offset, std::move(message));
  return false;
}

bool Renderer::statements(const Program& program, const Scope& scope) {
  for (const Statement& each : program.statements) {
    const std::uint32_t offset = each.offset;
    if (!step(scope, offset)) return false;
    const bool ok =
        std::visit([&](const auto& node) { return statement(node, offset, scope); }, each.node);
    if (!ok) return false;
  }
  return true;
}

bool Renderer::statement(const Text& text, std::uint32_t offset, const Scope& scope) {
  if (text.value.empty()) return true;
  note(scope, offset, true);
  make_room();
  out_ += text.value;
  return output_fits(scope, offset);
}

bool Renderer::statement(const Mustache& mustache, std::uint32_t offset, const Scope& scope) {
  make_room();
  const json::Value* value = nullptr;
  if (!call(mustache.call, scope, MissingArguments::kRefused, &value)) return false;
  if (value == nullptr) return true;
  note(scope, offset, false);
  if (mustache.call.helper != nullptr && mustache.call.helper->prints_json) {
    json::write(*value, out_);
  } else {
    append(*value, mustache.escaped);
  }
  return output_fits(scope, offset);
}

bool Renderer::statement(const Block& block, std::uint32_t offset, const Scope& scope) {
  const Call& call = block.call;
  if (call.helper != nullptr) return invoke_block(block, scope);
  if (!call.arguments.empty() || !call.hash.empty()) return unknown_helper(call, scope);
  if (!step(scope, offset)) return false;
  const json::Value* value = nullptr;
  if (!resolve(call.callee, scope, &value)) return false;
  if (value == nullptr && options_.strict) return missing_error(call.callee, scope);
  return value_block(block, value, scope);
}

// {{#name}} where the name is no helper: loops over arrays, enters what else is there.
bool Renderer::value_block(const Block& block, const json::Value* value, const Scope& scope) {
  const Program* program = block.program.get();
  if (value == nullptr || value->is_null() || (value->is_bool() && !value->as_bool()) ||
      (value->is_array() && value->items().empty())) {
    return branch(block.inverse.get(), scope);
  }
  if (value->is_bool()) return branch(program, scope);
  if (value->is_array()) return loop(*value, program, scope);
  return branch(program, scope, {.context = value});
}

bool Renderer::branch(const Program* program, const Scope& scope, const Entry& entry) {
  if (program == nullptr) return true;
  const Held held(frames_);
  if (frames_ > kFramesMax) {
    const std::uint32_t offset =
        program->statements.empty() ? 0 : program->statements.front().offset;
    return fail(scope, offset,
                fmt::format("more than {} blocks and partials at one time", kFramesMax));
  }
  Scope inner = scope;
  const ContextFrame context{.value = entry.context, .parent = scope.context};
  if (entry.context != nullptr &&
      (scope.context == nullptr || entry.context != scope.context->value)) {
    inner.context = &context;
  }
  if (entry.loop != nullptr) inner.loop = entry.loop;
  const ParamFrame params{.values = entry.params, .parent = scope.params};
  if (!program->params.empty()) inner.params = &params;
  if (!program->has_decorators) return statements(*program, inner);
  PartialFrame inlines{.partials = {}, .parent = scope.partials};
  if (!define_inlines(*program, inner, scope, inlines)) return false;
  inner.partials = &inlines;
  return statements(*program, inner);
}

bool Renderer::loop(const json::Value& list, const Program* program, const Scope& scope) {
  if (program == nullptr) return true;
  const std::uint32_t offset = program->statements.empty() ? 0 : program->statements.front().offset;
  LoopFrame frame(scope.loop);
  const std::size_t count = list.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (!pass(scope, offset)) return false;
    const json::Value* value = nullptr;
    if (list.is_array()) {
      value = &list.items()[i];
      frame.set(i, count, nullptr);
    } else {
      value = &list.members()[i].value;
      frame.set(i, count, &list.members()[i].name);
    }
    if (!branch(program, scope,
                {.context = value, .loop = &frame, .params = {value, &frame.key()}})) {
      return false;
    }
  }
  return true;
}

void Renderer::append(const json::Value& value, bool escaped) {
  switch (value.kind()) {
    case json::Kind::kNull: return;
    case json::Kind::kBool: out_ += value.as_bool() ? "true" : "false"; return;
    case json::Kind::kNumber: out_ += value.number_text(); return;
    case json::Kind::kString:
      if (escaped) return append_escaped(value.as_string());
      out_ += value.as_string();
      return;
    case json::Kind::kArray:
    case json::Kind::kObject:
      if (escaped) return append_escaped(json::to_text(value));
      json::write(value, out_);
  }
}

void Renderer::append_escaped(std::string_view text) {
  switch (options_.escape) {
    case Escape::kJson: json::write_string_inside(text, out_); return;
    case Escape::kHtml: append_html(text, out_); return;
    case Escape::kNone: out_ += text;
  }
}

bool Renderer::output_fits(const Scope& scope, std::uint32_t offset) {
  if (out_.size() <= kOutputBytesMax) return true;
  return fail(scope, offset, fmt::format("the output has more than {} bytes", kOutputBytesMax));
}

void Renderer::note(const Scope& scope, std::uint32_t offset, bool literal) {
  if (map_ == nullptr) return;
  const bool own = scope.tree == &main_;
  const json::Place at = main_.place(own ? offset : outside_call_);
  map_->push_back({.output_offset = out_.size(),
                   .line = at.line,
                   .column = at.column,
                   .literal = own && literal});
}

bool Renderer::step(const Scope& scope, std::uint32_t offset) {
  if (++steps_ > kStepsMax) {
    return fail(scope, offset, fmt::format("rendering takes more than {} steps", kStepsMax));
  }
  if (arena_.bytes_used() > kScratchBytesMax) {
    return fail(scope, offset,
                fmt::format("helpers made more than {} bytes of values", kScratchBytesMax));
  }
  return true;
}

// One pass of a loop, or one call of a partial.
bool Renderer::pass(const Scope& scope, std::uint32_t offset) {
  if (++passes_ <= kIterationsMax) return true;
  return fail(scope, offset,
              fmt::format("more than {} passes of loops and calls of partials", kIterationsMax));
}

Rendered<std::string> render(const Template& parsed, const json::Value& context,
                             const RenderOptions& options, SourceMap* map) {
  if (map != nullptr) map->clear();
  return Renderer(parsed.tree(), context, options, map).run();
}

}  // namespace weir::handlebars
