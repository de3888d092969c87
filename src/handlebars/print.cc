// The notation of the AST printer of handlebars.js, so that its parser tests can be compared as
// text.
#include "handlebars/tree.h"

namespace weir::handlebars {
namespace {

class Printer {
 public:
  std::string run(const Program& program) {
    print(program);
    return std::move(out_);
  }

 private:
  void line(std::string_view text) {
    out_.append(depth_ * 2, ' ');
    out_ += text;
    out_ += '\n';
  }

  void print(const Program& program) {
    if (!program.params.empty()) {
      std::string params = "BLOCK PARAMS: [";
      for (const std::string_view name : program.params) params.append(" ").append(name);
      line(params + " ]");
    }
    for (const Statement& statement : program.statements) {
      std::visit([this](const auto& node) { print(node); }, statement.node);
    }
  }

  void print(const Text& text) { line("CONTENT[ '" + std::string(text.value) + "' ]"); }
  void print(const Comment& comment) { line("{{! '" + std::string(comment.value) + "' }}"); }
  void print(const Mustache& mustache) { line("{{ " + call_text(mustache.call) + " }}"); }

  void print(const Block& block) {
    line("BLOCK:");
    print_branches(block.call, block.program.get(), block.inverse.get());
  }

  void print(const Decorator& decorator) {
    if (decorator.program == nullptr) {
      line("{{ DIRECTIVE " + call_text(decorator.call) + " }}");
    } else {
      line("DIRECTIVE BLOCK:");
      print_branches(decorator.call, decorator.program.get(), nullptr);
    }
  }

  void print_branches(const Call& call, const Program* program, const Program* inverse) {
    ++depth_;
    line(call_text(call));
    print_branch("PROGRAM:", program);
    print_branch("{{^}}", inverse);
    --depth_;
  }
  void print_branch(std::string_view title, const Program* program) {
    if (program == nullptr) return;
    line(title);
    ++depth_;
    print(*program);
    --depth_;
  }

  void print(const Partial& partial) {
    const Expression& name = partial.call.callee;
    std::string text = partial.program == nullptr ? "{{> PARTIAL:" : "{{> PARTIAL BLOCK:";
    text += name.kind == ExpressionKind::kCall ? expression_text(name)
                                               : std::string(name.path.original);
    for (const Expression& argument : partial.call.arguments)
      text += " " + expression_text(argument);
    text += hash_text(partial.call);
    if (partial.program != nullptr) {
      line(text + " PROGRAM:");
      ++depth_;
      print(*partial.program);
      --depth_;
      text.clear();
    }
    line(text + " }}");
  }

  static std::string call_text(const Call& call) {
    std::string text = expression_text(call.callee) + " [";
    for (const Expression& argument : call.arguments) {
      if (!text.ends_with('[')) text += ", ";
      text += expression_text(argument);
    }
    return text + "]" + hash_text(call);
  }

  static std::string hash_text(const Call& call) {
    if (call.hash.empty()) return {};
    std::string text = " HASH{";
    for (const HashPair& pair : call.hash) {
      if (!text.ends_with('{')) text += ", ";
      text += std::string(pair.name) + "=" + expression_text(pair.value);
    }
    return text + "}";
  }

  static std::string expression_text(const Expression& expression) {
    switch (expression.kind) {
      case ExpressionKind::kPath: return path_text(expression.path);
      case ExpressionKind::kString:
        return "\"" + std::string(expression.literal.as_string()) + "\"";
      case ExpressionKind::kNumber:
        return "NUMBER{" + std::string(expression.literal.number_text()) + "}";
      case ExpressionKind::kBoolean:
        return expression.literal.as_bool() ? "BOOLEAN{true}" : "BOOLEAN{false}";
      case ExpressionKind::kNull: return "NULL";
      case ExpressionKind::kUndefined: return "UNDEFINED";
      case ExpressionKind::kCall: return call_text(*expression.call);
    }
    return {};
  }

  static std::string path_text(const Path& path) {
    std::string text = path.data ? "@PATH:" : "PATH:";
    for (std::size_t i = 0; i < path.segments.size(); ++i) {
      if (i > 0) text += '/';
      text += path.segments[i];
    }
    return text;
  }

  std::size_t depth_ = 0;
  std::string out_;
};

}  // namespace

std::string Template::print() const {
  return Printer().run(tree_->root);
}

}  // namespace weir::handlebars
