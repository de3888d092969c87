// Keys of age: X25519 pairs as text, and files of identities.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "secrets/crypto.h"

namespace weir::secrets {

inline constexpr std::size_t kIdentityFileBytesMax = 1u << 20;
inline constexpr std::size_t kIdentitiesMax = 256;

// Who can open: a public key, `age1…`.
class Recipient {
 public:
  // kInvalid: another kind of key, or a mistyped one. Upper case and surrounding blanks are
  // refused.
  static Result<Recipient> parse(std::string_view text);
  explicit Recipient(std::string point) : point_(std::move(point)) {}
  const std::string& point() const { return point_; }  // 32 bytes
  std::string text() const;
  friend bool operator==(const Recipient&, const Recipient&) = default;

 private:
  std::string point_;
};

// Opens: a secret key, `AGE-SECRET-KEY-1…`.
class Identity {
 public:
  // kInvalid without a byte of the text.
  static Result<Identity> parse(std::string_view text);
  static Result<Identity> generate(const Entropy& entropy);
  const Secret& scalar() const { return scalar_; }
  const Recipient& recipient() const { return recipient_; }
  Secret text() const;

 private:
  Identity(Secret scalar, Recipient recipient)
      : scalar_(std::move(scalar)), recipient_(std::move(recipient)) {}
  Secret scalar_;  // 32 bytes
  Recipient recipient_;
};

// One identity a line, empty lines, comments from '#'. kInvalid names the line. Keys of kinds that
// are not spoken here (post-quantum, SSH) are refused by name; those of plugins are passed over
// where others stand beside them.
Result<std::vector<Identity>> parse_identities(std::string_view text);

// What age-keygen writes into a file: two comments and the key. `created` as RFC 3339.
Secret identity_file(const Identity& identity, std::string_view created);

}  // namespace weir::secrets
