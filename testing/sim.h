// One seeded history: draws which faults exist in it (swarm), then what happens, one step at a
// time; lets the faults stop, waits for rest, and asks the judges. The same seed and profile give
// the same history, on any machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "testing/history.h"
#include "testing/world.h"

namespace weir::testing {

enum class Fault {
  kCrash,             // the process dies between two steps
  kDeath,             // … or at any fault point within one
  kCommitFails,       // a commit is refused, or lost before it was applied
  kCommitAnswerLost,  // it is applied, and nobody hears
  kCommitLate,        // it is applied later, perhaps when its session is long dead
  kCallFails,         // the connector dies between any two messages
  kCallAnswerLost,    // … or after one took effect
  kReceiverFails,
  kReceiverLost,  // got the request, but its answer is lost; or never got it
  kReceiverHangs,
  kReceiverRefuses,  // for good: 4xx
  kDiskFull,
  kWriteAnswerLost,
  kClockJumps,
  kZombie,         // a process is frozen, another takes over, the first wakes up
  kStoreRestored,  // the local store is lost, or put back from a backup
  kTableRestored,  // so is the endpoint
  kEdits,
  kBackfills,
  kUserWords,  // redeliver, discard
  kCount
};
std::string_view name_of(Fault fault);

// What may be drawn; by default everything.
struct SimProfile {
  std::optional<Endpoint> endpoint;
  std::optional<std::vector<Fault>> faults;  // just these, in every history
  int steps = 40;                            // at most
};

struct SimResult {
  std::vector<Finding> findings;
  std::string setting;             // endpoint, faults, first catalog
  std::vector<std::string> steps;  // the last ones, if asked for
  std::uint64_t steps_done = 0;
  std::uint64_t transactions = 0;
  std::uint64_t requests = 0;
  std::uint64_t deaths = 0;
};

// `tell`: remember the steps in words.
SimResult simulate(std::uint64_t seed, const SimProfile& profile = {}, bool tell = false);

}  // namespace weir::testing
