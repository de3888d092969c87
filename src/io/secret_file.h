// Reading files that must not be seen.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace weir::io {

// As read_file() of io/file.h, and no buffer of it stays behind.
Result<Secret> read_secret_file(const std::string& path, std::size_t bytes_max);

}  // namespace weir::io
