// Document ids come from anyone: any text is a v1 UUID or none, and one that is parsed is written
// alike, but for the case of its digits.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "document/uuid.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::document;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto uuid = parse_uuid(text);
  if (!uuid) return 0;
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  WEIR_CHECK(format_uuid(*uuid) == lower);
  const std::string time = format_clock(uuid->clock);
  WEIR_CHECK(time.size() >= 20 && time.back() == 'Z');
  WEIR_CHECK(time_of(uuid->clock).time_since_epoch().count() >= 0);
  return 0;
}
