#include "runtime/restart.h"

#include <algorithm>

namespace weir::runtime {
namespace {

bool mended_by_user(Code code) {
  switch (code) {
    case Code::kInvalid:
    case Code::kNotFound:
    case Code::kFull:
    case Code::kCorrupt:
    case Code::kLimit:
    case Code::kSealed: return true;
    case Code::kRefused:
    case Code::kUnavailable:
    case Code::kUnknown:
    case Code::kCancelled: return false;
  }
  return false;
}

}  // namespace

RestartVerdict RestartPolicy::failed(const Error& error, std::uint64_t random) {
  if (error.code == Code::kRefused) return {.final = true, .stuck = false, .say = true, .wait = {}};
  const bool same = error.message == last_message_;
  same_ = same ? same_ + 1 : 1;
  last_message_ = error.message;
  const bool was_stuck = stuck_;
  stuck_ = mended_by_user(error.code) || same_ >= kSameErrorMax;
  const int doublings = std::min(failures_++, 16);
  RestartVerdict verdict;
  verdict.stuck = stuck_;
  verdict.say = !(same && was_stuck);
  if (stuck_) {
    verdict.wait = kStuckRetry;
    return verdict;
  }
  const auto ceiling =
      std::min<std::chrono::milliseconds>(kRestartMax, kRestartFirst * (1 << doublings));
  // Between half and all of it: tasks that failed together do not come back together, nor at once.
  const auto half = static_cast<std::uint64_t>(ceiling.count() / 2);
  verdict.wait = std::chrono::milliseconds(static_cast<std::int64_t>(half + random % (half + 1)));
  return verdict;
}

void RestartPolicy::progressed() {
  last_message_.clear();
  same_ = 0;
  failures_ = 0;
  stuck_ = false;
}

}  // namespace weir::runtime
