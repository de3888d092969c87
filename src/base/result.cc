#include "base/result.h"

namespace weir {

std::string_view name_of(Code code) {
  switch (code) {
    case Code::kInvalid: return "invalid";
    case Code::kNotFound: return "not found";
    case Code::kRefused: return "refused";
    case Code::kSealed: return "sealed";
    case Code::kUnavailable: return "unavailable";
    case Code::kFull: return "full";
    case Code::kUnknown: return "outcome unknown";
    case Code::kCorrupt: return "corrupt";
    case Code::kLimit: return "limit exceeded";
    case Code::kCancelled: return "cancelled";
  }
  return "?";
}

Error with_context(std::string_view prefix, Error error) {
  error.message = fmt::format("{}: {}", prefix, error.message);
  return error;
}

}  // namespace weir
