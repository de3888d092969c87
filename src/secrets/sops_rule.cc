#include "secrets/sops_rule.h"

namespace weir::secrets {

std::string_view member_of(RuleKind kind) {
  switch (kind) {
    case RuleKind::kUnencryptedSuffix: return "unencrypted_suffix";
    case RuleKind::kEncryptedSuffix: return "encrypted_suffix";
    case RuleKind::kUnencryptedRegex: return "unencrypted_regex";
    case RuleKind::kEncryptedRegex: return "encrypted_regex";
  }
  return {};
}

Result<SopsRule> SopsRule::make(RuleKind kind, std::string text, const json::RegexFactory& regex) {
  SopsRule rule;
  rule.kind_ = kind;
  rule.text_ = std::move(text);
  if (kind == RuleKind::kUnencryptedSuffix || kind == RuleKind::kEncryptedSuffix) return rule;
  if (!regex) {
    return error(Code::kInvalid, "sops.{}: rules by regular expression are not spoken here",
                 member_of(kind));
  }
  auto compiled = regex(rule.text_);
  if (!compiled) {
    return error(Code::kInvalid, "sops.{}: {}", member_of(kind), compiled.error().message);
  }
  rule.regex_ = std::shared_ptr<const json::Regex>(*std::move(compiled));
  return rule;
}

bool SopsRule::encrypts(std::span<const std::string_view> keys) const {
  bool matched = false;
  for (const std::string_view key : keys) {
    matched = matched || (regex_ != nullptr ? regex_->search(key) : key.ends_with(text_));
  }
  const bool names_encrypted =
      kind_ == RuleKind::kEncryptedSuffix || kind_ == RuleKind::kEncryptedRegex;
  return matched == names_encrypted;
}

}  // namespace weir::secrets
