// The HTTP service without a running process behind it: addresses, tokens, bodies, refusals.
#include "app/http_service.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "app/http_address.h"
#include "app/open_metrics.h"
#include "app/post_body.h"
#include "app/status_report.h"
#include "io/test_server.h"
#include "journal/test_compress.h"

namespace weir::app {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kToken = "0123456789abcdef-token";

TEST(HttpAddress, APortAloneIsOfLoopback) {
  const auto text_of = [](std::string_view text) -> std::string {
    const auto parsed = parse_http_address(text);
    if (!parsed) return parsed.error().message;
    return fmt::format("{} {}{}", parsed->address, parsed->port,
                       parsed->loopback() ? "" : " for all");
  };
  EXPECT_EQ(text_of("8417"), "127.0.0.1 8417");
  EXPECT_EQ(text_of(":0"), "127.0.0.1 0");
  EXPECT_EQ(text_of("localhost:8417"), "127.0.0.1 8417");
  EXPECT_EQ(text_of("127.8.9.1:1"), "127.8.9.1 1");
  EXPECT_EQ(text_of("[::1]:65535"), "::1 65535");
  EXPECT_EQ(text_of("0.0.0.0:80"), "0.0.0.0 80 for all");
  EXPECT_EQ(text_of("[::]:80"), ":: 80 for all");
  EXPECT_EQ(text_of("10.1.2.3:80"), "10.1.2.3 80 for all");
  for (const char* bad : {"", "x", "65536", "-1", "8417x", "127.0.0.1", "127.0.0.1:", "::1:80",
                          "[127.0.0.1]:80", "example.com:80", "[::1]"})
    EXPECT_THAT(text_of(bad), HasSubstr("--http wants a port")) << bad;
}

TEST(HttpToken, IsReadOnceAndWhole) {
  const std::string file = testing::TempDir() + "/weir-http-token";
  ASSERT_TRUE(io::write_file_atomically(file, std::string(kToken) + "\nnot this\n"));
  EXPECT_EQ(read_http_token(nullptr, file)->reveal(), kToken);
  EXPECT_EQ(read_http_token("", file)->reveal(), kToken);
  EXPECT_EQ(read_http_token("0123456789abcdef", "")->reveal(), "0123456789abcdef");
  EXPECT_TRUE(read_http_token(nullptr, "")->empty());
  EXPECT_THAT(read_http_token("0123456789abcdef", file).error().message, HasSubstr("given twice"));
  const auto weak = read_http_token("canary", "");
  EXPECT_THAT(weak.error().message,
              AllOf(HasSubstr("16 to 4096"), testing::Not(HasSubstr("canary"))));
  EXPECT_FALSE(read_http_token("0123456789 abcdef", ""));
  EXPECT_FALSE(read_http_token(nullptr, file + ".missing"));
}

TEST(HttpToken, IsBorneWholeOrNotAtAll) {
  const Secret token{std::string(kToken)};
  EXPECT_TRUE(bears_token("Bearer 0123456789abcdef-token", token));
  EXPECT_TRUE(bears_token("bearer 0123456789abcdef-token", token));
  EXPECT_TRUE(bears_token("Basic YW55Ym9keTowMTIzNDU2Nzg5YWJjZGVmLXRva2Vu", token));
  for (const char* wrong :
       {"", "Bearer", "Bearer ", "Bearer 0123456789abcdef-toke", "Bearer 0123456789abcdef-token2",
        "Bearer 0123456789abcdef-tokem", "0123456789abcdef-token", "Digest 0123456789abcdef-token",
        "Basic 0123456789abcdef-token", "Basic YQ==", "Basic YW55Ym9keTo="})
    EXPECT_FALSE(bears_token(wrong, token)) << wrong;
}

TEST(PostBody, ATableSaysSo) {
  EXPECT_TRUE(*says_csv("text/csv"));
  EXPECT_TRUE(*says_csv("Text/CSV ; charset=UTF-8; header=present"));
  for (const char* other :
       {"", "application/json", "application/x-www-form-urlencoded", "text/csvs"})
    EXPECT_FALSE(*says_csv(other)) << other;
  EXPECT_THAT(says_csv("text/csv;header=absent").error().message, HasSubstr("wants a header"));
}

TEST(OpenMetrics, FamiliesAndEscapes) {
  OpenMetrics out;
  out.family("weir_things", OpenMetrics::Type::kCounter, "", "Things \\ of\nall \"kinds\".");
  out.sample({{"name", "a\\b\"c\nd"}, {"kind", "ü"}}, std::uint64_t{18446744073709551615u});
  out.family("weir_age_seconds", OpenMetrics::Type::kGauge, "seconds", "Age.");
  out.sample({}, 1.5);
  out.family("weir_build", OpenMetrics::Type::kInfo, "", "Build.");
  out.sample({{"version", "1"}}, std::uint64_t{1});
  EXPECT_EQ(out.finish(),
            "# TYPE weir_things counter\n"
            "# HELP weir_things Things \\\\ of\\nall \\\"kinds\\\".\n"
            "weir_things_total{name=\"a\\\\b\\\"c\\nd\",kind=\"ü\"} 18446744073709551615\n"
            "# TYPE weir_age_seconds gauge\n"
            "# UNIT weir_age_seconds seconds\n"
            "# HELP weir_age_seconds Age.\n"
            "weir_age_seconds 1.5\n"
            "# TYPE weir_build info\n"
            "# HELP weir_build Build.\n"
            "weir_build_info{version=\"1\"} 1\n"
            "# EOF\n");
}

TEST(StatusPage, EscapesWhatItShows) {
  TaskView view;
  view.status.name = "acme/<b>&\"x";
  view.status.state = runtime::TaskState::kStuck;
  view.status.reason = "<script>";
  const std::string page = status_as_page({view}, "1.0", Timestamp{});
  EXPECT_THAT(page, HasSubstr("acme/&lt;b&gt;&amp;&quot;x"));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(page, testing::Not(HasSubstr("<script>")));
}

// A service with one collection, `acme/orders`, whose tables are as far behind as the test says.
class HttpServiceTest : public testing::Test {
 protected:
  void TearDown() override {
    service_.reset();
    std::filesystem::remove_all(folder_);
  }

  void start(std::string token = "") {
    HttpServiceOptions options;
    options.token = Secret(std::move(token));
    options.journals = folder_ + "/journals";
    options.scratch = folder_;
    options.version = "1.2.3";
    options.behind_max = 1000;
    HttpService::Deps deps;
    deps.views = [this] { return views_; };
    deps.bytes_behind = [this](const std::string&) { return behind_; };
    catalog::Collection orders;
    orders.spec.name = "acme/orders";
    orders.spec.key = {"/id"};
    orders.spec.write_schema_json =
        R"({"type":"object","properties":{"id":{"type":"integer"},"note":{"type":"string"}}})";
    catalog::Collection lines = orders;
    lines.spec.name = "acme/lines";
    lines.files = catalog::FileSource{"/data", {"a.jsonl", "more/*.jsonl"}};
    auto service = HttpService::start(std::move(options), std::move(deps),
                                      {{"acme/orders", orders}, {"acme/lines", lines}});
    ASSERT_TRUE(service) << service.error().message;
    service_ = *std::move(service);
  }

  std::string ask_as_it_is(const std::string& bytes) const {
    const std::string origin = service_->origin();
    io::TestPeer peer(io::connect_to(std::stoi(origin.substr(origin.rfind(':') + 1))));
    peer.send(bytes);
    return peer.rest();
  }
  std::string ask(const std::string& head, const std::string& body = "") const {
    return ask_as_it_is(
        head + fmt::format("Connection: close\r\nContent-Length: {}\r\n\r\n", body.size()) + body);
  }
  std::string get(const std::string& path, const std::string& more = "Host: localhost\r\n") const {
    return ask("GET " + path + " HTTP/1.1\r\n" + more);
  }
  std::string post(const std::string& body, const std::string& more = "") const {
    return ask("POST /collections/acme/orders HTTP/1.1\r\nHost: localhost\r\n" + more, body);
  }

  std::string folder_ = [] {
    std::string name = testing::TempDir() + "/weir-http-XXXXXX";
    return std::string(::mkdtemp(name.data()));
  }();
  std::vector<TaskView> views_;
  std::uint64_t behind_ = 0;
  std::unique_ptr<HttpService> service_;
};

TEST_F(HttpServiceTest, BatchesAreTakenOnce) {
  start();
  const std::string id = "Idempotency-Key: 2026-11-22\r\n";
  EXPECT_THAT(
      post("{\"id\": 1}\n{\"id\": 2}\n", id),
      AllOf(StartsWith("HTTP/1.1 202 "),
            HasSubstr(R"({"collection":"acme/orders","journal":"acme/orders/pivot=00",)"
                      R"("documents":2,"already_there":false,"unacknowledged":0,"begin":0)")));
  EXPECT_THAT(post("whatever", "Idempotency-Key:  2026-11-22  \r\n"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("\"already_there\":true")));
  EXPECT_THAT(post("[{\"id\": 3},\n {\"id\": 4}]"), HasSubstr("\"documents\":2"));
  EXPECT_THAT(post(""), AllOf(StartsWith("HTTP/1.1 202 "), HasSubstr("\"documents\":0")));
  EXPECT_THAT(
      get("/metrics"),
      AllOf(HasSubstr("weir_ingest_documents_total{collection=\"acme/orders\"} 4\n"),
            HasSubstr("weir_http_requests_total{path=\"/collections\",status=\"202\"} 3\n")));
}

TEST_F(HttpServiceTest, BadDocumentsNameTheirPlace) {
  start();
  EXPECT_THAT(post("{\"id\": 1}\n  {\"id\": \"secret\"}\n"),
              AllOf(StartsWith("HTTP/1.1 422 "), HasSubstr("\"line\":2,\"column\":3"),
                    HasSubstr("\"pointer\":\"/id\""), testing::Not(HasSubstr("secret"))));
  EXPECT_THAT(post("[{\"id\": 1},\n{}]"),
              AllOf(StartsWith("HTTP/1.1 422 "), HasSubstr("\"line\":2,\"column\":1"),
                    HasSubstr("has no key: /id is missing")));
  EXPECT_THAT(post("{\"id\": 1} {\"id\": }"),
              AllOf(StartsWith("HTTP/1.1 422 "), HasSubstr("\"line\":1,\"column\":18")));
  EXPECT_THAT(post("[{\"id\": 1},\n 2]"),
              AllOf(StartsWith("HTTP/1.1 422 "), HasSubstr("\"line\":2,\"column\":2")));
  EXPECT_THAT(post("{\"id\": 1}", "Content-Encoding: gzip\r\n"),
              AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("not a gzip stream")));
  // None of it counts.
  EXPECT_THAT(post("{\"id\": 1}"), HasSubstr("\"begin\":0,"));
}

TEST_F(HttpServiceTest, TablesAndCompressedBodies) {
  start();
  const std::string csv = "Content-Type: text/csv; charset=utf-8\r\n";
  EXPECT_THAT(post("id,note\n1,x\n2,\"7\"\n", csv), HasSubstr("\"documents\":2"));
  EXPECT_THAT(post(journal::gzip("id,note\r\n3,x\r\n"), csv + "Content-Encoding: gzip\r\n"),
              HasSubstr("\"documents\":1"));
  EXPECT_THAT(post(journal::gzip("{\"id\": 3}"), "Content-Encoding: X-GZip \t\r\n"),
              StartsWith("HTTP/1.1 202 "));
  EXPECT_THAT(post(journal::zstandard("[{\"id\": 4}, {\"id\": 5}]"), "Content-Encoding: zstd\r\n"),
              HasSubstr("\"documents\":2"));
  EXPECT_THAT(post("id,note\n1,x\nx,y\n", csv),
              AllOf(StartsWith("HTTP/1.1 422 "), HasSubstr("\"line\":3,\"column\":1"),
                    HasSubstr("\"pointer\":\"/id\"")));
  EXPECT_THAT(post("id,note\n1\n", csv),
              AllOf(StartsWith("HTTP/1.1 422 "), HasSubstr("\"line\":2,\"column\":1"),
                    HasSubstr("body:2:1: the row has 1 cell")));
  EXPECT_THAT(post("id\n1\n", "Content-Type: text/csv; header=absent\r\n"),
              AllOf(StartsWith("HTTP/1.1 415 "), HasSubstr("wants a header")));
  // A table that does not say so, and a compressed stream that does not.
  EXPECT_THAT(post("id\n1\n"),
              AllOf(StartsWith("HTTP/1.1 422 "), HasSubstr("\"line\":1,\"column\":1")));
  EXPECT_THAT(post(journal::gzip("{\"id\": 1}")), StartsWith("HTTP/1.1 422 "));
  EXPECT_THAT(post(journal::gzip(journal::gzip("{\"id\": 1}")), "Content-Encoding: gzip\r\n"),
              StartsWith("HTTP/1.1 422 "));
  EXPECT_THAT(post(journal::zstandard("{\"id\": 1}").substr(0, 12), "Content-Encoding: zstd\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(get("/metrics"),
              HasSubstr("weir_ingest_documents_total{collection=\"acme/orders\"} 6\n"));
}

// A table whose rows are short and whose names are long comes to more than it is.
TEST_F(HttpServiceTest, WhatATableComesToIsBoundedToo) {
  io::RequestBody body(std::make_shared<io::BodyBudget>(io::BodyBounds{}));
  constexpr std::uint64_t kBytesMax = 32u << 20;
  std::string rows = std::string(1u << 20, 'n') + "\n";
  for (int i = 0; i < 100; ++i) rows += "1\n";
  ASSERT_TRUE(body.append(rows));
  PostBody post(
      body, BodyEncoding::kPlain, [](std::string_view) { return document::Types::any(); },
      kBytesMax);
  const journal::ByteSource source = post.source();
  std::string out(1u << 20, '\0');
  for (std::uint64_t all = 0;;) {
    const auto got = source(out);
    if (!got) {
      EXPECT_EQ(got.error().code, Code::kLimit);
      break;
    }
    ASSERT_NE(*got, 0u);
    all += *got;
    ASSERT_LE(all, kBytesMax);
  }
  ASSERT_TRUE(post.failure());

  io::RequestBody bomb(std::make_shared<io::BodyBudget>(io::BodyBounds{}));
  ASSERT_TRUE(bomb.append(journal::zstandard("{}" + std::string(kBytesMax - 1, ' '))));
  PostBody unpacked(bomb, BodyEncoding::kZstd, {}, kBytesMax);
  const journal::ByteSource bytes = unpacked.source();
  auto got = bytes(out);
  for (int i = 0; i < 100 && got && *got > 0; ++i) got = bytes(out);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message, "the body is longer than 33554432 bytes once it is decompressed");
}

TEST_F(HttpServiceTest, NothingIsPostedToPlainFiles) {
  start();
  EXPECT_THAT(ask("POST /collections/acme/lines HTTP/1.1\r\nHost: localhost\r\n", "{\"id\": 1}"),
              AllOf(StartsWith("HTTP/1.1 409 "), HasSubstr("\"code\":\"read_from_files\""),
                    HasSubstr("acme/lines is read from plain files (a.jsonl, more/*.jsonl)")));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/journals"));
  EXPECT_THAT(get("/metrics"), testing::Not(HasSubstr("acme/lines")));
}

TEST_F(HttpServiceTest, RefusalsSayWhyAndWhatElse) {
  start();
  EXPECT_THAT(ask("POST /collections/acme/order HTTP/1.1\r\nHost: localhost\r\n", "{}"),
              AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("did you mean \\\"acme/orders\\\"?")));
  EXPECT_THAT(get("/collections/acme/orders"),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: POST\r\n")));
  EXPECT_THAT(ask("POST /status HTTP/1.1\r\nHost: localhost\r\n"),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")));
  EXPECT_THAT(get("/statsu"),
              AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("did you mean \\\"/status\\\"?")));
  EXPECT_THAT(
      post("x", "Content-Encoding: br\r\n"),
      AllOf(StartsWith("HTTP/1.1 415 "), HasSubstr("Accept-Encoding: gzip, zstd, identity")));
  EXPECT_THAT(post("{\"id\": 1}", "Idempotency-Key: \r\n"),
              AllOf(StartsWith("HTTP/1.1 400 "), HasSubstr("Idempotency-Key is empty")));
  EXPECT_THAT(ask_as_it_is("POST /collections/acme/orders HTTP/1.1\r\nHost: localhost\r\n"
                           "Connection: close\r\n\r\n{\"id\": 1}"),
              AllOf(StartsWith("HTTP/1.1 411 "), HasSubstr("wants a Content-Length")));
  EXPECT_THAT(post("{}", "Idempotency-Key: " + std::string(1025, 'x') + "\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("POST /collections/acme/orders HTTP/1.1\r\nHost: localhost\r\n"
                  "Content-Length: 999999999999\r\n"),
              StartsWith("HTTP/1.1 4"));
}

TEST_F(HttpServiceTest, PagesFromElsewhereNeitherPostNorRead) {
  start();
  EXPECT_THAT(post("{\"id\": 1}", "Origin: https://evil.example\r\n"), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(post("{\"id\": 1}", "Origin: null\r\n"), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(post("{\"id\": 1}", "Origin: http://localhost\r\n"), StartsWith("HTTP/1.1 202 "));
  EXPECT_THAT(get("/status", "Host: evil.example\r\n"), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(get("/status", "Host: 127.0.0.1.evil.example:80\r\n"), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(get("/status", "Host: 127.0.0.1:80\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get("/status", "Host: [::1]:80\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get("/", "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n"),
              StartsWith("HTTP/1.1 403 "));
}

TEST_F(HttpServiceTest, TheTokenOpensAllButHealth) {
  start(std::string(kToken));
  const std::string bears = fmt::format("Authorization: Bearer {}\r\n", kToken);
  EXPECT_THAT(post("{\"id\": 1}"),
              AllOf(StartsWith("HTTP/1.1 401 "), HasSubstr("WWW-Authenticate: Bearer")));
  EXPECT_THAT(post("{\"id\": 1}", bears), StartsWith("HTTP/1.1 202 "));
  EXPECT_THAT(get("/metrics", "Host: h\r\n"), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(get("/metrics", "Host: h\r\n" + bears), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get("/healthz", "Host: h\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServiceTest, OthersAreLetInByATokenOnly) {
  HttpServiceOptions options;
  options.listen = *parse_http_address("0.0.0.0:0");
  const auto service = HttpService::start(std::move(options), {}, {});
  ASSERT_FALSE(service);
  EXPECT_THAT(service.error().message, HasSubstr("wants a token"));
}

TEST_F(HttpServiceTest, PostsWaitForTablesThatAreFarBehind) {
  start();
  behind_ = 1000;
  EXPECT_THAT(post("{\"id\": 1}"), StartsWith("HTTP/1.1 202 "));
  behind_ = 1001;
  EXPECT_THAT(post("{\"id\": 1}"),
              AllOf(StartsWith("HTTP/1.1 429 "), HasSubstr("Retry-After: 10\r\n"),
                    HasSubstr("1001 bytes behind, and 1000 are allowed")));
}

TEST_F(HttpServiceTest, HealthIsThatOfStatus) {
  start();
  TaskView view;
  view.status.name = "acme/shop";
  view.status.state = runtime::TaskState::kRunning;
  views_ = {view};
  EXPECT_THAT(get("/healthz"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\nhealthy\n")));
  EXPECT_THAT(get("/status"), HasSubstr("\"materialization\":\"acme/shop\""));
  EXPECT_THAT(get("/"), AllOf(HasSubstr("text/html"), HasSubstr("<td>acme/shop</td>"),
                              HasSubstr("Content-Security-Policy: default-src 'none'")));
  views_[0].status.state = runtime::TaskState::kStuck;
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 503 "));
  views_.clear();
  service_->begin_drain();
  EXPECT_TRUE(service_->drained(std::chrono::seconds(60)));
}

// A request that no socket stands behind.
class Posted final : public io::PendingRequest {
 public:
  Posted(const std::string& text, std::function<void(io::ServerResponse)> answered)
      : answered_(std::move(answered)) {
    EXPECT_TRUE(body_.append(text));
  }
  const io::ServerRequest& request() const override { return request_; }
  io::RequestBody& body() override { return body_; }
  void answer(io::ServerResponse response) override { answered_(std::move(response)); }

 private:
  io::ServerRequest request_;
  io::RequestBody body_{std::make_shared<io::BodyBudget>(io::BodyBounds{})};
  std::function<void(io::ServerResponse)> answered_;
};

// While another process holds the journal a post waits a little, and others wait behind it; then as
// many as may wait do.
TEST_F(HttpServiceTest, AJournalThatAnotherHolds) {
  const std::string journal = folder_ + "/journals/acme/orders/pivot=00";
  ASSERT_TRUE(io::make_folders(journal));
  auto lock = io::LockFile::acquire(journal + "/.lock", "weir append, process 4711");
  ASSERT_TRUE(lock);
  catalog::Collection orders;
  orders.spec.name = "acme/orders";
  orders.spec.write_schema_json = "{}";
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<io::ServerResponse> answers;
  const auto posted = [&] {
    return std::make_unique<Posted>("{}", [&](io::ServerResponse response) {
      const std::lock_guard guard(mutex);
      answers.push_back(std::move(response));
      changed.notify_one();
    });
  };
  const auto wait_for = [&](std::size_t count) {
    std::unique_lock guard(mutex);
    changed.wait(guard, [&] { return answers.size() >= count; });
  };
  Ingest ingest({.journals = folder_ + "/journals",
                 .clock = &system_clock(),
                 .posts_waiting_max = 2,
                 .lock_wait = std::chrono::milliseconds(300)},
                {{"acme/orders", orders}});
  ingest.post("acme/orders", posted());
  ingest.post("acme/orders", posted());
  EXPECT_EQ(ingest.admit("acme/orders").error().code, Code::kUnavailable);
  ingest.post("acme/orders", posted());
  wait_for(3);
  EXPECT_EQ(answers[0].status, 429);
  EXPECT_EQ(answers[1].status, 503);
  EXPECT_THAT(answers[1].body, HasSubstr("weir append, process 4711"));
  EXPECT_EQ(answers[2].status, 503);
  lock->reset();
  ingest.post("acme/orders", posted());
  wait_for(4);
  EXPECT_EQ(answers[3].status, 202);
  ingest.set_collections({});
  EXPECT_EQ(ingest.admit("acme/orders").error().code, Code::kNotFound);
}

}  // namespace
}  // namespace weir::app
