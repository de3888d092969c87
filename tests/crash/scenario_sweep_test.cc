// Every scenario, with one fault at each chance for it. Their texts tell what happens; what must
// come of it is told by the judges, and by the rows that the scenario ends with undisturbed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/log.h"
#include "base/random.h"
#include "testing/scratch.h"
#include "tests/crash/disturbance.h"

namespace weir::sweep {
namespace {

using testing::Endpoint;
using testing::Scratch;

constexpr const char* kFolder = "tests/scenarios";
// Of each scenario's chances one is taken for each fault, drawn with this seed, on one destination;
// with WEIR_SWEEP=all, all of them on each.
constexpr std::uint64_t kSeed = 4;

bool all_wanted() {
  const char* every = std::getenv("WEIR_SWEEP");
  return every != nullptr && std::string_view(every) == "all";
}

std::vector<scenarios::Script> scripts() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".test") names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  std::vector<scenarios::Script> out;
  for (const std::string& name : names) {
    std::ifstream in(std::string(kFolder) + "/" + name);
    std::ostringstream text;
    text << in.rdbuf();
    auto script = scenarios::parse_script(name, text.str());
    if (script) out.push_back(*std::move(script));
  }
  return out;
}

// Where the endpoint, or the local store of class B, is put back, other rows may be right too.
bool puts_back(const scenarios::Script& script) {
  return std::any_of(script.commands.begin(), script.commands.end(),
                     [](const auto& command) { return command.word == "restore"; });
}

struct Calm {
  scenarios::Script script;
  Endpoint endpoint = Endpoint::kFakeA;
  Outcome outcome;
};

// Each scenario undisturbed; where it does not come to rest by itself it is left out.
const std::vector<Calm>& calm_ones() {
  static const std::vector<Calm> kCalm = [] {
    std::vector<Calm> out;
    std::size_t number = 0;
    for (const scenarios::Script& script : scripts()) {
      if (puts_back(script)) continue;
      std::vector<Endpoint> endpoints;
      for (const scenarios::Mode& mode : scenarios::modes()) {
        const bool plain = !mode.restarts && !mode.crashes && !mode.first_fails;
        if (plain && scenarios::skipped(script, mode).empty()) endpoints.push_back(mode.endpoint);
      }
      if (endpoints.empty()) continue;
      if (!all_wanted()) endpoints = {endpoints[number++ % endpoints.size()]};
      for (const Endpoint endpoint : endpoints) {
        const Scratch scratch;
        Calm calm{.script = script, .endpoint = endpoint, .outcome = {}};
        calm.outcome = play(script, endpoint, scratch.path(), {});
        if (calm.outcome.quiet && calm.outcome.broken.empty()) out.push_back(std::move(calm));
      }
    }
    return out;
  }();
  return kCalm;
}

struct Row {
  Kind kind;
  bool lasting;
};

class ScenarioSweep : public ::testing::TestWithParam<Row> {
 protected:
  void SetUp() override {
    set_log_level(LogLevel::kError);
    set_log_sink([](std::string_view) {});
  }
  void TearDown() override { set_log_sink(nullptr); }
};

TEST_P(ScenarioSweep, NoPromiseIsBroken) {
  const auto [kind, lasting] = GetParam();
  const bool all = all_wanted();
  Random random(kSeed + 2 * static_cast<std::uint64_t>(kind) + (lasting ? 1 : 0));
  long plays = 0;
  for (const Calm& calm : calm_ones()) {
    const long chances = calm.outcome.chances[static_cast<std::size_t>(kind)];
    if (chances == 0) continue;
    const long drawn = 1 + static_cast<long>(random.below(static_cast<std::uint64_t>(chances)));
    for (long n = all ? 1 : drawn; n <= (all ? chances : drawn); ++n) {
      const Scratch scratch;
      const Outcome out = play(calm.script, calm.endpoint, scratch.path(), {kind, n, lasting});
      ++plays;
      SCOPED_TRACE(::testing::Message()
                   << calm.script.name << " on " << testing::name_of(calm.endpoint) << ": "
                   << name_of(kind) << " " << n << " " << out.where);
      for (const std::string& line : out.broken) ADD_FAILURE() << line;
      EXPECT_TRUE(out.quiet) << "no rest after all has healed";
      if (out.quiet) EXPECT_EQ(out.rows, calm.outcome.rows);
      if (HasFailure()) return;
    }
  }
  std::printf("%s%s: %ld plays of %zu scenarios, no promise broken\n",
              std::string(name_of(kind)).c_str(), lasting ? ", lasting" : "", plays,
              calm_ones().size());
  EXPECT_GT(plays, 20);
}

INSTANTIATE_TEST_SUITE_P(
    All, ScenarioSweep,
    ::testing::Values(Row{Kind::kDeath, false}, Row{Kind::kWriteFails, false},
                      Row{Kind::kWriteFails, true}, Row{Kind::kWriteAnswerLost, false},
                      Row{Kind::kCallFails, false}, Row{Kind::kCallFails, true},
                      Row{Kind::kCallAnswerLost, false}, Row{Kind::kCallAnswerLost, true},
                      Row{Kind::kAnswerLost, false}, Row{Kind::kAnswerLost, true},
                      Row{Kind::kUnseen, false}, Row{Kind::kUnseen, true}),
    [](const auto& test) {
      std::string name(name_of(test.param.kind));
      std::erase_if(name, [](unsigned char c) { return std::isalpha(c) == 0; });
      return name + (test.param.lasting ? "Lasting" : "");
    });

}  // namespace
}  // namespace weir::sweep
