// Certificates: whom the client trusts, and what it says of those it does not.
#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <filesystem>

#include "io/file.h"
#include "io/http_client.h"
#include "io/test_server.h"

namespace weir::io {
namespace {

using testing::HasSubstr;

// A certificate that signed itself, for one address.
struct Identity {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  X509* certificate = X509_new();

  explicit Identity(const std::string& subject_alternative) {
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
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
  ~Identity() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  std::string pem() const {
    BIO* memory = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(memory, certificate);
    char* text = nullptr;
    const long length = BIO_get_mem_data(memory, &text);
    std::string copy(text, static_cast<std::size_t>(length));
    BIO_free(memory);
    return copy;
  }
};

// Answers one request on a connection over TLS, whatever it is.
void serve(const Identity& identity, int descriptor) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_use_certificate(context, identity.certificate);
  SSL_CTX_use_PrivateKey(context, identity.key);
  SSL* connection = SSL_new(context);
  SSL_set_fd(connection, descriptor);
  if (SSL_accept(connection) == 1) {
    char request[4096];
    if (SSL_read(connection, request, sizeof request) > 0) {
      constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      SSL_write(connection, kAnswer.data(), static_cast<int>(kAnswer.size()));
      SSL_read(connection, request, sizeof request);  // until the client ends it
    }
  }
  SSL_free(connection);
  SSL_CTX_free(context);
}

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-tls-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    for (const char* variable : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
      ::unsetenv(variable);
  }
  ~TlsTest() override {
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove_all(folder_);
  }
  void trust(const Identity& identity) {
    const std::string path = folder_ + "/trusted.pem";
    ASSERT_TRUE(write_file_atomically(path, identity.pem()));
    ::setenv("SSL_CERT_FILE", path.c_str(), 1);
  }
  static HttpAnswer ask(const Identity& identity) {
    TestServer server([&](TestPeer& peer) { serve(identity, peer.descriptor()); });
    auto client = make_curl_client({});
    EXPECT_TRUE(client);
    HttpRequest request;
    request.method = "POST";
    request.url = Secret(fmt::format("https://127.0.0.1:{}/hook?secret", server.port()));
    (*client)->start(1, std::move(request));
    for (;;) {
      auto done = (*client)->poll(std::chrono::seconds(30));
      if (done.empty()) continue;
      client->reset();
      return std::move(done[0].answer);
    }
  }

  std::string folder_;
};

TEST_F(TlsTest, WhomSslCertFileNames) {
  const Identity identity("IP:127.0.0.1");
  trust(identity);
  const HttpAnswer answer = ask(identity);
  EXPECT_EQ(answer.status, 200) << answer.error;
  EXPECT_EQ(answer.body, "ok");
  EXPECT_GE(answer.secured, answer.connected);
  EXPECT_GT(answer.secured.count(), 0);
}

TEST_F(TlsTest, NobodyElse) {
  const HttpAnswer answer = ask(Identity("IP:127.0.0.1"));
  EXPECT_EQ(answer.status, 0);
  EXPECT_THAT(answer.error, HasSubstr("certificate"));
  EXPECT_THAT(answer.error, testing::Not(HasSubstr("secret")));
}

TEST_F(TlsTest, NotUnderAnotherName) {
  const Identity identity("DNS:other.example");
  trust(identity);
  const HttpAnswer answer = ask(identity);
  EXPECT_EQ(answer.status, 0);
  EXPECT_THAT(answer.error, HasSubstr("127.0.0.1"));
  EXPECT_THAT(answer.error, HasSubstr("SSL"));
}

}  // namespace
}  // namespace weir::io
