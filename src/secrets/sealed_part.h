// A part of a catalog that is encrypted by itself: the config of an endpoint, or a `triggers`
// block. Its MAC is over the members in order of name, as the published tools have it, so that
// members may be moved about in the file.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "secrets/keyring.h"
#include "secrets/locations.h"
#include "secrets/sops_file.h"

namespace weir::secrets {

enum class PartKind { kConfig, kTriggers };

// Has it an object `sops`?
bool is_sealed(const json::Value& part);

// A part with its values opened. Points into the tree that it was opened from.
class OpenedPart {
 public:
  const SopsStanza& stanza() const { return stanza_; }
  const Secret& data_key() const { return data_key_; }
  std::span<const OpenedLeaf> leaves() const { return leaves_; }
  // The part without `sops`, its members in order of name; of triggers with the placeholders.
  // Encrypted values stand as envelopes in it: ask text_of.
  const json::Value& root() const { return root_; }
  // nullptr: the value was not encrypted.
  const Secret* text_of(const json::Value& value) const;
  // As opened_json has it.
  Result<Secret> json() const;

 private:
  friend Result<std::unique_ptr<OpenedPart>> open_part(const json::Value& part, PartKind kind,
                                                       const Keyring& keyring);
  Status open_values(const Keyring& keyring);
  Status open_by_sops(const Keyring& keyring);
  json::Arena arena_;
  json::Value stanza_value_;
  json::Value root_;
  SopsStanza stanza_;
  Secret data_key_;
  std::vector<OpenedLeaf> leaves_;
  std::unordered_map<const json::Value*, std::size_t> by_value_;
};

// kSealed: no identity fits, or the part was edited where it may not be: the message names the
// fields that may, and what to do. kCorrupt, kInvalid: it is no SOPS document. Where no identity
// fits and the part names key services too, the keyring's `sops` is asked; data_key() is empty
// then.
Result<std::unique_ptr<OpenedPart>> open_part(const json::Value& part, PartKind kind,
                                              const Keyring& keyring);

// Edits that put a part back as it was before it was encrypted: values, names, no `sops`.
Result<std::vector<Edit>> unsealing_edits(const TextDocument& document, const json::Value& part,
                                          const OpenedPart& opened);

struct SealOptions {
  SopsStanza stanza;  // for whom; the rule is set here
  Secret data_key;    // that the stanza's wrapped keys hold
  Timestamp now;
  Before before = {};
  bool in_file_order = false;  // the MAC of a config that is a file, so that `sops` opens it too
};
// Edits that encrypt a part: every value that the schema says is secret, with the suffix behind its
// name, and the `sops` member. kInvalid: it does not fit the schema; a secret that is no member of
// an object; a name that is taken.
Result<std::vector<Edit>> sealing_edits(const TextDocument& document, const json::Value& part,
                                        PartKind kind, const json::Schema& schema,
                                        SealOptions options, const Entropy& entropy);
// The same for a config whose schema is not known: the members that were encrypted before are.
Result<std::vector<Edit>> resealing_edits(const TextDocument& document, const json::Value& part,
                                          const OpenedPart& before, SealOptions options,
                                          const Entropy& entropy);

// Edits that take over what a config-encryption service answered for the part: its envelopes, its
// names, its `sops`. kInvalid: the answer is for another document, none of SOPS, or leaves one of
// the `secret` members in clear.
Result<std::vector<Edit>> adopting_edits(const TextDocument& document, const json::Value& part,
                                         PartKind kind, std::span<const json::Member* const> secret,
                                         const json::Value& answer,
                                         const json::RegexFactory& regex);
// The part as such a service is given it, as JSON.
Result<Secret> service_input(const json::Value& part, PartKind kind);

// Edits that put a sealed part under a new data key, for the recipients of the stanza given.
Result<std::vector<Edit>> rotating_edits(const TextDocument& document, const json::Value& part,
                                         const OpenedPart& opened, SopsStanza stanza, Timestamp now,
                                         const Entropy& entropy);

}  // namespace weir::secrets
