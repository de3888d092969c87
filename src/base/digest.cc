#include "base/digest.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace weir {
namespace {

std::string digest(const EVP_MD* kind, std::string_view bytes) {
  std::string out(static_cast<std::size_t>(EVP_MD_get_size(kind)), '\0');
  WEIR_CHECK(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()),
                        nullptr, kind, nullptr) == 1);
  return out;
}

}  // namespace

std::string sha1(std::string_view bytes) {
  return digest(EVP_sha1(), bytes);
}
std::string sha256(std::string_view bytes) {
  return digest(EVP_sha256(), bytes);
}

Sha1::Sha1() : context_(EVP_MD_CTX_new()) {
  WEIR_CHECK(context_ != nullptr);
  WEIR_CHECK(EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_), EVP_sha1(), nullptr) == 1);
}

Sha1::~Sha1() {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_));
}

void Sha1::update(std::string_view bytes) {
  WEIR_CHECK(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), bytes.data(), bytes.size()) == 1);
}

std::string Sha1::finish() {
  std::string out(20, '\0');
  WEIR_CHECK(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_),
                                reinterpret_cast<unsigned char*>(out.data()), nullptr) == 1);
  return out;
}

}  // namespace weir
