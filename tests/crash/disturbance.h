// One fault at the n-th chance for it, and what is judged after: every scenario is played once for
// each n, until n is beyond its end.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/scenarios/player.h"

namespace weir::sweep {

enum class Kind {
  kDeath,            // the process dies at the n-th fault point
  kWriteFails,       // the n-th write into the local store fails: the disk is full
  kWriteAnswerLost,  // … is applied, and says that nobody knows
  kCallFails,        // the connector dies before the n-th call of the destination
  kCallAnswerLost,   // … after it took effect
  kAnswerLost,       // a receiver got the n-th request, and its answer is lost
  kUnseen,           // … never got it
  kCount
};
std::string_view name_of(Kind kind);

struct Disturbance {
  Kind kind = Kind::kDeath;
  long at = 0;           // the n-th chance; 0: never
  bool lasting = false;  // and every one after it, until the script has ended
};

struct Outcome {
  bool reached = false;                                                // the n-th chance came
  std::array<long, static_cast<std::size_t>(Kind::kCount)> chances{};  // of each kind, that came
  std::string where;  // of a death: the fault point
  bool quiet = false;
  std::vector<std::string> rows;
  std::vector<std::string> broken;  // promises
};

// Plays the scenario with the fault, lets it heal and come to rest, and asks the judges.
Outcome play(const scenarios::Script& script, testing::Endpoint endpoint,
             const std::string& scratch, const Disturbance& disturbance);

}  // namespace weir::sweep
