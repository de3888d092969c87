// Receivers that are sick in each way that we know of, played by real sockets to the real client
// and a dispatcher: what becomes of the delivery, what is said of it, and that nobody else suffers.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <latch>

#include "delivery/dispatcher.h"
#include "io/file.h"
#include "io/test_identity.h"
#include "io/test_server.h"
#include "testing/fake_clock.h"

namespace weir::delivery {
namespace {

using io::TestIdentity;
using io::TestPeer;
using io::TestServer;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr milliseconds kLong{30'000};  // far longer than anything here takes
constexpr milliseconds kShort{120};    // the time-out against those that never come to an end
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr std::size_t kPiece = 64u << 10;

// What one delivery came to: its first event, which is the outcome of its first attempt.
struct Outcome {
  Event event;
  std::optional<milliseconds> pause;  // until the next attempt
};

// Peak resident memory of this process since the last call, in KiB; nullopt where Linux does not
// let it be started anew.
std::optional<std::size_t> peak_since_last_call() {
  std::ifstream status("/proc/self/status");
  std::size_t peak = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) peak = std::strtoul(line.c_str() + 6, nullptr, 10);
  }
  std::ofstream reset("/proc/self/clear_refs");
  reset << "5" << std::flush;
  return reset && peak > 0 ? std::optional(peak) : std::nullopt;
}

class SickReceivers : public ::testing::Test {
 protected:
  SickReceivers() {
    for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
      ::unsetenv(name);
    ::unsetenv("SSL_CERT_FILE");
    make();
  }
  ~SickReceivers() override {
    dispatcher_.reset();
    ::unsetenv("SSL_CERT_FILE");
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  void make() {
    dispatcher_.reset();
    auto client = io::make_curl_client({});
    ASSERT_TRUE(client) << client.error().message;
    client_ = *std::move(client);
    dispatcher_.emplace(*client_, clock_, Random(1), [] {});
  }
  // From now on, certificates are believed that this one signed.
  void trust(const TestIdentity& identity) {
    std::string name = (std::filesystem::temp_directory_path() / "weir-sick-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    ASSERT_TRUE(io::write_file_atomically(folder_ + "/trusted.pem", identity.pem()));
    ::setenv("SSL_CERT_FILE", (folder_ + "/trusted.pem").c_str(), 1);
    make();
  }

  void submit(std::uint64_t id, const std::string& origin, milliseconds timeout) {
    Job job;
    job.id = id;
    job.key = {"t", 0, id};
    job.label = "trigger t";
    job.endpoint = origin;
    job.retry = {.attempts_max = 0, .give_up_after = std::chrono::hours(72)};
    job.make = [origin, timeout]() -> Result<Outgoing> {
      io::HttpRequest request;
      request.method = "POST";
      request.url = Secret(origin + "/canary-path?key=canary-query");
      request.headers.emplace_back("Authorization", Secret(std::string("Bearer canary-token")));
      request.body = Secret(std::string(R"({"through": 1})"));
      request.timeout = timeout;
      return request;
    };
    ASSERT_TRUE(dispatcher_->submit(std::move(job)));
  }
  std::vector<Event> next_events() {
    for (;;) {
      auto events = dispatcher_->take_events();
      if (!events.empty()) return events;
      dispatcher_->step(kLong);
    }
  }
  Outcome outcome_of(const std::string& origin, milliseconds timeout = kLong) {
    submit(1, origin, timeout);
    std::vector<Event> events = next_events();
    EXPECT_EQ(events.size(), 1u);
    Outcome out{std::move(events[0]), {}};
    if (out.event.record.next_at) {
      out.pause =
          std::chrono::duration_cast<milliseconds>(*out.event.record.next_at - clock_.now());
      dispatcher_->cancel(1, false);
      dispatcher_->step(milliseconds(0));
      (void)dispatcher_->take_events();
    }
    // Whatever happened: nobody learns more of the address than who it was.
    for (const std::string* words : {&out.event.record.error, &out.event.reason}) {
      EXPECT_THAT(*words, Not(HasSubstr("canary")));
    }
    return out;
  }
  // One who reads a request, sends these bytes and hangs up.
  Outcome outcome_of_answer(std::string_view bytes) {
    TestServer server([&](TestPeer& peer) {
      peer.request();
      peer.send(bytes);
    });
    const Outcome out = outcome_of(server.url(""));
    EXPECT_EQ(server.connections(), 1);
    return out;
  }
  static void expect_retry(const Outcome& outcome, std::string_view words) {
    EXPECT_EQ(outcome.event.kind, Event::Kind::kAttempt) << outcome.event.reason;
    EXPECT_EQ(outcome.pause, seconds(1));
    EXPECT_EQ(outcome.event.record.status, 0);
    EXPECT_THAT(outcome.event.record.error, AllOf(StartsWith("http"), HasSubstr(words)));
  }
  static void expect_permanent(const Outcome& outcome, std::string_view words) {
    EXPECT_EQ(outcome.event.kind, Event::Kind::kPermanent) << outcome.event.reason;
    EXPECT_FALSE(outcome.pause);
    EXPECT_THAT(outcome.event.reason, HasSubstr(words));
  }

  testing::FakeClock clock_;
  std::string folder_;
  std::unique_ptr<io::HttpClient> client_;
  std::optional<Dispatcher> dispatcher_;
};

// --- no connection ---

TEST_F(SickReceivers, Refusing) {
  std::string origin;
  {
    TestServer server([](TestPeer&) {});
    origin = server.url("");
  }
  expect_retry(outcome_of(origin), "Connection refused");
}

// One that drops packets: nothing of its network answers. Here a listener that takes nobody and
// whose queue is full.
TEST_F(SickReceivers, Dead) {
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(listening, 0), 0);
  ::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &length);
  std::vector<int> queue;
  for (int i = 0; i < 4; ++i) {
    queue.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    (void)::connect(queue.back(), reinterpret_cast<sockaddr*>(&address), length);
  }
  expect_retry(outcome_of(fmt::format("http://127.0.0.1:{}", ntohs(address.sin_port)), kShort),
               "no complete answer within 120ms, while connecting");
  for (const int descriptor : queue) ::close(descriptor);
  ::close(listening);
}

// --- no end ---

TEST_F(SickReceivers, Hanging) {
  TestServer server([](TestPeer& peer) {
    peer.request();
    peer.wait_until_gone();
  });
  expect_retry(outcome_of(server.url(""), kShort),
               "no complete answer within 120ms, while waiting for an answer");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(SickReceivers, HangingInsideTheHandshake) {
  TestServer server([](TestPeer& peer) { peer.wait_until_gone(); });
  expect_retry(outcome_of("https" + server.url("").substr(4), kShort),
               "no complete answer within 120ms, while agreeing on encryption");
}

// Something always arrives, so that only the time-out of the whole exchange ends it. A byte each
// ten milliseconds stands for one a second.
TEST_F(SickReceivers, DrippingBodyOrHeaders) {
  for (const std::string_view begin :
       {"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", "HTTP/1.1 200 OK\r\nX-Drip: "}) {
    TestServer server([&](TestPeer& peer) {
      peer.request();
      peer.send(begin);
      pollfd gone{peer.descriptor(), POLLIN, 0};
      while (peer.send("x") && ::poll(&gone, 1, 10) == 0) {
      }
    });
    expect_retry(outcome_of(server.url(""), kShort), "no complete answer within 120ms");
  }
}

// --- broken answers ---

TEST_F(SickReceivers, ResetInsideTheBody) {
  TestServer server([](TestPeer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc");
    peer.reset_at_close();
  });
  const Outcome outcome = outcome_of(server.url(""));
  expect_retry(outcome, "");
  EXPECT_THAT(outcome.event.record.error,
              ::testing::AnyOf(HasSubstr("Connection reset by peer"), HasSubstr("ended inside")));
}

TEST_F(SickReceivers, ResetInsideABodyWithoutALength) {
  TestServer server([](TestPeer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\n\r\nabc");
    peer.reset_at_close();
  });
  expect_retry(outcome_of(server.url("")), "Connection reset by peer");
}

// The answer is whole: what becomes of the connection then is no matter. The next request finds
// the connection gone and takes another.
TEST_F(SickReceivers, AWhole200AndThenAReset) {
  TestServer server([](TestPeer& peer) {
    peer.request();
    peer.send(kOk);
    peer.reset_at_close();
  });
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(outcome_of(server.url("")).event.kind, Event::Kind::kDelivered);
    EXPECT_EQ(server.connections(), i);
  }
}

TEST_F(SickReceivers, GarbageForAStatusLine) {
  for (const std::string_view line :
       {"garbage", "ICY 200 OK", "200 OK", "HTTP/1.1 2oo OK", "HTTP/1.1", "HTTP/9.9 200 OK",
        "HTTP/1.1 20 OK", "SSH-2.0-OpenSSH_9.2", "\x16\x03\x01\x02"}) {
    SCOPED_TRACE(line);
    const Outcome outcome = outcome_of_answer(fmt::format("{}\r\nContent-Length: 0\r\n\r\n", line));
    EXPECT_EQ(outcome.event.kind, Event::Kind::kAttempt) << outcome.event.reason;
    EXPECT_EQ(outcome.pause, seconds(1));
  }
}

// --- too much of an answer ---

TEST_F(SickReceivers, ABodyOfAGibibyteIsDroppedAndTakesNoMemory) {
  std::latch gone(1);
  std::atomic<std::uint64_t> sent = 0;
  TestServer server([&](TestPeer& peer) {
    peer.request();
    peer.send("HTTP/1.1 500 No\r\nContent-Length: 1073741824\r\n\r\n");
    const std::string piece(kPiece, 'x');
    while (peer.send(piece)) sent += kPiece;
    gone.count_down();
  });
  (void)peak_since_last_call();
  const auto before = peak_since_last_call();
  const Outcome outcome = outcome_of(server.url(""));
  const auto after = peak_since_last_call();
  EXPECT_EQ(outcome.event.kind, Event::Kind::kAttempt);
  EXPECT_EQ(outcome.event.record.status, 500);
  EXPECT_EQ(outcome.event.record.response.size(), kResponseKept);
  EXPECT_LT(outcome.event.record.bytes, 1u << 20);
  gone.wait();  // the client hung up: the receiver could not send on
  EXPECT_LT(sent, 64u << 20);
  if (before && after) EXPECT_LT(*after, *before + (8u << 10));
}

TEST_F(SickReceivers, OfABodyThatIsTooLongTheStatusCounts) {
  TestServer server([](TestPeer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "10000\r\n" + std::string(kPiece, 'x') + "\r\n";
    while (peer.send(chunk)) {
    }
  });
  EXPECT_EQ(outcome_of(server.url("")).event.kind, Event::Kind::kDelivered);
}

TEST_F(SickReceivers, HeadersWithoutEnd) {
  const struct {
    std::string_view begin, again;
  } cases[] = {
      {"HTTP/1.1 200 OK\r\n", "X-More: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"},
      {"HTTP/1.1 200 OK\r\nX-More: ", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
      {"", "HTTP/1.1 100 Continue\r\n\r\n"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X-More: trailer\r\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.again);
    TestServer server([&](TestPeer& peer) {
      peer.request();
      peer.send(c.begin);
      std::string piece;
      while (piece.size() < kPiece) piece += c.again;
      while (peer.send(piece)) {
      }
    });
    const Outcome outcome = outcome_of(server.url(""));
    EXPECT_EQ(outcome.event.kind, Event::Kind::kAttempt) << outcome.event.reason;
    EXPECT_EQ(outcome.event.record.status, 0);
  }
}

// --- TLS ---

TEST_F(SickReceivers, NoTlsWhereTlsIsAskedFor) {
  TestServer server([](TestPeer& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  expect_retry(outcome_of("https" + server.url("").substr(4)), "SSL");
}

TEST_F(SickReceivers, CertificatesThatAreNotBelieved) {
  const struct {
    std::string name;
    long ends;
    bool trusted;
    std::string words;
  } cases[] = {
      {"IP:127.0.0.1", 3600, false, "self-signed certificate"},
      {"DNS:other.example", 3600, true, "127.0.0.1"},
      {"IP:127.0.0.1", -60, true, "certificate has expired"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.words);
    const TestIdentity identity(c.name, c.ends);
    if (c.trusted) trust(identity);
    TestServer server([&](TestPeer& peer) { identity.serve(peer.descriptor(), kOk); });
    expect_retry(outcome_of("https" + server.url("").substr(4)), c.words);
    EXPECT_EQ(server.connections(), 1);
  }
  // The same receiver, once its certificate is in order.
  const TestIdentity good("IP:127.0.0.1");
  trust(good);
  TestServer server([&](TestPeer& peer) { good.serve(peer.descriptor(), kOk); });
  EXPECT_EQ(outcome_of("https" + server.url("").substr(4)).event.kind, Event::Kind::kDelivered);
  make();  // hangs up
}

// --- redirects and pauses ---

TEST_F(SickReceivers, RedirectsAreNotFollowed) {
  TestServer target([](TestPeer& peer) { peer.send(kOk); });
  TestServer* self = nullptr;
  std::string location;
  TestServer server([&](TestPeer& peer) {
    while (!peer.request().empty()) {
      peer.send(fmt::format(
          "HTTP/1.1 307 Temporary Redirect\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
          location.empty() ? self->url("/canary-again") : location));
    }
  });
  self = &server;
  const std::pair<std::string, std::string> cases[] = {
      {"", server.url("")},
      {"/canary-path", server.url("")},
      {target.url("/canary-other"), target.url("")},
      {"http://10.0.0.7/canary-inside", "http://10.0.0.7"},
      {"http://169.254.169.254/latest/canary-meta", "http://169.254.169.254"},
      {"http://canary-user:canary-word@[::1]:9/x", "http://[::1]:9"},
  };
  for (const auto& [to, shown] : cases) {
    SCOPED_TRACE(to);
    location = to;
    expect_permanent(
        outcome_of(server.url("")),
        fmt::format("answered 307, a redirect to {}; redirects are not followed", shown));
  }
  EXPECT_EQ(target.connections(), 0);
  EXPECT_LE(server.connections(), 6);  // one request each
  make();                              // hangs up
}

TEST_F(SickReceivers, TooManyRequests) {
  const struct {
    std::string header;
    milliseconds pause;
  } cases[] = {
      {"", seconds(1)},
      {"Retry-After: 7\r\n", seconds(7)},
      {"Retry-After: 0\r\n", seconds(1)},
      {"Retry-After: Sun, 22 Nov 2026 17:01:00 GMT\r\n", seconds(60)},
      {"Retry-After: soon\r\n", seconds(1)},
      {"Retry-After: 999999999999\r\n", kRetryAfterMax},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.header);
    const Outcome outcome = outcome_of_answer(
        fmt::format("HTTP/1.1 429 Slow Down\r\n{}Content-Length: 0\r\n\r\n", c.header));
    EXPECT_EQ(outcome.event.kind, Event::Kind::kAttempt);
    EXPECT_EQ(outcome.event.record.status, 429);
    EXPECT_EQ(outcome.pause, c.pause);
  }
}

TEST_F(SickReceivers, APauseHoldsTheOthersOfThatReceiver) {
  std::atomic<int> asked = 0;
  TestServer server([&](TestPeer& peer) {
    while (!peer.request().empty()) {
      peer.send(++asked == 1 ? "HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"
                             : kOk);
    }
  });
  submit(1, server.url(""), kLong);
  EXPECT_EQ(next_events()[0].kind, Event::Kind::kAttempt);
  submit(2, server.url(""), kLong);
  clock_.advance(milliseconds(6'999));
  dispatcher_->step(milliseconds(0));
  EXPECT_TRUE(dispatcher_->take_events().empty());
  EXPECT_EQ(asked, 1);
  clock_.advance(milliseconds(1));
  for (std::size_t delivered = 0; delivered < 2;) {
    for (const Event& event : next_events()) {
      EXPECT_EQ(event.kind, Event::Kind::kDelivered);
      ++delivered;
    }
  }
  EXPECT_EQ(asked, 3);
  make();  // hangs up
}

// --- the others ---

// While hundreds hang, one who is well is served at once: nobody waits for anybody.
TEST_F(SickReceivers, DoNotHoldUpAHealthyOne) {
  TestServer hanging([](TestPeer& peer) { peer.wait_until_gone(); });
  TestServer healthy([](TestPeer& peer) {
    peer.request();
    peer.send(kOk);
  });
  constexpr std::uint64_t kHanging = 200;
  static_assert(kHanging < kInFlightMax);
  for (std::uint64_t id = 1; id <= kHanging; ++id) submit(id, hanging.url(""), kLong);
  submit(kHanging + 1, healthy.url(""), kLong);
  const std::vector<Event> events = next_events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].job, kHanging + 1);
  EXPECT_EQ(events[0].kind, Event::Kind::kDelivered);
  make();  // hangs up
}

}  // namespace
}  // namespace weir::delivery
