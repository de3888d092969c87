// Servers whose requests are answered later, and what bounds them.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>

#include "io/http_connections.h"
#include "io/http_server.h"
#include "io/test_server.h"

namespace weir::io {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kPost = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";

// Requests in the order of their arrival, for the test to answer.
class Inbox {
 public:
  void put(std::unique_ptr<PendingRequest> request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
    changed_.notify_one();
  }
  std::unique_ptr<PendingRequest> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !requests_.empty(); });
    auto request = std::move(requests_.front());
    requests_.pop_front();
    return request;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<PendingRequest>> requests_;
};

std::unique_ptr<HttpServer> serve(const ServerOptions& options, StreamHandlers handlers) {
  auto server = HttpServer::start(options, std::move(handlers));
  EXPECT_TRUE(server) << server.error().message;
  return *std::move(server);
}

StreamHandlers into(Inbox& inbox) {
  StreamHandlers handlers;
  handlers.take = [&inbox](std::unique_ptr<PendingRequest> request) {
    inbox.put(std::move(request));
  };
  return handlers;
}

// Answers each request with its own body.
StreamHandlers echo() {
  StreamHandlers handlers;
  handlers.take = [](std::unique_ptr<PendingRequest> request) {
    ServerResponse response;
    response.body = *request->body().take_text();
    request->answer(response);
  };
  return handlers;
}

std::string post(int port, const std::string& body, const std::string& more = "") {
  TestPeer peer(connect_to(port));
  peer.send(fmt::format("{}{}Content-Length: {}\r\n\r\n{}", kPost, more, body.size(), body));
  return peer.rest();
}

TEST(HttpStream, AnsweredLaterByAnotherThread) {
  Inbox inbox;
  ServerOptions options;
  options.bodies = {.memory_max = 8, .folder = testing::TempDir()};
  const auto server = serve(options, into(inbox));
  TestPeer slow(connect_to(server->port()));
  slow.send(std::string(kPost) + "Content-Length: 26\r\n\r\nabcdefghijklmnopqrstuvwxyz");
  const auto first = inbox.take();
  EXPECT_EQ(first->request().method, "POST");
  EXPECT_EQ(first->body().size(), 26u);
  EXPECT_EQ(server->bytes_of_bodies(), 26u);
  char piece[10];
  std::string read;
  for (std::size_t got = 1; got > 0; read.append(piece, got)) got = *first->body().read(piece);
  EXPECT_EQ(read, "abcdefghijklmnopqrstuvwxyz");

  // Others are answered meanwhile.
  TestPeer quick(connect_to(server->port()));
  quick.send(std::string(kPost) + "Content-Length: 0\r\n\r\n");
  inbox.take()->answer({.status = 202, .headers = {}, .body = "second"});
  EXPECT_THAT(quick.rest(), testing::AllOf(StartsWith("HTTP/1.1 202 "), HasSubstr("second")));

  first->answer({.status = 201, .headers = {}, .body = "first"});
  first->answer({.status = 500, .headers = {}, .body = "the first answer counts"});
  EXPECT_THAT(slow.rest(), testing::AllOf(StartsWith("HTTP/1.1 201 "), HasSubstr("first")));
  EXPECT_EQ(server->bytes_of_bodies(), 0u);
}

TEST(HttpStream, WhoeverDropsARequestAnswersIt) {
  Inbox inbox;
  const auto server = serve({}, into(inbox));
  TestPeer peer(connect_to(server->port()));
  peer.send(std::string(kPost) + "Content-Length: 0\r\n\r\n");
  inbox.take().reset();
  EXPECT_THAT(peer.rest(), StartsWith("HTTP/1.1 500 "));
}

TEST(HttpStream, TheEndWaitsForNoAnswer) {
  Inbox inbox;
  auto server = serve({}, into(inbox));
  TestPeer peer(connect_to(server->port()));
  peer.send(std::string(kPost) + "Content-Length: 1\r\n\r\nx");
  const auto request = inbox.take();
  server.reset();
  EXPECT_EQ(peer.rest(), "");
  request->answer({});  // Nobody is there.
}

TEST(HttpStream, RefusedBeforeItsBody) {
  StreamHandlers handlers = echo();
  handlers.admit = [](const ServerRequest& head) -> std::optional<ServerResponse> {
    if (head.header("x-who") == "right") return std::nullopt;
    return ServerResponse{.status = 401, .headers = {}, .body = "who are you?"};
  };
  const auto server = serve({}, std::move(handlers));
  EXPECT_THAT(post(server->port(), "abc", "X-Who: right\r\n"), testing::EndsWith("\r\n\r\nabc"));
  // The answer does not get lost, whether or not the body was sent.
  const std::string refused = post(server->port(), std::string(1u << 20, 'x'));
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(refused, testing::EndsWith("who are you?"));
  TestPeer patient(connect_to(server->port()));
  patient.send(std::string(kPost) + "Expect: 100-continue\r\nContent-Length: 100\r\n\r\n");
  EXPECT_THAT(patient.rest(), StartsWith("HTTP/1.1 401 "));
  TestPeer big(connect_to(server->port()));
  big.send(std::string(kPost) + "Content-Length: 50000000\r\n\r\n");
  EXPECT_THAT(big.rest(), StartsWith("HTTP/1.1 401 "));
}

TEST(HttpStream, BodiesShareABudget) {
  Inbox inbox;
  ServerOptions options;
  options.bodies.bytes_max = 100;
  options.bodies.total_max = 120;
  StreamHandlers handlers = into(inbox);
  handlers.refuse = [](int status, const std::string& message) {
    return ServerResponse{.status = status, .headers = {{"Retry-After", "1"}}, .body = message};
  };
  const auto server = serve(options, std::move(handlers));
  TestPeer one(connect_to(server->port()));
  one.send(std::string(kPost) + "Content-Length: 100\r\n\r\n" + std::string(100, 'x'));
  const auto held = inbox.take();
  const std::string refused = post(server->port(), std::string(21, 'x'));
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 429 "));
  EXPECT_THAT(refused, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_THAT(post(server->port(), std::string(101, 'x')), StartsWith("HTTP/1.1 413 "));
  held->answer({});
  one.rest();
  TestPeer two(connect_to(server->port()));
  two.send(std::string(kPost) + "Content-Length: 100\r\n\r\n" + std::string(100, 'x'));
  inbox.take()->answer({.status = 200, .headers = {}, .body = "room again"});
  EXPECT_THAT(two.rest(), HasSubstr("room again"));
}

TEST(HttpStream, AFileThatCannotBeWrittenIsSaid) {
  ServerOptions options;
  options.bodies = {.memory_max = 2, .folder = testing::TempDir() + "/no/such/folder"};
  const auto server = serve(options, echo());
  EXPECT_THAT(post(server->port(), "abc"), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(post(server->port(), "ab"), StartsWith("HTTP/1.1 200 "));
}

// Sends one byte after the other until the other side ends the connection; false if it does not.
bool cut_off_while_dripping(TestPeer& peer, std::string_view byte) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < give_up) {
    if (!peer.send(byte)) return true;
    pollfd entry{peer.descriptor(), POLLIN, 0};
    if (::poll(&entry, 1, 5) == 1) return peer.rest().empty();
  }
  return false;
}

TEST(HttpStream, WhoeverDripsIsCutOff) {
  ServerOptions options;
  options.patience = std::chrono::milliseconds(150);
  const auto server = serve(options, echo());
  TestPeer silent(connect_to(server->port()));
  TestPeer line(connect_to(server->port()));
  TestPeer head(connect_to(server->port()));
  head.send("GET / HTTP/1.1\r\nHost: h\r\nX-Long: ");
  TestPeer body(connect_to(server->port()));
  body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
  EXPECT_EQ(silent.rest(), "");
  EXPECT_TRUE(cut_off_while_dripping(line, "G"));
  EXPECT_TRUE(cut_off_while_dripping(head, "x"));
  EXPECT_TRUE(cut_off_while_dripping(body, "x"));
  EXPECT_THAT(post(server->port(), "honest"), testing::EndsWith("honest"));
}

// What is with a handler is not slow: only the other side is hurried.
TEST(HttpStream, AHandlerMayTakeItsTime) {
  Inbox inbox;
  ServerOptions options;
  options.patience = std::chrono::milliseconds(50);
  const auto server = serve(options, into(inbox));
  TestPeer waits(connect_to(server->port()));
  waits.send(std::string(kPost) + "Content-Length: 1\r\n\r\nx");
  const auto request = inbox.take();
  TestPeer silent(connect_to(server->port()));
  EXPECT_EQ(silent.rest(), "");  // by now the patience has ended
  request->answer({.status = 200, .headers = {}, .body = "at last"});
  EXPECT_THAT(waits.rest(), HasSubstr("at last"));
}

// Connections that do nothing make room for those that ask.
TEST(HttpStream, AThousandThatOnlyWaitKeepNobodyOut) {
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = std::max<rlim_t>(files.rlim_cur, std::min<rlim_t>(files.rlim_max, 8192));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  if (files.rlim_cur < 2500) GTEST_SKIP() << "skipped: only " << files.rlim_cur << " open files";
  ServerOptions options;
  options.patience = std::chrono::hours(1);
  options.connections_max = 512;
  const auto server = serve(options, echo());
  std::list<TestPeer> waiting;
  for (int i = 0; i < 1000; ++i) {
    waiting.emplace_back(connect_to(server->port()));
    if (i % 3 == 1) waiting.back().send("GET / HTTP/1.1\r\nHost: ");
    if (i % 100 == 0) EXPECT_THAT(post(server->port(), "here"), testing::EndsWith("here")) << i;
  }
  EXPECT_THAT(post(server->port(), "here"), testing::EndsWith("here"));
  EXPECT_LE(server->connections(), 512u);
}

TEST(HttpStream, DrainsWhatWasBegun) {
  Inbox inbox;
  const auto server = serve({}, into(inbox));
  TestPeer peer(connect_to(server->port()));
  peer.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
  auto request = inbox.take();
  server->stop_listening();
  EXPECT_FALSE(server->wait_until_answered(std::chrono::milliseconds(1)));
  request->answer({.status = 200, .headers = {}, .body = "done"});
  request.reset();
  EXPECT_THAT(peer.rest(), testing::AllOf(HasSubstr("Connection: close"), HasSubstr("done")));
  EXPECT_TRUE(server->wait_until_answered(std::chrono::seconds(60)));
}

}  // namespace
}  // namespace weir::io
