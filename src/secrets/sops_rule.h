// Which values of a SOPS document are encrypted: a rule looks at every key on the path, so a match
// covers all that is below.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/schema.h"

namespace weir::secrets {

enum class RuleKind { kUnencryptedSuffix, kEncryptedSuffix, kUnencryptedRegex, kEncryptedRegex };
std::string_view member_of(RuleKind kind);  // "encrypted_suffix"

class SopsRule {
 public:
  SopsRule() : text_("_unencrypted") {}  // what applies where a document names none
  // `regex` compiles RE2 syntax; without it rules by regular expression are kInvalid, as are
  // patterns that it refuses.
  static Result<SopsRule> make(RuleKind kind, std::string text, const json::RegexFactory& regex);

  bool encrypts(std::span<const std::string_view> keys) const;
  RuleKind kind() const { return kind_; }
  const std::string& text() const { return text_; }

 private:
  RuleKind kind_ = RuleKind::kUnencryptedSuffix;
  std::string text_;
  std::shared_ptr<const json::Regex> regex_;
};

}  // namespace weir::secrets
