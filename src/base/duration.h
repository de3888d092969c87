// Durations as the catalog writes them ("humantime"): "30s", "1h 30m", "500ms", "2days".
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir {

inline constexpr std::chrono::milliseconds kDurationMax = std::chrono::hours(24 * 366 * 10);

// Sums "<number><unit>" parts separated by optional spaces. Units as the humantime crate has them:
// ns us ms s sec m min h hr hour d day w week M month (30.44 d) y year (365.25 d), also in the
// plural. Below a millisecond is rounded up. Longer than kDurationMax, a part without unit, a sign,
// a fraction or an empty text is kInvalid.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
// The shortest such text: 1800 s is "30m", 90 s is "1m 30s", zero is "0s".
std::string format_duration(std::chrono::milliseconds duration);

}  // namespace weir
