// Documents that SOPS 3.9.4 wrote, our own, and what must be refused.
#include <gmock/gmock.h>

#include "secrets/shamir.h"
#include "secrets/sops_test_support.h"

namespace weir::secrets {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// The members that YAML 1.1 and the core schema read differently; SOPS stores them as integers.
json::Value without_old_numbers(const json::Value& root, json::Arena& arena) {
  auto* members = arena.array<json::Member>(root.size());
  std::size_t count = 0;
  for (const json::Member& member : root.members()) {
    if (member.name != "old_octal" && member.name != "underscores") members[count++] = member;
  }
  return json::Value::object({members, count});
}

void expect_same(const std::string& text, const std::string& expected, Format format) {
  json::Tree got = tree_of(text, format);
  json::Tree want = tree_of(expected, format);
  ASSERT_TRUE(got.root.is_object()) << text;
  EXPECT_EQ(json::to_pretty_text(without_old_numbers(got.root, got.arena)).empty(), false);
  EXPECT_TRUE(json::equal(without_old_numbers(got.root, got.arena),
                          without_old_numbers(want.root, want.arena)))
      << text;
}

constexpr const char* kRecorded[] = {
    "plain", "encrypted-suffix", "encrypted-regex", "unencrypted-regex", "mac-only", "groups"};

TEST(Sops, OpensWhatSopsWrote) {
  for (const char* name : kRecorded) {
    for (const Format format : {Format::kJson, Format::kYaml}) {
      const std::string ending = format == Format::kJson ? ".json" : ".yaml";
      SCOPED_TRACE(name + ending);
      const std::string plain = decrypted(read_file(kTestdata + "sops-" + name + ending), format,
                                          identities_of({"identity.txt", "third.txt"}));
      EXPECT_THAT(plain, Not(StartsWith("error")));
      EXPECT_THAT(plain, Not(HasSubstr("ENC[")));
      EXPECT_THAT(plain, Not(HasSubstr("\nsops:")));
      expect_same(plain, read_file(kTestdata + "values" + ending), format);
    }
  }
}

TEST(Sops, BringsCommentsBack) {
  const std::string plain = decrypted(read_file(kTestdata + "sops-plain.yaml"), Format::kYaml,
                                      identities_of({"identity.txt"}));
  for (const char* comment : {"# a comment at the top", "# a comment in the middle",
                              "# a comment inside", "# behind a key", "# behind a value"}) {
    EXPECT_THAT(plain, HasSubstr(comment));
  }
}

TEST(Sops, ListsOfCommentsAloneStayEmptyLists) {
  const std::string plain = decrypted(read_file(kTestdata + "sops-comments-alone.yaml"),
                                      Format::kYaml, identities_of({"identity.txt"}));
  EXPECT_THAT(plain, HasSubstr("# alone\n# and another\nempty: {\n    # behind\n}"));
  EXPECT_THAT(plain, HasSubstr("    list:\n        # beside\n"));
  expect_same(plain, "{list: null, empty: {}, inner: {list: []}, text: x}", Format::kYaml);
}

// Separators of lines and controls that YAML does not take as they are.
TEST(Sops, TextsThatYamlWouldReadOtherwise) {
  const std::string text =
      "a: \"x\\u0085y\\u2028z\\u2029\"\nb: \"\\ufeff\\u007f\\u0090\"\nc: \"\\N\\_\\L\"\n";
  const std::string plain =
      decrypted(encrypted(text, Format::kYaml), Format::kYaml, {test_identity()});
  expect_same(plain, text, Format::kYaml);
  EXPECT_THAT(plain, HasSubstr("\"x\\u0085y\\u2028z\\u2029\""));
  EXPECT_THAT(plain, HasSubstr("\"\\ufeff\\u007f\\u0090\""));
  EXPECT_THAT(plain, HasSubstr("\"\\u0085\xc2\xa0\\u2028\""));
}

TEST(Sops, RefusesEveryKindOfDamage) {
  const std::string text = read_file(kTestdata + "sops-encrypted-suffix.json");
  const auto identities = identities_of({"identity.txt"});
  const auto change = [&](const std::string& from, const std::string& to) {
    std::string out = text;
    const std::size_t at = out.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return out.replace(at, from.size(), to);
  };
  const std::string cases[] = {
      change("\"hello\"", "\"hallo\""),
      change("\"integer\": 42", "\"integer\": 43"),
      change("\"yes\": true", "\"yes\": false"),
      change("\t\"text\": \"hello\",\n", ""),
      change("\"password_sops\"", "\"pass_sops\""),
      change("password_sops\": \"ENC[AES256_GCM,data:",
             "password_sops\": \"ENC[AES256_GCM,data:AA"),
      change("password_sops\": \"ENC[AES256_GCM,", "password_sops\": \"ENC[AES128_GCM,"),
      change("\"password_sops\": \"", "\"other_sops\": \"clear\", \"password_sops\": \""),
      change("\"encrypted_suffix\": \"_sops\"", "\"encrypted_suffix\": \"_soap\""),
      change("\"encrypted_suffix\"", "\"unencrypted_suffix\": \"x\", \"encrypted_suffix\""),
      change("\"lastmodified\": \"2026", "\"lastmodified\": \"2027"),
      change("\"lastmodified\": \"2026", "\"lastmodified\": \"26"),
      change("\"mac\": \"", "\"mac\": \"x"),
      change("\"mac\": \"", "\"mac\": \"\", \"not_mac\": \""),
      change("BEGIN AGE", "BEGIN EGA"),
      change("\"enc\": \"", "\"enc\": \"\", \"not_enc\": \""),
      text.substr(0, text.size() / 2),
  };
  for (const std::string& each : cases) {
    const std::string result = decrypted(each, Format::kJson, identities);
    EXPECT_THAT(result, StartsWith("error: "));
    EXPECT_THAT(result, Not(HasSubstr("hunter")));
    EXPECT_THAT(result, Not(HasSubstr("hello")));
  }
  EXPECT_THAT(decrypted(cases[0], Format::kJson, identities), HasSubstr("MAC does not fit"));
  EXPECT_THAT(decrypted(text, Format::kJson, identities_of({"second.txt"})),
              HasSubstr("age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef"));
}

TEST(Sops, ChangedOrderIsRefused) {
  const std::string text = encrypted(R"({"a": "x", "b": "yz"})", Format::kJson,
                                     {.rule_kind = "encrypted_suffix", .rule = "_sops"});
  std::string changed = text;
  changed.replace(changed.find("\"a\": \"x\", \"b\": \"yz\""), 19, "\"b\": \"yz\", \"a\": \"x\"");
  EXPECT_THAT(decrypted(changed, Format::kJson, {test_identity()}), HasSubstr("MAC does not fit"));
}

TEST(Sops, MacOnlyOfWhatIsEncrypted) {
  std::string text = read_file(kTestdata + "sops-mac-only.json");
  text.replace(text.find("\"hello\""), 7, "\"other\"");
  EXPECT_THAT(decrypted(text, Format::kJson, identities_of({"identity.txt"})),
              Not(StartsWith("error")));
  text.replace(text.find("password\": \"ENC[AES256_GCM,data:") + 32, 2, "zz");
  EXPECT_THAT(decrypted(text, Format::kJson, identities_of({"identity.txt"})), StartsWith("error"));
}

TEST(Sops, GroupsNeedTheirThreshold) {
  const std::string text = read_file(kTestdata + "sops-groups.json");
  EXPECT_THAT(decrypted(text, Format::kJson, identities_of({"second.txt"})),
              HasSubstr("2 of 3 groups are needed, 1 opened"));
  EXPECT_THAT(decrypted(text, Format::kJson, identities_of({"second.txt", "third.txt"})),
              Not(StartsWith("error")));
}

TEST(Sops, OurOwnRoundTripKeepsLayoutAndComments) {
  for (const Format format : {Format::kJson, Format::kYaml}) {
    const std::string ending = format == Format::kJson ? ".json" : ".yaml";
    const std::string plain = read_file(kTestdata + "values" + ending);
    for (const EncryptOptions& options :
         {EncryptOptions{}, EncryptOptions{.rule_kind = "encrypted_suffix", .rule = "_sops"},
          EncryptOptions{.rule_kind = "encrypted_regex", .rule = "^(list|lines|flow)$"},
          EncryptOptions{
              .rule_kind = "unencrypted_regex", .rule = "(?i)NEST", .mac_only_encrypted = true}}) {
      SCOPED_TRACE(ending + " " + options.rule);
      const std::string sealed = encrypted(plain, format, options);
      EXPECT_THAT(sealed, HasSubstr("ENC[AES256_GCM"));
      const std::string back = decrypted(sealed, format, {test_identity()});
      expect_same(back, plain, format);
      if (options.rule == "_sops") EXPECT_EQ(back, plain);
    }
  }
}

TEST(Sops, SeveralDocumentsShareAMac) {
  const std::string sealed = encrypted("# first\na: one\n---\nb: two # second\n", Format::kYaml);
  EXPECT_EQ(decrypted(sealed, Format::kYaml, {test_identity()}),
            "# first\na: one\n---\nb: two # second\n");
  std::string cut = sealed.substr(0, sealed.find("\n---\n") + 1);
  EXPECT_THAT(decrypted(cut, Format::kYaml, {test_identity()}), HasSubstr("MAC does not fit"));
}

TEST(Sops, EditsKeepTheEnvelopesOfWhatStayed) {
  const std::string sealed = encrypted("a: one\nb: two\nlist: [x, y]\n", Format::kYaml);
  const auto document = document_of(sealed, Format::kYaml);
  const auto opened = open_file(*document, {{test_identity()}}, json::re2_syntax_factory());
  ASSERT_TRUE(opened) << opened.error().message;
  const auto changed = document_of("a: one\nb: three\nlist: [y, x, x]\n", Format::kYaml);
  const auto again = encrypted_text(*changed, opened->stanza, opened->data_key, kNow,
                                    {opened->leaves}, system_entropy());
  ASSERT_TRUE(again) << again.error().message;
  const std::string text(again->reveal());
  EXPECT_EQ(text.substr(0, text.find('\n')), sealed.substr(0, sealed.find('\n')));
  EXPECT_EQ(text.find(sealed.substr(sealed.find("b: "), 40)), std::string::npos);
  EXPECT_EQ(decrypted(text, Format::kYaml, {test_identity()}),
            "a: one\nb: three\nlist: [\"y\", x, x]\n");
}

TEST(Sops, RotationChangesKeyAndEnvelopes) {
  const std::string plain = read_file(kTestdata + "values.yaml");
  const std::string sealed = encrypted(plain, Format::kYaml);
  const auto document = document_of(sealed, Format::kYaml);
  const auto opened = open_file(*document, {{test_identity()}}, json::re2_syntax_factory());
  ASSERT_TRUE(opened);
  const auto second = identities_of({"second.txt"});
  SopsStanza stanza = opened->stanza;
  stanza.groups = stanza_for({{second[0].recipient()}}).groups;
  const auto rotated = rotated_text(*document, *opened, stanza, kNow, system_entropy());
  ASSERT_TRUE(rotated) << rotated.error().message;
  expect_same(decrypted(rotated->reveal(), Format::kYaml, second), plain, Format::kYaml);
  EXPECT_THAT(decrypted(rotated->reveal(), Format::kYaml, {test_identity()}),
              StartsWith("error: none of the 1 identities"));
  const auto line = sealed.substr(sealed.find("text: "), 60);
  EXPECT_THAT(std::string(rotated->reveal()), Not(HasSubstr(line)));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(Sops, BrokenEntriesAreTold) {
  const std::string text = read_file(kTestdata + "sops-encrypted-suffix.json");
  const auto identities = identities_of({"identity.txt"});
  const std::pair<std::string, const char*> cases[] = {
      {replaced(text, "-----END AGE ENCRYPTED FILE-----\\n", ""), "the file ends too early"},
      {replaced(text, "YWdlLWVuY3J5cHRpb24ub3JnL3Yx", "YWdlLWVuY3J5cHRpb24ub3JnL3Yy"),
       "a version of the format that is not spoken here"},
      {replaced(text, "NCUjEwd2doWVBXQTFH", "NCUjEwd2doWVBXQTFI"), "its MAC does not fit"},
  };
  for (const auto& [changed, message] : cases) {
    const std::string result = decrypted(changed, Format::kJson, identities);
    EXPECT_THAT(result, HasSubstr("the entry of age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul"
                                  "66mv4q47ryef is broken"));
    EXPECT_THAT(result, HasSubstr(message));
  }
}

TEST(Sops, KeysAndDepthAreBounded) {
  std::string keys;
  for (std::size_t i = 0; i <= kKeysMax; ++i) keys += "{\"arn\": \"x\", \"enc\": \"x\"},";
  keys.pop_back();
  const std::string text = replaced(read_file(kTestdata + "sops-encrypted-suffix.json"),
                                    "\"kms\": null", "\"kms\": [" + keys + "]");
  EXPECT_THAT(decrypted(text, Format::kJson, {test_identity()}),
              HasSubstr("sops: 258 keys; at most 256 are tried"));
  const std::string deep = "{\"a\": " + std::string(200, '[') + std::string(200, ']') + "}";
  for (const Format format : {Format::kJson, Format::kYaml}) {
    EXPECT_THAT(decrypted(deep, format, {test_identity()}), HasSubstr("nested deeper than 128"));
  }
}

TEST(Sops, KeysOfOtherKindsStayWithTheDocument) {
  const std::string kms =
      R"("kms": [{"arn": "arn:aws:kms:x", "context": {"a": "b"}, "created_at": "2026-11-01T00:00:00Z", "enc": "AQIC", "aws_profile": ""}])";
  const std::string vault =
      R"("hc_vault": [{"vault_address": "https://v", "engine_path": "sops", "key_name": "k", "enc": "vault:v1:x"}])";
  const std::string text =
      replaced(replaced(read_file(kTestdata + "sops-encrypted-suffix.json"), "\"kms\": null", kms),
               "\"hc_vault\": null", vault);
  const auto document = document_of(text, Format::kJson);
  const auto identities = identities_of({"identity.txt"});
  const auto opened = open_file(*document, identities, json::re2_syntax_factory());
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_THAT(opened->stanza.recipients_text(),
              HasSubstr("age1xmwwc06ly3ee5rytxm9mflaz2u56jjj36s0mypdrwsvlul66mv4q47ryef, kms "
                        "arn:aws:kms:x, hc_vault https://v/sops/k"));
  const auto plain = decrypted_text(*document, *opened);
  ASSERT_TRUE(plain);
  const auto changed = document_of(plain->reveal(), Format::kJson);
  const auto again = encrypted_text(*changed, opened->stanza, opened->data_key, kNow,
                                    {opened->leaves}, system_entropy());
  ASSERT_TRUE(again) << again.error().message;
  const json::Tree before = tree_of(text, Format::kJson);
  const json::Tree after = tree_of(again->reveal(), Format::kJson);
  for (const char* kind : {"kms", "hc_vault", "age"}) {
    EXPECT_TRUE(
        json::equal(*before.root.find("sops")->find(kind), *after.root.find("sops")->find(kind)))
        << kind;
  }
  const auto rotated = rotated_text(*document, *opened, opened->stanza, kNow, system_entropy());
  ASSERT_FALSE(rotated);
  EXPECT_THAT(rotated.error().message, HasSubstr("cannot be wrapped for kms arn:aws:kms:x"));
}

TEST(Sops, TimesKeepTheOffsetThatTheyWereWrittenWith) {
  std::string text = encrypted("{\"a\": \"canary\"}", Format::kJson);
  const auto document = document_of(text, Format::kJson);
  const auto opened = open_file(*document, {{test_identity()}}, json::re2_syntax_factory());
  ASSERT_TRUE(opened);
  const std::string time = "2026-11-23T05:01:27+02:00";
  const auto mac = open_envelope(*parse_envelope(opened->stanza.mac), opened->data_key,
                                 opened->stanza.lastmodified);
  const auto sealed =
      seal_value({SopsType::kString, *mac}, opened->data_key, time, system_entropy());
  text = replaced(replaced(text, opened->stanza.mac, *sealed), opened->stanza.lastmodified, time);
  EXPECT_THAT(decrypted(text, Format::kJson, {test_identity()}), HasSubstr("canary"));
}

TEST(Sops, RefusesToWriteWhatCannotBeRead) {
  const auto message = [](std::string_view text, Format format) {
    const auto document = document_of(text, format);
    SopsStanza stanza = stanza_of_options({.rule_kind = "encrypted_suffix", .rule = "_sops"});
    const auto out = encrypted_text(*document, stanza, Secret(std::string(kDataKeyBytes, 'k')),
                                    kNow, {}, system_entropy());
    return out ? std::string("fine") : out.error().message;
  };
  EXPECT_THAT(message(R"({"n": 9007199254740993})", Format::kJson),
              HasSubstr("write it in quotes"));
  EXPECT_EQ(message("n: 9007199254740993", Format::kYaml), "fine");
  EXPECT_THAT(message("n_sops: 18446744073709551615", Format::kYaml),
              HasSubstr("that SOPS cannot hold; write it in quotes"));
  EXPECT_THAT(message(R"({"sops": {}})", Format::kJson), HasSubstr("already"));
  EXPECT_THAT(message("[1]", Format::kYaml), HasSubstr("object"));
  EXPECT_THAT(message("a: &x {b_sops: 1}\nc: *x\n", Format::kYaml), HasSubstr("alias"));
}

TEST(SopsValue, Decimals) {
  const std::pair<double, const char*> cases[] = {{0, "0"},
                                                  {-0.0, "-0"},
                                                  {1.5, "1.5"},
                                                  {1000, "1000"},
                                                  {1e-7, "0.0000001"},
                                                  {1e21, "1000000000000000000000"},
                                                  {1e23, "100000000000000000000000"},
                                                  {123.456, "123.456"},
                                                  {-2.5e-3, "-0.0025"}};
  for (const auto& [value, text] : cases) EXPECT_EQ(plain_decimal(value), text);
}

TEST(SopsValue, NumbersOfJson) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"12", "float", "12"},
      {"9007199254740993", "int", "9007199254740993"},
      {"-9223372036854775808", "int", "-9223372036854775808"},
      {"9223372036854775808", "float", "9223372036854775808"},
      {"123456789012345678901234567890", "float", "123456789012345680000000000000"},
      {"-0", "float", "-0"},
      {"-0.0", "float", "-0"}};
  for (const auto& [text, label, plain] : cases) {
    const auto typed = typed_json(json::Value::number(text), BigIntegers::kExact);
    ASSERT_TRUE(typed) << text;
    EXPECT_EQ(label_of(typed->type), label) << text;
    EXPECT_DOUBLE_EQ(std::stod(std::string(typed->text.reveal())), std::stod(plain)) << text;
  }
}

TEST(SopsValue, ScalarsOfYaml) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"0x1F", "int", "31"},
      {"0o17", "int", "15"},
      {"017", "int", "15"},
      {"089", "float", "89"},
      {"1_000", "int", "1000"},
      {"-0b11", "int", "-3"},
      {"1e3", "float", "1000"},
      {".5", "float", "0.5"},
      {"+1", "int", "1"},
      {"yes", "str", "yes"},
      {"True", "bool", "True"},
      {"1.2.3", "str", "1.2.3"},
      {"2024-01-02", "time", "2024-01-02T00:00:00Z"},
      {"2024-01-02T03:04:05.678+02:00", "time", "2024-01-02T03:04:05+02:00"},
      {"2024-01-02 03:04:05", "time", "2024-01-02T03:04:05Z"},
      {"12:30", "str", "12:30"},
      {"-", "str", "-"},
      {"2024-13-02", "str", "2024-13-02"}};
  for (const auto& [text, label, plain] : cases) {
    const auto typed = typed_yaml_scalar(text, BigIntegers::kExact);
    ASSERT_TRUE(typed) << text;
    EXPECT_EQ(label_of(typed->type), label) << text;
    EXPECT_EQ(typed->text.reveal(), plain) << text;
  }
  EXPECT_FALSE(typed_yaml_scalar("~", BigIntegers::kExact));
}

TEST(Shamir, AnyThresholdOfSharesIsEnough) {
  const Secret secret{std::string("0123456789abcdef0123456789ABCDEF")};
  const auto shares = shamir_split(secret, 5, 3, system_entropy());
  ASSERT_TRUE(shares);
  for (std::size_t i = 0; i < 5; ++i) {
    const std::vector<Secret> three{(*shares)[i], (*shares)[(i + 2) % 5], (*shares)[(i + 3) % 5]};
    EXPECT_EQ(shamir_combine(three)->reveal(), secret.reveal());
    EXPECT_NE(shamir_combine({three.data(), 2})->reveal(), secret.reveal());
  }
  const std::vector<Secret> twice{(*shares)[0], (*shares)[0]};
  EXPECT_FALSE(shamir_combine(twice));
}

}  // namespace
}  // namespace weir::secrets
