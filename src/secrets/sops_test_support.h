// SOPS documents in tests.
#pragma once

#include <vector>

#include "json/host/re2_regex.h"
#include "json/host/yaml.h"
#include "secrets/sops_file.h"
#include "secrets/test_support.h"

namespace weir::secrets {

inline const std::string kTestdata = "src/secrets/testdata/";
inline const Timestamp kNow{std::chrono::seconds{1'700'000'000}};

inline YamlParser yaml_parser() {
  return [](std::string_view text, json::Arena& arena) { return json::parse_yaml(text, arena); };
}

inline std::vector<Identity> identities_of(std::initializer_list<const char*> files) {
  std::vector<Identity> out;
  for (const char* file : files) {
    auto identities = parse_identities(read_file(kTestdata + file));
    EXPECT_TRUE(identities) << file;
    for (Identity& each : *identities) out.push_back(std::move(each));
  }
  return out;
}

inline std::unique_ptr<TextDocument> document_of(std::string_view text, Format format) {
  auto document = TextDocument::parse("file", Secret(std::string(text)), format, yaml_parser());
  EXPECT_TRUE(document) << (document ? "" : document.error().message) << "\n" << text;
  return document ? *std::move(document) : nullptr;
}

// The plain text, or "error: message".
inline std::string decrypted(std::string_view text, Format format,
                             const std::vector<Identity>& identities) {
  auto document = TextDocument::parse("file", Secret(std::string(text)), format, yaml_parser());
  if (!document) return "error: " + document.error().message;
  const auto opened = open_file(**document, identities, json::re2_syntax_factory());
  if (!opened) return "error: " + opened.error().message;
  const auto plain = decrypted_text(**document, *opened);
  return plain ? std::string(plain->reveal()) : "error: " + plain.error().message;
}

struct EncryptOptions {
  std::string rule_kind = {};  // "encrypted_suffix"
  std::string rule = {};       // "_sops"
  bool mac_only_encrypted = false;
  std::vector<std::vector<Recipient>> groups = {};
  std::size_t threshold = 0;
};

inline SopsStanza stanza_of_options(const EncryptOptions& options) {
  SopsStanza stanza;
  for (const auto& group : options.groups) {
    stanza.groups.push_back(stanza_for(group).groups[0]);
  }
  if (options.groups.empty()) stanza = stanza_for({{test_identity().recipient()}});
  stanza.shamir_threshold = options.threshold;
  for (const RuleKind kind : {RuleKind::kUnencryptedSuffix, RuleKind::kEncryptedSuffix,
                              RuleKind::kUnencryptedRegex, RuleKind::kEncryptedRegex}) {
    if (options.rule_kind != member_of(kind)) continue;
    auto rule = SopsRule::make(kind, options.rule, json::re2_syntax_factory());
    EXPECT_TRUE(rule);
    stanza.rule = *std::move(rule);
  }
  stanza.mac_only_encrypted = options.mac_only_encrypted;
  stanza.version = "3.9.4";
  return stanza;
}

inline std::string encrypted(std::string_view text, Format format,
                             const EncryptOptions& options = {}) {
  const auto document = document_of(text, format);
  if (document == nullptr) return {};
  SopsStanza stanza = stanza_of_options(options);
  const auto key = random_secret(system_entropy(), kDataKeyBytes);
  EXPECT_TRUE(wrap_data_key(stanza, *key, system_entropy()));
  const auto out = encrypted_text(*document, stanza, *key, kNow, {}, system_entropy());
  EXPECT_TRUE(out) << (out ? "" : out.error().message);
  return out ? std::string(out->reveal()) : std::string();
}

// The tree of a text; null and a failure if it is none.
inline json::Tree tree_of(std::string_view text, Format format) {
  json::Tree tree;
  auto value =
      format == Format::kJson ? json::parse(text, tree.arena) : json::parse_yaml(text, tree.arena);
  EXPECT_TRUE(value) << (value ? "" : value.error().message) << "\n" << text;
  if (value) tree.root = *value;
  return tree;
}

}  // namespace weir::secrets
