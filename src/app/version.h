// Which build this is.
#pragma once

#include <string>
#include <string_view>

namespace weir::app {

std::string_view version();  // "0.1.0"
std::string version_line();  // "weir 0.1.0\n"

}  // namespace weir::app
