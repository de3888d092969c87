// What a command reads by name: files, or standard input for "-".
#pragma once

#include <string>

#include "base/result.h"

namespace weir::app {

inline constexpr std::size_t kDataBytesMax = 64u << 20;  // of data that is read as a whole

// The whole input; kLimit beyond `bytes_max`, otherwise the codes of io/file.h.
Result<std::string> read_input(const std::string& file, std::size_t bytes_max);

}  // namespace weir::app
