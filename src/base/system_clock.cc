// The only place that asks the system for the time and for entropy.
#include <sys/random.h>

#include <cerrno>

#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"

namespace weir {
namespace {

class SystemClock final : public Clock {
 public:
  Timestamp now() const override {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
  Instant monotonic() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  ssize_t got = 0;
  do {
    got = getrandom(&seed, sizeof seed, 0);
  } while (got < 0 && errno == EINTR);
  WEIR_CHECK(got == sizeof seed);  // Cannot fail for 8 bytes once the kernel has booted.
  return seed;
}

}  // namespace weir
