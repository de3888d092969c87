// How fast a task goes, and when it will have caught up: told from looks at its counters.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"
#include "runtime/status.h"

namespace weir::app {

inline constexpr std::chrono::seconds kPaceSpan{10};        // rates are those of the last so much
inline constexpr std::chrono::seconds kPaceSpanMin{2};      // no estimate before
inline constexpr std::chrono::hours kPaceLeftMax{24 * 99};  // longer is no estimate

class Pace {
 public:
  // Times rise. A task whose counters fell has begun anew, and so do the rates.
  void look(const runtime::TaskStatus& status, Instant now);

  double documents_per_second() const;  // 0 where nothing can be said
  // Until nothing is behind any more, as it went lately, with what arrives meanwhile. nullopt:
  // nothing is behind, it does not get less, or there is too little to tell from.
  std::optional<std::chrono::seconds> left() const;

 private:
  struct Look {
    Instant at;
    std::uint64_t documents = 0;
    std::int64_t bytes_behind = 0;
  };
  std::deque<Look> looks_;  // those of the span, and the last one before it
};

}  // namespace weir::app
