// A page has no log: what templates say by {{log}} goes nowhere.
#include "base/log.h"

namespace weir {

bool log_enabled(LogLevel) {
  return false;
}
void log(LogLevel, std::string_view, std::initializer_list<LogField>) {}

}  // namespace weir
