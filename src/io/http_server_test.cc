#include "io/http_server.h"

#include <gmock/gmock.h>

#include <condition_variable>
#include <list>
#include <mutex>

#include "io/http_client.h"
#include "io/test_server.h"

namespace weir::io {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string ask(int port, std::string_view request) {
  TestPeer peer(connect_to(port));
  peer.send(request);
  return peer.rest();
}

TEST(HttpServer, RequestsAndResponses) {
  ServerRequest seen;
  auto server = HttpServer::start({}, [&](const ServerRequest& request) {
    seen = request;
    ServerResponse response;
    response.status = 201;
    response.headers = {{"Content-Type", "text/plain"}, {"X-Bad", "a\r\nX-Injected: 1"}};
    response.body = "made";
    return response;
  });
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ((*server)->origin(), fmt::format("http://127.0.0.1:{}", (*server)->port()));
  const std::string answer = ask(
      (*server)->port(),
      "POST /a%20b/c?x=1%262&y=a+b&z HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nx-one: 2\r\n"
      "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 201 Created\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 4\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\nmade"));
  EXPECT_THAT(answer, testing::Not(HasSubstr("X-Injected")));
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.path, "/a b/c");
  EXPECT_EQ(seen.query, "x=1%262&y=a+b&z");
  EXPECT_EQ(seen.parameter("x"), "1&2");
  EXPECT_EQ(seen.parameter("y"), "a b");
  EXPECT_EQ(seen.parameter("z"), "");
  EXPECT_EQ(seen.parameter("nothing"), "");
  EXPECT_EQ(seen.header("x-one"), "1");
  EXPECT_EQ(seen.header("x-two"), "");
  EXPECT_EQ(seen.body, "abcdefg");
  EXPECT_EQ(seen.peer, "127.0.0.1");
}

TEST(HttpServer, LongBodiesAreRefused) {
  int calls = 0;
  ServerOptions options;
  options.bodies.bytes_max = 10;
  auto server = HttpServer::start(options, [&](const ServerRequest&) {
    ++calls;
    return ServerResponse{};
  });
  ASSERT_TRUE(server);
  const int port = (*server)->port();
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
  EXPECT_THAT(ask(port, head + "Content-Length: 10\r\n\r\n0123456789"),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(ask(port, head + "Content-Length: 11\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(ask(port, head + "Content-Length: 99999999999999999999999\r\n\r\n"),
              testing::Not(HasSubstr("200")));
  EXPECT_THAT(ask(port, head + "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_EQ(calls, 1);
}

TEST(HttpServer, OneThatWaitsHoldsNobodyUp) {
  auto server = HttpServer::start({}, [](const ServerRequest& request) {
    ServerResponse response;
    response.body = "x";
    if (request.path == "/late") response.delay = std::chrono::hours(1);
    if (request.path == "/drip") {
      response.body = std::string(1000, 'x');
      response.drip_interval = std::chrono::hours(1);
    }
    return response;
  });
  ASSERT_TRUE(server);
  const int port = (*server)->port();
  TestPeer late(connect_to(port));
  late.send("GET /late HTTP/1.1\r\nHost: h\r\n\r\n");
  TestPeer drip(connect_to(port));
  drip.send("GET /drip HTTP/1.1\r\nHost: h\r\n\r\n");
  for (int i = 0; i < 50; ++i)
    EXPECT_THAT(ask(port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
                StartsWith("HTTP/1.1 200 "));
  // The end does not wait either.
  server->reset();
  EXPECT_EQ(late.rest(), "");
  const std::string dripped = drip.rest();
  EXPECT_THAT(dripped, HasSubstr("Content-Length: 1000"));
  EXPECT_LT(dripped.size(), 500u);
}

TEST(HttpServer, Misbehaviour) {
  auto server = HttpServer::start({}, [](const ServerRequest& request) {
    ServerResponse response;
    response.body = "0123456789";
    if (request.path == "/close") response.close = true;
    if (request.path == "/late-close") {
      response.close = true;
      response.delay = std::chrono::milliseconds(20);
    }
    if (request.path == "/late") response.delay = std::chrono::milliseconds(60);
    if (request.path == "/drip") response.drip_interval = std::chrono::milliseconds(4);
    if (request.path == "/away") {
      response.status = 302;
      response.headers = {{"Location", "http://elsewhere.example/"}};
    }
    return response;
  });
  ASSERT_TRUE(server);
  const int port = (*server)->port();
  const auto timed = [&](const std::string& path, std::string* answer) {
    const auto begin = std::chrono::steady_clock::now();
    *answer = ask(port, "GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    return std::chrono::steady_clock::now() - begin;
  };
  std::string answer;
  timed("/close", &answer);
  EXPECT_EQ(answer, "");
  EXPECT_GE(timed("/late-close", &answer), std::chrono::milliseconds(20));
  EXPECT_EQ(answer, "");
  EXPECT_GE(timed("/late", &answer), std::chrono::milliseconds(60));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n0123456789"));
  EXPECT_GE(timed("/drip", &answer), std::chrono::milliseconds(36));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n0123456789"));
  timed("/away", &answer);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 302 "));
  EXPECT_THAT(answer, HasSubstr("Location: http://elsewhere.example/\r\n"));
}

TEST(HttpServer, SeveralThreads) {
  ServerOptions options;
  options.threads = 2;
  std::mutex mutex;
  std::condition_variable changed;
  int running = 0;
  bool over = false;
  auto server = HttpServer::start(options, [&](const ServerRequest&) {
    std::unique_lock lock(mutex);
    ++running;
    changed.notify_all();
    changed.wait(lock, [&] { return over; });
    return ServerResponse{};
  });
  ASSERT_TRUE(server);
  // The first request blocks the thread that took it, so that only the other one can take the
  // second.
  std::list<TestPeer> peers;
  for (int i = 1; i <= 2; ++i) {
    peers.emplace_back(connect_to((*server)->port()));
    peers.back().send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return running >= i; }));
  }
  std::lock_guard lock(mutex);
  over = true;
  changed.notify_all();
}

TEST(HttpServer, AddressesAndPorts) {
  const auto handler = [](const ServerRequest&) { return ServerResponse{}; };
  const auto first = HttpServer::start({}, handler);
  ASSERT_TRUE(first);
  EXPECT_NE((*first)->port(), 0);
  ServerOptions taken;
  taken.port = (*first)->port();
  EXPECT_THAT(HttpServer::start(taken, handler).error().message,
              HasSubstr("Address already in use"));
  ServerOptions none;
  none.address = "localhost";
  EXPECT_EQ(HttpServer::start(none, handler).error().code, Code::kInvalid);
  ServerOptions six;
  six.address = "::1";
  const auto other = HttpServer::start(six, handler);
  if (!other) GTEST_SKIP() << "skipped: no IPv6 here";
  EXPECT_THAT((*other)->origin(), StartsWith("http://[::1]:"));
}

TEST(HttpServer, ServesOurOwnClient) {
  auto server = HttpServer::start({}, [](const ServerRequest& request) {
    ServerResponse response;
    response.body = request.body;
    return response;
  });
  ASSERT_TRUE(server);
  const auto client = make_curl_client({});
  ASSERT_TRUE(client);
  for (ExchangeId id = 0; id < 40; ++id) {
    HttpRequest request;
    request.method = "POST";
    request.url = Secret((*server)->origin() + "/x");
    request.body = Secret(std::to_string(id));
    (*client)->start(id, std::move(request));
  }
  std::size_t done = 0;
  while (done < 40)
    for (const Exchanged& exchanged : (*client)->poll(std::chrono::seconds(30))) {
      EXPECT_EQ(exchanged.answer.body, std::to_string(exchanged.id)) << exchanged.answer.error;
      ++done;
    }
}

}  // namespace
}  // namespace weir::io
