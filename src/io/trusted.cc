#include "io/trusted.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace weir::io {

TrustedCertificates::TrustedCertificates(std::string file, std::string folder)
    : file_(std::move(file)), folder_(std::move(folder)) {}

TrustedCertificates::~TrustedCertificates() {
  ::X509_STORE_free(store_);
}

bool TrustedCertificates::give_to(ssl_ctx_st* context, std::chrono::steady_clock::time_point now) {
  if (store_ != nullptr && now - read_at_ >= kTrustedFor) {
    ::X509_STORE_free(store_);  // connections that use it keep it alive
    store_ = nullptr;
  }
  if (store_ == nullptr) {
    read_at_ = now;
    if (!read()) return false;
  }
  ::SSL_CTX_set1_cert_store(context, store_);
  return true;
}

bool TrustedCertificates::read() {
  ++reads_;
  X509_STORE* store = ::X509_STORE_new();
  if (store == nullptr) return false;
  // What libcurl asks for: a chain may end at any certificate that is trusted, not at a root only.
  ::X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  const bool file = !file_.empty() && ::X509_STORE_load_file(store, file_.c_str()) == 1;
  const bool folder = !folder_.empty() && ::X509_STORE_load_path(store, folder_.c_str()) == 1;
  ::ERR_clear_error();
  if (!file && !folder) {
    ::X509_STORE_free(store);
    return false;
  }
  store_ = store;
  return true;
}

}  // namespace weir::io
