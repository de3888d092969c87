#include "runtime/restart.h"

#include <gtest/gtest.h>

namespace weir::runtime {
namespace {

const Error kGone{Code::kUnavailable, "the receiver is gone"};
const Error kBadDocument{Code::kInvalid, "bad document"};

TEST(Restart, BacksOffWithACapAndJitter) {
  RestartPolicy policy;
  for (int i = 0; i < 10; ++i) {
    const Error different{Code::kUnavailable, "failure " + std::to_string(i)};
    const auto low = policy.failed(different, 0);
    const auto ceiling = std::min<std::chrono::milliseconds>(kRestartMax, kRestartFirst * (1 << i));
    EXPECT_EQ(low.wait, ceiling / 2) << i;
    EXPECT_FALSE(low.stuck);
    EXPECT_TRUE(low.say);
  }
}

TEST(Restart, TheSameFailureFiveTimesIsStuckAndSaidOnce) {
  RestartPolicy policy;
  for (int i = 1; i < kSameErrorMax; ++i) EXPECT_FALSE(policy.failed(kGone, 7).stuck) << i;
  const auto stuck = policy.failed(kGone, 7);
  EXPECT_TRUE(stuck.stuck);
  EXPECT_TRUE(stuck.say);
  EXPECT_EQ(stuck.wait, kStuckRetry);
  EXPECT_FALSE(policy.failed(kGone, 7).say);
  policy.progressed();
  EXPECT_FALSE(policy.failed(kGone, 7).stuck);
}

TEST(Restart, WhatOnlyTheUserCanMendIsStuckAtOnceAndSaidOnce) {
  RestartPolicy policy;
  const auto first = policy.failed(kBadDocument, 7);
  EXPECT_TRUE(first.stuck);
  EXPECT_TRUE(first.say);
  EXPECT_FALSE(first.final);
  EXPECT_FALSE(policy.failed(kBadDocument, 7).say);
  EXPECT_TRUE(policy.failed({Code::kFull, "no space"}, 7).say);  // another failure is news
}

TEST(Restart, AnotherOwnerIsFinal) {
  RestartPolicy policy;
  EXPECT_TRUE(policy.failed({Code::kRefused, "fenced by b"}, 7).final);
}

}  // namespace
}  // namespace weir::runtime
