#include "connector/owner.h"

#include <gtest/gtest.h>

namespace weir::connector {
namespace {

Owner on(std::string host, std::int64_t pid, std::string state_id = "s1") {
  return {.task = "orders",
          .host = std::move(host),
          .boot_id = "boot",
          .pid = pid,
          .pid_started = 100,
          .state_id = std::move(state_id),
          .since = "2026-11-22T17:03:04.000000Z"};
}

TEST(Owner, WhoMayOpen) {
  struct Case {
    std::string_view what;
    Claimed found;
    bool dead, take_over;
    std::string_view expected;  // "free", "foreign" or words of the refusal
  };
  const Case cases[] = {
      {"nothing there", {}, false, false, "free"},
      {"closed", {true, on("b", 1), true}, false, false, "free"},
      {"dead process of this host", {true, on("a", 1), false}, true, false, "free"},
      {"living process of this host",
       {true, on("a", 1), false},
       false,
       false,
       "owned by process 1 on a since 2026-11-22T17:03:04.000000Z (task orders), which is still "
       "running; stop it, or take over with --take-over"},
      {"living, taken over", {true, on("a", 1), false}, false, true, "free"},
      {"another host that never closed",
       {true, on("b", 1), false},
       true,
       false,
       "never closed and cannot be seen from this host"},
      {"another host, taken over", {true, on("b", 1), false}, false, true, "free"},
      {"this process, this folder", {true, on("a", 7), false}, false, false, "free"},
      {"this process, another folder",
       {true, on("a", 7, "s2"), false},
       true,
       false,
       "is still running"},
      {"another program",
       {true, std::nullopt, false},
       true,
       false,
       "was last written by another program"},
      {"another program, taken over", {true, std::nullopt, false}, false, true, "foreign"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    OpenRequest request;
    request.spec.name = "acme/orders";
    request.owner = on("a", 7);
    request.owner_is_dead = [&](const Owner&) { return c.dead; };
    request.take_over = c.take_over;
    auto got = claim(c.found, request);
    if (got.has_value()) {
      EXPECT_EQ(c.expected, got->foreign ? "foreign" : "free");
    } else {
      EXPECT_EQ(got.error().code, Code::kRefused);
      EXPECT_NE(got.error().message.find(c.expected), std::string::npos) << got.error().message;
    }
  }
}

TEST(Owner, WithoutAHostToAskNobodyIsDead) {
  OpenRequest request;
  request.owner = on("a", 7);
  EXPECT_FALSE(claim({true, on("a", 1), false}, request).has_value());
}

TEST(Owner, FencedOffNamesTheNewOwner) {
  EXPECT_EQ(fenced_off("acme/orders", on("b", 9)).message,
            "materialization acme/orders was taken over by process 9 on b since "
            "2026-11-22T17:03:04.000000Z (task orders); this session wrote nothing since");
  EXPECT_EQ(fenced_off("acme/orders", std::nullopt).code, Code::kRefused);
}

}  // namespace
}  // namespace weir::connector
