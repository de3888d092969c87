#include "app/secret_service.h"

#include <gmock/gmock.h>

#include "app/multipart.h"
#include "json/events.h"
#include "json/host/re2_regex.h"
#include "secrets/sealed_part.h"

namespace weir::app {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kSchema =
    R"({"type":"object","properties":{"a":{"secret":true},"list":{"type":"array","items":{"secret":true}},)"
    R"("n":{"type":"number"}}})";

const secrets::Identity& identity() {
  static const auto key = secrets::Identity::generate(secrets::system_entropy());
  return *key;
}

io::ServerResponse ask(const std::string& type, const std::string& body,
                       const std::string& accept = "", const std::string& method = "POST",
                       const std::string& path = "/v1/encrypt-config") {
  io::ServerRequest request;
  request.method = method;
  request.path = path;
  if (!type.empty()) request.headers.emplace_back("content-type", type);
  if (!accept.empty()) request.headers.emplace_back("accept", accept);
  request.body = body;
  return SecretService(secrets::stanza_for({{identity().recipient()}})).answer(request);
}

std::string json_body(std::string_view config) {
  return fmt::format(R"({{"schema":{},"config":{}}})", kSchema, config);
}

std::string form(std::initializer_list<std::pair<const char*, std::string>> parts) {
  std::string out;
  for (const auto& [name, body] : parts) {
    out += fmt::format("--xx\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", name,
                       body);
  }
  return out + "--xx--\r\n";
}

TEST(SecretService, AnswersTheEncryptedConfig) {
  const io::ServerResponse response =
      ask("application/json; charset=utf-8", json_body(R"({"n": 1.5, "a": "canary"})"));
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_THAT(response.body, Not(HasSubstr("canary")));
  const auto tree = json::parse_tree(response.body);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->root.members()[0].name, "a_sops");
  secrets::Keyring keyring;
  keyring.identities.push_back(identity());
  keyring.regex = json::re2_syntax_factory();
  const auto part = secrets::open_part(tree->root, secrets::PartKind::kConfig, keyring);
  ASSERT_TRUE(part) << part.error().message;
  EXPECT_EQ((*part)->json()->reveal(), R"({"a":"canary","n":1.5})");
}

TEST(SecretService, FormsAndYaml) {
  const io::ServerResponse response =
      ask("multipart/form-data; boundary=xx",
          form({{"schema", "properties: {a: {airbyte_secret: true}}"},
                {"config", "a: canary\nb: 2\n"}}),
          "application/yaml");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_THAT(response.body, testing::StartsWith("a_sops: ENC[AES256_GCM,"));
  EXPECT_THAT(response.body, HasSubstr("\nb: 2\nsops:\n"));
}

TEST(SecretService, ErrorsHaveTheirPublishedIds) {
  struct Case {
    std::string type, body, accept, id;
  };
  const std::string multipart = "multipart/form-data; boundary=xx";
  const Case cases[] = {
      {"", "", "", "MissingContentType"},
      {"text/plain", "", "", "InvalidContentType"},
      {"application/json", "{", "", "InvalidBody"},
      {"application/json", R"({"schema": {}})", "", "InvalidBody"},
      {"application/json", json_body("{}"), "text/html", "BadHeader"},
      {"application/json", R"({"schema": {"type": 7}, "config": {}})", "", "SchemaBuild"},
      {"application/json", R"({"schema": {"$ref": "#/none"}, "config": {}})", "", "SchemaBuild"},
      {"application/json", json_body(R"({"n": "canary"})"), "", "FailedValidation"},
      {"application/json", json_body(R"({"list": ["canary"]})"), "", "InvalidSecretLocation"},
      {"multipart/form-data", "nothing", "", "BadMultipartReq"},
      {multipart, "nothing", "", "MultipartError"},
      {"application/jsonp", "{}", "", "InvalidContentType"},
      {multipart, form({{"schema", "{}"}}), "", "MissingFields"},
      {multipart, form({{"schema", "{}"}, {"config", "{}"}, {"more", ""}}), "",
       "UnexpectedMultipartField"},
      {multipart, form({{"schema", "{}"}, {"schema", "{}"}}), "", "DuplicateMultipartField"},
      {multipart, form({{"schema", "{}"}, {"config", "{canary"}}), "", "YamlError"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.id);
    const io::ServerResponse response = ask(c.type, c.body, c.accept);
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(response.body, HasSubstr("\"error\":\"" + c.id + "\"")) << response.body;
    EXPECT_THAT(response.body, Not(HasSubstr("canary")));
    EXPECT_TRUE(json::parse_tree(response.body)) << response.body;
  }
}

TEST(SecretService, DescribesItselfAndTakesAnyOrigin) {
  const io::ServerResponse about = ask("", "", "", "GET", "/v1");
  EXPECT_EQ(about.status, 200);
  EXPECT_TRUE(json::parse_tree(about.body));
  EXPECT_EQ(ask("", "", "", "GET").status, 405);
  EXPECT_EQ(ask("", "", "", "POST", "/v2").status, 404);
  const io::ServerResponse preflight = ask("", "", "", "OPTIONS");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.headers[0].second, "*");
}

TEST(Multipart, BrokenBodiesAreErrors) {
  const std::string type = "multipart/form-data; boundary=\"xx\"";
  EXPECT_EQ(parse_form(type, form({{"a", "1\r\n2"}, {"b", ""}}))->at(0).body, "1\r\n2");
  const std::string whole = form({{"a", "1"}});
  for (std::size_t size = 0; size + 4 < whole.size(); ++size) {
    EXPECT_FALSE(parse_form(type, whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_form("multipart/form-data", whole));
}

}  // namespace
}  // namespace weir::app
