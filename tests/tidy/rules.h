// Rules about the text of single files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source.h"

namespace weir::tidy {

inline constexpr std::size_t kFileLinesMax = 600;
inline constexpr std::size_t kFunctionLinesMax = 70;
inline constexpr std::size_t kTestLinesMax = 100;  // of a function in a test: tables stand in it

std::vector<Finding> check_file_length(const Source& source);
// By braces: a block whose head looks like a function's and that stands in no other function.
std::vector<Finding> check_function_length(const Source& source);
// Calls and words that must not be used where the file stands, with what to use instead.
std::vector<Finding> check_banned(const Source& source);
// Headers are guarded by #pragma once.
std::vector<Finding> check_header_guard(const Source& source);
// Marks of work left over say of which kind it is: perf, limit, test or format.
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
