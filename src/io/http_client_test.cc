#include "io/http_client.h"

#include <gmock/gmock.h>

#include <future>
#include <latch>

#include "io/http_answer.h"
#include "io/http_fetch.h"
#include "io/test_server.h"

namespace weir::io {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Far longer than anything here takes.
constexpr std::chrono::milliseconds kLong{30'000};

HttpRequest request_to(const std::string& url, std::string_view body = "{}") {
  HttpRequest request;
  request.method = "POST";
  request.url = Secret(url);
  request.headers.emplace_back("Content-Type", Secret("application/json"));
  request.body = Secret(std::string(body));
  request.timeout = kLong;
  return request;
}

// Removes a variable for the length of a test, or sets it.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    if (value == nullptr)
      ::unsetenv(name);
    else
      ::setenv(name, value, 1);
  }
  ~Variable() {
    if (before_)
      ::setenv(name_, before_->c_str(), 1);
    else
      ::unsetenv(name_);
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

class HttpClientTest : public testing::Test {
 protected:
  static std::unique_ptr<HttpClient> client(Egress egress = Egress::kPrivateAllowed) {
    CurlOptions options;
    options.egress = egress;
    options.user_agent = "weir-test";
    auto made = make_curl_client(options);
    EXPECT_TRUE(made) << made.error().message;
    return *std::move(made);
  }
  static HttpAnswer exchange(HttpClient& client, HttpRequest request) {
    client.start(1, std::move(request));
    for (;;) {
      auto done = client.poll(kLong);
      if (done.empty()) continue;
      EXPECT_EQ(done.size(), 1u);
      EXPECT_EQ(done[0].id, 1u);
      return std::move(done[0].answer);
    }
  }
  static HttpAnswer exchange(HttpRequest request, Egress egress = Egress::kPrivateAllowed) {
    return exchange(*client(egress), std::move(request));
  }
  // The answer to a server that reads one request and sends these bytes.
  static HttpAnswer answer_to(std::string_view bytes) {
    TestServer server([&](TestPeer& peer) {
      peer.request();
      peer.send(bytes);
    });
    return exchange(request_to(server.url()));
  }

  Variable http_proxy_{"http_proxy", nullptr}, https_proxy_{"https_proxy", nullptr},
      https_proxy_upper_{"HTTPS_PROXY", nullptr}, all_proxy_{"all_proxy", nullptr},
      all_proxy_upper_{"ALL_PROXY", nullptr}, no_proxy_{"no_proxy", nullptr},
      no_proxy_upper_{"NO_PROXY", nullptr};
};

TEST_F(HttpClientTest, TheBytesOfARequest) {
  std::string seen;
  TestServer server([&](TestPeer& peer) {
    seen = peer.request();
    peer.send("HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\nRetry-After:  7 \r\n\r\ndone");
  });
  HttpRequest request = request_to(server.url("/hook?a=b"), "{\"a\":\"\xc3\xa9\"}");
  request.method = "PUT";
  request.headers.emplace_back("X-Empty", Secret(""));
  request.headers.emplace_back("X-Key", Secret("a: b"));
  const HttpAnswer answer = exchange(std::move(request));
  EXPECT_EQ(seen, fmt::format(
                      "PUT /hook?a=b HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUser-Agent: weir-test\r\n"
                      "Accept: */*\r\nContent-Type: application/json\r\nX-Empty:\r\nX-Key: a: b\r\n"
                      "Content-Length: 10\r\n\r\n{{\"a\":\"\xc3\xa9\"}}",
                      server.port()));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.body, "done");
  EXPECT_EQ(answer.bytes, 4u);
  EXPECT_FALSE(answer.body_cut);
  EXPECT_EQ(answer.retry_after, "7");
  EXPECT_GT(answer.connected.count(), 0);
  EXPECT_GE(answer.first_byte, answer.connected);
  EXPECT_GE(answer.total, answer.first_byte);
  EXPECT_EQ(answer.secured.count(), 0);
}

TEST_F(HttpClientTest, ConnectionsAreReused) {
  TestServer server([](TestPeer& peer) {
    while (!peer.request().empty()) peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  {
    const auto one = client();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(exchange(*one, request_to(server.url())).status, 200);
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, ManyAtOnceOnOneThread) {
  std::latch all(8);
  TestServer server([&](TestPeer& peer) {
    peer.request();
    all.arrive_and_wait();  // nobody is answered before everybody asked
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const auto one = client();
  for (ExchangeId id = 1; id <= 8; ++id) one->start(id, request_to(server.url()));
  std::vector<ExchangeId> done;
  while (done.size() < 8)
    for (const Exchanged& exchanged : one->poll(kLong)) {
      EXPECT_EQ(exchanged.answer.status, 200);
      done.push_back(exchanged.id);
    }
  EXPECT_THAT(done, testing::UnorderedElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_F(HttpClientTest, RedirectsAreNotFollowed) {
  const HttpAnswer answer = answer_to(
      "HTTP/1.1 302 Found\r\nLocation: "
      "https://user:word@elsewhere.example/secret?x\r\nContent-Length: "
      "0\r\n\r\n");
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.location, "https://elsewhere.example");
  EXPECT_THAT(
      answer_to("HTTP/1.1 301 Moved\r\nLocation: /path?x\r\nContent-Length: 0\r\n\r\n").location,
      StartsWith("http://127.0.0.1:"));
}

TEST_F(HttpClientTest, InterimAnswersDoNotCount) {
  const HttpAnswer answer = answer_to(
      "HTTP/1.1 103 Early Hints\r\nRetry-After: 99\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
      "0\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.retry_after, "");
}

TEST_F(HttpClientTest, LongBodiesAreCutAndTheConnectionDropped) {
  std::latch gone(1);
  TestServer server([&](TestPeer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
    const std::string piece(64 << 10, 'x');
    while (peer.send(piece)) {
    }
    gone.count_down();
  });
  {
    const auto one = client();
    const HttpAnswer answer = exchange(*one, request_to(server.url()));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.error, "");
    EXPECT_TRUE(answer.body_cut);
    EXPECT_EQ(answer.body, std::string(kResponseBytesMax, 'x'));
    EXPECT_GT(answer.bytes, kResponseBytesMax);
    EXPECT_LT(answer.bytes, 1u << 20);
  }
  gone.wait();
}

TEST_F(HttpClientTest, ABodyOfExactlyTheLimitIsWhole) {
  const HttpAnswer answer =
      answer_to(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", kResponseBytesMax,
                            std::string(kResponseBytesMax, 'y')));
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.body_cut);
  EXPECT_EQ(answer.body.size(), kResponseBytesMax);
}

TEST_F(HttpClientTest, OneExchangeByItselfMayHaveALongerAnswer) {
  const std::string body(kResponseBytesMax + 1, 'y');
  TestServer server([&](TestPeer& peer) {
    peer.request();
    peer.send(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body));
  });
  const auto whole = fetch({}, request_to(server.url()), body.size());
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_FALSE(whole->body_cut);
  EXPECT_EQ(whole->body, body);
  EXPECT_TRUE(fetch({}, request_to(server.url()), body.size() - 1)->body_cut);
  EXPECT_EQ(fetch({}, request_to("http://127.0.0.1:1"), 1)->status, 0);
}

TEST_F(HttpClientTest, WhatIsNoAnswer) {
  const struct {
    std::string bytes, error;
  } cases[] = {
      {"", "the connection ended without an answer"},
      {"garbage\r\n\r\n", "the answer is not HTTP"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "the answer is not HTTP"},
      {std::string("\0\0\0\x12\x04\0\0", 7), "the answer is not HTTP"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
       "the connection ended inside the answer"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
       "the connection ended inside the answer"},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(70 << 10, 'x') + "\r\n\r\n",
       "the answer's headers exceed 65536 bytes"},
      {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.bytes.substr(0, 60));
    const HttpAnswer answer = answer_to(c.bytes);
    if (!c.error.empty()) EXPECT_THAT(answer.error, testing::EndsWith(": " + c.error));
    EXPECT_EQ(answer.status, 0);
    EXPECT_FALSE(answer.refused);
    EXPECT_THAT(answer.error, StartsWith("http://127.0.0.1:"));
  }
}

TEST_F(HttpClientTest, AReset) {
  TestServer server([](TestPeer& peer) {
    peer.request();
    peer.reset_at_close();
  });
  EXPECT_THAT(exchange(request_to(server.url())).error, HasSubstr("Connection reset by peer"));
}

TEST_F(HttpClientTest, NobodyListens) {
  std::string url;
  {
    TestServer server([](TestPeer&) {});
    url = server.url("/secret-path");
  }
  const HttpAnswer answer = exchange(request_to(url));
  EXPECT_EQ(answer.status, 0);
  EXPECT_THAT(answer.error, HasSubstr("Connection refused"));
  EXPECT_THAT(answer.error, testing::Not(HasSubstr("secret")));
}

TEST_F(HttpClientTest, TheTimeOutCoversTheWholeExchange) {
  // Silence, and one that drips so that something always arrives.
  for (const bool drips : {false, true}) {
    SCOPED_TRACE(drips);
    std::promise<void> over;
    TestServer server([&](TestPeer& peer) {
      peer.request();
      if (drips) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        while (peer.send("x") && over.get_future().wait_for(std::chrono::milliseconds(5)) ==
                                     std::future_status::timeout) {
          over = {};
        }
      }
      peer.wait_until_gone();
    });
    HttpRequest request = request_to(server.url());
    request.timeout = std::chrono::milliseconds(150);
    const HttpAnswer answer = exchange(std::move(request));
    EXPECT_EQ(answer.status, 0);
    EXPECT_THAT(answer.error, HasSubstr("no complete answer within 150ms"));
    // On a busy machine the time may be over before the first drop was seen.
    if (!drips) EXPECT_THAT(answer.error, HasSubstr("while waiting for an answer"));
    EXPECT_GE(answer.total, std::chrono::milliseconds(140));
  }
}

TEST_F(HttpClientTest, CancelAndWake) {
  std::latch asked(1);
  TestServer server([&](TestPeer& peer) {
    peer.request();
    asked.count_down();
    peer.wait_until_gone();  // only cancel() makes it so
  });
  const auto one = client();
  one->start(7, request_to(server.url()));
  Thread waker("waker", [&] {
    asked.wait();
    one->wake();
  });
  EXPECT_TRUE(one->poll(kLong).empty());
  one->cancel(7);
  EXPECT_TRUE(one->poll(std::chrono::milliseconds(0)).empty());
  one->wake();  // before the wait: not lost
  EXPECT_TRUE(one->poll(kLong).empty());
}

TEST_F(HttpClientTest, ForbiddenAddressesAreNotConnectedTo) {
  TestServer server([](TestPeer& peer) { peer.request(); });
  const std::string port = std::to_string(server.port());
  for (const char* host :
       {"127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::ffff:127.0.0.1]"}) {
    SCOPED_TRACE(host);
    const HttpAnswer answer =
        exchange(request_to(fmt::format("http://{}:{}/x", host, port)), Egress::kPublic);
    EXPECT_TRUE(answer.refused) << answer.error;
    EXPECT_EQ(answer.status, 0);
    EXPECT_THAT(answer.error, HasSubstr("private and loopback addresses are not connected to"));
  }
  for (const char* host : {"169.254.169.254", "2852039166", "0xa9.0xfe.0xa9.0xfe", "[fe80::1]",
                           "0.0.0.0", "[::]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]",
                           "[fd00:ec2::254]", "100.100.100.200", "255.255.255.255"}) {
    SCOPED_TRACE(host);
    const HttpAnswer answer = exchange(request_to(fmt::format("http://{}:{}/x", host, port)));
    EXPECT_TRUE(answer.refused) << answer.error;
    EXPECT_THAT(answer.error, HasSubstr("never connected to"));
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpClientTest, WhatIsNotSent) {
  TestServer server([](TestPeer& peer) { peer.request(); });
  const auto wrong = [&](auto change) {
    HttpRequest request = request_to(server.url());
    change(request);
    const HttpAnswer answer = exchange(std::move(request));
    EXPECT_EQ(answer.status, 0);
    EXPECT_FALSE(answer.refused);
    return answer.error;
  };
  EXPECT_THAT(wrong([](auto& r) { r.headers.emplace_back("X", Secret("a\r\nY: b")); }),
              HasSubstr("header X holds a line break or a NUL"));
  EXPECT_THAT(wrong([](auto& r) { r.headers.emplace_back("X", Secret(std::string("a\0b", 3))); }),
              HasSubstr("header X holds a line break or a NUL"));
  EXPECT_THAT(wrong([](auto& r) { r.headers.emplace_back("X: y\r\nZ", Secret("a")); }),
              HasSubstr("a header's name is no HTTP token"));
  EXPECT_THAT(wrong([](auto& r) { r.method = "POST / HTTP/1.1\r\n"; }),
              HasSubstr("the method is no HTTP token"));
  EXPECT_THAT(wrong([](auto& r) { r.url = Secret("http://127.0.0.1/a b"); }),
              HasSubstr("a space or a control"));
  EXPECT_THAT(wrong([](auto& r) { r.url = Secret("http://127.0.0.1/\r\nX: y"); }),
              HasSubstr("a space or a control"));
  EXPECT_THAT(wrong([](auto& r) { r.url = Secret("file:///etc/passwd"); }), HasSubstr("(no url)"));
  EXPECT_THAT(wrong([](auto& r) { r.url = Secret("ftp://127.0.0.1/x"); }),
              HasSubstr("only http and https"));
  EXPECT_THAT(wrong([](auto& r) { r.url = Secret("nonsense"); }),
              HasSubstr("the url cannot be understood"));
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpClientTest, AnswersThatAreNotHttpsAreSaid) {
  TestServer server([](TestPeer& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  const HttpAnswer answer =
      exchange(request_to(fmt::format("https://127.0.0.1:{}/x", server.port())));
  EXPECT_EQ(answer.status, 0);
  EXPECT_THAT(answer.error, HasSubstr("SSL"));
}

TEST_F(HttpClientTest, Proxies) {
  std::string seen;
  TestServer proxy([&](TestPeer& peer) {
    seen = peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const std::string address = fmt::format("http://127.0.0.1:{}", proxy.port());
  Variable set("http_proxy", address.c_str());
  Variable none("no_proxy", "direct.invalid");
  EXPECT_EQ(exchange(request_to("http://receiver.invalid/hook")).status, 200);
  EXPECT_THAT(seen, StartsWith("POST http://receiver.invalid/hook HTTP/1.1\r\n"));
  EXPECT_THAT(exchange(request_to("http://direct.invalid/hook")).error,
              HasSubstr("cannot be resolved"));
  // Literal addresses are judged, the proxy does not help.
  EXPECT_TRUE(exchange(request_to("http://169.254.169.254/x")).refused);

  CurlOptions options;
  options.egress = Egress::kPublic;
  EXPECT_THAT(make_curl_client(options).error().message, HasSubstr("--proxy-trusted"));
  options.proxy_trusted = true;
  const auto trusting = make_curl_client(options);
  ASSERT_TRUE(trusting);
  EXPECT_EQ(exchange(**trusting, request_to("http://receiver.invalid/hook")).status, 200);
  EXPECT_TRUE(exchange(**trusting, request_to("http://127.0.0.1/x")).refused);
  EXPECT_TRUE(exchange(**trusting, request_to("http://localhost/x")).refused);
}

TEST_F(HttpClientTest, AProxyThatRefuses) {
  TestServer proxy([](TestPeer& peer) {
    peer.request();
    peer.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
  });
  Variable set("https_proxy", fmt::format("http://127.0.0.1:{}", proxy.port()).c_str());
  const HttpAnswer answer = exchange(request_to("https://receiver.invalid/hook"));
  EXPECT_EQ(answer.status, 0);
  EXPECT_THAT(answer.error, HasSubstr("the proxy answered 407"));
}

TEST(AnswerCollector, Bounds) {
  HttpAnswer answer;
  AnswerCollector collector(answer, "https://a.example/x");
  EXPECT_TRUE(collector.on_header("HTTP/1.1 503 Busy\r\n"));
  EXPECT_TRUE(collector.on_header("RETRY-after:\t120\r\n"));
  EXPECT_EQ(answer.retry_after, "120");
  EXPECT_TRUE(
      collector.on_header("Retry-After: " + std::string(kRetryAfterBytesMax + 1, '1') + "\r\n"));
  EXPECT_TRUE(collector.on_header("Retry-After: a\x01z\r\n"));
  EXPECT_EQ(answer.retry_after, "120");
  EXPECT_TRUE(collector.on_header("Location:\r\n"));
  EXPECT_TRUE(collector.on_header("Retry-Afterwards: 7\r\n"));
  EXPECT_EQ(answer.retry_after, "120");
  bool more = true;
  for (int i = 0; i < 2000 && more; ++i) more = collector.on_header("X: " + std::string(100, 'x'));
  EXPECT_FALSE(more);
}

}  // namespace
}  // namespace weir::io
