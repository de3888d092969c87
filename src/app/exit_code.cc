#include "app/exit_code.h"

#include "base/check.h"

namespace weir::app {
namespace {

constexpr ExitCodeInfo kExitCodes[] = {
    {ExitCode::kDone, "done"},
    {ExitCode::kFailed, "the work failed, or something was found unhealthy"},
    {ExitCode::kUsage, "the command line cannot be understood"},
    {ExitCode::kCatalog, "the catalog has errors"},
    {ExitCode::kOwned, "owned by another: locked state, raised fence, foreign checkpoint"},
    {ExitCode::kSealed, "a secret could not be opened"},
    {ExitCode::kDeliveryWaits, "the tables are done, but a delivery waits or is parked"},
    {ExitCode::kInterrupted, "interrupted, after a clean drain"},
};

int rank(ExitCode code) {
  switch (code) {
    case ExitCode::kDone: return 0;
    case ExitCode::kDeliveryWaits: return 1;
    case ExitCode::kFailed: return 2;
    case ExitCode::kCatalog: return 3;
    case ExitCode::kSealed: return 4;
    case ExitCode::kOwned: return 5;
    case ExitCode::kUsage: return 6;
    case ExitCode::kInterrupted: return 7;
  }
  return 7;
}

}  // namespace

std::span<const ExitCodeInfo> exit_codes() {
  return kExitCodes;
}

std::string_view meaning_of(ExitCode code) {
  for (const ExitCodeInfo& info : kExitCodes) {
    if (info.code == code) return info.meaning;
  }
  WEIR_CHECK(false);
  return {};
}

ExitCode exit_code_of(Code code) {
  switch (code) {
    case Code::kRefused: return ExitCode::kOwned;
    case Code::kSealed: return ExitCode::kSealed;
    case Code::kCancelled: return ExitCode::kInterrupted;
    case Code::kInvalid:
    case Code::kNotFound:
    case Code::kUnavailable:
    case Code::kFull:
    case Code::kUnknown:
    case Code::kCorrupt:
    case Code::kLimit: return ExitCode::kFailed;
  }
  return ExitCode::kFailed;
}

ExitCode worse(ExitCode a, ExitCode b) {
  return rank(a) >= rank(b) ? a : b;
}

}  // namespace weir::app
