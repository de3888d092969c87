// Certificates: whom the client trusts, and what it says of those it does not.
#include <gmock/gmock.h>

#include <filesystem>

#include "io/file.h"
#include "io/http_client.h"
#include "io/test_identity.h"
#include "io/test_server.h"
#include "io/trusted.h"

namespace weir::io {
namespace {

using testing::HasSubstr;

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

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
  void trust(const TestIdentity& identity) {
    const std::string path = folder_ + "/trusted.pem";
    ASSERT_TRUE(write_file_atomically(path, identity.pem()));
    ::setenv("SSL_CERT_FILE", path.c_str(), 1);
  }
  static HttpAnswer ask(const TestIdentity& identity) {
    TestServer server([&](TestPeer& peer) { identity.serve(peer.descriptor(), kAnswer); });
    auto client = make_curl_client({});
    EXPECT_TRUE(client);
    HttpRequest request;
    request.method = "POST";
    request.url = Secret(fmt::format("https://127.0.0.1:{}/hook?canary-query", server.port()));
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
  const TestIdentity identity("IP:127.0.0.1");
  trust(identity);
  const HttpAnswer answer = ask(identity);
  EXPECT_EQ(answer.status, 200) << answer.error;
  EXPECT_EQ(answer.body, "ok");
  EXPECT_GE(answer.secured, answer.connected);
  EXPECT_GT(answer.secured.count(), 0);
}

TEST_F(TlsTest, NobodyElse) {
  const HttpAnswer answer = ask(TestIdentity("IP:127.0.0.1"));
  EXPECT_EQ(answer.status, 0);
  EXPECT_THAT(answer.error, HasSubstr("certificate"));
  EXPECT_THAT(answer.error, testing::Not(HasSubstr("canary")));
}

TEST_F(TlsTest, NotUnderAnotherName) {
  const TestIdentity identity("DNS:other.example");
  trust(identity);
  const HttpAnswer answer = ask(identity);
  EXPECT_EQ(answer.status, 0);
  EXPECT_THAT(answer.error, HasSubstr("127.0.0.1"));
  EXPECT_THAT(answer.error, HasSubstr("SSL"));
}

TEST(TrustedCertificates, AreReadOnceAnHour) {
  std::string folder = (std::filesystem::temp_directory_path() / "weir-tls-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  TrustedCertificates trusted(folder + "/trusted.pem", "");
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  const std::chrono::steady_clock::time_point start{};
  EXPECT_FALSE(trusted.give_to(context, start));  // no such file yet
  ASSERT_TRUE(write_file_atomically(folder + "/trusted.pem", TestIdentity("IP:::1").pem()));
  EXPECT_TRUE(trusted.give_to(context, start));
  EXPECT_TRUE(trusted.give_to(context, start + kTrustedFor - std::chrono::seconds(1)));
  EXPECT_EQ(trusted.reads(), 2);
  EXPECT_TRUE(trusted.give_to(context, start + kTrustedFor));
  EXPECT_EQ(trusted.reads(), 3);
  SSL_CTX_free(context);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace weir::io
