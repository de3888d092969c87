// weir run --http: documents that are posted, metrics, health, and what it stands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <list>

#include "io/test_server.h"
#include "tests/cli/fixture.h"
#include "tests/cli/http.h"
#include "tests/cli/open_metrics.h"

namespace weir::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kTotals = "/collections/acme/totals";

std::vector<std::string> totals(const Folder& folder) {
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  return rows(folder.file("shop.sqlite"), "SELECT customer, total FROM totals ORDER BY customer");
}

void end(Running& running, int signal = SIGTERM) {
  running.signal(signal);
  const Ran ran = running.wait();
  EXPECT_EQ(ran.code, 0) << ran.err;
}

TEST(Http, PostedDocumentsReachTheTablesOnce) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const Service service = serve(folder);
  const Headers once{"Idempotency-Key: batch-1"};
  const std::string lines = "{\"customer\":\"a\",\"total\":1}\n{\"customer\":\"b\",\"total\":2}\n";
  HttpAnswer answer = post(service.port, kTotals, lines, once);
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(member(parse(answer.body).root, "documents"), "2");
  answer = post(service.port, kTotals, lines, once);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(member(parse(answer.body).root, "already_there"), "true");
  EXPECT_EQ(post(service.port, kTotals, "[{\"customer\":\"a\",\"total\":10}]").status, 202);
  // What the command line appended is known too, and the other way round.
  EXPECT_EQ(folder.run({"append", "acme/totals", "--batch-id", "batch-1"}, lines).code, 0);
  folder.write("batch.json", "[{\"customer\":\"c\",\"total\":5}]");
  ASSERT_EQ(std::system(("gzip -k " + folder.file("batch.json")).c_str()), 0);
  EXPECT_EQ(
      post(service.port, kTotals, folder.read("batch.json.gz"), {"Content-Encoding: gzip"}).status,
      202);
  end(*service.running);
  EXPECT_THAT(totals(folder), ElementsAre("a | 11", "b | 2", "c | 5"));
}

// It dies at each place where an append can; the client, who got no answer, posts again.
TEST(Http, KilledAnywhereABatchCountsOnce) {
#ifndef WEIR_FAULT_POINTS
  GTEST_SKIP() << "skipped: this build has no fault points";
#endif
  for (const char* point :
       {"journal.locked", "journal.writing", "journal.written", "journal.synced",
        "journal.acknowledged", "journal.committed", "journal.remembered"}) {
    Folder folder;
    folder.write("flow.yaml", std::string(kOrders) + kShop);
    const std::string batch =
        "{\"customer\":\"a\",\"total\":3}\n{\"customer\":\"b\",\"total\":4}\n";
    const Headers once{"Idempotency-Key: 2026-11-22"};
    folder.set("WEIR_FAULT", point);
    {
      const Service service = serve(folder);
      EXPECT_EQ(post(service.port, kTotals, batch, once).status, 0) << point;
      EXPECT_EQ(service.running->wait().code, 137) << point;
    }
    folder.set("WEIR_FAULT", "never.reached");
    {
      const Service service = serve(folder);
      EXPECT_THAT(post(service.port, kTotals, batch, once).status, testing::AnyOf(200, 202));
      EXPECT_EQ(post(service.port, kTotals, batch, once).status, 200) << point;
      end(*service.running);
    }
    EXPECT_THAT(totals(folder), ElementsAre("a | 3", "b | 4")) << point;
  }
}

TEST(Http, MetricsHealthAndStatus) {
  const Folder folder;
  const Receiver receiver(folder, {"--status", "400"});
  folder.write("flow.yaml",
               shop_with_triggers(trigger("ci", receiver.url(), "  delivery: background\n")));
  const Service service = serve(folder);
  EXPECT_EQ(get(service.port, "/healthz").status, 200);
  EXPECT_EQ(post(service.port, "/collections/acme/orders", "{\"id\":1}\n{\"id\":2}").status, 202);
  service.running->wait_for_log("parked");

  const HttpAnswer answer = get(service.port, "/metrics");
  EXPECT_EQ(answer.headers.at("content-type"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  const MetricsText metrics = read_open_metrics(answer.body);
  EXPECT_THAT(metrics.problems, testing::IsEmpty()) << answer.body;
  const auto value = [&](const std::string& sample) {
    const auto found = metrics.samples.find(sample);
    return found == metrics.samples.end() ? -1.0 : found->second;
  };
  const std::string shop = "{materialization=\"acme/shop\"";
  EXPECT_EQ(value("weir_documents_total" + shop + "}"), 2);
  EXPECT_EQ(value("weir_rows_total" + shop + "}"), 2);
  EXPECT_EQ(value("weir_transactions_total" + shop + "}"), 1);
  EXPECT_EQ(value("weir_lag_bytes" + shop + "}"), 0);
  EXPECT_EQ(value("weir_state" + shop + ",weir_state=\"running\"}"), 1);
  EXPECT_EQ(value("weir_ingest_batches_total{collection=\"acme/orders\",outcome=\"appended\"}"), 1);
  EXPECT_EQ(value("weir_http_requests_total{path=\"/healthz\",status=\"200\"}"), 1);
  EXPECT_GT(value("weir_last_commit_timestamp_seconds" + shop + "}"), 1.6e9);

  // What is parked shows a moment later.
  for (int i = 0; i < 2000 && get(service.port, "/healthz").status == 200; ++i) {
  }
  const MetricsText later = read_open_metrics(get(service.port, "/metrics").body);
  EXPECT_EQ(later.samples.at("weir_trigger_attempts_total" + shop +
                             ",outcome=\"failed\",trigger=\"ci\"}"),
            1);
  EXPECT_EQ(later.samples.at("weir_trigger_owed" + shop + ",state=\"parked\",trigger=\"ci\"}"), 1);
  EXPECT_GT(later.samples.at("weir_trigger_oldest_owed_age_seconds" + shop + ",trigger=\"ci\"}"),
            0);
  EXPECT_EQ(get(service.port, "/healthz").status, 503);

  EXPECT_EQ(parse(get(service.port, "/status").body).root.size(), 1u);
  EXPECT_EQ(get(service.port, "/status").body, folder.run({"status", "--json"}).out);
  EXPECT_THAT(get(service.port, "/").body, HasSubstr("<td>acme/shop</td>"));
  end(*service.running);
}

TEST(OpenMetricsReader, SeesWhatIsWrong) {
  const std::string good = "# TYPE a counter\n# HELP a A.\na_total{x=\"1\"} 1\n# EOF\n";
  EXPECT_THAT(read_open_metrics(good).problems, testing::IsEmpty());
  for (const char* bad :
       {"", "a 1\n# EOF\n", "# TYPE a counter\na_total 1\n", "# TYPE a counter\na 1\n# EOF\n",
        "# TYPE a counter\na_total -1\n# EOF\n", "# TYPE a counter\na_total 1\na_total 1\n# EOF\n",
        "# TYPE a gauge\na{x=\"1} 1\n# EOF\n", "# TYPE a gauge\na{x=\"\\x\"} 1\n# EOF\n",
        "# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n# EOF\n", "# TYPE a gauge\na  1\n# EOF\n",
        "# TYPE a gauge\n# UNIT a bytes\na 1\n# EOF\n", "# TYPE a gauge\na one\n# EOF\n",
        "# TYPE a stateset\na{b=\"x\"} 1\n# EOF\n", "# TYPE a gauge\na 1\n# HELP a A.\n# EOF\n",
        "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\n# EOF\n",
        "# TYPE a gauge\na 1\n# EOF\nx\n", "# TYPE a gauge\nb 1\n# EOF\n"})
    EXPECT_THAT(read_open_metrics(bad).problems, testing::Not(testing::IsEmpty())) << bad;
}

TEST(Http, TheFirstSignalFinishesWhatWasBegun) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const Service service = serve(folder);
  const std::string request = request_text("POST", kTotals, "{\"customer\":\"a\",\"total\":7}", {});
  io::TestPeer slow(io::connect_to(service.port));
  slow.send(request.substr(0, request.size() - 5));
  // Answered behind it, so its head is read.
  io::TestPeer waits(io::connect_to(service.port));
  waits.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(get(service.port, "/healthz").status, 200);
  service.running->signal(SIGTERM);
  service.running->wait_for_log("draining");
  service.running->wait_for_log("stopped");
  slow.send(request.substr(request.size() - 5));
  const HttpAnswer answer = parse_answer(slow.rest());
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_EQ(service.running->wait().code, 0);
  EXPECT_THAT(totals(folder), ElementsAre("a | 7"));
}

TEST(Http, AThousandThatWaitOrDripKeepNobodyOut) {
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = std::max<rlim_t>(files.rlim_cur, std::min<rlim_t>(files.rlim_max, 8192));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  if (files.rlim_cur < 4000) GTEST_SKIP() << "skipped: only " << files.rlim_cur << " open files";
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const Service service = serve(folder);
  std::list<io::TestPeer> crowd;
  for (int i = 0; i < 1000; ++i) {
    crowd.emplace_back(io::connect_to(service.port));
    if (i % 4 == 1) crowd.back().send("GET /metrics HTTP/1.1\r\nHost: local");
    if (i % 4 == 2)
      crowd.back().send(
          "POST /collections/acme/totals HTTP/1.1\r\nHost: localhost\r\n"
          "Content-Length: 1000000\r\n\r\n{");
    if (i % 4 == 3) crowd.back().send("G");
  }
  int round = 0;
  for (io::TestPeer& peer : crowd) {
    if (++round % 4 > 0) peer.send("x");  // one byte now and then
    if (round % 200 != 0) continue;
    EXPECT_EQ(get(service.port, "/healthz").status, 200);
    EXPECT_EQ(post(service.port, kTotals, "{\"customer\":\"a\",\"total\":1}").status, 202);
  }
  const MetricsText metrics = read_open_metrics(get(service.port, "/metrics").body);
  EXPECT_GE(metrics.samples.at("weir_http_connections"), 900);
  crowd.clear();
  end(*service.running);
  EXPECT_THAT(totals(folder), ElementsAre("a | 5"));
}

TEST(Http, CollectionsFollowTheCatalog) {
  const Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const Service service = serve(folder);
  EXPECT_EQ(post(service.port, "/collections/acme/news", "{\"id\":1}").status, 404);
  folder.write("flow.yaml", std::string(kOrders) +
                                "  acme/news: { key: [/id], schema: { type: object, required: "
                                "[id], properties: { id: { type: integer } } } }\n" +
                                kShop);
  service.running->signal(SIGHUP);
  service.running->wait_for_log("catalog read again");
  EXPECT_EQ(post(service.port, "/collections/acme/news", "{\"id\":1}").status, 202);
  end(*service.running);
}

TEST(Http, WhatKeepsItFromStarting) {
  Folder folder;
  folder.write("flow.yaml", std::string(kOrders) + kShop);
  const auto refused = [&](const Words& more) {
    Words words{"run", "--until-caught-up"};
    words.insert(words.end(), more.begin(), more.end());
    const Ran ran = folder.run(words);
    EXPECT_NE(ran.code, 0);
    return ran.err;
  };
  EXPECT_THAT(refused({"--http", "nowhere:80"}), HasSubstr("is no IP address; --http wants"));
  EXPECT_THAT(refused({"--http", "0.0.0.0:0"}), HasSubstr("wants a token"));
  EXPECT_THAT(refused({"--http", "0", "--http-token-file", "none"}), HasSubstr("none"));
  folder.set("WEIR_HTTP_TOKEN", "canary");
  EXPECT_THAT(refused({"--http", "0"}),
              testing::AllOf(HasSubstr("WEIR_HTTP_TOKEN: an HTTP token is"),
                             testing::Not(HasSubstr("canary"))));
  folder.set("WEIR_HTTP_TOKEN", "0123456789abcdef");
  folder.set("WEIR_HTTP", "0.0.0.0:0");
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
}

}  // namespace
}  // namespace weir::cli
