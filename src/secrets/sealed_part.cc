#include "secrets/sealed_part.h"

#include <algorithm>
#include <set>

#include "json/secret_arena.h"
#include "secrets/draft_fields.h"
#include "secrets/name_order.h"
#include "secrets/suffix.h"

namespace weir::secrets {
namespace {

using Places = std::set<std::pair<std::uint32_t, std::uint32_t>>;

std::pair<std::uint32_t, std::uint32_t> key_of(json::Place place) {
  return {place.line, place.column};
}

// A copy without the top-level `sops`, and with a suffix behind the names that stand at the given
// places.
class ViewMaker {
 public:
  ViewMaker(json::Arena& arena, const Places& renamed) : arena_(arena), renamed_(renamed) {}

  json::Value make(const json::Value& value, bool root) {
    json::Value out = value;
    if (value.is_object()) out = object(value, root);
    if (value.is_array()) {
      auto* items = arena_.array<json::Value>(value.size());
      for (std::size_t i = 0; i < value.size(); ++i) items[i] = make(value.items()[i], false);
      out = json::Value::array({items, value.size()});
    }
    out.set_place(value.place());
    return out;
  }

 private:
  json::Value object(const json::Value& value, bool root) {
    std::vector<json::Member> members;
    for (const json::Member& member : value.members()) {
      if (root && member.name == kStanzaName) continue;
      std::string_view name = member.name;
      if (renamed_.contains(key_of(member.place))) {
        name = arena_.copy(std::string(name) + std::string(kEncryptedSuffix));
      }
      members.push_back({name, make(member.value, false), member.place});
    }
    auto* copy = arena_.array<json::Member>(members.size());
    std::copy(members.begin(), members.end(), copy);
    return json::Value::object({copy, members.size()});
  }

  json::Arena& arena_;
  const Places& renamed_;
};

Result<json::Value> view_of(const json::Value& part, PartKind kind, const Places& renamed,
                            bool in_order, json::Arena& arena) {
  json::Value base = part;
  if (kind == PartKind::kTriggers) {
    WEIR_TRY(base, strip_trigger_fields(part, arena));
  }
  const json::Value view = ViewMaker(arena, renamed).make(base, true);
  return in_order ? in_name_order(view, arena) : view;
}

std::string what_may_be_edited(PartKind kind) {
  if (kind == PartKind::kConfig) {
    return "an encrypted config cannot be edited by hand: use `weir secrets edit`, or take the "
           "change back";
  }
  std::string fields;
  for (const std::string_view field : excluded_trigger_fields()) {
    fields += fields.empty() ? "" : ", ";
    fields += field;
  }
  return fmt::format(
      "of encrypted triggers only {} may be edited by hand, and no trigger may be added, removed "
      "or "
      "moved; for the rest use `weir secrets edit`, or take the change back",
      fields);
}

TypeOf json_types() {
  return [](const json::Value& value, BigIntegers big) { return typed_json(value, big); };
}

void add_values(const json::Value& value, std::vector<const json::Member*>& renamed,
                std::string_view suffix) {
  if (value.is_object()) {
    for (const json::Member& member : value.members()) {
      if (without_suffix(member.name, suffix) != member.name) renamed.push_back(&member);
      add_values(member.value, renamed, suffix);
    }
  } else if (value.is_array()) {
    for (const json::Value& item : value.items()) add_values(item, renamed, suffix);
  }
}

// Has each object different names once the suffix is there?
Status check_collisions(const json::Value& value, const Places& renamed) {
  if (value.is_array()) {
    for (const json::Value& item : value.items()) {
      WEIR_RETURN_IF_ERROR(check_collisions(item, renamed));
    }
  }
  if (!value.is_object()) return {};
  for (const json::Member& member : value.members()) {
    WEIR_RETURN_IF_ERROR(check_collisions(member.value, renamed));
    if (!renamed.contains(key_of(member.place))) continue;
    const std::string name = std::string(member.name) + std::string(kEncryptedSuffix);
    if (value.find(name) == nullptr) continue;
    return error(Code::kInvalid, "{}:{}: \"{}\" is secret, and \"{}\" is there already",
                 member.place.line, member.place.column, member.name, name);
  }
  return {};
}

}  // namespace

bool is_sealed(const json::Value& part) {
  const json::Value* stanza = part.find(kStanzaName);
  return stanza != nullptr && stanza->is_object();
}

const Secret* OpenedPart::text_of(const json::Value& value) const {
  const auto found = by_value_.find(&value);
  if (found == by_value_.end() || !leaves_[found->second].opened) return nullptr;
  return &leaves_[found->second].text;
}

Result<Secret> OpenedPart::json() const {
  return opened_json(root_, leaves_, stanza_);
}

Status OpenedPart::open_values(const Keyring& keyring) {
  if (data_key_.empty()) return open_by_sops(keyring);
  WEIR_TRY(leaves_, open_leaves({&root_, 1}, stanza_, data_key_, json_types()));
  return {};
}

// The program gets the document as it is in the MAC and answers the same with plain values.
Status OpenedPart::open_by_sops(const Keyring& keyring) {
  std::string document = json::to_text(root_);
  document.pop_back();
  document += document.size() > 1 ? "," : "";
  document += fmt::format("\"{}\":{}}}", kStanzaName, json::to_text(stanza_value_));
  auto answered = keyring.sops(document);
  if (!answered) {
    return error(answered.error().code, "{}; it is encrypted for {}", answered.error().message,
                 stanza_.recipients_text());
  }
  const Secret answer = *std::move(answered);
  json::SecretArena arena;
  const auto plain = arena.parse(answer.reveal());
  if (!plain) return error(Code::kSealed, "the `sops` program did not answer with JSON");
  WEIR_TRY(const auto sealed, leaves_of({&root_, 1}, stanza_.rule));
  WEIR_TRY(const auto opened, leaves_of({&*plain, 1}, stanza_.rule));
  if (sealed.size() != opened.size()) {
    return error(Code::kSealed, "the `sops` program answered with another document");
  }
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    const json::Value& value = *sealed[i].value;
    auto typed = typed_json(*opened[i].value, BigIntegers::kExact);
    if (!typed || opened[i].path != sealed[i].path) {
      return error(Code::kSealed, "the `sops` program answered with another document");
    }
    const bool was_sealed =
        sealed[i].encrypted && value.is_string() && looks_sealed(value.as_string());
    leaves_.push_back({sealed[i], typed->type, std::move(typed->text), was_sealed});
  }
  return {};
}

Result<std::unique_ptr<OpenedPart>> open_part(const json::Value& part, PartKind kind,
                                              const Keyring& keyring) {
  const json::Value* stanza = part.find(kStanzaName);
  if (stanza == nullptr) return error(Code::kNotFound, "it is not encrypted");
  auto out = std::make_unique<OpenedPart>();
  out->stanza_value_ = *stanza;
  WEIR_TRY(out->stanza_, parse_stanza(*stanza, keyring.regex));
  if (kind == PartKind::kTriggers && out->stanza_.mac_only_encrypted) {
    return error(
        Code::kSealed,
        "sops.mac_only_encrypted leaves url and method outside of the MAC, so that anybody "
        "could send the secrets elsewhere; decrypt it and use `weir secrets encrypt`");
  }
  auto key = open_data_key(out->stanza_, keyring.identities);
  if (key) out->data_key_ = *std::move(key);
  if (!key && !(key.error().code == Code::kSealed && out->stanza_.has_foreign() && keyring.sops)) {
    return tl::unexpected<Error>(std::move(key).error());
  }
  // Configs that `sops` itself encrypted have the order of the file in their MAC.
  for (const bool in_order : {true, false}) {
    WEIR_TRY(out->root_, view_of(part, kind, {}, in_order, out->arena_));
    const Status opened = out->open_values(keyring);
    if (opened) break;
    if (opened.error().code == Code::kUnavailable) {  // another order would not help
      return error(Code::kSealed, "{}", opened.error().message);
    }
    if (opened.error().code != Code::kSealed) return tl::unexpected<Error>(opened.error());
    if (!in_order || kind == PartKind::kTriggers) {
      return error(Code::kSealed, "{}; {}", opened.error().message, what_may_be_edited(kind));
    }
  }
  for (std::size_t i = 0; i < out->leaves_.size(); ++i) {
    out->by_value_[out->leaves_[i].leaf.value] = i;
  }
  return out;
}

Result<std::vector<Edit>> unsealing_edits(const TextDocument& document, const json::Value& part,
                                          const OpenedPart& opened) {
  // Says so where two names would become one.
  WEIR_RETURN_IF_ERROR(opened.json());
  std::vector<Edit> edits;
  for (const OpenedLeaf& leaf : opened.leaves()) {
    if (!leaf.opened) continue;
    WEIR_TRY(Edit edit, document.replace(*leaf.leaf.value, leaf.type, leaf.text));
    edits.push_back(std::move(edit));
  }
  if (opened.stanza().rule.kind() == RuleKind::kEncryptedSuffix) {
    const std::string& suffix = opened.stanza().rule.text();
    std::vector<const json::Member*> renamed;
    add_values(opened.root(), renamed, suffix);
    for (const json::Member* member : renamed) {
      WEIR_TRY(Edit edit, document.rename(*member, without_suffix(member->name, suffix)));
      edits.push_back(std::move(edit));
    }
  }
  WEIR_TRY(Edit edit, document.remove(part, kStanzaName));
  edits.push_back(std::move(edit));
  return edits;
}

namespace {

Result<std::vector<Edit>> seal_members(const TextDocument& document, const json::Value& part,
                                       PartKind kind, std::span<const json::Member* const> members,
                                       SealOptions options, const Entropy& entropy) {
  Places renamed;
  std::vector<Edit> edits;
  for (const json::Member* member : members) {
    renamed.insert(key_of(member->place));
    WEIR_TRY(Edit edit,
             document.rename(*member, std::string(member->name) + std::string(kEncryptedSuffix)));
    edits.push_back(std::move(edit));
  }
  WEIR_RETURN_IF_ERROR(check_collisions(part, renamed));
  WEIR_TRY(options.stanza.rule,
           SopsRule::make(RuleKind::kEncryptedSuffix, std::string(kEncryptedSuffix), {}));
  json::Arena arena;
  WEIR_TRY(const json::Value view, view_of(part, kind, renamed, !options.in_file_order, arena));
  WEIR_TRY(const auto sealed, seal_leaves({&view, 1}, options.stanza, options.data_key,
                                          json_types(), options.now, options.before, entropy));
  for (const SealedLeaf& leaf : sealed) {
    if (leaf.envelope.empty()) continue;
    WEIR_TRY(Edit edit, document.replace(*leaf.leaf.value, leaf.envelope));
    edits.push_back(std::move(edit));
  }
  WEIR_TRY(Edit edit, document.append(part, kStanzaName, stanza_value(options.stanza, arena)));
  edits.push_back(std::move(edit));
  return edits;
}

// Members below which something was encrypted, by the keys that lead to them once opened.
void find_again(const json::Value& value, const std::string& path,
                const std::set<std::string>& sealed, std::vector<const json::Member*>& out,
                std::set<std::string>& found) {
  if (value.is_array()) {
    for (const json::Value& item : value.items()) find_again(item, path, sealed, out, found);
  }
  if (!value.is_object()) return;
  for (const json::Member& member : value.members()) {
    const std::string below = path + std::string(member.name) + ":";
    if (sealed.contains(below)) {
      out.push_back(&member);
      found.insert(below);
    }
    find_again(member.value, below, sealed, out, found);
  }
}

// Where nothing but the name told that a value is secret, one under a new name would be in clear.
Status check_clear(const json::Value& value, std::span<const json::Member* const> members,
                   std::span<const OpenedLeaf> leaves) {
  if (value.is_array()) {
    for (const json::Value& item : value.items()) {
      WEIR_RETURN_IF_ERROR(check_clear(item, members, leaves));
    }
  }
  if (value.is_object()) {
    for (const json::Member& member : value.members()) {
      if (std::find(members.begin(), members.end(), &member) != members.end()) continue;
      WEIR_RETURN_IF_ERROR(check_clear(member.value, members, leaves));
    }
  }
  if (!value.is_string()) return {};
  for (const OpenedLeaf& leaf : leaves) {
    if (!leaf.opened || leaf.text.reveal() != value.as_string()) continue;
    return error(Code::kInvalid,
                 "{}:{}: this value was encrypted, and nothing tells that it is secret under "
                 "another name; leave it its name, or use `weir secrets decrypt` and then `weir "
                 "secrets encrypt --config-schema FILE`",
                 value.place().line, value.place().column);
  }
  return {};
}

void note_sealed(const json::Value& value, const std::string& path, std::string_view suffix,
                 std::set<std::string>& out) {
  if (value.is_array()) {
    for (const json::Value& item : value.items()) note_sealed(item, path, suffix, out);
  }
  if (!value.is_object()) return;
  for (const json::Member& member : value.members()) {
    const std::string_view name = without_suffix(member.name, suffix);
    const std::string below = path + std::string(name) + ":";
    if (name != member.name) out.insert(below);
    note_sealed(member.value, below, suffix, out);
  }
}

}  // namespace

Result<std::vector<Edit>> sealing_edits(const TextDocument& document, const json::Value& part,
                                        PartKind kind, const json::Schema& schema,
                                        SealOptions options, const Entropy& entropy) {
  if (part.find(kStanzaName) != nullptr) return error(Code::kInvalid, "it is encrypted already");
  const SecretLocations locations = secret_locations(schema, part);
  if (locations.error != LocationError::kNone) {
    return error(Code::kInvalid, "{}", locations.message);
  }
  return seal_members(document, part, kind, locations.members, std::move(options), entropy);
}

Result<std::vector<Edit>> resealing_edits(const TextDocument& document, const json::Value& part,
                                          const OpenedPart& before, SealOptions options,
                                          const Entropy& entropy) {
  if (before.stanza().rule.kind() != RuleKind::kEncryptedSuffix) {
    return error(Code::kInvalid, "its rule is not one by suffix; use `sops` to edit it");
  }
  std::set<std::string> sealed;
  note_sealed(before.root(), "", before.stanza().rule.text(), sealed);
  std::vector<const json::Member*> members;
  std::set<std::string> found;
  find_again(part, "", sealed, members, found);
  if (found.size() < sealed.size()) {
    WEIR_RETURN_IF_ERROR(check_clear(part, members, before.leaves()));
  }
  return seal_members(document, part, PartKind::kConfig, members, std::move(options), entropy);
}

namespace {

class Adopter {
 public:
  Adopter(const TextDocument& document, const Places& secret, std::vector<Edit>& edits)
      : document_(document), secret_(secret), edits_(edits) {}

  Status adopt(const json::Value& ours, const json::Value& theirs) {
    if (ours.is_object()) {
      for (const json::Member& member : ours.members()) WEIR_RETURN_IF_ERROR(adopt(member, theirs));
      return {};
    }
    if (ours.is_array()) {
      if (!theirs.is_array() || theirs.size() != ours.size()) return other();
      for (std::size_t i = 0; i < ours.size(); ++i) {
        WEIR_RETURN_IF_ERROR(adopt(ours.items()[i], theirs.items()[i]));
      }
      return {};
    }
    const bool sealed = theirs.is_string() && looks_sealed(theirs.as_string());
    if (!sealed) {
      const bool nothing = ours.is_null() || (ours.is_string() && ours.as_string().empty());
      if (inside_ == 0 || nothing) return json::equal(ours, theirs) ? Status() : other();
      return error(Code::kInvalid, "{}:{}: the service left a secret in clear", ours.place().line,
                   ours.place().column);
    }
    if (!parse_envelope(theirs.as_string())) return other();
    WEIR_TRY(Edit edit, document_.replace(ours, theirs.as_string()));
    edits_.push_back(std::move(edit));
    return {};
  }

 private:
  static tl::unexpected<Error> other() {
    return error(Code::kInvalid, "the service answered for another document");
  }
  Status adopt(const json::Member& member, const json::Value& theirs) {
    const int secret = secret_.contains(key_of(member.place)) ? 1 : 0;
    inside_ += secret;
    WEIR_RETURN_IF_ERROR(adopt_value(member, theirs));
    inside_ -= secret;
    return {};
  }
  Status adopt_value(const json::Member& member, const json::Value& theirs) {
    if (member.value.is_null()) return {};
    if (const json::Value* same = theirs.find(member.name)) return adopt(member.value, *same);
    const std::string name = std::string(member.name) + std::string(kEncryptedSuffix);
    const json::Value* sealed = theirs.find(name);
    if (sealed == nullptr) return other();
    WEIR_TRY(Edit edit, document_.rename(member, name));
    edits_.push_back(std::move(edit));
    return adopt(member.value, *sealed);
  }

  const TextDocument& document_;
  const Places& secret_;
  std::vector<Edit>& edits_;
  int inside_ = 0;  // of secret members
};

// Does it say who opens it, and hold a MAC? Whether that fits only they can tell.
Status check_answer(const json::Value& answer, const json::RegexFactory& regex) {
  if (!is_sealed(answer)) return error(Code::kInvalid, "the answer of the service has no `sops`");
  const auto stanza = parse_stanza(*answer.find(kStanzaName), regex);
  const auto mac = stanza ? parse_envelope(stanza->mac) : tl::unexpected<Error>(stanza.error());
  if (mac) return {};
  return error(Code::kInvalid, "the answer of the service is no SOPS document: {}",
               mac.error().message);
}

}  // namespace

Result<std::vector<Edit>> adopting_edits(const TextDocument& document, const json::Value& part,
                                         PartKind kind, std::span<const json::Member* const> secret,
                                         const json::Value& answer,
                                         const json::RegexFactory& regex) {
  json::Arena arena;
  WEIR_TRY(const json::Value view, view_of(part, kind, {}, true, arena));
  WEIR_RETURN_IF_ERROR(check_answer(answer, regex));
  Places places;
  for (const json::Member* member : secret) places.insert(key_of(member->place));
  std::vector<Edit> edits;
  WEIR_RETURN_IF_ERROR(Adopter(document, places, edits).adopt(view, answer));
  WEIR_TRY(Edit edit, document.append(part, kStanzaName, *answer.find(kStanzaName)));
  edits.push_back(std::move(edit));
  return edits;
}

Result<Secret> service_input(const json::Value& part, PartKind kind) {
  json::Arena arena;
  WEIR_TRY(const json::Value view, view_of(part, kind, {}, true, arena));
  return opened_json(view, {}, SopsStanza());
}

Result<std::vector<Edit>> rotating_edits(const TextDocument& document, const json::Value& part,
                                         const OpenedPart& opened, SopsStanza stanza, Timestamp now,
                                         const Entropy& entropy) {
  WEIR_TRY(const Secret key, random_secret(entropy, kDataKeyBytes));
  WEIR_RETURN_IF_ERROR(wrap_data_key(stanza, key, entropy));
  std::vector<Edit> edits;
  for (const OpenedLeaf& leaf : opened.leaves()) {
    if (!leaf.opened) continue;
    WEIR_TRY(const std::string envelope,
             seal_value({leaf.type, leaf.text}, key, leaf.leaf.path, entropy));
    WEIR_TRY(Edit edit, document.replace(*leaf.leaf.value, envelope));
    edits.push_back(std::move(edit));
  }
  WEIR_TRY(const Envelope envelope, parse_envelope(opened.stanza().mac));
  WEIR_TRY(Secret mac, open_envelope(envelope, opened.data_key(), opened.stanza().lastmodified));
  stanza.lastmodified = stanza_time(now);
  WEIR_TRY(stanza.mac,
           seal_value({SopsType::kString, std::move(mac)}, key, stanza.lastmodified, entropy));
  json::Arena arena;
  WEIR_TRY(Edit edit, document.replace_member(part, kStanzaName, stanza_value(stanza, arena)));
  edits.push_back(std::move(edit));
  return edits;
}

}  // namespace weir::secrets
