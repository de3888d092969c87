// For tests: certificates that signed themselves, and a server's end of TLS.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <string>
#include <string_view>

namespace weir::io {

// A key and its certificate, for one subject alternative name ("IP:127.0.0.1").
struct TestIdentity {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  X509* certificate = X509_new();

  // Valid from an hour ago until `ends` seconds from now; negative: it expired.
  explicit TestIdentity(const std::string& subject_alternative, long ends = 3600) {
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), ends);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("weir test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, subject_alternative.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(certificate, key, EVP_sha256());
  }
  ~TestIdentity() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  TestIdentity(const TestIdentity&) = delete;
  TestIdentity& operator=(const TestIdentity&) = delete;

  std::string pem() const {
    BIO* memory = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(memory, certificate);
    char* text = nullptr;
    const long length = BIO_get_mem_data(memory, &text);
    std::string copy(text, static_cast<std::size_t>(length));
    BIO_free(memory);
    return copy;
  }

  // Answers one request on a connection over TLS, whatever it is, and waits for the client's end.
  void serve(int descriptor, std::string_view answer) const {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    SSL* connection = SSL_new(context);
    SSL_set_fd(connection, descriptor);
    if (SSL_accept(connection) == 1) {
      char request[4096];
      if (SSL_read(connection, request, sizeof request) > 0) {
        SSL_write(connection, answer.data(), static_cast<int>(answer.size()));
        SSL_read(connection, request, sizeof request);
      }
    }
    SSL_free(connection);
    SSL_CTX_free(context);
  }
};

}  // namespace weir::io
