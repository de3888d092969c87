// Problems as texts: for people, and as JSON for machines.
#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "catalog/validate.h"

namespace weir::catalog {

namespace {
std::string_view name_of(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}
auto order_of(const Problem& p) {
  return std::tie(p.location.file, p.location.place.line, p.location.place.column, p.code,
                  p.message, p.location.pointer);
}
}  // namespace

std::string_view name_of(Method method) {
  switch (method) {
    case Method::kPost: return "POST";
    case Method::kPut: return "PUT";
    case Method::kPatch: return "PATCH";
  }
  return "POST";
}

std::string format_problem(const Problem& problem) {
  const Location& at = problem.location;
  std::string out = at.file;
  if (at.place.line != 0) out += fmt::format(":{}:{}", at.place.line, at.place.column);
  out += fmt::format(": {}: {} [{}]\n", name_of(problem.severity), problem.message, problem.code);
  if (!at.pointer.empty()) out += fmt::format("    at {}\n", at.pointer);
  out += fmt::format("    {}\n", problem.remedy);
  return out;
}

void sort_problems(std::vector<Problem>& problems) {
  const auto less = [](const Problem& a, const Problem& b) { return order_of(a) < order_of(b); };
  const auto same = [](const Problem& a, const Problem& b) { return order_of(a) == order_of(b); };
  std::stable_sort(problems.begin(), problems.end(), less);
  problems.erase(std::unique(problems.begin(), problems.end(), same), problems.end());
}

bool has_errors(const std::vector<Problem>& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& p) { return p.severity == Severity::kError; });
}

std::string format_report(const std::vector<Problem>& problems) {
  std::string out;
  std::size_t errors = 0;
  for (const Problem& problem : problems) {
    out += format_problem(problem);
    errors += problem.severity == Severity::kError ? 1 : 0;
  }
  const std::size_t warnings = problems.size() - errors;
  out += fmt::format("{} error{}, {} warning{}\n", errors, errors == 1 ? "" : "s", warnings,
                     warnings == 1 ? "" : "s");
  return out;
}

std::string report_json(const std::vector<Problem>& problems) {
  std::string out = "[";
  for (const Problem& problem : problems) {
    const auto text = [&out](std::string_view name, std::string_view value) {
      out += fmt::format("\"{}\":", name);
      json::write_string(value, out);
    };
    out += out.size() > 1 ? ",\n {" : "\n {";
    text("severity", name_of(problem.severity));
    out += ',';
    text("code", problem.code);
    out += ',';
    text("file", problem.location.file);
    out += fmt::format(",\"line\":{},\"column\":{},", problem.location.place.line,
                       problem.location.place.column);
    text("pointer", problem.location.pointer);
    out += ',';
    text("message", problem.message);
    out += ',';
    text("remedy", problem.remedy);
    out += '}';
  }
  out += problems.empty() ? "]\n" : "\n]\n";
  return out;
}

}  // namespace weir::catalog
