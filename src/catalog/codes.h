// The stable codes of catalog problems. A code keeps its meaning for ever and is never used again;
// `weir explain` prints this table.
#pragma once

#include <span>
#include <string_view>

#include "catalog/spec.h"

namespace weir::catalog {

struct CodeInfo {
  std::string_view code;         // "E101", "W104"
  std::string_view title;        // a few words
  std::string_view explanation;  // a paragraph
  std::string_view remedy;       // what to do
  Severity severity() const { return code.front() == 'W' ? Severity::kWarning : Severity::kError; }
};

std::span<const CodeInfo> codes();                 // ascending
const CodeInfo* find_code(std::string_view code);  // either case; nullptr: no such code

}  // namespace weir::catalog
