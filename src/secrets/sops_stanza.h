// The `sops` member of a document: who can open it, which values are encrypted, the MAC.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "json/value.h"
#include "secrets/age.h"
#include "secrets/sops_rule.h"

namespace weir::secrets {

inline constexpr std::size_t kKeyGroupsMax = 64;
inline constexpr std::size_t kKeysMax = 256;  // of all groups together
inline constexpr std::size_t kDataKeyBytes = 32;
inline constexpr std::string_view kStanzaName = "sops";
// The version of SOPS whose documents those written here are like.
inline constexpr std::string_view kSopsVersion = "3.9.4";

struct AgeKey {
  std::string recipient;  // a label: any identity may open `enc`
  std::string enc;        // an armored age file
};

// A key of a kind that is not spoken here: of a key service, or PGP. It stays with its document as
// long as the data key does.
struct ForeignKey {
  std::string_view kind;  // the member that lists such keys: "kms", "pgp"
  std::string label;      // "kms arn:…", "pgp 85D7…"
  std::string json;       // the entry as it was read
};

struct KeyGroup {
  std::vector<AgeKey> age;
  std::vector<ForeignKey> foreign;
};

struct SopsStanza {
  std::vector<KeyGroup> groups;      // one or more
  std::size_t shamir_threshold = 0;  // of several groups
  std::string lastmodified;          // RFC 3339, whole seconds; UTC where it is written here
  std::string mac;                   // an envelope
  SopsRule rule;
  bool rule_written = false;
  bool mac_only_encrypted = false;
  std::string version{kSopsVersion};

  // Every recipient with its kind, for messages.
  std::string recipients_text() const;
  bool has_foreign() const;
};

// `stanza` is the value of the member `sops`. kCorrupt or kInvalid names the member, never a value
// of the document: two rules, no keys, a bad time, rules that are not spoken here.
Result<SopsStanza> parse_stanza(const json::Value& stanza, const json::RegexFactory& regex);
// As SOPS writes it; lives in the arena.
json::Value stanza_value(const SopsStanza& stanza, json::Arena& arena);

// What `lastmodified` says of a time.
std::string stanza_time(Timestamp time);

// The key of the values. kSealed names the recipients where no identity fits.
Result<Secret> open_data_key(const SopsStanza& stanza, std::span<const Identity> identities);
// Wraps the key anew for the recipients that the stanza names, or for the given ones as its only
// group. kInvalid: a recipient of a kind that is not spoken here.
Status wrap_data_key(SopsStanza& stanza, const Secret& key, const Entropy& entropy);
SopsStanza stanza_for(std::span<const Recipient> recipients);

}  // namespace weir::secrets
