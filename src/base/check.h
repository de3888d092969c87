// Checks against mistakes of the programmer; they stop the process, in release builds too. No
// input, file or peer may be able to trigger one: bad input is an Error.
#pragma once

namespace weir {
[[noreturn]] void check_failed(const char* expression, const char* file, int line);
}

#define WEIR_CHECK(expression)                                                \
  do {                                                                        \
    if (!(expression)) ::weir::check_failed(#expression, __FILE__, __LINE__); \
  } while (false)
