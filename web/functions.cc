#include "web/functions.h"

#include <map>
#include <vector>

#include "catalog/load.h"
#include "catalog/validate.h"
#include "handlebars/template.h"
#include "json/events.h"
#include "json/host/yaml.h"
#include "secrets/draft_fields.h"
#include "web/host_regex.h"

namespace weir::web {
namespace {

using handlebars::Template;
using handlebars::TemplateError;

void write_error(const TemplateError& error, std::string& out) {
  out += fmt::format(R"({{"line":{},"column":{},"message":)", error.line, error.column);
  json::write_string(error.message, out);
  out += '}';
}

tl::unexpected<Error> failure(const TemplateError& at) {
  std::string text;
  write_error(at, text);
  return tl::unexpected<Error>(Error{Code::kInvalid, std::move(text)});
}

bool is_true(const json::Value* value) {
  return value != nullptr && value->is_bool() && value->as_bool();
}

}  // namespace

Result<std::string> strip_triggers(std::string_view triggers) {
  WEIR_TRY(const auto parts, secrets::strip_trigger_hmac_excluded_fields(triggers));
  std::string out = R"({"stripped":)";
  json::write_string(parts.stripped, out);
  return out + R"(,"originals":)" + parts.originals + "}";
}

Result<std::string> validate_flow(std::string_view request) {
  json::Arena arena;
  WEIR_TRY(const json::Value root, json::parse_text(request, arena));
  const json::Value* text = root.find("text");
  if (text == nullptr || !text->is_string()) return error(Code::kInvalid, "`text` must be a text");
  const bool yaml = is_true(root.find("yaml"));
  const std::string main = yaml ? "flow.yaml" : "flow.json";
  std::map<std::string, std::string> texts;
  if (const json::Value* files = root.find("files"); files != nullptr && files->is_object()) {
    for (const json::Member& member : files->members()) {
      if (!member.value.is_string()) return error(Code::kInvalid, "`files` must hold texts");
      texts.emplace(member.name, member.value.as_string());
    }
  }
  texts.insert_or_assign(main, std::string(text->as_string()));

  catalog::MemoryFiles files(std::move(texts));
  catalog::LoadOptions options;
  options.files = &files;
  if (yaml) {
    options.yaml = [](std::string_view source, json::Arena& into) {
      return json::parse_yaml(source, into);
    };
  }
  options.regex = host_regex_factory();
  return catalog::report_json(catalog::validate(
      catalog::load({main}, options), {.strict = is_true(root.find("strict")),
                                       .constraints_of = catalog::permissive_constraints()}));
}

Result<std::string> render_payload(std::string_view text, std::string_view variables) {
  const auto parsed = Template::parse(text);
  if (!parsed) return failure(parsed.error());
  json::Arena arena;
  const auto context = json::parse_text(variables, arena);
  if (!context) return failure({0, 0, "invalid variables: " + context.error().message});
  auto rendered = handlebars::render(*parsed, *context);
  if (!rendered) return failure(rendered.error());
  return *std::move(rendered);
}

std::string inspect_template(std::string_view text) {
  const auto parsed = Template::parse(text);
  std::vector<TemplateError> problems;
  std::vector<std::string> paths;
  if (parsed) {
    problems = parsed->problems();
    paths = parsed->paths();
  } else {
    problems.push_back(parsed.error());
  }
  std::string out = R"({"paths":[)";
  for (const std::string& path : paths) {
    if (out.back() != '[') out += ',';
    json::write_string(path, out);
  }
  out += R"(],"problems":[)";
  for (const TemplateError& problem : problems) {
    if (out.back() != '[') out += ',';
    write_error(problem, out);
  }
  return out + "]}";
}

}  // namespace weir::web
