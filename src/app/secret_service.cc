#include "app/secret_service.h"

#include <map>

#include "app/multipart.h"
#include "app/output.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/secret_text.h"
#include "base/text.h"
#include "io/http_fetch.h"
#include "json/events.h"
#include "json/host/re2_regex.h"
#include "json/host/yaml.h"
#include "json/secret_arena.h"
#include "json/write_secret.h"
#include "secrets/name_order.h"
#include "secrets/sealed_part.h"

namespace weir::app {
namespace {

constexpr std::string_view kPath = "/v1/encrypt-config";
constexpr std::string_view kDescription = R"({
  "openapi": "3.1.0",
  "info": {"title": "config encryption", "version": "1"},
  "paths": {"/v1/encrypt-config": {"post": {
    "summary": "Encrypts the values of a config that its JSON Schema marks as secret.",
    "requestBody": {"required": true, "content": {
      "application/json": {"schema": {"type": "object", "required": ["schema", "config"],
        "properties": {"schema": {}, "config": {}}}},
      "multipart/form-data": {"schema": {"type": "object", "required": ["schema", "config"],
        "properties": {"schema": {"type": "string"}, "config": {"type": "string"}}}}}},
    "responses": {
      "200": {"description": "The encrypted config.", "content": {"application/json": {}, "application/yaml": {}}},
      "400": {"description": "What is wrong with the request."}}}}}
}
)";

// An answer that is no success, under its published id.
struct Refusal {
  std::string id;
  std::string description;
  std::string details;  // JSON; empty: none
  int status = 400;
};
template <typename T>
using Answered = tl::expected<T, Refusal>;

tl::unexpected<Refusal> refuse(std::string id, std::string description, std::string details = {}) {
  return tl::unexpected<Refusal>(
      Refusal{std::move(id), std::move(description), std::move(details)});
}

std::string as_json(const Refusal& refusal) {
  std::string out = "{\"error\":";
  json::write_string(refusal.id, out);
  out += ",\"description\":";
  json::write_string(refusal.description, out);
  if (!refusal.details.empty()) out += ",\"details\":" + refusal.details;
  return out + "}";
}

// Without its parameters: "application/json; charset=utf-8".
std::string_view media_type(std::string_view text) {
  text = text.substr(0, text.find(';'));
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

struct Input {
  std::unique_ptr<json::SecretArena> arena = std::make_unique<json::SecretArena>();
  json::Value schema, config;
};

Status parse_part(std::string_view text, json::Arena& arena, json::Value* out) {
  auto value = json::parse_yaml(text, arena);  // JSON is YAML
  if (!value) {
    return error(Code::kInvalid, "{}:{}: {}", value.error().place.line, value.error().place.column,
                 value.error().message);
  }
  *out = *value;
  return {};
}

Answered<Input> read_form(const io::ServerRequest& request) {
  const auto parts = parse_form(request.header("content-type"), request.body);
  if (!parts) {
    const bool header = parts.error().code == Code::kNotFound;
    return refuse(header ? "BadMultipartReq" : "MultipartError", parts.error().message);
  }
  Input input;
  input.arena->reserve(request.body.size());
  std::map<std::string, json::Value*> wanted{{"schema", &input.schema}, {"config", &input.config}};
  for (const FormPart& part : *parts) {
    const auto found = wanted.find(part.name);
    if (found == wanted.end()) {
      return refuse("UnexpectedMultipartField", "the form has a part that is not known");
    }
    if (found->second == nullptr) {
      return refuse("DuplicateMultipartField",
                    fmt::format("the part {} is there twice", part.name));
    }
    if (const Status parsed = parse_part(part.body, input.arena->arena(), found->second); !parsed) {
      return refuse("YamlError", fmt::format("{}: {}", part.name, parsed.error().message));
    }
    found->second = nullptr;
  }
  if (wanted["schema"] != nullptr || wanted["config"] != nullptr) {
    return refuse("MissingFields", "the form needs the parts schema and config");
  }
  return input;
}

Answered<Input> read_input(const io::ServerRequest& request) {
  const std::string type(request.header("content-type"));
  if (type.empty()) return refuse("MissingContentType", "there is no content-type");
  const std::string_view kind = media_type(type);
  if (kind == "multipart/form-data") return read_form(request);
  if (kind != "application/json") {
    return refuse("InvalidContentType",
                  "the content-type is neither application/json nor multipart/form-data");
  }
  Input input;
  const auto root = input.arena->parse(request.body);
  if (!root) {
    return refuse("InvalidBody", fmt::format("no JSON at {}:{}", root.error().place.line,
                                             root.error().place.column));
  }
  const json::Value* schema = root->find("schema");
  const json::Value* config = root->find("config");
  if (schema == nullptr || config == nullptr) {
    return refuse("InvalidBody", "the body must be an object with schema and config");
  }
  input.schema = *schema;
  input.config = *config;
  return input;
}

std::string problems_json(const secrets::SecretLocations& locations) {
  JsonRows rows;
  for (const json::SchemaProblem& problem : locations.problems) {
    rows.begin();
    rows.text("instanceLocation", problem.instance_pointer);
    rows.text("absoluteKeywordLocation", problem.schema_location);
    rows.text("error", problem.message);
  }
  return fmt::format("{{\"basic_output\":{{\"valid\":false,\"errors\":{}}}}}", rows.finish());
}

Answered<std::string> encrypt(const Input& input, secrets::SopsStanza stanza) {
  const auto schema = secrets::secret_schema(input.schema, json::re2_regex_factory());
  if (!schema) return refuse("SchemaBuild", schema.error().message);
  const secrets::SecretLocations locations = secrets::secret_locations(**schema, input.config);
  if (locations.error == secrets::LocationError::kNotValid) {
    return refuse("FailedValidation", "the config does not fit the schema",
                  problems_json(locations));
  }
  if (locations.error == secrets::LocationError::kNoMember) {
    return refuse("InvalidSecretLocation", locations.message);
  }
  SecretText sorted(4096);
  json::Arena arena;
  json::append(secrets::in_name_order(input.config, arena), sorted);
  const auto internal = [](const Error& error) {
    return tl::unexpected<Refusal>(
        Refusal{"SopsFailed",
                error.code == Code::kInvalid ? error.message : "it could not be encrypted",
                {},
                error.code == Code::kInvalid ? 400 : 500});
  };
  auto document = secrets::TextDocument::parse("config", sorted.take(), secrets::Format::kJson, {});
  if (!document) return internal(document.error());
  auto key = secrets::random_secret(secrets::system_entropy(), secrets::kDataKeyBytes);
  if (!key) return internal(key.error());
  if (auto wrapped = secrets::wrap_data_key(stanza, *key, secrets::system_entropy()); !wrapped) {
    return internal(wrapped.error());
  }
  auto edits = secrets::sealing_edits(
      **document, (*document)->roots()[0], secrets::PartKind::kConfig, **schema,
      {std::move(stanza), *std::move(key), system_clock().now()}, secrets::system_entropy());
  if (!edits) return internal(edits.error());
  return std::string((*document)->edited(*std::move(edits)).reveal());
}

enum class Wanted { kJson, kYaml, kNeither };
Wanted wanted_of(std::string_view accept) {
  if (accept.empty()) return Wanted::kJson;
  for (const std::string_view piece : split(accept, ',')) {
    const std::string_view type = media_type(piece);
    if (type == "application/json" || type == "*/*" || type == "application/*")
      return Wanted::kJson;
    if (type == "application/yaml") return Wanted::kYaml;
  }
  return Wanted::kNeither;
}

std::string as_yaml(const std::string& text) {
  const auto tree = json::parse_tree(text);
  return tree ? secrets::yaml_block(tree->root, 0).substr(1) : text;
}

Answered<io::ServerResponse> encrypt_config(const io::ServerRequest& request,
                                            const secrets::SopsStanza& stanza) {
  const Wanted wanted = wanted_of(request.header("accept"));
  if (wanted == Wanted::kNeither) {
    return refuse("BadHeader", "accept must allow application/json or application/yaml");
  }
  auto input = read_input(request);
  if (!input) return tl::unexpected<Refusal>(std::move(input).error());
  auto text = encrypt(*input, stanza);
  if (!text) return tl::unexpected<Refusal>(std::move(text).error());
  io::ServerResponse response;
  const bool yaml = wanted == Wanted::kYaml;
  response.headers.emplace_back("Content-Type", yaml ? "application/yaml" : "application/json");
  response.body = yaml ? as_yaml(*text) : *text;
  return response;
}

}  // namespace

io::ServerResponse SecretService::answer(const io::ServerRequest& request) const {
  io::ServerResponse response;
  if (request.method == "OPTIONS") {
    response.status = 204;
  } else if (request.method == "GET" && request.path == "/v1") {
    response.headers.emplace_back("Content-Type", "application/json");
    response.body = kDescription;
  } else if (request.path != kPath) {
    response.status = 404;
    response.body = "there is POST /v1/encrypt-config and GET /v1\n";
  } else if (request.method != "POST") {
    response.status = 405;
    response.headers.emplace_back("Allow", "POST");
  } else if (auto answered = encrypt_config(request, stanza_)) {
    response = *std::move(answered);
  } else {
    response.status = answered.error().status;
    response.headers.emplace_back("Content-Type", "application/json");
    response.body = as_json(answered.error());
  }
  response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  response.headers.emplace_back("Access-Control-Allow-Headers", "content-type, accept");
  response.headers.emplace_back("Access-Control-Allow-Methods", "POST, GET");
  return response;
}

Result<std::string> ask_service(const std::string& url, const std::string& schema,
                                const Secret& config) {
  SecretText body(schema.size() + config.reveal().size() + 64);
  body.append("{\"schema\":");
  body.append(schema);
  body.append(",\"config\":");
  body.append(config.reveal());
  body.append('}');
  io::HttpRequest request;
  request.method = "POST";
  request.url = Secret(
      url.ends_with(kPath) ? url : url + std::string(url.ends_with('/') ? kPath.substr(1) : kPath));
  request.headers.emplace_back("Content-Type", Secret(std::string("application/json")));
  request.headers.emplace_back("Accept", Secret(std::string("application/json")));
  request.body = body.take();
  io::CurlOptions options;
  options.user_agent = fmt::format("weir/{}", version());
  WEIR_TRY(io::HttpAnswer answer, io::fetch(options, std::move(request), kServiceAnswerMax));
  if (answer.status == 0) {
    return error(Code::kUnavailable, "the service gave no answer: {}", answer.error);
  }
  if (answer.body_cut) {
    return error(Code::kLimit, "the answer of the service is longer than {} MiB",
                 kServiceAnswerMax >> 20);
  }
  if (answer.status == 200) return std::move(answer.body);
  const auto tree = json::parse_tree(answer.body);
  const json::Value* id = tree ? tree->root.find("error") : nullptr;
  return error(Code::kInvalid, "the service refused it with status {}: {}", answer.status,
               id != nullptr && id->is_string() ? id->as_string() : "no reason given");
}

}  // namespace weir::app
