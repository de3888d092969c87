#include "secrets/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "base/check.h"

namespace weir::secrets {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

tl::unexpected<Error> failed(std::string_view what) {
  return error(Code::kUnavailable, "the cryptographic library cannot do {}", what);
}

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF, Freed<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Freed<EVP_KDF_CTX_free>>;

Key private_key(const Secret& scalar) {
  return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, bytes_of(scalar.reveal()),
                                          scalar.reveal().size()));
}

// One authenticated cipher, one way. Lengths are checked by the callers.
struct Aead {
  const EVP_CIPHER* cipher;
  const Secret& key;
  std::string_view iv;
  std::string_view associated;

  bool start(EVP_CIPHER_CTX* context, int encrypt) const {
    if (EVP_CipherInit_ex(context, cipher, nullptr, nullptr, nullptr, encrypt) != 1) return false;
    if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(iv.size()),
                            nullptr) != 1) {
      return false;
    }
    if (EVP_CipherInit_ex(context, nullptr, nullptr, bytes_of(key.reveal()), bytes_of(iv),
                          encrypt) != 1) {
      return false;
    }
    int count = 0;
    return associated.empty() || EVP_CipherUpdate(context, nullptr, &count, bytes_of(associated),
                                                  static_cast<int>(associated.size())) == 1;
  }

  Result<GcmSealed> seal(std::string_view plain) const {
    if (plain.size() > INT32_MAX) return error(Code::kLimit, "too long to encrypt");
    const Cipher context(EVP_CIPHER_CTX_new());
    GcmSealed out;
    out.data.resize(plain.size());
    out.tag.resize(kTagBytes);
    int count = 0;
    if (context == nullptr || !start(context.get(), 1) ||
        (!plain.empty() &&
         EVP_CipherUpdate(context.get(), bytes_of(out.data), &count, bytes_of(plain),
                          static_cast<int>(plain.size())) != 1) ||
        EVP_CipherFinal_ex(context.get(), bytes_of(out.data) + count, &count) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, out.tag.data()) != 1) {
      return failed("authenticated encryption");
    }
    return out;
  }

  Result<Secret> open(std::string_view data, std::string_view tag) const {
    if (data.size() > INT32_MAX) return error(Code::kLimit, "too long to decrypt");
    const Cipher context(EVP_CIPHER_CTX_new());
    if (context == nullptr || !start(context.get(), 0)) return failed("authenticated decryption");
    std::string plain(data.size(), '\0');
    std::string tag_copy(tag);
    int count = 0;
    if (tag.size() != kTagBytes ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag_copy.data()) !=
            1 ||
        (!data.empty() && EVP_CipherUpdate(context.get(), bytes_of(plain), &count, bytes_of(data),
                                           static_cast<int>(data.size())) != 1) ||
        EVP_CipherFinal_ex(context.get(), bytes_of(plain) + count, &count) != 1) {
      wipe(plain);
      return error(Code::kSealed, "the key does not fit, or the bytes were changed");
    }
    Secret opened(plain);
    wipe(plain);
    return opened;
  }
};

Result<Secret> derive(const char* name, const OSSL_PARAM* params, std::size_t bytes) {
  const Kdf kdf(EVP_KDF_fetch(nullptr, name, nullptr));
  const KdfContext context(kdf == nullptr ? nullptr : EVP_KDF_CTX_new(kdf.get()));
  std::string out(bytes, '\0');
  if (context == nullptr || EVP_KDF_derive(context.get(), bytes_of(out), bytes, params) != 1) {
    return failed("key derivation");
  }
  return Secret(std::move(out));
}

OSSL_PARAM octets(const char* name, std::string_view text) {
  // Where there is no text, OpenSSL still wants a pointer.
  const char* at = text.empty() ? "" : text.data();
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(at), text.size());
}

}  // namespace

Entropy system_entropy() {
  return [](std::span<char> out) -> Status {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) !=
        1) {
      return failed("random bytes");
    }
    return {};
  };
}

Result<std::string> random_bytes(const Entropy& entropy, std::size_t bytes) {
  std::string out(bytes, '\0');
  WEIR_RETURN_IF_ERROR(entropy(out));
  return out;
}

Result<Secret> random_secret(const Entropy& entropy, std::size_t bytes) {
  WEIR_TRY(std::string out, random_bytes(entropy, bytes));
  return Secret(std::move(out));
}

Result<std::string> x25519_public(const Secret& scalar) {
  const Key key = private_key(scalar);
  std::string out(kX25519Bytes, '\0');
  std::size_t size = out.size();
  if (key == nullptr || EVP_PKEY_get_raw_public_key(key.get(), bytes_of(out), &size) != 1 ||
      size != kX25519Bytes) {
    return failed("X25519");
  }
  return out;
}

Result<Secret> x25519_shared(const Secret& scalar, std::string_view point) {
  const Key own = private_key(scalar);
  const Key other(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, bytes_of(point), point.size()));
  if (own == nullptr || other == nullptr) return failed("X25519");
  const KeyContext context(EVP_PKEY_CTX_new(own.get(), nullptr));
  std::string out(kX25519Bytes, '\0');
  std::size_t size = out.size();
  if (context == nullptr || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), other.get()) != 1) {
    return failed("X25519");
  }
  // OpenSSL refuses a shared secret of zeros by itself; the comparison does not rely on that.
  if (EVP_PKEY_derive(context.get(), bytes_of(out), &size) != 1 ||
      equal_in_constant_time(out, std::string(kX25519Bytes, '\0'))) {
    return error(Code::kCorrupt, "a share of small order");
  }
  return Secret(std::move(out));
}

Result<std::string> chacha_seal(const Secret& key, std::string_view nonce, std::string_view plain) {
  WEIR_CHECK(key.reveal().size() == 32 && nonce.size() == 12);
  WEIR_TRY(GcmSealed sealed, (Aead{EVP_chacha20_poly1305(), key, nonce, {}}.seal(plain)));
  return sealed.data + sealed.tag;
}

Result<Secret> chacha_open(const Secret& key, std::string_view nonce, std::string_view sealed) {
  WEIR_CHECK(key.reveal().size() == 32 && nonce.size() == 12);
  if (sealed.size() < kTagBytes) return error(Code::kCorrupt, "too short to be encrypted");
  const std::size_t size = sealed.size() - kTagBytes;
  return Aead{EVP_chacha20_poly1305(), key, nonce, {}}.open(sealed.substr(0, size),
                                                            sealed.substr(size));
}

Result<GcmSealed> gcm_seal(const Secret& key, std::string_view iv, std::string_view associated,
                           std::string_view plain) {
  WEIR_CHECK(key.reveal().size() == 32 && !iv.empty() && iv.size() <= kIvBytesMax);
  return Aead{EVP_aes_256_gcm(), key, iv, associated}.seal(plain);
}

Result<Secret> gcm_open(const Secret& key, std::string_view iv, std::string_view associated,
                        std::string_view data, std::string_view tag) {
  WEIR_CHECK(key.reveal().size() == 32);
  if (iv.empty() || iv.size() > kIvBytesMax) return error(Code::kCorrupt, "an IV of bad length");
  return Aead{EVP_aes_256_gcm(), key, iv, associated}.open(data, tag);
}

Result<Secret> hkdf_sha256(const Secret& key, std::string_view salt, std::string_view info,
                           std::size_t bytes) {
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                               octets(OSSL_KDF_PARAM_KEY, key.reveal()),
                               octets(OSSL_KDF_PARAM_SALT, salt), octets(OSSL_KDF_PARAM_INFO, info),
                               OSSL_PARAM_construct_end()};
  return derive("HKDF", params, bytes);
}

Result<std::string> hmac_sha256(const Secret& key, std::string_view text) {
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
  std::string out(32, '\0');
  std::size_t size = 0;
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, nullptr, params, key.reveal().data(), key.reveal().size(),
                bytes_of(text), text.size(), bytes_of(out), out.size(), &size) == nullptr ||
      size != out.size()) {
    return failed("HMAC");
  }
  return out;
}

Result<Secret> scrypt(const Secret& passphrase, std::string_view salt, unsigned log_n,
                      std::size_t bytes) {
  WEIR_CHECK(log_n >= 1 && log_n < 32);
  std::uint64_t n = 1ull << log_n;
  std::uint32_t r = 8, p = 1;
  std::uint64_t memory = (n + 64) * 1024;
  const OSSL_PARAM params[] = {octets(OSSL_KDF_PARAM_PASSWORD, passphrase.reveal()),
                               octets(OSSL_KDF_PARAM_SALT, salt),
                               OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
                               OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
                               OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
                               OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
                               OSSL_PARAM_construct_end()};
  return derive("SCRYPT", params, bytes);
}

Sha512::Sha512() : context_(EVP_MD_CTX_new()) {
  auto* context = static_cast<EVP_MD_CTX*>(context_);
  WEIR_CHECK(context != nullptr && EVP_DigestInit_ex(context, EVP_sha512(), nullptr) == 1);
}
Sha512::~Sha512() {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_));
}
void Sha512::update(std::string_view bytes) {
  WEIR_CHECK(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), bytes.data(), bytes.size()) == 1);
}
std::string Sha512::finish() {
  std::string out(64, '\0');
  unsigned size = 0;
  WEIR_CHECK(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), bytes_of(out), &size) == 1);
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace weir::secrets
