#include "secrets/age_key.h"

#include <algorithm>
#include <optional>

#include "base/secret_text.h"
#include "base/text.h"
#include "secrets/bech32.h"

namespace weir::secrets {
namespace {

constexpr std::string_view kRecipientPrefix = "age";
constexpr std::string_view kIdentityPrefix = "age-secret-key-";

}  // namespace

Result<Recipient> Recipient::parse(std::string_view text) {
  if (text.starts_with("age1pq1")) {
    return error(Code::kInvalid, "post-quantum recipients (age1pq1…) are not spoken here");
  }
  if (text.starts_with("ssh-")) {
    return error(Code::kInvalid,
                 "SSH keys as recipients are not spoken here; make an age key with "
                 "`weir secrets keygen`");
  }
  auto decoded = bech32_decode(text);
  if (!decoded) return error(Code::kInvalid, "no age recipient: {}", decoded.error().message);
  if (decoded->prefix == kIdentityPrefix) {
    wipe(decoded->bytes);
    return error(Code::kInvalid, "this is a secret key; a recipient is its public key, age1…");
  }
  if (decoded->upper || decoded->prefix != kRecipientPrefix ||
      decoded->bytes.size() != kX25519Bytes) {
    return error(Code::kInvalid,
                 "no age recipient: it should be age1 and 58 lower-case characters");
  }
  return Recipient(std::move(decoded->bytes));
}

std::string Recipient::text() const {
  return bech32_encode(kRecipientPrefix, point_);
}

Result<Identity> Identity::parse(std::string_view text) {
  auto decoded = bech32_decode(text);
  if (!decoded) return error(Code::kInvalid, "no age identity: {}", decoded.error().message);
  Secret scalar(std::move(decoded->bytes));
  if (decoded->prefix == "age-secret-key-pq-") {
    return error(Code::kInvalid, "post-quantum identities are not spoken here");
  }
  if (decoded->prefix.starts_with("age-plugin-")) {
    return error(Code::kInvalid, "identities of age plugins are not spoken here");
  }
  if (!decoded->upper || decoded->prefix != kIdentityPrefix ||
      scalar.reveal().size() != kX25519Bytes) {
    return error(Code::kInvalid,
                 "no age identity: it should be AGE-SECRET-KEY-1 and 58 upper-case characters");
  }
  WEIR_TRY(std::string point, x25519_public(scalar));
  return Identity(std::move(scalar), Recipient(std::move(point)));
}

Result<Identity> Identity::generate(const Entropy& entropy) {
  WEIR_TRY(Secret scalar, random_secret(entropy, kX25519Bytes));
  WEIR_TRY(std::string point, x25519_public(scalar));
  return Identity(std::move(scalar), Recipient(std::move(point)));
}

Secret Identity::text() const {
  std::string text = bech32_encode(kIdentityPrefix, scalar_.reveal());
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; });
  return Secret(std::move(text));
}

Result<std::vector<Identity>> parse_identities(std::string_view text) {
  if (text.size() > kIdentityFileBytesMax) {
    return error(Code::kLimit, "a file of identities has at most {} bytes", kIdentityFileBytesMax);
  }
  std::vector<Identity> out;
  std::optional<tl::unexpected<Error>> refused;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("age-encryption.org/") || line.starts_with("-----BEGIN AGE")) {
      return error(Code::kInvalid,
                   "the identities are encrypted themselves; decrypt them on the way, as by "
                   "SOPS_AGE_KEY=\"$(age --decrypt FILE)\"");
    }
    auto identity = Identity::parse(line);
    const bool of_plugin = line.starts_with("AGE-PLUGIN-");
    if (!identity && (!of_plugin || !refused)) {
      refused = error(Code::kInvalid, "line {}: {}", number, identity.error().message);
      if (!of_plugin) return *refused;
    }
    if (of_plugin) continue;
    if (out.size() == kIdentitiesMax) {
      return error(Code::kLimit, "line {}: at most {} identities", number, kIdentitiesMax);
    }
    out.push_back(*std::move(identity));
  }
  if (out.empty() && refused) return *refused;
  return out;
}

Secret identity_file(const Identity& identity, std::string_view created) {
  SecretText text;
  text.append("# created: ");
  text.append(created);
  text.append("\n# public key: ");
  text.append(identity.recipient().text());
  text.append("\n");
  text.append(identity.text().reveal());
  text.append("\n");
  return text.take();
}

}  // namespace weir::secrets
