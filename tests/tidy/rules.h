// Rules about the text of single files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source.h"

namespace weir::tidy {

inline constexpr std::size_t kFileLinesMax = 600;
inline constexpr std::size_t kFunctionLinesMax = 70;

std::vector<Finding> check_file_length(const Source& source);
// By braces: a block whose head looks like a function's and that stands in no other function.
std::vector<Finding> check_function_length(const Source& source);
// Calls and words that must not be used where the file stands, with what to use instead.
std::vector<Finding> check_banned(const Source& source);
// Headers are guarded by #pragma once.
std::vector<Finding> check_header_guard(const Source& source);
// Work left over is marked TODO(kind): with a kind of the short list perf, limit, test, format.
std::vector<Finding> check_todo(const Source& source);

// Exceptions to the rules, each with its reason: lines "rule | path | reason".
class Allowed {
 public:
  static Allowed parse(std::string_view text);
  bool covers(const Finding& finding);
  // Lines without a reason, and lines that covered nothing.
  std::vector<std::string> complaints() const;

 private:
  struct Row {
    std::string rule, path, reason;
    bool used = false;
  };
  std::vector<Row> rows_;
};

}  // namespace weir::tidy
