#include "secrets/sops_stanza.h"

#include "json/events.h"
#include "secrets/shamir.h"
#include "secrets/sops_value.h"

namespace weir::secrets {
namespace {

// Kinds of keys of which only the name is known here, with the members that tell one from another.
struct ForeignKind {
  std::string_view member;
  std::string_view label[3];
};
constexpr ForeignKind kForeign[] = {
    {"kms", {"arn", "", ""}},
    {"gcp_kms", {"resource_id", "", ""}},
    {"hckms", {"key_id", "", ""}},
    {"azure_kv", {"vault_url", "name", "version"}},
    {"hc_vault", {"vault_address", "engine_path", "key_name"}},
    {"pgp", {"fp", "", ""}},
};
constexpr std::string_view kCommentRules[] = {"unencrypted_comment_regex",
                                              "encrypted_comment_regex"};

tl::unexpected<Error> bad(std::string_view member, std::string_view what) {
  return error(Code::kCorrupt, "sops.{}: {}", member, what);
}

// The member's text; empty where it is absent or null.
Result<std::string_view> text_of(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  if (value == nullptr || value->is_null()) return std::string_view();
  if (!value->is_string()) return bad(name, "must be a text");
  return value->as_string();
}

// The member's items; none where it is absent or null.
Result<std::span<const json::Value>> list_of(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  if (value == nullptr || value->is_null()) return std::span<const json::Value>();
  if (!value->is_array()) return bad(name, "must be a list");
  for (const json::Value& item : value->items()) {
    if (!item.is_object()) return bad(name, "must be a list of objects");
  }
  return value->items();
}

Result<KeyGroup> parse_group(const json::Value& object) {
  KeyGroup group;
  WEIR_TRY(const auto age, list_of(object, "age"));
  for (const json::Value& item : age) {
    WEIR_TRY(const std::string_view recipient, text_of(item, "recipient"));
    WEIR_TRY(const std::string_view enc, text_of(item, "enc"));
    group.age.push_back({std::string(recipient), std::string(enc)});
  }
  for (const ForeignKind& kind : kForeign) {
    WEIR_TRY(const auto list, list_of(object, kind.member));
    for (const json::Value& item : list) {
      std::string label(kind.member);
      for (const std::string_view member : kind.label) {
        WEIR_TRY(const std::string_view text, text_of(item, member));
        if (text.empty()) continue;
        label += label.size() == kind.member.size() ? ' ' : '/';
        label += text;
      }
      group.foreign.push_back({kind.member, std::move(label), json::to_text(item)});
    }
  }
  return group;
}

// Each key may have to be tried.
Status check_key_count(const SopsStanza& stanza) {
  std::size_t count = 0;
  for (const KeyGroup& group : stanza.groups) count += group.age.size() + group.foreign.size();
  if (count <= kKeysMax) return {};
  return error(Code::kLimit, "sops: {} keys; at most {} are tried", count, kKeysMax);
}

Status parse_groups(const json::Value& stanza, SopsStanza* out) {
  WEIR_TRY(KeyGroup direct, parse_group(stanza));
  if (!direct.age.empty() || !direct.foreign.empty()) {
    out->groups.push_back(std::move(direct));
    return check_key_count(*out);
  }
  WEIR_TRY(const auto groups, list_of(stanza, "key_groups"));
  if (groups.size() > kKeyGroupsMax) {
    return error(Code::kLimit, "sops.key_groups: at most {}", kKeyGroupsMax);
  }
  for (const json::Value& item : groups) {
    WEIR_TRY(KeyGroup group, parse_group(item));
    out->groups.push_back(std::move(group));
  }
  if (out->groups.empty()) {
    return error(Code::kCorrupt, "sops: the document names nobody who could open it");
  }
  out->shamir_threshold = out->groups.size();
  if (const json::Value* threshold = stanza.find("shamir_threshold");
      threshold != nullptr && threshold->is_number()) {
    const auto groups_needed = static_cast<std::size_t>(
        std::max(0, std::atoi(std::string(threshold->number_text()).c_str())));
    if (groups_needed > out->groups.size()) {
      return bad("shamir_threshold", "is more than there are groups");
    }
    if (groups_needed > 0) out->shamir_threshold = groups_needed;
  }
  return check_key_count(*out);
}

Status parse_rule(const json::Value& stanza, const json::RegexFactory& regex, SopsStanza* out) {
  for (const std::string_view name : kCommentRules) {
    WEIR_TRY(const std::string_view text, text_of(stanza, name));
    if (!text.empty()) {
      return error(Code::kInvalid, "sops.{}: rules by comment are not spoken here; use `sops`",
                   name);
    }
  }
  for (const RuleKind kind : {RuleKind::kUnencryptedSuffix, RuleKind::kEncryptedSuffix,
                              RuleKind::kUnencryptedRegex, RuleKind::kEncryptedRegex}) {
    WEIR_TRY(const std::string_view text, text_of(stanza, member_of(kind)));
    if (text.empty()) continue;
    if (out->rule_written) {
      return error(Code::kCorrupt, "sops: both {} and {}; a document has one rule",
                   member_of(out->rule.kind()), member_of(kind));
    }
    WEIR_TRY(out->rule, SopsRule::make(kind, std::string(text), regex));
    out->rule_written = true;
  }
  return {};
}

class ObjectMaker {
 public:
  explicit ObjectMaker(json::Arena& arena) : arena_(arena) {}
  void add(std::string_view name, json::Value value) { members_.push_back({name, value, {}}); }
  void text(std::string_view name, std::string_view text) {
    if (!text.empty()) add(name, json::Value::copied_string(arena_, text));
  }
  json::Value make() const {
    auto* members = arena_.array<json::Member>(members_.size());
    std::copy(members_.begin(), members_.end(), members);
    return json::Value::object({members, members_.size()});
  }

 private:
  json::Arena& arena_;
  std::vector<json::Member> members_;
};

json::Value array_value(const std::vector<json::Value>& items, json::Arena& arena) {
  auto* copy = arena.array<json::Value>(items.size());
  std::copy(items.begin(), items.end(), copy);
  return json::Value::array({copy, items.size()});
}

void add_group(const KeyGroup& group, ObjectMaker& object, json::Arena& arena) {
  std::vector<json::Value> items;
  for (const ForeignKind& kind : kForeign) {
    for (const ForeignKey& key : group.foreign) {
      if (key.kind == kind.member) items.push_back(*json::parse(key.json, arena));
    }
    if (!items.empty()) object.add(kind.member, array_value(items, arena));
    items.clear();
  }
  for (const AgeKey& key : group.age) {
    ObjectMaker item(arena);
    item.text("recipient", key.recipient);
    item.text("enc", key.enc);
    items.push_back(item.make());
  }
  object.add("age", array_value(items, arena));
}

// The first of a group's files that an identity opens. What is no age file, or was changed, is told
// in `broken`.
std::optional<Secret> open_group(const KeyGroup& group, std::span<const Identity> identities,
                                 std::string* broken) {
  for (const AgeKey& key : group.age) {
    auto opened = age_decrypt(key.enc, {.identities = identities});
    if (opened) return *std::move(opened);
    if (opened.error().code == Code::kSealed || !broken->empty()) continue;
    *broken = fmt::format("; the entry of {} is broken: {}", key.recipient, opened.error().message);
  }
  return std::nullopt;
}

Status wrap_for(KeyGroup& group, const Secret& key, const Entropy& entropy) {
  if (!group.foreign.empty()) {
    return error(Code::kInvalid,
                 "a new data key cannot be wrapped for {}: only age is spoken here; use `sops`, or "
                 "name age recipients instead",
                 group.foreign.front().label);
  }
  for (AgeKey& entry : group.age) {
    WEIR_TRY(const Recipient recipient, Recipient::parse(entry.recipient));
    WEIR_TRY(entry.enc, age_encrypt(key.reveal(), {&recipient, 1}, Armor::kYes, entropy));
  }
  return {};
}

}  // namespace

std::string SopsStanza::recipients_text() const {
  std::string out;
  for (const KeyGroup& group : groups) {
    for (const AgeKey& key : group.age) out += (out.empty() ? "" : ", ") + key.recipient;
    for (const ForeignKey& key : group.foreign) out += (out.empty() ? "" : ", ") + key.label;
  }
  return out;
}

bool SopsStanza::has_foreign() const {
  for (const KeyGroup& group : groups) {
    if (!group.foreign.empty()) return true;
  }
  return false;
}

Result<SopsStanza> parse_stanza(const json::Value& stanza, const json::RegexFactory& regex) {
  if (!stanza.is_object()) return error(Code::kCorrupt, "sops: must be an object");
  SopsStanza out;
  WEIR_RETURN_IF_ERROR(parse_groups(stanza, &out));
  WEIR_RETURN_IF_ERROR(parse_rule(stanza, regex, &out));
  WEIR_TRY(const std::string_view time, text_of(stanza, "lastmodified"));
  Timestamp parsed;
  auto typed = typed_yaml_scalar(time, BigIntegers::kExact);
  if (!parse_timestamp(time, &parsed) || !typed || typed->type != SopsType::kTime) {
    return bad("lastmodified", "is no time as RFC 3339 has it");
  }
  out.lastmodified = typed->text.reveal();  // whole seconds, with the offset that was written
  WEIR_TRY(const std::string_view mac, text_of(stanza, "mac"));
  if (mac.empty()) return bad("mac", "is missing: nothing says that the document is as it was");
  out.mac = mac;
  WEIR_TRY(const std::string_view version, text_of(stanza, "version"));
  out.version = version;
  const json::Value* only = stanza.find("mac_only_encrypted");
  if (only != nullptr && !only->is_null() && !only->is_bool()) {
    return bad("mac_only_encrypted", "must be true or false");
  }
  out.mac_only_encrypted = only != nullptr && only->is_bool() && only->as_bool();
  return out;
}

json::Value stanza_value(const SopsStanza& stanza, json::Arena& arena) {
  ObjectMaker object(arena);
  if (stanza.groups.size() == 1) {
    add_group(stanza.groups[0], object, arena);
  } else {
    object.add("shamir_threshold",
               json::Value::integer(arena, static_cast<std::int64_t>(stanza.shamir_threshold)));
    std::vector<json::Value> groups;
    for (const KeyGroup& group : stanza.groups) {
      ObjectMaker item(arena);
      add_group(group, item, arena);
      groups.push_back(item.make());
    }
    object.add("key_groups", array_value(groups, arena));
  }
  object.text("lastmodified", stanza.lastmodified);
  object.text("mac", stanza.mac);
  object.text(member_of(stanza.rule.kind()), stanza.rule.text());
  if (stanza.mac_only_encrypted) object.add("mac_only_encrypted", json::Value::boolean(true));
  object.text("version", stanza.version);
  return object.make();
}

std::string stanza_time(Timestamp time) {
  return format_timestamp(time).substr(0, 19) + "Z";
}

Result<Secret> open_data_key(const SopsStanza& stanza, std::span<const Identity> identities) {
  std::vector<Secret> shares;
  std::string broken;
  for (const KeyGroup& group : stanza.groups) {
    if (auto share = open_group(group, identities, &broken)) shares.push_back(*std::move(share));
  }
  const std::size_t needed = stanza.groups.size() == 1 ? 1 : stanza.shamir_threshold;
  if (shares.size() < needed) {
    if (identities.empty()) {
      return error(Code::kSealed, "there is no identity at hand; it is encrypted for {}",
                   stanza.recipients_text());
    }
    return error(Code::kSealed,
                 "none of the {} identities at hand opens it; it is encrypted for {}{}{}",
                 identities.size(), stanza.recipients_text(),
                 needed > 1 ? fmt::format(" ({} of {} groups are needed, {} opened)", needed,
                                          stanza.groups.size(), shares.size())
                            : "",
                 broken);
  }
  if (stanza.groups.size() > 1) {
    shares.resize(needed);
    if (needed == 1) return error(Code::kCorrupt, "sops.shamir_threshold: 1 of several groups");
    WEIR_TRY(Secret key, shamir_combine(shares));
    shares.assign(1, std::move(key));
  }
  if (shares[0].reveal().size() != kDataKeyBytes) {
    return error(Code::kCorrupt, "sops: the data key is not of {} bytes", kDataKeyBytes);
  }
  return std::move(shares[0]);
}

Status wrap_data_key(SopsStanza& stanza, const Secret& key, const Entropy& entropy) {
  if (stanza.groups.size() == 1) return wrap_for(stanza.groups[0], key, entropy);
  WEIR_TRY(const std::vector<Secret> shares,
           shamir_split(key, stanza.groups.size(), stanza.shamir_threshold, entropy));
  for (std::size_t i = 0; i < shares.size(); ++i) {
    WEIR_RETURN_IF_ERROR(wrap_for(stanza.groups[i], shares[i], entropy));
  }
  return {};
}

SopsStanza stanza_for(std::span<const Recipient> recipients) {
  SopsStanza out;
  out.groups.resize(1);
  for (const Recipient& recipient : recipients) {
    out.groups[0].age.push_back({recipient.text(), {}});
  }
  return out;
}

}  // namespace weir::secrets
