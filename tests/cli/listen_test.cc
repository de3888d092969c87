// weir listen
#include <gtest/gtest.h>

#include "io/http_client.h"
#include "tests/cli/program.h"

namespace weir::cli {
namespace {

io::HttpAnswer post(const std::string& url, const std::string& body,
                    std::vector<std::pair<std::string, Secret>> headers = {}) {
  auto client = io::make_curl_client(
      {.egress = io::Egress::kPrivateAllowed, .proxy_trusted = false, .user_agent = "test"});
  io::HttpRequest request;
  request.method = "POST";
  request.url = Secret(url);
  request.headers = std::move(headers);
  request.body = Secret(body);
  (*client)->start(1, std::move(request));
  for (;;) {
    for (io::Exchanged& done : (*client)->poll(std::chrono::seconds(1)))
      return std::move(done.answer);
  }
}

TEST(Listen, PrintsWhatArrivesAndHidesWhatLooksSecret) {
  const Folder folder;
  Receiver receiver(folder);
  const auto answer = post(receiver.url() + "/hook?a=b", "{\"x\": 1}",
                           {{"Authorization", Secret("Bearer canary")},
                            {"X-Api-Key", Secret("canary")},
                            {"webhook-id", Secret("wr_abc")},
                            {"Idempotency-Key", Secret("wr_abc-rev")},
                            {"X-Plain", Secret("seen")}});
  EXPECT_EQ(answer.status, 200);
  const json::Tree request = receiver.next();
  EXPECT_EQ(member(request.root, "method"), "POST");
  EXPECT_EQ(member(request.root, "path"), "/hook?a=b");
  EXPECT_EQ(member(request.root, "webhook_id"), "wr_abc");
  EXPECT_EQ(member(request.root, "revision"), "rev");
  EXPECT_EQ(member(request.root, "status"), "200");
  EXPECT_EQ(member(request.root, "body"), "{\"x\": 1}");
  const json::Value* headers = request.root.find("headers");
  ASSERT_NE(headers, nullptr);
  EXPECT_EQ(member(*headers, "authorization"), "[hidden]");
  EXPECT_EQ(member(*headers, "x-api-key"), "[hidden]");
  EXPECT_EQ(member(*headers, "x-plain"), "seen");
}

TEST(Listen, MisbehavesForTheFirstRequests) {
  const Folder folder;
  const Receiver receiver(folder, {"--status", "503", "--first", "2", "--retry-after", "7"});
  EXPECT_EQ(post(receiver.url(), "1").status, 503);
  const auto second = post(receiver.url(), "2");
  EXPECT_EQ(second.status, 503);
  EXPECT_EQ(second.retry_after, "7");
  const auto third = post(receiver.url(), "3");
  EXPECT_EQ(third.status, 200);
  EXPECT_EQ(third.retry_after, "");
}

TEST(Listen, ClosesRedirectsAndEnds) {
  const Folder folder;
  const Receiver closing(folder, {"--close"});
  EXPECT_EQ(post(closing.url(), "1").status, 0);
  const Receiver redirecting(folder, {"--redirect", "http://other.example/x"});
  const auto redirected = post(redirecting.url(), "1");
  EXPECT_EQ(redirected.status, 307);
  EXPECT_EQ(redirected.location, "http://other.example");

  const auto counted = folder.start({"listen", "--count", "1"});
  const std::string line = counted->next_line();
  ASSERT_EQ(line.substr(0, 13), "listening on ");
  EXPECT_EQ(post(line.substr(13) + "/once", "body").status, 200);
  const Ran ran = counted->wait();
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.out.find("POST /once -> 200"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("  body\n"), std::string::npos) << ran.out;
}

TEST(Listen, RefusesWhatCannotBe) {
  const Folder folder;
  EXPECT_EQ(folder.run({"listen", "--port", "65536"}).code, 2);
  EXPECT_EQ(folder.run({"listen", "--status", "99"}).code, 2);
  EXPECT_EQ(folder.run({"listen", "--count", "0"}).code, 2);
  const Receiver receiver(folder);
  const std::string port = receiver.url().substr(receiver.url().rfind(':') + 1);
  const Ran taken = folder.run({"listen", "--port", port});
  EXPECT_EQ(taken.code, 1);
  EXPECT_NE(taken.err, "");
}

}  // namespace
}  // namespace weir::cli
