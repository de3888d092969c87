// The `sops` program, for documents that only a key service opens.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace weir::app {

inline constexpr std::size_t kSopsAnswerMax = 64u << 20;

bool sops_is_there();  // on the PATH
// A JSON document in, its plain text out. kSealed: the program could not; with the first line of
// what it said.
Result<Secret> decrypt_by_sops(std::string_view document);

}  // namespace weir::app
