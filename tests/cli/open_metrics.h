// Reads texts of OpenMetrics 1.0 as strictly as the format is written down, for the families that
// weir has: counters, gauges, infos and state sets, without timestamps or exemplars.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

struct MetricsText {
  std::vector<std::string> problems;         // empty: it is well-formed
  std::map<std::string, double> samples;     // `name{label="value",…}` with labels in order
  std::map<std::string, std::string> types;  // by family
};

MetricsText read_open_metrics(std::string_view text);

}  // namespace weir::cli
