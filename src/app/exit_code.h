// What a command says to the shell. One table for all commands: `weir --help` prints it.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"

namespace weir::app {

enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kCatalog = 3,
  kOwned = 4,
  kSealed = 5,
  kDeliveryWaits = 6,
  kInterrupted = 130,
};

struct ExitCodeInfo {
  ExitCode code;
  std::string_view meaning;
};
std::span<const ExitCodeInfo> exit_codes();  // ascending
std::string_view meaning_of(ExitCode code);

// The code that an error ends a command with, outside of reading a catalog (which is kCatalog).
ExitCode exit_code_of(Code code);

// Of several materializations the worst: 4, 5, 3, 1, 6, 0 in this order.
ExitCode worse(ExitCode a, ExitCode b);

}  // namespace weir::app
