// weir secrets …, and what the other commands do with encrypted catalogs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/cli/fixture.h"
#include "tests/cli/program.h"

namespace weir::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string sealed_shop(const std::string& url) {
  return shop_with_triggers("- name: ci\n  url: " + url +
                            "\n"
                            "  headers: { Authorization: canary-1 }   # from the vault\n"
                            "  secrets:\n"
                            "    key: canary-2\n"
                            "  payloadTemplate: '{\"key\": \"{{secrets.key}}\"}'\n"
                            "  delivery: background\n"
                            "  onExhausted: park\n"
                            "  interval: 0s\n");
}

std::string new_key(const Folder& folder, const std::string& name) {
  const Ran made = folder.run({"secrets", "keygen", "-o", name});
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(made.err.substr(0, 16), "Public key: age1");
  return made.err.substr(12, made.err.size() - 13);
}

std::string repository_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

void seal(const Folder& folder, const std::string& recipient) {
  const Ran ran = folder.run({"secrets", "encrypt", "--recipient", recipient});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, "");
}

TEST(Secrets, KeysAreNewFilesThatOnlyTheirOwnerReads) {
  const Folder folder;
  new_key(folder, "key.txt");
  EXPECT_EQ(folder.run({"secrets", "keygen", "-o", "key.txt"}).code, 1);
  const Ran printed = folder.run({"secrets", "keygen"});
  EXPECT_THAT(printed.out, HasSubstr("\nAGE-SECRET-KEY-1"));
  EXPECT_THAT(printed.err, Not(HasSubstr("AGE-SECRET-KEY-1")));
}

TEST(Secrets, EncryptedCatalogsDeliver) {
  Folder folder;
  const Receiver receiver(folder);
  folder.write("flow.yaml", sealed_shop(receiver.url()));
  seal(folder, new_key(folder, "key.txt"));
  const std::string text = folder.read("flow.yaml");
  EXPECT_THAT(text, Not(HasSubstr("canary")));
  EXPECT_THAT(text, HasSubstr("{ Authorization_sops: \"ENC["));
  EXPECT_THAT(text, HasSubstr("# from the vault"));
  EXPECT_EQ(folder.run({"append", "acme/orders"}, "{\"id\": 1}\n").code, 0);

  const Ran stuck = folder.run({"run", "--until-caught-up"});
  EXPECT_EQ(stuck.code, 5);
  EXPECT_THAT(stuck.err, HasSubstr("there is no identity at hand; it is encrypted for age1"));

  EXPECT_THAT(stuck.err, HasSubstr("name a file of identities by --identity"));
  for (const char* verb : {"decrypt", "check"}) {
    const Ran keyless = folder.run({"secrets", verb, "flow.yaml"});
    EXPECT_EQ(keyless.code, 5);
    EXPECT_THAT(keyless.out + keyless.err, HasSubstr("name a file of identities by --identity"));
  }

  folder.set("SOPS_AGE_KEY_FILE", "key.txt");
  const Ran ran = folder.run({"run", "--until-caught-up", "--wait", "20s"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, Not(HasSubstr("canary")));
  EXPECT_EQ(const_cast<Receiver&>(receiver).next_body(), "{\"key\": \"canary-2\"}");
}

TEST(Secrets, ValidateOpensWhatItCan) {
  Folder folder;
  folder.write("flow.yaml", sealed_shop("https://ci.example.com/x"));
  seal(folder, new_key(folder, "key.txt"));
  new_key(folder, "other.txt");
  const Ran unchecked = folder.run({"validate"});
  EXPECT_EQ(unchecked.code, 0);
  EXPECT_THAT(unchecked.err, HasSubstr("not checked: no identity"));
  EXPECT_EQ(folder.run({"validate", "--identity", "key.txt"}).code, 0);
  EXPECT_EQ(folder.run({"validate", "--identity", "other.txt"}).code, 5);
  EXPECT_EQ(folder.run({"validate", "--identity", "other.txt", "--no-decrypt"}).code, 0);
  EXPECT_EQ(folder.run({"validate", "--identity", "missing.txt"}).code, 5);
}

TEST(Secrets, SomeFieldsMayBeEditedByHandAndOthersNot) {
  Folder folder;
  folder.write("flow.yaml", sealed_shop("https://ci.example.com/x"));
  seal(folder, new_key(folder, "key.txt"));
  folder.set("SOPS_AGE_KEY", folder.read("key.txt"));
  const std::string text = folder.read("flow.yaml");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string copy = text;
    folder.write("flow.yaml", copy.replace(copy.find(from), from.size(), to));
    return folder.run({"secrets", "check"});
  };
  EXPECT_EQ(changed("interval: 0s", "interval: 5m").code, 0);
  EXPECT_EQ(changed("onExhausted: park", "onExhausted: discard").code, 0);
  const Ran refused = changed("ci.example.com", "evil.example.com");
  EXPECT_EQ(refused.code, 5);
  EXPECT_THAT(refused.out, HasSubstr("only payloadTemplate, timeout, maxAttempts, interval"));
  EXPECT_THAT(refused.out, HasSubstr("weir secrets edit"));
}

TEST(Secrets, TheFileBehindALinkIsEncrypted) {
  const Folder folder;
  const std::string recipient = new_key(folder, "key.txt");
  folder.write("real.yaml", sealed_shop("https://ci.example.com/x"));
  std::filesystem::create_symlink("real.yaml", folder.file("flow.yaml"));
  seal(folder, recipient);
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("flow.yaml")));
  EXPECT_THAT(folder.read("real.yaml"), Not(HasSubstr("canary")));
}

TEST(Secrets, DecryptEditAndRotate) {
  Folder folder;
  const std::string clear = sealed_shop("https://ci.example.com/x");
  folder.write("flow.yaml", clear);
  seal(folder, new_key(folder, "key.txt"));
  folder.set("SOPS_AGE_KEY_FILE", "key.txt");
  EXPECT_EQ(folder.run({"secrets", "decrypt", "flow.yaml", "--stdout"}).out, clear);

  const std::string before = folder.read("flow.yaml");
  folder.set("EDITOR", "sed -i s/ci.example/new.example/");
  const Ran edited = folder.run({"secrets", "edit", "flow.yaml"});
  EXPECT_EQ(edited.code, 0) << edited.err;
  const std::string after = folder.read("flow.yaml");
  const std::string envelope = before.substr(before.find("key_sops: "), 120);
  EXPECT_THAT(after, HasSubstr(envelope));
  EXPECT_THAT(after, HasSubstr("new.example"));
  EXPECT_EQ(folder.run({"secrets", "check"}).code, 0);

  folder.set("EDITOR", "sed -i s/config:/konfig:/");
  EXPECT_EQ(folder.run({"secrets", "edit", "flow.yaml"}).code, 1);
  EXPECT_EQ(folder.read("flow.yaml"), after);

  const std::string next = new_key(folder, "next.txt");
  EXPECT_EQ(folder.run({"secrets", "rotate", "flow.yaml", "--recipient", next}).code, 0);
  EXPECT_THAT(folder.read("flow.yaml"), Not(HasSubstr(envelope)));
  EXPECT_EQ(folder.run({"secrets", "check"}).code, 5);
  folder.set("SOPS_AGE_KEY_FILE", "next.txt");
  EXPECT_EQ(folder.run({"secrets", "decrypt", "flow.yaml"}).code, 0);
  EXPECT_THAT(folder.read("flow.yaml"), HasSubstr("canary-1"));
}

TEST(Secrets, RecipientsOfRules) {
  Folder folder;
  folder.write("flow.yaml", sealed_shop("https://ci.example.com/x"));
  const std::string recipient = new_key(folder, "key.txt");
  const Ran nobody = folder.run({"secrets", "encrypt"});
  EXPECT_EQ(nobody.code, 1);
  EXPECT_THAT(nobody.err, HasSubstr("nobody is named who could open it"));
  folder.write(".sops.yaml",
               "creation_rules:\n  - path_regex: other\\.yaml$\n    age: age1bad\n  - age: " +
                   recipient + "\n");
  EXPECT_EQ(folder.run({"secrets", "encrypt"}).code, 0);
  EXPECT_EQ(folder.run({"secrets", "check", "--identity", "key.txt"}).code, 0);
  EXPECT_THAT(folder.run({"secrets", "encrypt"}).err, HasSubstr("is encrypted already"));
}

TEST(Secrets, ConnectorConfigsInFilesOfTheirOwn) {
  Folder folder;
  folder.write("flow.yaml", std::string(kOrders) +
                                "materializations:\n  acme/x:\n    endpoint:\n      connector:\n"
                                "        image: ghcr.io/x\n        config: x.config.yaml\n"
                                "    bindings: []\n");
  folder.write("x.config.yaml", "# kept\nuser: u\nhost: h\npassword: canary-9\n");
  folder.write("schema.json",
               R"({"configSchema": {"properties": {"password": {"secret": true}}}})");
  const std::string recipient = new_key(folder, "key.txt");
  const Ran unknown = folder.run({"secrets", "encrypt", "--recipient", recipient});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("--config-schema FILE"));
  EXPECT_EQ(
      folder.run({"secrets", "encrypt", "--recipient", recipient, "--config-schema", "schema.json"})
          .code,
      0);
  const std::string text = folder.read("x.config.yaml");
  EXPECT_THAT(text, HasSubstr("# kept\nuser: u\nhost: h\npassword_sops: ENC["));
  // A file of its own is a SOPS document as a whole.
  EXPECT_EQ(
      folder.run({"secrets", "decrypt", "x.config.yaml", "--stdout", "--identity", "key.txt"}).out,
      "# kept\nuser: u\nhost: h\npassword_sops: canary-9\n");
}

TEST(Secrets, EndpointsThatSopsEncryptedAsAWhole) {
  Folder folder;
  folder.write("endpoint.yaml", repository_file("src/secrets/testdata/endpoint-sqlite.yaml"));
  folder.write("key.txt", repository_file("src/secrets/testdata/identity.txt"));
  folder.write("flow.yaml",
               std::string(kOrders) +
                   "materializations:\n  acme/x:\n    endpoint: { sqlite: endpoint.yaml }\n"
                   "    bindings:\n"
                   "      - { resource: { table: orders }, source: acme/orders }\n");
  EXPECT_EQ(folder.run({"append", "acme/orders"}, "{\"id\": 1}\n").code, 0);
  EXPECT_EQ(folder.run({"validate"}).code, 0);
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 5);
  const Ran ran = folder.run({"run", "--until-caught-up", "--identity", "key.txt"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(rows(folder.file("sealed.db"), "select id from orders"),
            (std::vector<std::string>{"1"}));
}

// An edit leaves nothing in clear that was encrypted, whatever it is called then.
TEST(Secrets, EditsMayRenameTasksAndAddSome) {
  Folder folder;
  folder.write("flow.yaml", sealed_shop("https://ci.example.com/x"));
  seal(folder, new_key(folder, "key.txt"));
  folder.set("SOPS_AGE_KEY_FILE", "key.txt");
  folder.set("EDITOR", "sed -i s,acme/shop:,acme/renamed:,");
  const Ran renamed = folder.run({"secrets", "edit", "flow.yaml"});
  EXPECT_EQ(renamed.code, 0) << renamed.err;
  EXPECT_THAT(folder.read("flow.yaml"), HasSubstr("acme/renamed:"));
  EXPECT_THAT(folder.read("flow.yaml"), Not(HasSubstr("canary")));
  EXPECT_EQ(folder.run({"secrets", "check"}).code, 0);

  folder.write("more.yaml",
               "  shop/more:\n    endpoint: { sqlite: { path: more.db } }\n    bindings: []\n"
               "    triggers: { config: [ { url: https://a.example, payloadTemplate: x, headers: { "
               "A: canary-3 } } ] }\n");
  folder.write("add", "cat more.yaml >> $1");
  folder.set("EDITOR", "sh add");
  const Ran added = folder.run({"secrets", "edit", "flow.yaml"});
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_THAT(folder.read("flow.yaml"), HasSubstr("A_sops: "));
  EXPECT_THAT(folder.read("flow.yaml"), Not(HasSubstr("canary")));
  EXPECT_EQ(folder.run({"secrets", "check"}).code, 0);
}

TEST(Secrets, EditsOfConfigsWithoutSchemaKeepNames) {
  Folder folder;
  const std::string config = "          host: h\n          password: canary-1\n";
  folder.write("flow.yaml",
               std::string(kOrders) +
                   "materializations:\n  shop/tables:\n    endpoint:\n      connector:\n"
                   "        image: example.com/x:v1\n        config:\n" +
                   config + "    bindings: []\n");
  folder.write("schema.json", R"({"properties": {"password": {"secret": true}}})");
  const std::string recipient = new_key(folder, "key.txt");
  folder.set("SOPS_AGE_KEY_FILE", "key.txt");
  EXPECT_EQ(
      folder.run({"secrets", "encrypt", "--config-schema", "schema.json", "--recipient", recipient})
          .code,
      0);
  const std::string sealed = folder.read("flow.yaml");
  EXPECT_THAT(sealed, Not(HasSubstr("canary")));
  folder.set("EDITOR", "sed -i s,password,passphrase,");
  const Ran refused = folder.run({"secrets", "edit", "flow.yaml"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("nothing tells that it is secret under another name"));
  EXPECT_EQ(folder.read("flow.yaml"), sealed);
  folder.set("EDITOR", "sed -i 's,shop/tables,shop/renamed,;s,host: h,host: canary-1,'");
  const Ran renamed = folder.run({"secrets", "edit", "flow.yaml"});
  EXPECT_EQ(renamed.code, 0) << renamed.err;
  EXPECT_THAT(folder.read("flow.yaml"), HasSubstr("password_sops: ENC["));
}

TEST(Secrets, TheServiceEncryptsForOthers) {
  Folder folder;
  const std::string recipient = new_key(folder, "key.txt");
  folder.set("WEIR_AGE_RECIPIENTS", recipient);
  const auto service = folder.start({"secrets", "serve", "--port", "0"});
  const std::string line = service->next_line();
  ASSERT_EQ(line.substr(0, 13), "listening on ");
  folder.write("flow.yaml", sealed_shop("https://ci.example.com/x"));
  const Ran ran = folder.run({"secrets", "encrypt", "--service", line.substr(13)});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(folder.read("flow.yaml"), Not(HasSubstr("canary")));
  EXPECT_EQ(folder.run({"secrets", "check", "--identity", "key.txt"}).code, 0);
  service->signal(15);
  EXPECT_EQ(service->wait().code, 0);
}

// A `sops` of the test's, before all others on the PATH: it keeps what it was given in seen.json
// and answers with answer.json, or does what `commands` say.
void put_sops(Folder& folder, const std::string& commands = "cat > seen.json; cat answer.json") {
  std::filesystem::create_directory(folder.file("bin"));
  folder.write("bin/sops", "#!/bin/sh\ncd " + folder.path() + "\n" + commands + "\n");
  std::filesystem::permissions(folder.file("bin/sops"), std::filesystem::perms::owner_all);
  folder.set("PATH", folder.file("bin") + ":/usr/bin:/bin");
}

// The document with its data key wrapped by key services only, in the form that `sops` gives them.
std::string by_key_services(std::string text) {
  const std::size_t begin = text.find("        age:\n");
  const std::size_t end = text.find("        lastmodified:");
  EXPECT_NE(begin, std::string::npos);
  return text.replace(begin, end - begin, R"(        kms:
          - arn: arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000
            role: arn:aws:iam::111122223333:role/weir
            context:
              team: shop
            created_at: "2026-11-01T00:00:00Z"
            enc: AQICAHgAAAAAAAAAAAAAAAAA
            aws_profile: ""
        gcp_kms:
          - resource_id: projects/p/locations/global/keyRings/r/cryptoKeys/k
            created_at: "2026-11-01T00:00:00Z"
            enc: CiQAAAAAAAAAAAAAAAAAAAAA
        azure_kv:
          - vault_url: https://example.vault.azure.net
            name: shop
            version: 0f0e0d
            created_at: "2026-11-01T00:00:00Z"
            enc: AAAAAAAAAAAAAAAAAAAAAAAA
        hc_vault:
          - vault_address: https://vault.example.com:8200
            engine_path: sops
            key_name: shop
            created_at: "2026-11-01T00:00:00Z"
            enc: vault:v1:AAAAAAAAAAAAAAAA
        pgp:
          - created_at: "2026-11-01T00:00:00Z"
            enc: |-
              -----BEGIN PGP MESSAGE-----

              hF4DAAAAAAAAAAA=
              -----END PGP MESSAGE-----
            fp: 85D77543B3D624B63CEA9E6DBC17301B491B3F21
)");
}

TEST(Secrets, KeyServicesAreLeftToTheProgram) {
  Folder folder;
  const Receiver receiver(folder);
  folder.write("flow.yaml", sealed_shop(receiver.url()));
  seal(folder, new_key(folder, "key.txt"));
  folder.write("flow.yaml", by_key_services(folder.read("flow.yaml")));
  EXPECT_EQ(folder.run({"append", "acme/orders"}, "{\"id\": 1}\n").code, 0);

  folder.set("PATH", "/usr/bin:/bin");
  const Ran alone = folder.run({"run", "--until-caught-up"});
  EXPECT_EQ(alone.code, 5);
  for (const char* recipient :
       {"kms arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000",
        "gcp_kms projects/p/locations/global/keyRings/r/cryptoKeys/k",
        "azure_kv https://example.vault.azure.net/shop/0f0e0d",
        "hc_vault https://vault.example.com:8200/sops/shop",
        "pgp 85D77543B3D624B63CEA9E6DBC17301B491B3F21"}) {
    EXPECT_THAT(alone.err, HasSubstr(recipient));
  }

  put_sops(folder);
  folder.write("answer.json", R"({"config": [{"headers": {"Authorization_sops": "canary-1"},
    "maxAttempts": 0, "method": "POST", "payloadTemplate": "", "secrets": {"key_sops": "canary-2"},
    "timeout": "0s", "url": ")" + receiver.url() +
                                  "\"}]}\n");
  EXPECT_EQ(folder.run({"secrets", "check"}).code, 0);
  const Ran ran = folder.run({"run", "--until-caught-up", "--wait", "20s"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, Not(HasSubstr("canary")));
  EXPECT_EQ(const_cast<Receiver&>(receiver).next_body(), "{\"key\": \"canary-2\"}");
  // What it was given: the block as it is in the MAC, with its recipients.
  const json::Tree seen = parse(folder.read("seen.json"));
  EXPECT_EQ(seen.root.find("config")->items()[0].find("timeout")->as_string(), "0s");
  EXPECT_EQ(
      seen.root.find("sops")->find("kms")->items()[0].find("context")->find("team")->as_string(),
      "shop");
  EXPECT_THAT(folder.run({"secrets", "decrypt", "flow.yaml", "--stdout"}).out,
              HasSubstr("Authorization: canary-1"));
}

TEST(Secrets, AProgramThatCannotOpenIsExitFive) {
  Folder folder;
  folder.write("flow.yaml", sealed_shop("https://ci.example.com/x"));
  seal(folder, new_key(folder, "key.txt"));
  folder.write("flow.yaml", by_key_services(folder.read("flow.yaml")));
  put_sops(folder, "echo 'no credentials' >&2; exit 128");
  const Ran check = folder.run({"secrets", "check"});
  EXPECT_EQ(check.code, 5);
  EXPECT_THAT(check.out, HasSubstr("no credentials; it is encrypted for kms arn:aws:kms"));
  EXPECT_EQ(folder.run({"secrets", "decrypt", "flow.yaml", "--stdout"}).code, 5);
  // Another document than the one it was given.
  put_sops(folder, "echo '{\"config\": []}'");
  EXPECT_THAT(folder.run({"secrets", "check"}).out, HasSubstr("answered with another document"));
}

TEST(Secrets, WholeDocumentsOfKeyServices) {
  Folder folder;
  folder.write("x.json", R"({"password": "ENC[AES256_GCM,data:eA==,iv:eA==,tag:eA==,type:str]",
    "sops": {"kms": [{"arn": "arn:aws:kms:x", "created_at": "2026-11-01T00:00:00Z", "enc": "AQIC",
    "aws_profile": ""}], "age": null, "lastmodified": "2026-11-01T00:00:00Z",
    "mac": "ENC[AES256_GCM,data:eA==,iv:eA==,tag:eA==,type:str]", "version": "3.9.4"}})");
  folder.set("PATH", "/usr/bin:/bin");
  const Ran alone = folder.run({"secrets", "decrypt", "x.json", "--stdout"});
  EXPECT_EQ(alone.code, 5);
  EXPECT_THAT(alone.err, HasSubstr("kms arn:aws:kms:x"));
  put_sops(folder);
  folder.write("answer.json", "{\n\t\"password\": \"canary-3\"\n}\n");
  EXPECT_EQ(folder.run({"secrets", "decrypt", "x.json", "--stdout"}).out,
            folder.read("answer.json"));
  EXPECT_EQ(folder.run({"secrets", "edit", "x.json"}).code, 5);
}

TEST(Secrets, EditsKeepTheEntriesOfKeyServices) {
  Folder folder;
  folder.write("flow.yaml", sealed_shop("https://ci.example.com/x"));
  seal(folder, new_key(folder, "key.txt"));
  folder.set("SOPS_AGE_KEY_FILE", "key.txt");
  std::string text = folder.read("flow.yaml");
  const std::string kms =
      "        kms:\n          - arn: \"arn:aws:kms:x\"\n            context:\n              team: "
      "shop\n"
      "            created_at: \"2026-11-01T00:00:00Z\"\n            enc: AQIC\n";
  folder.write("flow.yaml", text.insert(text.find("        age:\n"), kms));
  folder.set("EDITOR", "sed -i s/canary-1/canary-3/");
  const Ran edited = folder.run({"secrets", "edit", "flow.yaml"});
  EXPECT_EQ(edited.code, 0) << edited.err;
  EXPECT_THAT(folder.read("flow.yaml"), HasSubstr(kms));
  EXPECT_THAT(folder.run({"secrets", "decrypt", "flow.yaml", "--stdout"}).out,
              HasSubstr("canary-3"));
  // A new data key would have to be wrapped by the service.
  const Ran rotated = folder.run({"secrets", "rotate", "flow.yaml"});
  EXPECT_EQ(rotated.code, 1);
  EXPECT_THAT(rotated.err, HasSubstr("cannot be wrapped for kms arn:aws:kms:x"));
  const std::string next = new_key(folder, "next.txt");
  EXPECT_EQ(folder.run({"secrets", "rotate", "flow.yaml", "--recipient", next}).code, 0);
  EXPECT_THAT(folder.read("flow.yaml"), Not(HasSubstr("arn:aws")));
}

TEST(Secrets, LongAnswersOfAService) {
  Folder folder;
  folder.set("WEIR_AGE_RECIPIENTS", new_key(folder, "key.txt"));
  const auto service = folder.start({"secrets", "serve", "--port", "0"});
  const std::string origin = service->next_line().substr(13);
  std::string headers;
  for (int i = 0; i < 60; ++i) {
    headers += fmt::format("    X-{}: canary-{}\n", i, std::string(600, 'x'));
  }
  folder.write("flow.yaml", shop_with_triggers("- url: https://ci.example.com/x\n  headers:\n" +
                                               headers + "  payloadTemplate: '{}'\n"));
  const Ran ran = folder.run({"secrets", "encrypt", "--service", origin});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(folder.read("flow.yaml"), Not(HasSubstr("canary")));
  EXPECT_GT(folder.read("flow.yaml").size(), 48u << 10);
  EXPECT_EQ(folder.run({"secrets", "check", "--identity", "key.txt"}).code, 0);
}

TEST(Secrets, RulesMayNameGroupsButNoKeyServices) {
  Folder folder;
  const std::string first = new_key(folder, "first.txt");
  const std::string second = new_key(folder, "second.txt");
  const std::string clear = sealed_shop("https://ci.example.com/x");
  folder.write("flow.yaml", clear);
  const auto refused = [&](const std::string& rule) {
    folder.write(".sops.yaml", "creation_rules:\n  - " + rule + "\n");
    const Ran ran = folder.run({"secrets", "encrypt"});
    EXPECT_EQ(ran.code, 1) << rule;
    EXPECT_EQ(folder.read("flow.yaml"), clear);
    return ran.err;
  };
  EXPECT_THAT(refused("{ kms: 'arn:aws:kms:x', age: " + first + " }"), HasSubstr("names kms"));
  EXPECT_THAT(refused("{ age: 7 }"), HasSubstr("`age` must be a text"));
  EXPECT_THAT(refused("{ path_regex: '(', age: " + first + " }"), HasSubstr(".sops.yaml"));
  EXPECT_THAT(refused("{ path_regex: other, age: " + first + " }"),
              HasSubstr("none of its rules matches flow.yaml"));
  EXPECT_THAT(refused("{ key_groups: [ { age: [" + first + "] }, { pgp: [85D7] } ] }"),
              HasSubstr("names pgp"));
  for (const char* threshold : {"1", "3", "-2"}) {
    EXPECT_THAT(refused("{ key_groups: [ { age: [" + first + "] }, { age: [" + second +
                        "] } ], shamir_threshold: " + threshold + " }"),
                HasSubstr(fmt::format(".sops.yaml: `shamir_threshold` is {}; it says how many of "
                                      "the 2 key groups are needed",
                                      threshold)));
  }
  folder.write(".sops.yaml", "creation_rules:\n  - key_groups:\n      - age: [" + first +
                                 "]\n      - age: [" + second + "]\n    shamir_threshold: 2\n");
  EXPECT_EQ(folder.run({"secrets", "encrypt"}).code, 0);
  EXPECT_EQ(folder.run({"secrets", "check", "--identity", "first.txt"}).code, 5);
  EXPECT_EQ(
      folder.run({"secrets", "check", "--identity", "first.txt", "--identity", "second.txt"}).code,
      0);
}

}  // namespace
}  // namespace weir::cli
