// Durations are written by users. What is read must be within bounds, and its shortest text must
// read back as the same duration.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/duration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto duration = weir::parse_duration(text);
  if (!duration) {
    WEIR_CHECK(duration.error().code == weir::Code::kInvalid);
    return 0;
  }
  WEIR_CHECK(duration->count() >= 0);
  WEIR_CHECK(*duration <= weir::kDurationMax);
  const auto again = weir::parse_duration(weir::format_duration(*duration));
  WEIR_CHECK(again.has_value());
  WEIR_CHECK(*again == *duration);
  return 0;
}
