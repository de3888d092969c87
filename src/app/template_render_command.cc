// weir template render
#include <map>
#include <memory>

#include "app/commands.h"
#include "app/input.h"
#include "app/output.h"
#include "handlebars/template.h"
#include "json/events.h"

namespace weir::app {
namespace {

using handlebars::Template;

Result<Template> read_template(const std::string& file) {
  WEIR_TRY(const std::string text, read_input(file, handlebars::kTemplateBytesMax));
  auto parsed = Template::parse(text);
  if (!parsed) return error(Code::kInvalid, "{}:{}", file, parsed.error().text());
  return std::move(*parsed);
}

Result<json::Tree> read_data(const std::string& file) {
  WEIR_TRY(const std::string text, read_input(file, kDataBytesMax));
  auto tree = json::parse_tree(text);
  if (!tree) return error(tree.error().code, "{}:{}", file, tree.error().message);
  return tree;
}

handlebars::Escape escape_of(std::string_view name) {
  if (name == "html") return handlebars::Escape::kHtml;
  if (name == "none") return handlebars::Escape::kNone;
  return handlebars::Escape::kJson;
}

Result<std::map<std::string, Template>> read_partials(const std::vector<std::string>& given) {
  std::map<std::string, Template> partials;
  for (const std::string& word : given) {
    const std::size_t equals = word.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == word.size()) {
      return error(Code::kInvalid, "--partial wants NAME=FILE, not \"{}\"", word);
    }
    WEIR_TRY(Template partial, read_template(word.substr(equals + 1)));
    partials.insert_or_assign(word.substr(0, equals), std::move(partial));
  }
  return partials;
}

Result<std::string> render_file(const Arguments& arguments) {
  const std::string& file = arguments.positionals().front();
  WEIR_TRY(const Template parsed, read_template(file));
  json::Tree data;
  if (arguments.given("--data")) {
    WEIR_TRY(data, read_data(arguments.text("--data")));
  } else {
    data.root = json::Value::object({});
  }
  WEIR_TRY(const auto partials, read_partials(arguments.texts("--partial")));

  handlebars::RenderOptions options;
  options.escape = escape_of(arguments.text("--escape"));
  options.strict = !arguments.flag("--lenient");
  for (const auto& [name, partial] : partials) options.partials.emplace(name, &partial);
  auto rendered = handlebars::render(parsed, data.root, options);
  if (!rendered) return error(Code::kInvalid, "{}:{}", file, rendered.error().text());
  return std::move(*rendered);
}

ExitCode run(const Arguments& arguments) {
  const auto rendered = render_file(arguments);
  if (!rendered) {
    print_error(rendered.error().message);
    return ExitCode::kFailed;
  }
  print(*rendered);
  return ExitCode::kDone;
}

}  // namespace

const Command& template_render_command() {
  static const Command command{
      .name = "template render",
      .summary = "Render a Handlebars template with data",
      .description =
          "Renders a template as triggers do: `{{x}}` writes a value escaped as the inside of a "
          "JSON "
          "string, `{{{x}}}` writes it as it is, `{{json x}}` writes any value as JSON, and a path "
          "that the data does not have is an error.\n\n"
          "Prints the result and nothing else. Where rendering fails, nothing is printed, and the "
          "error names file, line and column.",
      .positionals = {{.name = "FILE",
                       .help = "The template; - reads standard input",
                       .at_least = 1}},
      .options = {{.name = "--data",
                   .kind = ValueKind::kText,
                   .value = "FILE",
                   .help = "JSON that the template is rendered with; - reads standard input",
                   .default_value = "{}"},
                  {.name = "--partial",
                   .kind = ValueKind::kText,
                   .value = "NAME=FILE",
                   .help = "A template that {{> NAME}} includes",
                   .repeated = true},
                  {.name = "--escape",
                   .kind = ValueKind::kChoice,
                   .value = "HOW",
                   .help = "What {{x}} escapes for",
                   .default_value = "json",
                   .choices = "json|html|none"},
                  {.name = "--lenient",
                   .help = "Paths that the data does not have are empty, not an error"}},
      .exits = {{ExitCode::kDone, {}},
                {ExitCode::kFailed,
                 "a file cannot be read, or the template or the data has an error"},
                {ExitCode::kUsage, {}}},
      .examples =
          {{"weir template render hook.hbs --data sample.json", "What the receiver would get."},
           {"echo '{{> row}}' | weir template render - --partial row=row.hbs --data row.json",
            "A template from standard input, with a partial."}},
      .run = run};
  return command;
}

}  // namespace weir::app
