// Template::problems(): what can be refused before any data is seen, also in branches that a trial
// render would not reach.
#include <fmt/core.h>

#include <algorithm>

#include "handlebars/helpers.h"
#include "handlebars/tree.h"

namespace weir::handlebars {
namespace {

class Checker {
 public:
  Checker(const Tree& tree, const std::vector<std::string>& partials)
      : tree_(tree), partials_(partials.begin(), partials.end()) {}

  std::vector<TemplateError> run() {
    collect_inlines(tree_.root);
    check(tree_.root);
    std::stable_sort(problems_.begin(), problems_.end(), [](const auto& a, const auto& b) {
      return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    return std::move(problems_);
  }

 private:
  void add(std::uint32_t offset, std::string message) {
    problems_.push_back(tree_.error(offset, std::move(message)));
  }

  // Names of all inline partials, wherever they hold: a partial may be called from another.
  void collect_inlines(const Program& program) {
    for (const Statement& each : program.statements) {
      if (const auto* block = std::get_if<Block>(&each.node)) {
        if (block->program != nullptr) collect_inlines(*block->program);
        if (block->inverse != nullptr) collect_inlines(*block->inverse);
      } else if (const auto* partial = std::get_if<Partial>(&each.node)) {
        if (partial->program != nullptr) collect_inlines(*partial->program);
      } else if (const auto* decorator = std::get_if<Decorator>(&each.node)) {
        if (decorator->program == nullptr) continue;
        collect_inlines(*decorator->program);
        const auto& arguments = decorator->call.arguments;
        if (arguments.empty()) continue;
        if (arguments[0].kind == ExpressionKind::kString) {
          partials_.push_back(arguments[0].literal.as_string());
        } else {
          any_name_ = true;
        }
      }
    }
  }

  void check(const Program& program) {
    for (const Statement& each : program.statements) {
      std::visit([&](const auto& node) { check(node, each.offset); }, each.node);
    }
  }

  void check(const Text&, std::uint32_t) {}
  void check(const Comment&, std::uint32_t) {}
  void check(const Mustache& mustache, std::uint32_t) { check_call(mustache.call, false); }

  void check(const Block& block, std::uint32_t) {
    check_call(block.call, true);
    if (block.program != nullptr) check(*block.program);
    if (block.inverse != nullptr) check(*block.inverse);
  }

  void check(const Decorator& decorator, std::uint32_t offset) {
    if (decorator.call.callee.path.original != "inline" || decorator.program == nullptr) {
      add(offset, unknown_decorator_text(decorator.call.callee.path.original));
    } else if (decorator.call.arguments.size() != 1) {
      add(offset, std::string(kInlineNeedsName));
    }
    check_arguments(decorator.call);
    if (decorator.program != nullptr) check(*decorator.program);
  }

  void check(const Partial& partial, std::uint32_t offset) {
    const Expression& callee = partial.call.callee;
    if (callee.kind == ExpressionKind::kCall) {
      check_call(*callee.call, false);
    } else if (partial.program == nullptr && !any_name_ &&
               callee.path.original != "@partial-block" &&
               std::find(partials_.begin(), partials_.end(), callee.path.original) ==
                   partials_.end()) {
      add(offset, unknown_partial_text(callee.path.original));
    }
    check_arguments(partial.call);
    if (partial.program != nullptr) check(*partial.program);
  }

  void check_arguments(const Call& call) {
    for (const Expression& argument : call.arguments) check_expression(argument);
    for (const HashPair& pair : call.hash) check_expression(pair.value);
  }
  void check_expression(const Expression& expression) {
    if (expression.kind == ExpressionKind::kCall) check_call(*expression.call, false);
  }

  void check_call(const Call& call, bool is_block) {
    check_arguments(call);
    const std::uint32_t offset = call.callee.offset;
    if (call.helper == nullptr) {
      if (!call.arguments.empty() || !call.hash.empty()) {
        add(offset, unknown_helper_text(call.callee.path.original));
      }
      return;
    }
    const Helper& helper = *call.helper;
    if (helper.form == (is_block ? HelperForm::kValue : HelperForm::kBlock)) {
      add(offset, wrong_form_text(helper));
    }
    const std::size_t count = call.arguments.size();
    if (count < helper.arguments_min || count > helper.arguments_max) {
      add(offset, fmt::format("{}, not {}", arity_text(helper), count));
    }
  }

  const Tree& tree_;
  std::vector<std::string_view> partials_;
  bool any_name_ = false;  // an inline partial's name is computed
  std::vector<TemplateError> problems_;
};

}  // namespace

std::vector<TemplateError> Template::problems(const std::vector<std::string>& partials) const {
  return Checker(*tree_, partials).run();
}

}  // namespace weir::handlebars
