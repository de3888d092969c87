#include "delivery/dispatcher.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <latch>

#include "delivery/dispatcher_thread.h"
#include "testing/fake_clock.h"
#include "testing/fake_http.h"

namespace weir::delivery {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::held;
using testing::lost;
using testing::reply;
using testing::retry_later;
using testing::unseen;

std::string_view word(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::kAttempt: return "retry";
    case Event::Kind::kDelivered: return "delivered";
    case Event::Kind::kPermanent: return "permanent";
    case Event::Kind::kExhausted: return "exhausted";
    case Event::Kind::kCancelled: return "cancelled";
  }
  return "?";
}

class DispatcherTest : public ::testing::Test {
 protected:
  Job job(std::uint64_t id, std::string endpoint = "https://a.test") {
    Job out;
    out.id = id;
    out.key = {fmt::format("t{}", id), 0, id};
    out.label = fmt::format("trigger {}", id);
    out.endpoint = endpoint;
    out.make = [this, id, endpoint]() -> Result<Outgoing> {
      ++made_;
      io::HttpRequest request;
      request.method = "POST";
      request.url = Secret(fmt::format("{}/hook/{}?token=canary-query", endpoint, id));
      request.headers.emplace_back("Authorization", Secret(std::string("Bearer canary-token")));
      request.body = Secret(fmt::format("body {}", id));
      return request;
    };
    return out;
  }
  void submit(Job made) { ASSERT_TRUE(dispatcher_.submit(std::move(made)).has_value()); }

  // Steps once and says what happened: "1 retry +1s" "1 delivered".
  std::string step() {
    dispatcher_.step(milliseconds(0));
    dispatcher_.step(milliseconds(0));  // what the first one's answers made due
    std::string out;
    for (Event& event : dispatcher_.take_events()) {
      if (!out.empty()) out += ' ';
      out += fmt::format("{} {}", event.job, word(event.kind));
      if (event.record.next_at) {
        out += fmt::format(
            " +{}ms",
            std::chrono::duration_cast<milliseconds>(*event.record.next_at - clock_.now()).count());
      }
      last_ = std::move(event);
    }
    return out;
  }

  testing::FakeClock clock_;
  testing::FakeHttp http_;
  int told_ = 0;
  int made_ = 0;
  Dispatcher dispatcher_{http_, clock_, Random(1), [this] { ++told_; }};
  Event last_;
};

TEST_F(DispatcherTest, Delivers) {
  submit(job(1));
  EXPECT_FALSE(dispatcher_.idle());
  EXPECT_EQ(step(), "1 delivered");
  EXPECT_TRUE(dispatcher_.idle());
  EXPECT_EQ(told_, 1);
  EXPECT_EQ(last_.key, (RequestKey{"t1", 0, 1}));
  const auto seen = http_.take_requests();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].body, "body 1");
  EXPECT_EQ(seen[0].header("authorization"), "Bearer canary-token");
}

TEST_F(DispatcherTest, PublishedScheduleOfAnInlineTrigger) {
  http_.script("", {reply(500), reply(503), reply(200)});
  submit(job(1));
  EXPECT_EQ(step(), "1 retry +1000ms");
  clock_.advance(milliseconds(999));
  EXPECT_EQ(step(), "");
  clock_.advance(milliseconds(1));
  EXPECT_EQ(step(), "1 retry +2000ms");
  clock_.advance(seconds(2));
  EXPECT_EQ(step(), "1 delivered");
  EXPECT_EQ(last_.record.attempt, 3u);
  EXPECT_EQ(made_, 3);  // anew for each attempt
}

TEST_F(DispatcherTest, ExhaustedAfterItsAttempts) {
  http_.script("", {lost(), unseen(), reply(429, "slow down")});
  submit(job(1));
  EXPECT_EQ(step(), "1 retry +1000ms");
  EXPECT_EQ(last_.record.error, "no answer in time");
  clock_.advance(seconds(1));
  EXPECT_EQ(step(), "1 retry +2000ms");
  clock_.advance(seconds(2));
  EXPECT_EQ(step(), "1 exhausted");
  EXPECT_EQ(last_.reason,
            "trigger 1: https://a.test answered 429: slow down; gave up after 3 attempts");
  EXPECT_TRUE(dispatcher_.idle());
}

TEST_F(DispatcherTest, PermanentFailures) {
  for (const int status : {301, 302, 307, 400, 401, 403, 404, 410, 422}) {
    http_.script("", {reply(status, "no")});
    submit(job(1));
    EXPECT_EQ(step(), "1 permanent") << status;
  }
  testing::Reply redirect = reply(302);
  redirect.answer.location = "https://other.test";
  http_.script("", {redirect});
  submit(job(1));
  step();
  EXPECT_NE(last_.reason.find("redirect to https://other.test"), std::string::npos) << last_.reason;
  EXPECT_NE(last_.reason.find("not followed"), std::string::npos);
  testing::Reply refused = unseen();
  refused.answer.refused = true;
  refused.answer.error = "https://a.test is a link-local address, which is never reached";
  http_.script("", {refused});
  submit(job(1));
  EXPECT_EQ(step(), "1 permanent");
  EXPECT_EQ(last_.reason,
            "trigger 1: https://a.test is a link-local address, which is never reached");
}

TEST_F(DispatcherTest, RequestThatCannotBeMade) {
  Job broken = job(1);
  broken.make = []() -> Result<Outgoing> {
    return error(Code::kInvalid, "the payload is no JSON at its line 3, column 4");
  };
  submit(std::move(broken));
  EXPECT_EQ(step(), "1 permanent");
  EXPECT_EQ(last_.reason, "trigger 1: the payload is no JSON at its line 3, column 4");
  Job sealed = job(2);
  sealed.make = []() -> Result<Outgoing> { return error(Code::kSealed, "key.txt is not there"); };
  submit(std::move(sealed));
  EXPECT_EQ(step(), "2 retry +1000ms");  // the file may come
  EXPECT_TRUE(http_.requests().empty());
}

TEST_F(DispatcherTest, BackgroundGivesUpByTime) {
  http_.set_receiver([](const auto&) { return reply(500); });
  Job background = job(1);
  background.retry = {.attempts_max = 0, .give_up_after = hours(72), .max_delay = hours(1)};
  submit(std::move(background));
  std::string ended;
  int attempts = 0;
  for (int i = 0; i < 1000 && ended.empty(); ++i) {
    const std::string events = step();
    if (events == "1 exhausted") ended = events;
    attempts += events.empty() ? 0 : 1;
    clock_.advance(std::chrono::minutes(10));
  }
  EXPECT_EQ(ended, "1 exhausted");
  EXPECT_EQ(last_.record.attempt, static_cast<std::uint32_t>(attempts));
  EXPECT_GT(attempts, 70);
  EXPECT_NE(last_.reason.find(fmt::format("gave up after {} attempts", attempts)),
            std::string::npos);
}

TEST_F(DispatcherTest, GiveUpCountsFromAnEarlierSession) {
  http_.script("", {reply(500)});
  Job background = job(1);
  background.retry = {.attempts_max = 0, .give_up_after = hours(72)};
  background.since = clock_.now() - hours(72);
  submit(std::move(background));
  EXPECT_EQ(step(), "1 exhausted");
}

TEST_F(DispatcherTest, RetryAfterPausesTheWholeEndpoint) {
  http_.script("https://a.test", {retry_later(429, "30")});
  submit(job(1));
  EXPECT_EQ(step(), "1 retry +30000ms");
  submit(job(2));
  submit(job(3, "https://b.test"));
  EXPECT_EQ(step(), "3 delivered");
  clock_.advance(seconds(29));
  EXPECT_EQ(step(), "");
  clock_.advance(seconds(1));
  EXPECT_EQ(step(), "1 delivered 2 delivered");
}

TEST_F(DispatcherTest, RetryAfterAsADate) {
  http_.script("", {retry_later(503, "Sun, 22 Nov 2026 17:01:00 GMT")});
  submit(job(1));
  EXPECT_EQ(step(), "1 retry +60000ms");
}

TEST_F(DispatcherTest, HurryOvertakesWaitsAndPauses) {
  http_.script("", {retry_later(429, "3600")});
  submit(job(1));
  EXPECT_EQ(step(), "1 retry +3600000ms");
  dispatcher_.hurry(1);
  EXPECT_EQ(step(), "1 delivered");
  dispatcher_.hurry(1);  // gone: let be
  EXPECT_EQ(step(), "");
}

TEST_F(DispatcherTest, NotBefore) {
  Job later = job(1);
  later.not_before = clock_.now() + seconds(5);
  submit(std::move(later));
  EXPECT_EQ(step(), "");
  clock_.advance(seconds(5));
  EXPECT_EQ(step(), "1 delivered");
}

TEST_F(DispatcherTest, CancelWhileWaiting) {
  http_.script("", {reply(500)});
  submit(job(1));
  step();
  dispatcher_.cancel(1, /*await=*/true);
  EXPECT_EQ(step(), "1 cancelled");
  EXPECT_TRUE(dispatcher_.idle());
}

TEST_F(DispatcherTest, CancelClosesTheConnection) {
  http_.script("", {held()});
  submit(job(1));
  EXPECT_EQ(step(), "");
  dispatcher_.cancel(1, /*await=*/false);
  EXPECT_EQ(step(), "1 cancelled");
  EXPECT_EQ(http_.cancelled(), std::vector<io::ExchangeId>{1});
}

TEST_F(DispatcherTest, CancelAwaitsAnAttemptInFlight) {
  http_.script("", {held(), held()});
  submit(job(1));
  submit(job(2));
  EXPECT_EQ(step(), "");
  dispatcher_.cancel(1, /*await=*/true);
  dispatcher_.cancel(2, /*await=*/true);
  EXPECT_EQ(step(), "");
  http_.release(reply(200).answer);
  EXPECT_EQ(step(), "1 delivered");
  http_.release(reply(500).answer);
  EXPECT_EQ(step(), "2 cancelled");
  EXPECT_EQ(last_.record.status, 500);
  EXPECT_TRUE(http_.cancelled().empty());
}

TEST_F(DispatcherTest, WhatAReceiverEchoesIsBlanked) {
  http_.script("", {reply(400, "bad: Bearer canary-token\x01\xff at /hook/1?token=canary-query")});
  submit(job(1));
  EXPECT_EQ(step(), "1 permanent");
  EXPECT_EQ(last_.record.response, "bad: [secret] ? at [secret]");
  EXPECT_EQ(last_.reason.find("canary"), std::string::npos);
  EXPECT_EQ(last_.reason.find("canary"), std::string::npos);
}

TEST_F(DispatcherTest, NothingIsKeptOfASuccessfulAnswer) {
  http_.script("", {reply(200, "welcome, and here is your session")});
  submit(job(1));
  step();
  EXPECT_EQ(last_.record.response, "");
  EXPECT_EQ(last_.record.bytes, 33u);
}

TEST_F(DispatcherTest, AttemptsAtOnceAreBounded) {
  http_.set_receiver([](const auto&) { return held(); });
  for (std::uint64_t id = 1; id <= kInFlightMax + 5; ++id) submit(job(id));
  EXPECT_EQ(step(), "");
  EXPECT_EQ(http_.in_flight(), kInFlightMax);
  http_.release(reply(200).answer);
  EXPECT_EQ(step(), "1 delivered");
  EXPECT_EQ(http_.in_flight(), kInFlightMax);
}

TEST_F(DispatcherTest, JobsAreBounded) {
  for (std::uint64_t id = 1; id <= kJobsMax; ++id) submit(job(id));
  const Status refused = dispatcher_.submit(job(kJobsMax + 1));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::kLimit);
}

TEST_F(DispatcherTest, TwoThatFailTogetherDoNotRetryTogether) {
  http_.set_receiver([](const auto&) { return reply(500); });
  const RetryPolicy jittery{.attempts_max = 0, .max_delay = hours(1), .jitter = true};
  std::vector<Timestamp> next;
  for (std::uint64_t id = 1; id <= 2; ++id) {
    Job made = job(id);
    made.retry = jittery;
    submit(std::move(made));
  }
  dispatcher_.step(milliseconds(0));
  for (const Event& event : dispatcher_.take_events()) next.push_back(*event.record.next_at);
  ASSERT_EQ(next.size(), 2u);
  EXPECT_NE(next[0], next[1]);
}

TEST_F(DispatcherTest, AThreadDrivesItAndStops) {
  http_.set_blocking(true);
  std::latch delivered(1);
  Dispatcher dispatcher(http_, clock_, Random(1), [&] { delivered.count_down(); });
  {
    DispatcherThread thread(dispatcher, http_);
    ASSERT_TRUE(dispatcher.submit(job(7)).has_value());
    delivered.wait();
    thread.stop();
  }
  EXPECT_EQ(dispatcher.take_events().size(), 1u);
}

TEST(Retry, BackoffTable) {
  const RetryPolicy inline_policy;
  const std::pair<std::uint32_t, int> kRows[] = {{2, 1},  {3, 2},  {4, 4},  {5, 8},
                                                 {6, 16}, {7, 30}, {8, 30}, {4'000'000'000, 30}};
  for (const auto& [attempt, wait] : kRows) {
    EXPECT_EQ(backoff(inline_policy, attempt, 12345), seconds(wait)) << attempt;
  }
  RetryPolicy jittery{
      .first_delay = seconds(1), .max_delay = std::chrono::minutes(5), .jitter = true};
  Random random(7);
  milliseconds least = hours(1), most{0};
  for (int i = 0; i < 2000; ++i) {
    const milliseconds wait = backoff(jittery, 5, random.next());
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_GT(least.count(), 0);
  EXPECT_LT(least, milliseconds(100));
  EXPECT_GT(most, milliseconds(7'900));
  EXPECT_LE(most, seconds(8));
  EXPECT_EQ(backoff({.first_delay = milliseconds(0)}, 2, 0), milliseconds(1));
}

TEST(Retry, Verdicts) {
  const std::pair<int, Verdict> kRows[] = {
      {200, Verdict::kDelivered}, {202, Verdict::kDelivered}, {299, Verdict::kDelivered},
      {0, Verdict::kRetry},       {101, Verdict::kRetry},     {300, Verdict::kPermanent},
      {308, Verdict::kPermanent}, {400, Verdict::kPermanent}, {408, Verdict::kRetry},
      {425, Verdict::kRetry},     {429, Verdict::kRetry},     {499, Verdict::kPermanent},
      {500, Verdict::kRetry},     {599, Verdict::kRetry},     {777, Verdict::kRetry}};
  for (const auto& [status, want] : kRows) {
    io::HttpAnswer answer;
    answer.status = status;
    EXPECT_EQ(verdict_of(answer), want) << status;
  }
}

TEST(Retry, RetryAfter) {
  const Timestamp now{seconds(784'111'770)};  // 1994-11-06 08:49:30
  const std::pair<std::string_view, std::optional<milliseconds>> kRows[] = {
      {"120", seconds(120)},
      {" 0 ", seconds(0)},
      {"1.5", milliseconds(1500)},
      {"99999999999999999999999", kRetryAfterMax},
      {"86400", kRetryAfterMax},
      {"Sun, 06 Nov 1994 08:49:37 GMT", seconds(7)},
      {"Sunday, 06-Nov-94 08:49:37 GMT", seconds(7)},
      {"Sun Nov  6 08:49:37 1994", seconds(7)},
      {"Sun, 06 Nov 1994 08:00:00 GMT", seconds(0)},
      {"Sun, 06 Nov 2094 08:00:00 GMT", kRetryAfterMax},
      {"", std::nullopt},
      {"-1", std::nullopt},
      {"nan", std::nullopt},
      {"inf", std::nullopt},
      {"soon", std::nullopt},
      {"12 s", std::nullopt},
  };
  for (const auto& [value, want] : kRows) EXPECT_EQ(parse_retry_after(value, now), want) << value;
}

}  // namespace
}  // namespace weir::delivery
