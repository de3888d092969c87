// weir-sim: histories of a whole task, from seeds, as many as wanted.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>

#include "testing/sim.h"

namespace {

using weir::testing::SimResult;
using weir::testing::simulate;

// For the words of a failed check, which ends the process.
std::uint64_t seed_at_work = 0;

// Of an interrupt: the history at work is finished, and the figures are printed.
volatile std::sig_atomic_t interrupted = 0;
constexpr double kProgressSeconds = 60;

void on_interrupt(int) {
  interrupted = 1;
}

void on_abort(int) {
  fmt::print(stderr, "the program gave up in the history of --seed {}\n", seed_at_work);
  std::_Exit(1);
}

void print_failure(std::uint64_t seed, const SimResult& failed) {
  const SimResult again = simulate(seed, {}, true);
  fmt::print("\nseed {}: {}\n", seed, again.setting);
  for (const std::string& step : again.steps) fmt::print("  {}\n", step);
  for (const auto& finding : failed.findings)
    fmt::print("{}: {}\n", weir::testing::name_of(finding.judge), finding.words);
  if (again.findings.size() != failed.findings.size())
    fmt::print("(the second run of this seed found {} instead)\n", again.findings.size());
  fmt::print("again: weir-sim --seed {} --seeds 1\n", seed);
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = 1000, seed = 1, failures_max = 1;
  double minutes = 0;
  bool tell = false;
  CLI::App app("Simulates seeded histories of a whole task and judges them.", "weir-sim");
  app.add_option("--seeds", seeds, "how many histories");
  app.add_option("--seed", seed, "the first one's seed; the others follow by counting");
  app.add_option("--minutes", minutes, "stop after so long (then --seeds is no limit)");
  app.add_option("--failures", failures_max, "stop after so many failed histories");
  app.add_flag("--tell", tell, "print the steps of each history");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGABRT, on_abort);
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);

  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - began).count(); };
  std::uint64_t done = 0, failed = 0, transactions = 0, requests = 0, deaths = 0;
  const auto goes_on = [&] {
    if (interrupted != 0 || failed >= failures_max) return false;
    return minutes > 0 ? elapsed() < minutes * 60 : done < seeds;
  };
  double told = 0;
  for (; goes_on(); ++done) {
    if (elapsed() - told >= kProgressSeconds) {
      told = elapsed();
      fmt::print(stderr, "{} histories, {} failed, {:.0f} s\n", done, failed, told);
    }
    seed_at_work = seed + done;
    const SimResult result = simulate(seed_at_work, {}, tell);
    if (tell) {
      fmt::print("seed {}: {}\n", seed_at_work, result.setting);
      for (const std::string& step : result.steps) fmt::print("  {}\n", step);
    }
    transactions += result.transactions;
    requests += result.requests;
    deaths += result.deaths;
    if (result.findings.empty()) continue;
    ++failed;
    print_failure(seed_at_work, result);
  }
  fmt::print(
      "{} histories from seed {}, {} failed; {} transactions, {} requests seen, {} deaths at fault "
      "points; {:.1f} s, {:.0f} histories per second\n",
      done, seed, failed, transactions, requests, deaths, elapsed(),
      static_cast<double>(done) / std::max(elapsed(), 1e-9));
  return failed == 0 ? 0 : 1;
}
