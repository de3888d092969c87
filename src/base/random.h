// Chance is an argument. One seeded generator drives every choice of a simulation.
#pragma once

#include <cstdint>

namespace weir {

// SplitMix64: small, fast, and every 64-bit seed is a good one. Not for keys. Not thread-safe.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  // Uniform enough in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

// From the system's entropy; for seeds and session identities.
std::uint64_t random_seed();

}  // namespace weir
