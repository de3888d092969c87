#include "secrets/sops_document.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "json/events.h"
#include "json/number.h"

namespace weir::secrets {
namespace {

// SHA-256 of "sops": where only encrypted values are hashed, the hash starts with it.
constexpr std::string_view kMacOnlyEncryptedStart =
    "8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69";

// Places of messages: a column and line where there is one, and the keys.
std::string place_text(const Leaf& leaf) {
  std::string keys = leaf.path;
  if (!keys.empty()) keys.pop_back();
  const json::Place place = leaf.value->place();
  return place.line == 0 ? keys : fmt::format("{}:{}: {}", place.line, place.column, keys);
}

class LeafWalk {
 public:
  LeafWalk(const SopsRule& rule, std::vector<Leaf>& out) : rule_(rule), out_(out) {}

  Status root(const json::Value& value) {
    if (!value.is_object()) {
      return error(Code::kInvalid, "a SOPS document must be an object at its top");
    }
    for (const json::Member& member : value.members()) {
      if (member.name == kStanzaName) continue;
      WEIR_RETURN_IF_ERROR(member_value(member));
    }
    return {};
  }

 private:
  Status member_value(const json::Member& member) {
    const std::size_t size = path_.size();
    keys_.push_back(member.name);
    path_ += member.name;
    path_ += ':';
    WEIR_RETURN_IF_ERROR(value(member.value, false));
    path_.resize(size);
    keys_.pop_back();
    return {};
  }

  Status value(const json::Value& value_, bool item) {
    if (value_.is_null()) return {};
    if (value_.is_object()) {
      for (const json::Member& member : value_.members()) {
        WEIR_RETURN_IF_ERROR(member_value(member));
      }
      return {};
    }
    if (value_.is_array()) {
      for (const json::Value& each : value_.items()) WEIR_RETURN_IF_ERROR(value(each, true));
      return {};
    }
    if (out_.size() >= kLeavesMax) return error(Code::kLimit, "more than {} values", kLeavesMax);
    out_.push_back({&value_, path_, rule_.encrypts(keys_), item});
    return {};
  }

  const SopsRule& rule_;
  std::vector<Leaf>& out_;
  std::vector<std::string_view> keys_;
  std::string path_;
};

// Secret, for whoever guesses values could try them on it.
Secret mac_of(std::span<const OpenedLeaf> leaves, bool only_encrypted) {
  Sha512 hash;
  if (only_encrypted) hash.update(*from_hex(kMacOnlyEncryptedStart));
  for (const OpenedLeaf& leaf : leaves) {
    if (only_encrypted && !leaf.leaf.encrypted) continue;
    if (leaf.type == SopsType::kComment) continue;
    hash.update(leaf.text.reveal());
  }
  std::string digest = hash.finish();
  std::string mac = hex_lower(digest);
  wipe(digest);
  std::transform(mac.begin(), mac.end(), mac.begin(),
                 [](char c) { return c >= 'a' ? static_cast<char>(c - 0x20) : c; });
  return Secret(std::move(mac));
}

Result<OpenedLeaf> open_leaf(Leaf leaf, const Secret& key, const TypeOf& type_of) {
  OpenedLeaf out;
  const json::Value& value = *leaf.value;
  const bool empty = value.is_string() && value.as_string().empty();
  if (!leaf.encrypted || empty) {
    auto typed = type_of(value, BigIntegers::kExact);
    if (typed) {
      out.type = typed->type;
      out.text = std::move(typed->text);
    }
    out.leaf = std::move(leaf);
    return out;
  }
  const std::string place = place_text(leaf);
  if (!value.is_string()) {
    return error(Code::kCorrupt, "{}: should be encrypted, and is a clear {}", place,
                 json::name_of(value.kind()));
  }
  auto envelope = parse_envelope(value.as_string());
  if (!envelope) return tl::unexpected<Error>(with_context(place, envelope.error()));
  auto text = open_envelope(*envelope, key, leaf.path);
  if (!text) {
    return error(
        Code::kSealed,
        "{}: cannot be opened: the value was changed, moved or encrypted under another key", place);
  }
  out.leaf = std::move(leaf);
  out.type = envelope->type;
  out.text = *std::move(text);
  out.opened = true;
  return out;
}

// With the integers that writers before 3.13.2 hashed rounded. False: there are none.
bool round_big_integers(std::span<OpenedLeaf> leaves, const TypeOf& type_of) {
  bool changed = false;
  for (OpenedLeaf& leaf : leaves) {
    if (leaf.opened || !leaf.leaf.value->is_number()) continue;
    auto typed = type_of(*leaf.leaf.value, BigIntegers::kRounded);
    if (!typed || typed->text.reveal() == leaf.text.reveal()) continue;
    leaf.text = std::move(typed->text);
    changed = true;
  }
  return changed;
}

// Finds the leaf that something had before, for its envelope.
class Earlier {
 public:
  explicit Earlier(std::span<const OpenedLeaf> leaves) : leaves_(leaves) {
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      if (leaves[i].opened) by_path_[leaves[i].leaf.path].push_back(i);
    }
  }
  std::string_view envelope(const std::string& path, const Typed& value) {
    const auto found = by_path_.find(path);
    if (found == by_path_.end()) return {};
    for (std::size_t& index : found->second) {
      if (index == kUsed) continue;
      const OpenedLeaf& leaf = leaves_[index];
      if (leaf.type != value.type || leaf.text.reveal() != value.text.reveal()) continue;
      index = kUsed;
      return leaf.leaf.value->as_string();
    }
    return {};
  }

 private:
  static constexpr std::size_t kUsed = static_cast<std::size_t>(-1);
  std::span<const OpenedLeaf> leaves_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_path_;
};

}  // namespace

Result<std::vector<Leaf>> leaves_of(std::span<const json::Value> roots, const SopsRule& rule) {
  std::vector<Leaf> out;
  for (const json::Value& root : roots) {
    WEIR_RETURN_IF_ERROR(LeafWalk(rule, out).root(root));
  }
  return out;
}

Result<std::vector<OpenedLeaf>> open_leaves(std::span<const json::Value> roots,
                                            const SopsStanza& stanza, const Secret& data_key,
                                            const TypeOf& type_of) {
  WEIR_TRY(std::vector<Leaf> leaves, leaves_of(roots, stanza.rule));
  auto sealed_mac = parse_envelope(stanza.mac);
  if (!sealed_mac) return tl::unexpected<Error>(with_context("sops.mac", sealed_mac.error()));
  const auto mac = open_envelope(*sealed_mac, data_key, stanza.lastmodified);
  if (!mac) {
    return error(Code::kSealed,
                 "sops.mac: cannot be opened: it, `lastmodified` or the recipients were changed");
  }
  std::vector<OpenedLeaf> out;
  out.reserve(leaves.size());
  for (Leaf& leaf : leaves) {
    WEIR_TRY(OpenedLeaf opened, open_leaf(std::move(leaf), data_key, type_of));
    out.push_back(std::move(opened));
  }
  const auto fits = [&] {
    return equal_in_constant_time(mac_of(out, stanza.mac_only_encrypted).reveal(), mac->reveal());
  };
  if (fits() || (round_big_integers(out, type_of) && fits())) return out;
  return error(Code::kSealed,
               "the MAC does not fit: a value was changed, added, removed or moved after the "
               "document was encrypted");
}

Result<std::vector<SealedLeaf>> seal_leaves(std::span<const json::Value> roots, SopsStanza& stanza,
                                            const Secret& data_key, const TypeOf& type_of,
                                            Timestamp now, const Before& before,
                                            const Entropy& entropy) {
  WEIR_TRY(std::vector<Leaf> leaves, leaves_of(roots, stanza.rule));
  Earlier earlier(before.leaves);
  std::vector<SealedLeaf> out;
  std::vector<OpenedLeaf> plain;
  for (Leaf& leaf : leaves) {
    auto typed = type_of(*leaf.value, BigIntegers::kExact);
    if (!typed) continue;
    const auto rounded = type_of(*leaf.value, BigIntegers::kRounded);
    if (!leaf.encrypted && rounded && rounded->text.reveal() != typed->text.reveal()) {
      return error(Code::kInvalid,
                   "{}: a number that readers round differently; write it in quotes",
                   place_text(leaf));
    }
    if (typed->type == SopsType::kInteger && !json::to_int64(typed->text.reveal())) {
      return error(Code::kInvalid, "{}: a number that SOPS cannot hold; write it in quotes",
                   place_text(leaf));
    }
    if (leaf.value->is_string() && looks_sealed(leaf.value->as_string())) {
      return error(Code::kInvalid, "{}: the value is encrypted already", place_text(leaf));
    }
    SealedLeaf sealed{leaf, {}};
    if (leaf.encrypted && !typed->text.empty()) {
      sealed.envelope = earlier.envelope(leaf.path, *typed);
      if (sealed.envelope.empty()) {
        WEIR_TRY(sealed.envelope, seal_value(*typed, data_key, leaf.path, entropy));
      }
    }
    plain.push_back({std::move(leaf), typed->type, std::move(typed->text), false});
    out.push_back(std::move(sealed));
  }
  stanza.lastmodified = stanza_time(now);
  const Typed mac{SopsType::kString, mac_of(plain, stanza.mac_only_encrypted)};
  WEIR_TRY(stanza.mac, seal_value(mac, data_key, stanza.lastmodified, entropy));
  return out;
}

}  // namespace weir::secrets
