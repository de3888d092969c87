#include "app/new_trigger.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.h"
#include "base/text.h"
#include "catalog/url.h"

namespace weir::app {
namespace {

constexpr PayloadTemplate kTemplates[] = {
    {"json", "What happened, as plain JSON", R"BODY({
  "id": "{{request_id}}",
  "materialization": "{{materialization_name}}",
  "tables": {{json tables}},
  "transactions": {{json transactions}}
}
)BODY",
     ""},
    {"slack", "A message for a Slack channel", R"BODY({
  "text": "{{materialization_name}}: {{#each collection_names}}{{this}}{{#unless @last}}, {{/unless}}{{/each}} ({{transactions.count}} transactions)"
}
)BODY",
     "hooks.slack.com"},
    {"dbt", "Starts a job of dbt Cloud", R"BODY({
  "cause": "{{materialization_name}} committed, {{request_id}}"
}
)BODY",
     ".getdbt.com"},
    {"github", "A repository_dispatch event for GitHub Actions", R"BODY({
  "event_type": "weir",
  "client_payload": {
    "id": "{{request_id}}",
    "materialization": "{{materialization_name}}",
    "collections": {{json collection_names}}
  }
}
)BODY",
     "api.github.com"},
    {"airflow", "Triggers a run of an Airflow DAG", R"BODY({
  "dag_run_id": "{{request_id}}",
  "conf": {
    "materialization": "{{materialization_name}}",
    "tables": {{json tables}}
  }
}
)BODY",
     ""},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return out;
}

// A part of a variable's name.
std::string upper_word(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : plain ? c : '_';
  }
  if (out.empty() || (out.front() >= '0' && out.front() <= '9')) out = "_" + out;
  return out;
}

bool has_reference(std::string_view text) {
  return text.find("${env:") != std::string_view::npos ||
         text.find("${file:") != std::string_view::npos;
}

// What a header says of content and program is no credential.
bool is_harmless(std::string_view header) {
  constexpr std::string_view kNames[] = {"accept", "accept-language", "content-type", "user-agent",
                                         "x-github-api-version"};
  const std::string folded = lower(header);
  return std::find(std::begin(kNames), std::end(kNames), folded) != std::end(kNames);
}

// "$${" stands for the characters "${".
std::string without_references(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("${")) out += '$';
    out += text[i];
  }
  return out;
}

// "Bearer ${env:CI_AUTHORIZATION}": the scheme in front of a credential stays readable.
std::string refer(std::string_view value, const std::string& variable,
                  std::map<std::string, Secret>& variables) {
  for (const std::string_view scheme : {"Bearer ", "Basic ", "Token ", "token ", "ApiKey "}) {
    if (!value.starts_with(scheme)) continue;
    variables.insert_or_assign(variable, Secret(std::string(value.substr(scheme.size()))));
    return fmt::format("{}${{env:{}}}", scheme, variable);
  }
  variables.insert_or_assign(variable, Secret(std::string(value)));
  return fmt::format("${{env:{}}}", variable);
}

Result<std::string> url_of(const WebhookWish& wish, std::map<std::string, Secret>& variables) {
  const std::string_view text = wish.url.reveal();
  if (catalog::has_reference_origin(text)) return std::string(text);
  std::string why;
  const auto url = catalog::parse_url(text, &why);
  if (!url) return error(Code::kInvalid, "the URL is none: {}", why);
  if (url->scheme != "http" && url->scheme != "https")
    return error(Code::kInvalid, "the URL is none: it wants http or https");
  if (!url->user_info.empty()) {
    return error(Code::kInvalid,
                 "the URL holds a user name or password; give it as a header, such as "
                 "Authorization");
  }
  if (!catalog::looks_like_a_credential(*url)) return std::string(text);
  return refer(text, upper_word(wish.name) + "_URL", variables);
}

// Members in the order in which they are read best.
class Members {
 public:
  explicit Members(json::Arena& arena) : arena_(arena) {}
  void text(std::string_view name, std::string_view value) {
    add(name, json::Value::copied_string(arena_, value));
  }
  void add(std::string_view name, json::Value value) {
    members_.push_back({arena_.copy(name), value, {}});
  }
  bool empty() const { return members_.empty(); }
  json::Value object() const { return json::deep_copy(arena_, json::Value::object(members_)); }

 private:
  json::Arena& arena_;
  std::vector<json::Member> members_;
};

}  // namespace

std::span<const PayloadTemplate> payload_templates() {
  return kTemplates;
}

const PayloadTemplate* find_payload_template(std::string_view name) {
  for (const PayloadTemplate& each : kTemplates) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

std::string_view payload_template_names() {
  static const std::string names = [] {
    std::string out;
    for (const PayloadTemplate& each : kTemplates)
      out += (out.empty() ? "" : "|") + std::string(each.name);
    return out;
  }();
  return names;
}

Result<std::pair<std::string, Secret>> read_header(const std::string& text) {
  const std::size_t at = text.find_first_of("=:");
  if (at == std::string::npos || at == 0)
    return error(Code::kInvalid, "a header is given as NAME=VALUE");
  std::string value = text.substr(at + 1);
  if (text[at] == ':') value.erase(0, value.find_first_not_of(' '));
  return std::pair(text.substr(0, at), Secret(std::move(value)));
}

Result<NewTrigger> new_trigger(const WebhookWish& wish) {
  const PayloadTemplate* body = find_payload_template(wish.body);
  if (body == nullptr) {
    return error(Code::kInvalid, "there is no body \"{}\"; there are {}", wish.body,
                 payload_template_names());
  }
  if (!parse_duration(wish.interval)) {
    return error(Code::kInvalid, "the interval wants a duration such as 30s or 2m, not \"{}\"",
                 wish.interval);
  }
  if (wish.delivery != "inline" && wish.delivery != "background")
    return error(Code::kInvalid, "the delivery is inline or background, not \"{}\"", wish.delivery);

  NewTrigger out;
  Members item(out.item.arena);
  item.text("name", wish.name);
  WEIR_TRY(const std::string url, url_of(wish, out.variables));
  item.text("url", url);
  Members headers(out.item.arena);
  for (const auto& [name, value] : wish.headers) {
    const bool as_it_is = has_reference(value.reveal()) || is_harmless(name);
    const std::string variable = upper_word(wish.name) + "_" + upper_word(name);
    headers.text(name, as_it_is ? std::string(value.reveal())
                                : refer(value.reveal(), variable, out.variables));
  }
  for (const auto& [name, value] : wish.plain_headers)
    headers.text(name, without_references(value.reveal()));
  if (!headers.empty()) item.add("headers", headers.object());
  item.text("delivery", wish.delivery);
  if (wish.delivery == "inline") item.text("onExhausted", "failTask");
  item.text("interval", wish.interval);
  item.text("payloadTemplate", body->text);
  out.item.root = item.object();
  return out;
}

std::string propose_name(std::string_view url, const std::set<std::string>& taken) {
  std::string base = "webhook";
  std::string why;
  const auto parsed = catalog::parse_url(url, &why);
  if (parsed && !catalog::has_reference_origin(url)) {
    // The word before the last of a host is what people call it: hooks.SLACK.com.
    const std::vector<std::string_view> labels = split(parsed->host, '.');
    const bool address = parsed->host.find_first_not_of("0123456789.:") == std::string::npos;
    if (labels.size() > 1 && !address) base = lower(labels[labels.size() - 2]);
  }
  std::string name = base;
  for (int n = 2; taken.contains(name); ++n) name = fmt::format("{}-{}", base, n);
  return name;
}

std::string propose_body(std::string_view url) {
  std::string why;
  const auto parsed = catalog::parse_url(url, &why);
  for (const PayloadTemplate& each : kTemplates) {
    if (parsed && !each.host.empty() && lower(parsed->host).ends_with(each.host))
      return std::string(each.name);
  }
  return "json";
}

}  // namespace weir::app
