// When a failed session is tried again, and when a failure is said. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace weir::runtime {

inline constexpr std::chrono::milliseconds kRestartFirst{1'000};
inline constexpr std::chrono::milliseconds kRestartMax{60'000};
inline constexpr std::chrono::milliseconds kStuckRetry{300'000};
inline constexpr int kSameErrorMax = 5;  // in a row; then the task is stuck

struct RestartVerdict {
  bool final = false;  // never again: another owner has it
  bool stuck = false;
  bool say = true;  // false: the same failure was said already
  std::chrono::milliseconds wait{0};
};

class RestartPolicy {
 public:
  // What only the user or the administrator can mend (bad document, full disk, impossible change)
  // is stuck at once; another owner ends the task; everything else is tried again with capped,
  // jittered backoff, and is stuck when it comes kSameErrorMax times in a row.
  RestartVerdict failed(const Error& error, std::uint64_t random);
  // A transaction committed, or a request was delivered.
  void progressed();
  bool stuck() const { return stuck_; }

 private:
  std::string last_message_;
  int same_ = 0;
  int failures_ = 0;
  bool stuck_ = false;
};

}  // namespace weir::runtime
