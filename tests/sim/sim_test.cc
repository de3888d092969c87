// A few seconds of simulated histories with each run of the tests; weir-sim plays as many as
// wanted.
#include <gtest/gtest.h>

#include "testing/sim.h"

namespace weir::testing {
namespace {

constexpr std::uint64_t kHistories = 300;

TEST(Sim, NoPromiseIsBroken) {
  SimResult sum;
  for (std::uint64_t seed = 1; seed <= kHistories; ++seed) {
    const SimResult result = simulate(seed);
    for (const Finding& finding : result.findings) {
      ADD_FAILURE() << "weir-sim --seed " << seed << " --seeds 1: " << name_of(finding.judge)
                    << ": " << finding.words;
    }
    sum.transactions += result.transactions;
    sum.requests += result.requests;
    sum.deaths += result.deaths;
  }
  std::printf("%d histories, %d transactions, %d requests seen, %d deaths at fault points\n",
              static_cast<int>(kHistories), static_cast<int>(sum.transactions),
              static_cast<int>(sum.requests), static_cast<int>(sum.deaths));
  EXPECT_GT(sum.requests, kHistories);
  EXPECT_GT(sum.deaths, 0u);
}

TEST(Sim, TheSameSeedIsTheSameHistory) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const SimResult once = simulate(seed, {}, true);
    const SimResult again = simulate(seed, {}, true);
    EXPECT_EQ(once.setting, again.setting);
    EXPECT_EQ(once.steps, again.steps);
  }
}

}  // namespace
}  // namespace weir::testing
