// SOPS files: decrypting and encrypting JSON and YAML as text, so that everything but the changed
// values stays as it was.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "secrets/sops_document.h"
#include "secrets/text_document.h"

namespace weir::secrets {

// A file, or a part of one, that was opened.
struct OpenedFile {
  SopsStanza stanza;
  Secret data_key;
  std::vector<OpenedLeaf> leaves;  // they point into the document
};

// Of the first document of the file. kNotFound: it has no `sops`.
Result<SopsStanza> stanza_of(const TextDocument& document, const json::RegexFactory& regex);
// kSealed, kCorrupt, kInvalid as parse_stanza, open_data_key and open_leaves have it.
Result<OpenedFile> open_file(const TextDocument& document, std::span<const Identity> identities,
                             const json::RegexFactory& regex);
// What `sops decrypt` prints, in the layout of the file.
Result<Secret> decrypted_text(const TextDocument& document, const OpenedFile& opened);

// The file encrypted; the stanza goes to its end, or to that of each document. `stanza` says for
// whom and what; its wrapped keys must fit `data_key`. kInvalid: there is a `sops` already.
Result<Secret> encrypted_text(const TextDocument& document, SopsStanza stanza,
                              const Secret& data_key, Timestamp now, const Before& before,
                              const Entropy& entropy);

// Values and stanza of an encrypted file under a new data key, for the recipients of the stanza
// given.
Result<Secret> rotated_text(const TextDocument& document, const OpenedFile& opened,
                            SopsStanza stanza, Timestamp now, const Entropy& entropy);

}  // namespace weir::secrets
