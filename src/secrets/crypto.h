// The primitives of age and SOPS. OpenSSL 3 stays behind crypto.cc; nothing here throws. Keys and
// plaintext are Secret, what may be seen is std::string.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace weir::secrets {

// Fills the span with unpredictable bytes. An argument, so that tests can repeat themselves.
using Entropy = std::function<Status(std::span<char> out)>;
Entropy system_entropy();
Result<Secret> random_secret(const Entropy& entropy, std::size_t bytes);
Result<std::string> random_bytes(const Entropy& entropy, std::size_t bytes);

inline constexpr std::size_t kX25519Bytes = 32;
// The public point of a scalar of 32 bytes.
Result<std::string> x25519_public(const Secret& scalar);
// kCorrupt: a point of small order, for which the shared secret would be zero.
Result<Secret> x25519_shared(const Secret& scalar, std::string_view point);

inline constexpr std::size_t kTagBytes = 16;
// ChaCha20-Poly1305, key of 32 bytes, nonce of 12; the tag is behind the ciphertext.
Result<std::string> chacha_seal(const Secret& key, std::string_view nonce, std::string_view plain);
// kSealed: the tag does not fit.
Result<Secret> chacha_open(const Secret& key, std::string_view nonce, std::string_view sealed);

struct GcmSealed {
  std::string data, tag;
};
// AES-256-GCM, key of 32 bytes, with an IV of any length from 1 to kIvBytesMax.
inline constexpr std::size_t kIvBytesMax = 128;
Result<GcmSealed> gcm_seal(const Secret& key, std::string_view iv, std::string_view associated,
                           std::string_view plain);
// kSealed: the tag does not fit, or is not of 16 bytes.
Result<Secret> gcm_open(const Secret& key, std::string_view iv, std::string_view associated,
                        std::string_view data, std::string_view tag);

Result<Secret> hkdf_sha256(const Secret& key, std::string_view salt, std::string_view info,
                           std::size_t bytes);
Result<std::string> hmac_sha256(const Secret& key, std::string_view text);
// N is 2 to the power of `log_n`; r = 8, p = 1. Takes 1 KiB of memory times N.
Result<Secret> scrypt(const Secret& passphrase, std::string_view salt, unsigned log_n,
                      std::size_t bytes);

class Sha512 {
 public:
  Sha512();
  ~Sha512();
  Sha512(const Sha512&) = delete;
  Sha512& operator=(const Sha512&) = delete;
  void update(std::string_view bytes);
  std::string finish();  // 64 raw bytes; the object is spent

 private:
  void* context_;
};

// In time that depends on the lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace weir::secrets
