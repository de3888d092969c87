// SOPS documents as values: opening all encrypted values of a document, or encrypting those that
// the rule chooses. Nothing here knows files or layouts: callers hand in trees and get, for each
// leaf, its plaintext or its envelope.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "secrets/sops_stanza.h"
#include "secrets/sops_value.h"

namespace weir::secrets {

inline constexpr std::size_t kLeavesMax = 1'000'000;

// What a clear scalar is; nullopt for null. typed_json, unless the document is YAML.
using TypeOf = std::function<std::optional<Typed>(const json::Value& value, BigIntegers big)>;

// A scalar of the tree that is not null, in document order; the top-level `sops` left out.
struct Leaf {
  const json::Value* value = nullptr;
  std::string path;        // the keys, each with a colon behind it: associated data
  bool encrypted = false;  // as the rule has it
  bool item = false;       // of an array
};

// Several roots: the documents of one YAML file, which share stanza and MAC. kLimit; kInvalid: a
// root that is no object.
Result<std::vector<Leaf>> leaves_of(std::span<const json::Value> roots, const SopsRule& rule);

struct OpenedLeaf {
  Leaf leaf;
  SopsType type = SopsType::kString;
  Secret text;          // what was encrypted or, of clear leaves, hashed
  bool opened = false;  // it was encrypted
};

// Opens every leaf and returns them only if the MAC fits. kSealed: the key does not fit a value, or
// the document was changed; names the place, never a value.
Result<std::vector<OpenedLeaf>> open_leaves(std::span<const json::Value> roots,
                                            const SopsStanza& stanza, const Secret& data_key,
                                            const TypeOf& type_of);

struct SealedLeaf {
  Leaf leaf;
  std::string envelope;  // empty: stays as it is
};

// Envelopes of leaves with the path, type and text that they had before, and under the same key,
// are kept, so that differences stay small.
struct Before {
  std::span<const OpenedLeaf> leaves = {};
};

// Encrypts what the stanza's rule chooses, and writes `lastmodified` and `mac` into the stanza.
// kInvalid: a value that looks encrypted already, a number that SOPS versions read differently.
Result<std::vector<SealedLeaf>> seal_leaves(std::span<const json::Value> roots, SopsStanza& stanza,
                                            const Secret& data_key, const TypeOf& type_of,
                                            Timestamp now, const Before& before,
                                            const Entropy& entropy);

}  // namespace weir::secrets
