// The helpers, one row each in helpers.cc. The row feeds the parser (which names are helpers), the
// renderer, Template::problems() and the documentation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "handlebars/tree.h"
#include "json/value.h"

namespace weir::handlebars {

class Renderer;
struct Scope;

// A helper at work. Arguments are evaluated; a missing one is nullptr, where the row admits it.
struct Invocation {
  const Call& call;
  const Scope& scope;
  std::span<const json::Value* const> arguments;
};

enum class HelperForm : std::uint8_t {
  kBlock,  // {{#name …}} only
  kValue,  // {{name …}} and (name …)
  kTest,   // like kValue; as a block it renders the branch that its truth chooses
};

// Which arguments strict mode lets be missing.
enum class MissingArguments : std::uint8_t {
  kRefused,
  kPaths,      // paths that lead nowhere
  kEverything  // lookup without a result too
};

// Both answer false after Renderer::fail(). A value helper's result may be nullptr: nothing there.
using ValueHelper = bool (*)(Renderer&, const Invocation&, const json::Value** result);
using BlockHelper = bool (*)(Renderer&, const Invocation&, const Block&);

inline constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

struct Helper {
  std::string_view name;
  HelperForm form;
  // Positional arguments; named ones that a helper does not know are ignored.
  std::size_t arguments_min;
  std::size_t arguments_max;
  MissingArguments missing;
  ValueHelper value;         // of kValue and kTest
  BlockHelper block;         // of kBlock
  bool prints_json = false;  // what a mustache prints is JSON of the result, never escaped
  std::string_view summary;  // one line, for people
};

std::span<const Helper> helpers();
const Helper* find_helper(std::string_view name);

// Messages: `"if" takes 1 argument`; a block helper used as a value, or the other way round; a name
// that is no helper.
std::string arity_text(const Helper& helper);
std::string wrong_form_text(const Helper& helper);
std::string unknown_helper_text(std::string_view name);
std::string unknown_partial_text(std::string_view name);
std::string unknown_decorator_text(std::string_view name);
inline constexpr std::string_view kInlineNeedsName =
    "inline needs one argument, the partial's name in quotes";

// The language's truth: missing, null, false, "", 0 and [] are false; {} is true.
bool is_true(const json::Value* value);

}  // namespace weir::handlebars
