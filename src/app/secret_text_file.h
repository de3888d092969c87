// A file with secrets, opened as a whole: a SOPS document, or a catalog whose parts are encrypted
// each by itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/exit_code.h"
#include "app/secret_parts.h"
#include "secrets/keyring.h"

namespace weir::app {

// Prints what went wrong with opening. A broken document is one that cannot be opened, too: exit 5.
ExitCode tell_unopened(const Error& error);

class OpenedSecretFile {
 public:
  // kSealed: cannot be opened; kNotFound: nothing in it is encrypted. The messages name file, part
  // and recipients.
  static Result<std::unique_ptr<OpenedSecretFile>> open(const std::string& path,
                                                        const secrets::Keyring& keyring);

  // The text with everything opened.
  Result<Secret> plain() const;
  // An edited plain text encrypted as before: same keys and recipients, and the envelopes of what
  // did not change. Parts that are new are encrypted for the recipients of the first one. kInvalid:
  // the text cannot be read, or a secret would stay in clear.
  Result<Secret> sealed_again(const Secret& edited) const;
  // Under new data keys, for the stanza's groups or, if it has none, for those of before.
  Result<Secret> rotated(const secrets::SopsStanza& recipients) const;
  // Who opens it, each once.
  std::string recipients() const;

 private:
  struct Part {
    SecretPart part;
    std::unique_ptr<secrets::OpenedPart> opened;
  };
  // What each part of an edited file was before; nullptr: it is new, or was in clear.
  std::vector<const Part*> parts_before(const SecretFile& now) const;
  Result<std::vector<secrets::Edit>> edits_again(const SecretFile& now, const SecretPart& part,
                                                 const Part* before) const;
  SecretFile file_;
  const secrets::Keyring* keyring_ = nullptr;
  bool whole_ = false;  // one SOPS document
  secrets::OpenedFile opened_;
  std::vector<Part> parts_;
};

}  // namespace weir::app
