#include "secrets/sops_file.h"

#include <algorithm>
#include <set>

#include "base/secret_text.h"
#include "secrets/sops_comments.h"

namespace weir::secrets {
namespace {

TypeOf type_of(const TextDocument& document) {
  return [&document](const json::Value& value, BigIntegers big) {
    return document.type_of(value, big);
  };
}

// The last items of lists that hold nothing but such leaves.
void find_last_comments(const json::Value& value, const std::set<const json::Value*>& comments,
                        std::set<const json::Value*>& out) {
  if (value.is_object()) {
    for (const json::Member& each : value.members()) find_last_comments(each.value, comments, out);
  }
  if (!value.is_array() || value.size() == 0) return;
  bool only = true;
  for (const json::Value& item : value.items()) {
    find_last_comments(item, comments, out);
    only = only && comments.contains(&item);
  }
  if (only) out.insert(&value.items().back());
}

// A comment that stands as an item of a list becomes one again; behind the last one of a list of
// comments alone stands that the list is empty.
Edit comment_edit(const TextDocument& document, const OpenedLeaf& leaf, bool last) {
  Span span = document.scalar_at(leaf.leaf.value->place())->span;
  while (span.begin > 0 && document.text()[span.begin - 1] == ' ') --span.begin;
  if (span.begin > 0 && document.text()[span.begin - 1] == '-') --span.begin;
  SecretText text;
  text.append('#');
  text.append(leaf.text.reveal());
  if (last) {
    const std::size_t line = document.text().substr(0, span.begin).rfind('\n') + 1;
    text.append("\n" + std::string(span.begin - line + 1, ' ') + "[]");
  }
  return {span, text.take()};
}

Result<std::vector<Edit>> opening_edits(const TextDocument& document, const OpenedFile& opened) {
  std::vector<Edit> edits;
  std::set<const json::Value*> comments;
  std::set<const json::Value*> last;
  for (const OpenedLeaf& leaf : opened.leaves) {
    if (leaf.opened && leaf.type == SopsType::kComment) comments.insert(leaf.leaf.value);
  }
  for (const json::Value& root : document.roots()) find_last_comments(root, comments, last);
  for (const OpenedLeaf& leaf : opened.leaves) {
    if (!leaf.opened) continue;
    const ScalarText* scalar = document.scalar_at(leaf.leaf.value->place());
    if (leaf.type == SopsType::kComment && leaf.leaf.item && scalar != nullptr && !scalar->flow) {
      edits.push_back(comment_edit(document, leaf, last.contains(leaf.leaf.value)));
      continue;
    }
    WEIR_TRY(Edit edit, document.replace(*leaf.leaf.value, leaf.type, leaf.text));
    edits.push_back(std::move(edit));
  }
  return edits;
}

}  // namespace

Result<SopsStanza> stanza_of(const TextDocument& document, const json::RegexFactory& regex) {
  const json::Value* stanza =
      document.roots().empty() ? nullptr : document.roots().front().find(kStanzaName);
  if (stanza == nullptr || stanza->is_null()) {
    return error(Code::kNotFound, "there is no `sops` in it: it is not encrypted");
  }
  return parse_stanza(*stanza, regex);
}

Result<OpenedFile> open_file(const TextDocument& document, std::span<const Identity> identities,
                             const json::RegexFactory& regex) {
  OpenedFile out;
  WEIR_TRY(out.stanza, stanza_of(document, regex));
  WEIR_TRY(out.data_key, open_data_key(out.stanza, identities));
  WEIR_TRY(out.leaves, open_leaves(document.roots(), out.stanza, out.data_key, type_of(document)));
  return out;
}

Result<Secret> decrypted_text(const TextDocument& document, const OpenedFile& opened) {
  WEIR_TRY(std::vector<Edit> edits, opening_edits(document, opened));
  for (const json::Value& root : document.roots()) {
    if (root.find(kStanzaName) == nullptr) continue;
    WEIR_TRY(Edit edit, document.remove(root, kStanzaName));
    edits.push_back(std::move(edit));
  }
  for (Edit& edit : open_comments(document, opened.stanza.rule, opened.data_key)) {
    edits.push_back(std::move(edit));
  }
  return document.edited(std::move(edits));
}

Result<Secret> encrypted_text(const TextDocument& document, SopsStanza stanza,
                              const Secret& data_key, Timestamp now, const Before& before,
                              const Entropy& entropy) {
  for (const json::Value& root : document.roots()) {
    if (root.is_object() && root.find(kStanzaName) != nullptr) {
      return error(Code::kInvalid, "there is a member `sops` already: it is encrypted");
    }
  }
  WEIR_TRY(const auto sealed, seal_leaves(document.roots(), stanza, data_key, type_of(document),
                                          now, before, entropy));
  std::vector<Edit> edits;
  for (const SealedLeaf& leaf : sealed) {
    if (leaf.envelope.empty()) continue;
    WEIR_TRY(Edit edit, document.replace(*leaf.leaf.value, leaf.envelope));
    edits.push_back(std::move(edit));
  }
  WEIR_TRY(auto comments, seal_comments(document, stanza.rule, data_key, entropy));
  for (Edit& edit : comments) edits.push_back(std::move(edit));
  json::Arena arena;
  const json::Value value = stanza_value(stanza, arena);
  for (const json::Value& root : document.roots()) {
    WEIR_TRY(Edit edit, document.append(root, kStanzaName, value));
    edits.push_back(std::move(edit));
  }
  return document.edited(std::move(edits));
}

Result<Secret> rotated_text(const TextDocument& document, const OpenedFile& opened,
                            SopsStanza stanza, Timestamp now, const Entropy& entropy) {
  WEIR_TRY(const Secret key, random_secret(entropy, kDataKeyBytes));
  WEIR_RETURN_IF_ERROR(wrap_data_key(stanza, key, entropy));
  std::vector<Edit> edits;
  for (const OpenedLeaf& leaf : opened.leaves) {
    if (!leaf.opened) continue;
    WEIR_TRY(const std::string envelope,
             seal_value({leaf.type, leaf.text}, key, leaf.leaf.path, entropy));
    WEIR_TRY(Edit edit, document.replace(*leaf.leaf.value, envelope));
    edits.push_back(std::move(edit));
  }
  WEIR_TRY(const auto mac_envelope, parse_envelope(opened.stanza.mac));
  WEIR_TRY(Secret mac, open_envelope(mac_envelope, opened.data_key, opened.stanza.lastmodified));
  stanza.lastmodified = stanza_time(now);
  WEIR_TRY(stanza.mac,
           seal_value({SopsType::kString, std::move(mac)}, key, stanza.lastmodified, entropy));
  WEIR_TRY(auto comments, reseal_comments(document, stanza.rule, opened.data_key, key, entropy));
  for (Edit& edit : comments) edits.push_back(std::move(edit));
  json::Arena arena;
  const json::Value value = stanza_value(stanza, arena);
  for (const json::Value& root : document.roots()) {
    if (root.find(kStanzaName) == nullptr) continue;
    WEIR_TRY(Edit edit, document.replace_member(root, kStanzaName, value));
    edits.push_back(std::move(edit));
  }
  return document.edited(std::move(edits));
}

}  // namespace weir::secrets
