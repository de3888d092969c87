// The `sops` program, for documents that only a key service opens.
#pragma once

#include <chrono>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace weir::app {

inline constexpr std::size_t kSopsAnswerMax = 32u << 20;
inline constexpr std::chrono::seconds kSopsTimeout{60};  // from its start to its end

bool sops_is_there();  // on the PATH
// A document in, its plain text out; `format` is json or yaml, of both. kSealed: the program could
// not, with the first line of what it said; kUnavailable: it cannot be run, or did not end in time
// and was ended, with all that it had started; kLimit.
Result<Secret> decrypt_by_sops(std::string_view document, const char* format, const Clock& clock);

}  // namespace weir::app
