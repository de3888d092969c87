#include "app/open_metrics.h"

#include <fmt/format.h>

namespace weir::app {
namespace {

std::string_view name_of(OpenMetrics::Type type) {
  switch (type) {
    case OpenMetrics::Type::kCounter: return "counter";
    case OpenMetrics::Type::kGauge: return "gauge";
    case OpenMetrics::Type::kInfo: return "info";
    case OpenMetrics::Type::kStateSet: return "stateset";
  }
  return "unknown";
}

void write_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '"': out += "\\\""; break;
      case '\n': out += "\\n"; break;
      default: out += c;
    }
  }
}

}  // namespace

void OpenMetrics::family(std::string_view name, Type type, std::string_view unit,
                         std::string_view help) {
  name_ = name;
  type_ = type;
  out_ += fmt::format("# TYPE {} {}\n", name, name_of(type));
  if (!unit.empty()) out_ += fmt::format("# UNIT {} {}\n", name, unit);
  out_ += fmt::format("# HELP {} ", name);
  write_escaped(help, out_);
  out_ += '\n';
}

void OpenMetrics::begin_sample(const Labels& labels) {
  out_ += name_;
  if (type_ == Type::kCounter) out_ += "_total";
  if (type_ == Type::kInfo) out_ += "_info";
  bool first = true;
  for (const auto& [label, value] : labels) {
    out_ += first ? '{' : ',';
    first = false;
    out_ += label;
    out_ += "=\"";
    write_escaped(value, out_);
    out_ += '"';
  }
  if (!first) out_ += '}';
  out_ += ' ';
}

void OpenMetrics::sample(const Labels& labels, std::uint64_t value) {
  begin_sample(labels);
  out_ += fmt::format("{}\n", value);
}

void OpenMetrics::sample(const Labels& labels, double value) {
  begin_sample(labels);
  out_ += fmt::format("{}\n", value);
}

std::string OpenMetrics::finish() {
  return std::move(out_) + "# EOF\n";
}

}  // namespace weir::app
