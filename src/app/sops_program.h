// The `sops` program, for documents that only a key service opens.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace weir::app {

inline constexpr std::size_t kSopsAnswerMax = 64u << 20;

bool sops_is_there();  // on the PATH
// A document in, its plain text out. kSealed: the program could not; with the first line of
// what it said.
// `format` is json or yaml, of both.
Result<Secret> decrypt_by_sops(std::string_view document, const char* format);

}  // namespace weir::app
