#include "catalog/template_check.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "catalog/reference.h"
#include "catalog/template_scan.h"
#include "catalog/text_place.h"
#include "catalog/trigger_context.h"
#include "handlebars/template.h"
#include "json/events.h"
#include "json/pointer.h"

namespace weir::catalog {
namespace {

std::string_view describe(Sample sample) {
  switch (sample) {
    case Sample::kOneTable: return "one table";
    case Sample::kTwoTables: return "two tables";
    case Sample::kAwkward:
    case Sample::kPlain: return "empty clocks and counts that were not taken";
  }
  return "";
}

class Checker {
 public:
  Checker(const Node& node, const Trigger& trigger, const std::string& materialization,
          Problems& problems)
      : node_(node),
        text_(node.value().as_string()),
        trigger_(trigger),
        materialization_(materialization),
        problems_(problems) {}

  void check_payload() {
    if (!parse("payloadTemplate")) return;
    for (const Sample sample : {Sample::kOneTable, Sample::kTwoTables, Sample::kAwkward}) {
      const auto rendered = render(sample);
      if (!rendered) return;
      const auto problem = json_problem(*rendered);
      if (!problem) continue;
      if (sample != Sample::kAwkward) return explain(sample, *rendered, *problem);
      const auto plain = render(Sample::kPlain);
      if (!plain) return;
      if (const auto still = json_problem(*plain)) return explain(Sample::kPlain, *plain, *still);
      warn_of_verbatim();
    }
    warn_of_secret_headers();
  }

  void check_url() {
    if (!parse("url")) return;
    for (const Sample sample : {Sample::kOneTable, Sample::kAwkward}) {
      if (!render(sample)) return;
    }
  }

 private:
  struct JsonProblem {
    std::size_t offset = 0;
    json::Place place;
    std::string message;
  };

  Location at(std::uint32_t line, std::uint32_t column) const {
    Location location = node_.location();
    location.place = place_in_text(node_.file().text, location.place, line, column);
    return location;
  }

  bool parse(std::string_view what) {
    auto parsed = handlebars::Template::parse(text_);
    if (parsed) {
      parsed_.emplace(*std::move(parsed));
      return true;
    }
    const handlebars::TemplateError& error = parsed.error();
    problems_.add("E601", at(error.line, error.column),
                  fmt::format("\"{}\" is no template: {}", what, error.message));
    return false;
  }

  std::optional<std::string> render(Sample sample) {
    json::Arena arena;
    const TriggerFacts facts = sample_facts(sample, materialization_, trigger_.name);
    const auto headers = sample_secrets(sample, trigger_.headers);
    const auto secrets = sample_secrets(sample, trigger_.secrets);
    const json::Value context = make_context(facts, headers, secrets, arena);
    auto rendered = handlebars::render(*parsed_, context);
    if (rendered) return *std::move(rendered);
    const handlebars::TemplateError& error = rendered.error();
    problems_.add("E602", at(error.line, error.column),
                  fmt::format("the template does not render with {}: {}{}", describe(sample),
                              error.message, suggestion(error.message, context)));
    return std::nullopt;
  }

  // For a variable that does not exist: the message quotes it first.
  static std::string suggestion(std::string_view message, const json::Value& context) {
    const std::size_t first = message.find('"');
    const std::size_t last = message.find('"', first + 1);
    if (first == std::string_view::npos || last == std::string_view::npos) return "";
    const std::string_view path = message.substr(first + 1, last - first - 1);
    std::vector<std::string> known;
    for (const json::Member& m : context.members()) {
      known.emplace_back(m.name);
      if (!m.value.is_object()) continue;
      for (const json::Member& below : m.value.members())
        known.push_back(fmt::format("{}.{}", m.name, below.name));
    }
    for (const json::Member& m : context.find("tables")->items()[0].members())
      known.emplace_back(m.name);
    const std::vector<std::string_view> views(known.begin(), known.end());
    return did_you_mean(path, views);
  }

  static std::optional<JsonProblem> json_problem(const std::string& rendered) {
    json::Arena arena;
    const auto parsed = json::parse(rendered, arena, json::Duplicates::kLastWins);
    if (parsed) return std::nullopt;
    JsonProblem problem{0, parsed.error().place, parsed.error().message};
    std::uint32_t line = 1;
    while (line < problem.place.line && problem.offset < rendered.size()) {
      if (rendered[problem.offset++] == '\n') ++line;
    }
    problem.offset = std::min(problem.offset + std::max<std::uint32_t>(problem.place.column, 1) - 1,
                              rendered.size());
    return problem;
  }

  // A mustache outside quotes is the usual reason; else the place in the result is all there is to
  // tell.
  void explain(Sample sample, const std::string& rendered, const JsonProblem& problem) {
    for (const Mustache& mustache : scan_mustaches(text_)) {
      if (mustache.quoted || mustache.path.empty()) continue;
      const Written written = written_by(mustache.path, sample);
      if (written == Written::kNumber) continue;
      const std::string shown = fmt::format("{{{{{}}}}}", mustache.path);
      const std::string message =
          written == Written::kNothing
              ? fmt::format(
                    "{} writes nothing where the count was not taken, which is no JSON value",
                    shown)
              : fmt::format("{} writes a text outside quotes", shown);
      problems_.add("E604", at(mustache.line, mustache.column), message,
                    fmt::format("Write {{{{json {0}}}}}, or \"{{{{{0}}}}}\" with quotes around it.",
                                mustache.path));
      return;
    }
    problems_.add(
        "E603", place_in_template(rendered, problem.offset),
        fmt::format("with {} the template renders no JSON: {} in line {}, column {} of the result",
                    describe(sample), problem.message, problem.place.line, problem.place.column));
  }

  enum class Written { kText, kNumber, kNothing };
  // What a path writes, as far as it can be followed without knowing the block it stands in.
  Written written_by(std::string_view path, Sample sample) const {
    json::Arena arena;
    const TriggerFacts facts = sample_facts(sample, materialization_, trigger_.name);
    const json::Value context = make_context(facts, trigger_.headers, trigger_.secrets, arena);
    while (path.starts_with("../")) path.remove_prefix(3);
    for (const std::string_view self : {"this.", "this/", "./", "@root."}) {
      if (path.starts_with(self)) path.remove_prefix(self.size());
    }
    if (path.starts_with('@')) return Written::kNumber;  // @index, @first, …
    const json::Value* table = context.find("tables");
    const json::Value* roots[] = {&context, &table->items()[0]};
    for (const json::Value* value : roots) {
      for (const std::string_view segment : split(path, '.')) {
        if (value != nullptr) value = member(*value, segment);
      }
      if (value == nullptr) continue;
      if (value->is_null()) return Written::kNothing;
      return value->is_number() ? Written::kNumber : Written::kText;
    }
    return Written::kText;
  }

  static const json::Value* member(const json::Value& value, std::string_view segment) {
    const auto index = json::array_index(segment);
    if (!value.is_array() || !index) return value.find(segment);
    return *index < value.size() ? &value.items()[*index] : nullptr;
  }

  // Where in the template the text before the error stands, if it stands there once.
  Location place_in_template(const std::string& rendered, std::size_t offset) const {
    constexpr std::size_t kContext = 12;
    for (std::size_t length = std::min(kContext, offset); length > 1; --length) {
      const std::string_view before = std::string_view(rendered).substr(offset - length, length);
      const std::size_t found = text_.find(before);
      if (found == std::string_view::npos ||
          text_.find(before, found + 1) != std::string_view::npos)
        continue;
      const Mustache place = place_of_byte(text_, found + length);
      return at(place.line, place.column);
    }
    return at(1, 1);
  }

  void warn_of_verbatim() {
    for (const Mustache& mustache : scan_mustaches(text_)) {
      if (!mustache.verbatim) continue;
      problems_.add("W111", at(mustache.line, mustache.column),
                    "a value with a quote, a backslash or a line break in it, written verbatim, "
                    "breaks the JSON");
      return;
    }
    problems_.add(
        "W111", at(1, 1),
        "a value with a quote, a backslash or a line break in it breaks the JSON of this template");
  }

  void warn_of_secret_headers() {
    constexpr std::string_view kHeaders = "headers.";
    for (const std::string& path : parsed_->paths()) {
      if (!path.starts_with(kHeaders)) continue;
      const std::string_view name = std::string_view(path).substr(kHeaders.size());
      if (!is_secret_name(name)) continue;
      problems_.add("W107", at(1, 1), fmt::format("the header {} is written into the body", name));
    }
  }

  const Node& node_;
  const std::string_view text_;
  const Trigger& trigger_;
  const std::string& materialization_;
  Problems& problems_;
  std::optional<handlebars::Template> parsed_;
};

}  // namespace

void check_payload_template(const Node& node, const Trigger& trigger,
                            const std::string& materialization, Problems& problems) {
  Checker(node, trigger, materialization, problems).check_payload();
}

void check_url_template(const Node& node, const Trigger& trigger,
                        const std::string& materialization, Problems& problems) {
  Checker(node, trigger, materialization, problems).check_url();
}

}  // namespace weir::catalog
