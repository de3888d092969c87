#include "handlebars/helpers.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "base/log.h"
#include "base/text.h"
#include "handlebars/renderer.h"
#include "json/number.h"
#include "json/pointer.h"

namespace weir::handlebars {
namespace {

using json::Kind;
using json::Value;

const Value kNull;
const Value kTrue = Value::boolean(true);
const Value kFalse = Value::boolean(false);

const Value* truth(bool value) {
  return value ? &kTrue : &kFalse;
}

bool is_zero(const Value& value) {
  return value.is_number() && json::compare_numbers(value.number_text(), "0") == 0;
}

// What `with` and `if includeZero=true` call empty: 0 is not.
bool is_empty(const Value* value) {
  if (value == nullptr) return true;
  switch (value->kind()) {
    case Kind::kNull: return true;
    case Kind::kBool: return !value->as_bool();
    case Kind::kString: return value->as_string().empty();
    case Kind::kArray: return value->items().empty();
    default: return false;
  }
}

// ---- blocks ---------------------------------------------------------------------------------

bool choose(Renderer& renderer, const Invocation& call, const Block& block, bool negated) {
  const Value* include_zero = nullptr;
  if (!renderer.named(call, "includeZero", &include_zero)) return false;
  const Value* value = call.arguments[0];
  const bool yes = is_true(include_zero) ? !is_empty(value) : is_true(value);
  return renderer.branch((yes != negated ? block.program : block.inverse).get(), call.scope);
}

bool block_if(Renderer& renderer, const Invocation& call, const Block& block) {
  return choose(renderer, call, block, false);
}
bool block_unless(Renderer& renderer, const Invocation& call, const Block& block) {
  return choose(renderer, call, block, true);
}

// Strict mode: without a value the block needs an else.
bool without_value(Renderer& renderer, const Invocation& call, const Block& block,
                   std::string_view problem) {
  if (block.inverse != nullptr) return renderer.branch(block.inverse.get(), call.scope);
  if (!renderer.strict()) return true;
  const Expression& argument = call.call.arguments[0];
  std::string_view path = argument.path.original;
  if (argument.kind == ExpressionKind::kCall) path = argument.call->callee.path.original;
  return renderer.fail(
      call.scope, argument.offset,
      fmt::format("\"{}\" {}; give the block an else if that may be", shown(path), problem));
}

bool block_each(Renderer& renderer, const Invocation& call, const Block& block) {
  const Value* list = call.arguments[0];
  if (list == nullptr || list->is_null()) {
    return without_value(renderer, call, block, "has no value to loop over");
  }
  if (!list->is_array() && !list->is_object()) {
    return without_value(renderer, call, block, "is neither an array nor an object");
  }
  if (list->size() == 0) return renderer.branch(block.inverse.get(), call.scope);
  return renderer.loop(*list, block.program.get(), call.scope);
}

bool block_with(Renderer& renderer, const Invocation& call, const Block& block) {
  const Value* context = call.arguments[0];
  if (context == nullptr || context->is_null()) {
    return without_value(renderer, call, block, "has no value to enter");
  }
  if (is_empty(context)) return renderer.branch(block.inverse.get(), call.scope);
  return renderer.branch(block.program.get(), call.scope,
                         {.context = context, .params = {context, nullptr}});
}

bool block_raw(Renderer& renderer, const Invocation& call, const Block& block) {
  return renderer.branch(block.program.get(), call.scope);
}

// ---- values ---------------------------------------------------------------------------------

bool value_lookup(Renderer& renderer, const Invocation& call, const Value** result) {
  const Value* object = call.arguments[0];
  const Value* key = call.arguments[1];
  *result = nullptr;
  if (object == nullptr || key == nullptr) return true;
  switch (key->kind()) {
    case Kind::kString: *result = renderer.property(*object, key->as_string()); return true;
    case Kind::kBool:
      *result = renderer.property(*object, key->as_bool() ? "true" : "false");
      return true;
    case Kind::kNumber:
      if (const auto index = json::integral_uint64(key->number_text());
          index && object->is_array()) {
        if (*index < object->items().size()) *result = &object->items()[*index];
      } else {
        *result = renderer.property(*object, key->number_text());
      }
      return true;
    default: return true;
  }
}

// Nothing but places: what the data holds does not belong in a log.
bool value_log(Renderer&, const Invocation& call, const Value** result) {
  *result = &kNull;
  if (!log_enabled(LogLevel::kDebug)) return true;
  std::string paths;
  for (const Expression& argument : call.call.arguments) {
    if (argument.kind != ExpressionKind::kPath) continue;
    if (!paths.empty()) paths += ' ';
    paths += shown(argument.path.original);
  }
  const json::Place at = call.scope.tree->place(call.call.callee.offset);
  log(LogLevel::kDebug, "log of a template",
      {{"path", paths}, {"line", at.line}, {"column", at.column}});
  return true;
}

bool value_json(Renderer&, const Invocation& call, const Value** result) {
  *result = call.arguments[0] == nullptr ? &kNull : call.arguments[0];
  return true;
}

bool equal(const Value* a, const Value* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return json::equal(*a, *b);
}

bool value_eq(Renderer&, const Invocation& call, const Value** result) {
  *result = truth(equal(call.arguments[0], call.arguments[1]));
  return true;
}
bool value_ne(Renderer&, const Invocation& call, const Value** result) {
  *result = truth(!equal(call.arguments[0], call.arguments[1]));
  return true;
}

// The number that a number is or a string spells.
std::string_view number_in(const Value& value) {
  if (value.is_number()) return value.number_text();
  if (value.is_string() && json::is_number_text(value.as_string())) return value.as_string();
  return {};
}

// Numbers by value (a string that spells one compares with a number), strings by bytes, false
// before true. False after an error.
bool compare(Renderer& renderer, const Invocation& call, int* order) {
  const Value* a = call.arguments[0];
  const Value* b = call.arguments[1];
  if (a != nullptr && b != nullptr) {
    if (a->is_string() && b->is_string()) {
      *order = a->as_string().compare(b->as_string());
      return true;
    }
    if (a->is_bool() && b->is_bool()) {
      *order = static_cast<int>(a->as_bool()) - static_cast<int>(b->as_bool());
      return true;
    }
    const std::string_view left = number_in(*a);
    const std::string_view right = number_in(*b);
    if (!left.empty() && !right.empty()) {
      *order = json::compare_numbers(left, right);
      return true;
    }
  }
  const auto kind = [](const Value* value) {
    return value == nullptr ? std::string_view("nothing") : json::name_of(value->kind());
  };
  return renderer.fail(call.scope, call.call.callee.offset,
                       fmt::format("\"{}\" cannot order {} and {}", call.call.callee.path.original,
                                   kind(a), kind(b)));
}

template <typename Test>
bool ordered(Renderer& renderer, const Invocation& call, const Value** result, Test test) {
  int order = 0;
  if (!compare(renderer, call, &order)) return false;
  *result = truth(test(order));
  return true;
}
bool value_gt(Renderer& renderer, const Invocation& call, const Value** result) {
  return ordered(renderer, call, result, [](int order) { return order > 0; });
}
bool value_gte(Renderer& renderer, const Invocation& call, const Value** result) {
  return ordered(renderer, call, result, [](int order) { return order >= 0; });
}
bool value_lt(Renderer& renderer, const Invocation& call, const Value** result) {
  return ordered(renderer, call, result, [](int order) { return order < 0; });
}
bool value_lte(Renderer& renderer, const Invocation& call, const Value** result) {
  return ordered(renderer, call, result, [](int order) { return order <= 0; });
}

bool value_and(Renderer&, const Invocation& call, const Value** result) {
  *result = truth(std::all_of(call.arguments.begin(), call.arguments.end(), is_true));
  return true;
}
bool value_or(Renderer&, const Invocation& call, const Value** result) {
  *result = truth(std::any_of(call.arguments.begin(), call.arguments.end(), is_true));
  return true;
}
bool value_not(Renderer&, const Invocation& call, const Value** result) {
  *result = truth(!is_true(call.arguments[0]));
  return true;
}

// Items of an array, members of an object, characters of a string; of all else 0.
bool value_len(Renderer& renderer, const Invocation& call, const Value** result) {
  static const Value kZero = Value::number("0");
  const Value* value = call.arguments[0];
  *result = &kZero;
  if (value == nullptr) return true;
  if (value->is_array() || value->is_string()) {
    *result = renderer.property(*value, "length");
  } else if (value->is_object()) {
    *result = renderer.keep_number(value->members().size());
  }
  return true;
}

bool value_default(Renderer&, const Invocation& call, const Value** result) {
  const auto has_value = [](const Value* value) { return value != nullptr && !value->is_null(); };
  const auto it = std::find_if(call.arguments.begin(), call.arguments.end(), has_value);
  *result = it == call.arguments.end() ? call.arguments.back() : *it;
  return true;
}

// ---- the table ------------------------------------------------------------------------------

constexpr auto kRefused = MissingArguments::kRefused;
constexpr auto kPaths = MissingArguments::kPaths;
constexpr auto kEverything = MissingArguments::kEverything;
constexpr auto kBlock = HelperForm::kBlock;
constexpr auto kValue = HelperForm::kValue;
constexpr auto kTest = HelperForm::kTest;

// name, form, arguments from – to, which may be missing, as a value, as a block
constexpr Helper kHelpers[] = {
    {"if", kBlock, 1, 1, kPaths, nullptr, block_if, false,
     "the block if the value is true, else its else; includeZero=true lets 0 be true"},
    {"unless", kBlock, 1, 1, kPaths, nullptr, block_unless, false, "if, the other way round"},
    {"each", kBlock, 1, 1, kPaths, nullptr, block_each, false,
     "the block for each item or member, which becomes the context; else if there is none"},
    {"with", kBlock, 1, 1, kPaths, nullptr, block_with, false,
     "the block with the value as its context; else if it is empty"},
    {"raw", kBlock, 0, 0, kRefused, nullptr, block_raw, false,
     "the block as it is: {{{{raw}}}} {{x}} {{{{/raw}}}}"},
    {"lookup", kValue, 2, 2, kPaths, value_lookup, nullptr, false,
     "the member or item of a value that another value names"},
    {"json", kValue, 1, 1, kRefused, value_json, nullptr, true, "the value as JSON, never escaped"},
    {"default", kValue, 2, kAnyNumber, kEverything, value_default, nullptr, false,
     "the first value that is there and not null, else the last"},
    {"len", kValue, 1, 1, kRefused, value_len, nullptr, false,
     "the number of items, members or characters"},
    {"log", kValue, 0, kAnyNumber, kEverything, value_log, nullptr, false,
     "nothing; the debug log tells that the place was reached"},
    {"eq", kTest, 2, 2, kRefused, value_eq, nullptr, false,
     "are the values equal; numbers by value, nothing is converted"},
    {"ne", kTest, 2, 2, kRefused, value_ne, nullptr, false, "are they not"},
    {"gt", kTest, 2, 2, kRefused, value_gt, nullptr, false, "is the first greater"},
    {"gte", kTest, 2, 2, kRefused, value_gte, nullptr, false, "is it greater or equal"},
    {"lt", kTest, 2, 2, kRefused, value_lt, nullptr, false, "is it less"},
    {"lte", kTest, 2, 2, kRefused, value_lte, nullptr, false, "is it less or equal"},
    {"and", kTest, 1, kAnyNumber, kPaths, value_and, nullptr, false, "are all true"},
    {"or", kTest, 1, kAnyNumber, kPaths, value_or, nullptr, false, "is one true"},
    {"not", kTest, 1, 1, kPaths, value_not, nullptr, false, "is it false"},
};

}  // namespace

std::span<const Helper> helpers() {
  return kHelpers;
}

const Helper* find_helper(std::string_view name) {
  const auto it = std::find_if(std::begin(kHelpers), std::end(kHelpers),
                               [&](const Helper& helper) { return helper.name == name; });
  return it == std::end(kHelpers) ? nullptr : it;
}

std::string arity_text(const Helper& helper) {
  const std::size_t min = helper.arguments_min;
  const std::string_view more = helper.arguments_max == kAnyNumber ? " or more" : "";
  return fmt::format("\"{}\" takes {}{} argument{}", helper.name, min, more,
                     min == 1 && more.empty() ? "" : "s");
}

std::string wrong_form_text(const Helper& helper) {
  if (helper.form == HelperForm::kBlock) {
    return fmt::format("\"{0}\" is a block: {{{{#{0} …}}}}…{{{{/{0}}}}}", helper.name);
  }
  return fmt::format("\"{0}\" is no block: {{{{{0} …}}}}", helper.name);
}

std::string unknown_helper_text(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Helper& helper : kHelpers) names.push_back(helper.name);
  return fmt::format("there is no helper \"{}\"{}", shown(name), did_you_mean(name, names));
}

std::string unknown_partial_text(std::string_view name) {
  return fmt::format("there is no partial \"{}\"", shown(name));
}

std::string unknown_decorator_text(std::string_view name) {
  return fmt::format("there is no decorator \"{}\"; {{{{#*inline \"name\"}}}} is the only one",
                     shown(name));
}

bool is_true(const Value* value) {
  return !is_empty(value) && !is_zero(*value);
}

}  // namespace weir::handlebars
