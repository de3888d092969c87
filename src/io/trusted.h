// Whom the client believes: the certificates of this machine, read once and shared by all
// connections. libcurl reads them anew for each, which costs some 40 ms of processor time with the
// 140 certificates of a common system: a receiver that fails in the handshake would be dear.
#pragma once

#include <chrono>
#include <string>

struct ssl_ctx_st;
struct x509_store_st;

namespace weir::io {

// After so long they are read again, for certificates are renewed.
inline constexpr std::chrono::minutes kTrustedFor{60};

class TrustedCertificates {
 public:
  // A file of certificates in PEM and a folder of files named by hash; either may be empty.
  TrustedCertificates(std::string file, std::string folder);
  ~TrustedCertificates();
  TrustedCertificates(const TrustedCertificates&) = delete;
  TrustedCertificates& operator=(const TrustedCertificates&) = delete;

  // To a connection that is about to agree on encryption. False: they cannot be read.
  bool give_to(ssl_ctx_st* context, std::chrono::steady_clock::time_point now);
  int reads() const { return reads_; }

 private:
  bool read();
  const std::string file_;
  const std::string folder_;
  x509_store_st* store_ = nullptr;
  std::chrono::steady_clock::time_point read_at_{};
  int reads_ = 0;
};

}  // namespace weir::io
