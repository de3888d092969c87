// Writes metrics in the text format of OpenMetrics 1.0: families with their type and a sentence of
// help, samples with escaped labels, and the mark of the end.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace weir::app {

inline constexpr std::string_view kOpenMetricsType =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

class OpenMetrics {
 public:
  enum class Type { kCounter, kGauge, kInfo, kStateSet };
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // A family: all its samples follow before the next begins. `unit` is the last word of the name,
  // or empty.
  void family(std::string_view name, Type type, std::string_view unit, std::string_view help);
  // Counters get "_total" behind the family's name, infos "_info".
  void sample(const Labels& labels, std::uint64_t value);
  void sample(const Labels& labels, double value);  // finite
  // The whole text, with its end.
  std::string finish();

 private:
  void begin_sample(const Labels& labels);
  std::string out_;
  std::string name_;
  Type type_ = Type::kGauge;
};

}  // namespace weir::app
