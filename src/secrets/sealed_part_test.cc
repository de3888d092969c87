#include "secrets/sealed_part.h"

#include <gmock/gmock.h>

#include "secrets/sops_test_support.h"

namespace weir::secrets {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kTriggerSchema = R"({
  "type": "object",
  "properties": {"config": {"type": "array", "items": {
    "type": "object",
    "properties": {
      "headers": {"type": "object", "additionalProperties": {"type": "string", "secret": true}}}}}}})";

std::shared_ptr<const json::Schema> schema_of(std::string_view text) {
  json::Arena arena;
  const auto root = json::parse_text(text, arena);
  auto schema = secret_schema(*root, json::re2_regex_factory());
  EXPECT_TRUE(schema) << schema.error().message;
  return *schema;
}

constexpr std::string_view kCatalog = R"(# orders
triggers:
  interval: 5m  # pace
  config:
    # the build
    - url: https://ci.example/build   # where
      headers: {Authorization: "Bearer canary-1", X-Key: canary-2}
      payloadTemplate: |
        {"a": "{{run_id}}"}
    - name: chat
      url: https://chat.example
      method: PUT
      headers:
        Token: |
          canary-3
          second
      payloadTemplate: '{}'
      timeout: 10s
)";

const json::Value& triggers_of(const TextDocument& document) {
  return *document.roots()[0].find("triggers");
}

Result<std::string> sealed(std::string_view text, PartKind kind = PartKind::kTriggers,
                           std::string_view schema = kTriggerSchema) {
  const auto document = document_of(text, Format::kYaml);
  SealOptions options;
  options.stanza = stanza_for({{test_identity().recipient()}});
  options.stanza.version = "3.9.4";
  options.data_key = Secret(std::string(kDataKeyBytes, 'k'));
  options.now = kNow;
  EXPECT_TRUE(wrap_data_key(options.stanza, options.data_key, system_entropy()));
  WEIR_TRY(auto edits, sealing_edits(*document, triggers_of(*document), kind, *schema_of(schema),
                                     options, system_entropy()));
  return std::string(document->edited(std::move(edits)).reveal());
}

Keyring test_keyring() {
  Keyring keyring;
  keyring.identities.push_back(test_identity());
  keyring.regex = json::re2_syntax_factory();
  return keyring;
}

Result<std::string> opened(std::string_view text, PartKind kind = PartKind::kTriggers) {
  const auto document = document_of(text, Format::kYaml);
  WEIR_TRY(const auto part, open_part(triggers_of(*document), kind, test_keyring()));
  WEIR_TRY(auto edits, unsealing_edits(*document, triggers_of(*document), *part));
  return std::string(document->edited(std::move(edits)).reveal());
}

std::string changed(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(SealedPart, TriggersRoundTripInTheirLayout) {
  const auto text = sealed(kCatalog);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_THAT(*text, Not(HasSubstr("canary")));
  EXPECT_THAT(*text, HasSubstr("{Authorization_sops: \"ENC[AES256_GCM,"));
  EXPECT_THAT(*text, HasSubstr("\n        Token_sops: ENC[AES256_GCM,"));
  EXPECT_THAT(*text, HasSubstr("\n  sops:\n    age:\n"));
  EXPECT_THAT(*text, HasSubstr("    - url: https://ci.example/build   # where\n"));
  const auto back = opened(*text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_THAT(*back, HasSubstr("Authorization: \"Bearer canary-1\", X-Key: canary-2"));
  EXPECT_THAT(*back, HasSubstr("        Token: |\n          canary-3\n          second\n"));
  EXPECT_THAT(*back, Not(HasSubstr("sops")));
}

TEST(SealedPart, SomeFieldsMayBeEditedAndOthersNot) {
  const std::string text = *sealed(kCatalog);
  for (const auto& [from, to] :
       {std::pair("timeout: 10s", "timeout: 20s\n      maxAttempts: 9"),
        std::pair("'{}'", "'{\"x\": 1}'"),
        std::pair("name: chat", "name: talk\n      enabled: false"),
        std::pair("interval: 5m", "interval: 1h"), std::pair("# the build", "# another")}) {
    EXPECT_TRUE(opened(changed(text, from, to))) << to;
  }
  for (const auto& [from, to] :
       {std::pair("https://chat.example", "https://evil.example"),
        std::pair("method: PUT", "method: POST"), std::pair("Token_sops", "Tokens_sops"),
        std::pair("X-Key_sops", "X-Other"),
        std::pair("\n    - name: chat", "\n    - url: https://new.example\n    - name: chat")}) {
    const auto result = opened(changed(text, from, to));
    ASSERT_FALSE(result) << to;
    EXPECT_EQ(result.error().code, Code::kSealed);
    EXPECT_THAT(result.error().message, HasSubstr("only payloadTemplate, timeout, maxAttempts"));
    EXPECT_THAT(result.error().message, HasSubstr("weir secrets edit"));
    EXPECT_THAT(result.error().message, Not(HasSubstr("canary")));
  }
}

TEST(SealedPart, MembersMayBeMovedAbout) {
  const std::string text = *sealed(kCatalog);
  const std::string moved =
      changed(changed(text, "      method: PUT\n", ""), "      payloadTemplate: '{}'\n",
              "      payloadTemplate: '{}'\n      method: PUT\n");
  EXPECT_TRUE(opened(moved));
}

// What stands last in a part decides where `sops` goes.
TEST(SealedPart, AnyValueMayStandLast) {
  for (const std::string_view last :
       {"method:", "method:  # none", "method: null", "method: ~", "method: # a\n    # b\n",
        "x:\n        y:\n          -", "url: |+\n        https://a.example\n\n\n",
        "url: >+\n        https://a.example\n\n# c\n", "payloadTemplate: |+\n        {}\n\n"}) {
    for (const std::string_view behind : {"", "next: {a: b}\n", "null_: x\n", "~t: x\n"}) {
      const std::string text = fmt::format(
          "triggers:\n  config:\n    - headers: {{A: canary}}\n      {}\n{}", last, behind);
      const auto document = document_of(text, Format::kYaml);
      const auto there = sealed(text);
      ASSERT_TRUE(there) << there.error().message << text;
      const auto back = opened(*there);
      ASSERT_TRUE(back) << back.error().message << *there;
      const json::Tree tree = tree_of(*back, Format::kYaml);
      EXPECT_TRUE(json::equal(tree.root, document->roots()[0])) << *back;
    }
  }
}

TEST(SealedPart, CommentsBehindValuesOfSeveralLinesStayComments) {
  const std::string text =
      "triggers:\n  config:\n    - headers:\n        A: \"canary\\nsecond\"  # a comment\n";
  const auto back = opened(*sealed(text));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, text);
}

TEST(SealedPart, EndsOfLinesStay) {
  std::string text =
      "triggers:\n  config:\n    - headers:\n        A: |\n          b\n          c\n";
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) {
    text.insert(at, "\r");
  }
  const auto there = sealed(text);
  ASSERT_TRUE(there);
  EXPECT_EQ(std::count(there->begin(), there->end(), '\n'),
            std::count(there->begin(), there->end(), '\r'));
  EXPECT_EQ(*opened(*there), text);
}

TEST(SealedPart, ConfigsBySchema) {
  constexpr std::string_view kSchema = R"({"type": "object", "required": ["host"], "properties": {
    "host": {"type": "string"}, "password": {"type": "string", "secret": true},
    "credentials": {"oneOf": [
      {"properties": {"kind": {"const": "a"}, "key": {"airbyte_secret": true}}, "required": ["kind", "key"]},
      {"properties": {"kind": {"const": "b"}, "name": {}}, "required": ["kind", "name"]}]},
    "list": {"type": "array", "items": {"secret": true}}}})";
  const auto text = sealed(
      "triggers:\n  host: h\n  password: canary\n  credentials: {kind: a, key: {deep: [canary, "
      "1]}}\n",
      PartKind::kConfig, kSchema);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_THAT(*text, Not(HasSubstr("canary")));
  EXPECT_THAT(*text, HasSubstr("{kind: a, key_sops: {deep: [\"ENC["));
  EXPECT_THAT(*opened(*text, PartKind::kConfig), HasSubstr("{kind: a, key: {deep: [canary, 1]}}"));
  const auto edited = opened(changed(*text, "host: h", "host: i"), PartKind::kConfig);
  ASSERT_FALSE(edited);
  EXPECT_THAT(edited.error().message, HasSubstr("config cannot be edited by hand"));

  const std::pair<std::string_view, std::string_view> kBad[] = {
      {"triggers: {host: 1}", "does not fit its schema: /host"},
      {"triggers: {host: h, list: [canary]}", "/list/0 is secret"},
      {"triggers: {host: h, password: canary, password_sops: x}",
       "\"password_sops\" is there already"}};
  for (const auto& [bad, message] : kBad) {
    const auto result = sealed(bad, PartKind::kConfig, kSchema);
    ASSERT_FALSE(result) << bad;
    EXPECT_THAT(result.error().message, HasSubstr(std::string(message)));
    EXPECT_THAT(result.error().message, Not(HasSubstr("canary")));
  }
}

TEST(SealedPart, TriggersWhoseUrlIsOutsideTheMacAreRefused) {
  const std::string text =
      encrypted("config:\n- headers: {A_sops: canary}\n  url: https://a.example\n", Format::kYaml,
                {.rule_kind = "encrypted_suffix", .rule = "_sops", .mac_only_encrypted = true});
  const auto document = document_of(text, Format::kYaml);
  const auto part = open_part(document->roots()[0], PartKind::kTriggers, test_keyring());
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().code, Code::kSealed);
  EXPECT_THAT(part.error().message, HasSubstr("mac_only_encrypted leaves url and method outside"));
}

// A service may answer anything, and what it answers replaces the only copy of the secrets.
TEST(SealedPart, OnlyAnswersThatHideEverySecretAreAdopted) {
  const auto document = document_of(
      "triggers:\n  config:\n    - url: https://a.example\n      headers: {A: canary, B: \"\"}\n",
      Format::kYaml);
  const json::Value& part = triggers_of(*document);
  const SecretLocations found = secret_locations(*schema_of(kTriggerSchema), part);
  const std::string mac =
      *seal_value({SopsType::kString, Secret(std::string("x"))},
                  Secret(std::string(kDataKeyBytes, 'k')), "", system_entropy());
  const auto adopted = [&](std::string_view header, std::string_view keys, std::string_view sum) {
    const std::string text = fmt::format(
        R"({{"config": [{{"headers": {{{}, "B": ""}}, "maxAttempts": 0, "method": "POST",
            "payloadTemplate": "", "timeout": "0s", "url": "https://a.example"}}],
            "sops": {{"age": [{}], "lastmodified": "2026-11-23T05:01:27Z", "mac": "{}"}}}})",
        header, keys, sum);
    const json::Tree answer = tree_of(text, Format::kJson);
    auto edits = adopting_edits(*document, part, PartKind::kTriggers, found.members, answer.root,
                                json::re2_syntax_factory());
    return edits ? std::string(document->edited(*std::move(edits)).reveal())
                 : edits.error().message;
  };
  const std::string sealed_header = fmt::format(R"("A_sops": "{}")", mac);
  const std::string key = R"({"recipient": "age1x", "enc": "x"})";
  EXPECT_THAT(adopted(sealed_header, key, mac), HasSubstr("A_sops: \"ENC["));
  EXPECT_EQ(adopted(R"("A": "canary")", key, mac), "4:20: the service left a secret in clear");
  EXPECT_EQ(adopted(R"("A_sops": "canary")", key, mac), "4:20: the service left a secret in clear");
  EXPECT_THAT(adopted(R"("A_sops": "ENC[AES256_GCM,x]")", key, mac), HasSubstr("another document"));
  EXPECT_THAT(adopted(sealed_header, "", mac), HasSubstr("no SOPS document: sops: the document"));
  EXPECT_THAT(adopted(sealed_header, key, "x"), HasSubstr("no SOPS document: no encrypted value"));
}

TEST(SealedPart, TheRootIsNoMember) {
  const auto result = sealed("triggers: {a: b}", PartKind::kConfig, R"({"secret": true})");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("the root is secret"));
}

TEST(SealedPart, NamesThatCollideWhenOpened) {
  std::string text = *sealed("triggers: {host: h, pass: canary}", PartKind::kConfig,
                             R"({"properties": {"pass": {"secret": true}}})");
  // `mac_only_encrypted` documents may gain clear members.
  const auto document = document_of(
      encrypted("triggers: x\npass_sops: canary\n", Format::kYaml,
                {.rule_kind = "encrypted_suffix", .rule = "_sops", .mac_only_encrypted = true}) +
          "pass: clear\n",
      Format::kYaml);
  const auto part = open_part(document->roots()[0], PartKind::kConfig, test_keyring());
  ASSERT_TRUE(part) << part.error().message;
  const auto json = (*part)->json();
  ASSERT_FALSE(json);
  EXPECT_THAT(json.error().message, HasSubstr("would be called \"pass\""));
}

}  // namespace
}  // namespace weir::secrets
