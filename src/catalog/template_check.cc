#include "catalog/template_check.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "catalog/reference.h"
#include "catalog/template_tag.h"
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
        text_(node.tree().as_string()),
        trigger_(trigger),
        materialization_(materialization),
        problems_(problems) {}

  void check_payload() {
    if (!parse("payloadTemplate")) return;
    if (problems_.published()) check_published();
    for (const Sample sample : {Sample::kOneTable, Sample::kTwoTables, Sample::kAwkward}) {
      const auto rendered = render(sample);
      if (!rendered) return;
      const auto problem = json_problem(rendered->text);
      if (!problem) continue;
      if (sample != Sample::kAwkward) return explain(sample, *rendered, *problem);
      const auto plain = render(Sample::kPlain);
      if (!plain) return;
      if (const auto still = json_problem(plain->text))
        return explain(Sample::kPlain, *plain, *still);
      warn_of_verbatim(*rendered, *problem);
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
  // Variables and helpers that the published model does not have.
  void check_published() {
    constexpr std::string_view kVariables[] = {"collection_names",
                                               "connector_image",
                                               "materialization_name",
                                               "flow_published_at_min",
                                               "flow_published_at_max",
                                               "run_id",
                                               "headers"};
    constexpr std::string_view kOwnHelpers[] = {"json", "default"};
    for (const std::string& path : parsed_->paths()) {
      const std::string_view root = std::string_view(path).substr(0, path.find('.'));
      if (std::find(std::begin(kVariables), std::end(kVariables), root) != std::end(kVariables))
        continue;
      problems_.own(place_of(root, false).value_or(at(1, 1)),
                    fmt::format("the variable \"{}\" of the template", root));
    }
    for (const std::string_view helper : kOwnHelpers) {
      if (const auto call = place_of(helper, true))
        problems_.own(*call, fmt::format("the helper \"{}\" of the template", helper));
    }
  }

  // The first mustache that names it, `as_helper`: at its begin or in parentheses.
  std::optional<Location> place_of(std::string_view name, bool as_helper) const {
    std::uint32_t line = 1, column = 1;
    bool inside = false;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (text_.substr(i).starts_with("{{")) inside = true;
      if (text_.substr(i).starts_with("}}")) inside = false;
      const bool called = i > 0 && std::string_view("{(#&~").find(text_[i - 1]) != text_.npos;
      if (inside && is_word_at(i, name) && (called || !as_helper)) return at(line, column);
      const bool continues = (static_cast<unsigned char>(text_[i]) & 0xC0) == 0x80;
      if (text_[i] == '\n') {
        ++line;
        column = 1;
      } else if (!continues) {
        ++column;
      }
    }
    return std::nullopt;
  }
  bool is_word_at(std::size_t i, std::string_view name) const {
    const auto word = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    const std::size_t end = i + name.size();
    return text_.substr(i).starts_with(name) && (i == 0 || !word(text_[i - 1])) &&
           (end >= text_.size() || !word(text_[end]));
  }

  struct Rendering {
    std::string text;
    handlebars::SourceMap map;
  };
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
      const std::vector<handlebars::TemplateError> mistakes = parsed_->problems();
      for (const handlebars::TemplateError& mistake : mistakes) {
        problems_.add("E602", at(mistake.line, mistake.column),
                      "the template cannot render: " + mistake.message);
      }
      return mistakes.empty();
    }
    const handlebars::TemplateError& error = parsed.error();
    problems_.add("E601", at(error.line, error.column),
                  fmt::format("\"{}\" is no template: {}", what, error.message));
    return false;
  }

  std::optional<Rendering> render(Sample sample) {
    json::Arena arena;
    const TriggerFacts facts = sample_facts(sample, materialization_, trigger_.name);
    const auto headers = sample_secrets(sample, trigger_.headers);
    const auto secrets = sample_secrets(sample, trigger_.secrets);
    const json::Value context = make_context(facts, headers, secrets, arena);
    Rendering out;
    auto rendered = handlebars::render(*parsed_, context, {}, &out.map);
    if (rendered) {
      out.text = *std::move(rendered);
      return out;
    }
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

  // What a mustache wrote there outside quotes is the usual reason. Where it wrote nothing, the
  // parser stumbles over what follows.
  void explain(Sample sample, const Rendering& rendered, const JsonProblem& problem) {
    handlebars::SourceMapEntry piece =
        handlebars::locate(rendered.map, rendered.text, problem.offset);
    for (const handlebars::SourceMapEntry& entry : rendered.map) {
      const bool writes_nothing =
          !entry.literal && entry.output_offset == problem.offset && piece.literal;
      const std::string_view path = tag_at(text_, entry.line, entry.column).path;
      if (writes_nothing && !path.empty() && written_by(path, sample) == Written::kNothing)
        piece = entry;
    }
    const std::string path(piece.literal ? "" : tag_at(text_, piece.line, piece.column).path);
    if (path.empty()) {
      problems_.add(
          "E603", at(piece.line, piece.column),
          fmt::format(
              "with {} the template renders no JSON: {} in line {}, column {} of the result",
              describe(sample), problem.message, problem.place.line, problem.place.column));
      return;
    }
    const bool nothing = written_by(path, sample) == Written::kNothing;
    const std::string_view what =
        nothing ? "writes nothing where the count was not taken, which is no JSON value"
                : "writes a text outside quotes";
    problems_.add(
        "E604", at(piece.line, piece.column), fmt::format("{{{{{}}}}} {}", path, what),
        fmt::format("Write {{{{json {0}}}}}, or \"{{{{{0}}}}}\" with quotes around it.", path));
  }

  enum class Written { kSomething, kNothing };
  // What a path writes, as far as it can be followed without knowing the block it stands in.
  Written written_by(std::string_view path, Sample sample) const {
    json::Arena arena;
    const TriggerFacts facts = sample_facts(sample, materialization_, trigger_.name);
    const json::Value context = make_context(facts, trigger_.headers, trigger_.secrets, arena);
    while (path.starts_with("../")) path.remove_prefix(3);
    for (const std::string_view self : {"this.", "this/", "./", "@root."}) {
      if (path.starts_with(self)) path.remove_prefix(self.size());
    }
    const json::Value* table = context.find("tables");
    const json::Value* roots[] = {&context, &table->items()[0]};
    for (const json::Value* value : roots) {
      for (const std::string_view segment : split(path, '.')) {
        if (value != nullptr) value = member(*value, segment);
      }
      if (value == nullptr) continue;
      return value->is_null() ? Written::kNothing : Written::kSomething;
    }
    return Written::kSomething;
  }

  static const json::Value* member(const json::Value& value, std::string_view segment) {
    const auto index = json::array_index(segment);
    if (!value.is_array() || !index) return value.find(segment);
    return *index < value.size() ? &value.items()[*index] : nullptr;
  }

  void warn_of_verbatim(const Rendering& rendered, const JsonProblem& problem) {
    const handlebars::SourceMapEntry piece =
        handlebars::locate(rendered.map, rendered.text, problem.offset);
    problems_.add("W111", at(piece.line, piece.column),
                  "a value with a quote, a backslash or a line break in it, written verbatim, "
                  "breaks the JSON");
  }

  void warn_of_secret_headers() {
    constexpr std::string_view kHeaders = "headers.";
    for (const std::string& path : parsed_->paths()) {
      if (!path.starts_with(kHeaders)) continue;
      std::string_view name = std::string_view(path).substr(kHeaders.size());
      if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
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
