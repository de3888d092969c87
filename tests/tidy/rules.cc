#include "tests/tidy/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

namespace weir::tidy {
namespace {

// --- function length ---

struct Block {
  enum class Kind { kScope, kFunction, kOther };
  Kind kind = Kind::kOther;
  std::size_t line = 0;
};

bool opens_scope(const std::string& head) {
  std::istringstream words(head);
  for (std::string word; words >> word;) {
    for (const char* opener : {"namespace", "class", "struct", "union", "enum", "extern"}) {
      if (word == opener) return true;
    }
  }
  return false;
}

// What stands before a brace since the last statement or block ended.
Block::Kind kind_of(const std::string& head, bool in_function) {
  if (in_function) return Block::Kind::kOther;
  const bool has_parenthesis = head.find('(') != std::string::npos;
  if (!has_parenthesis && opens_scope(head)) return Block::Kind::kScope;
  // `Value value{…}` and `a_{…}` of an initializer list: no space before the brace.
  const bool initializer =
      !head.empty() && (std::isalnum(static_cast<unsigned char>(head.back())) != 0 ||
                        head.back() == '_' || head.back() == '>');
  if (initializer || !has_parenthesis || head.find('=') != std::string::npos) {
    const std::size_t operator_at = head.find("operator");
    if (operator_at == std::string::npos) return Block::Kind::kOther;
  }
  return Block::Kind::kFunction;
}

// --- banned calls ---

// Numbers of the lines in which one of the words stands, ascending.
std::set<std::size_t> lines_with(std::string_view text, std::string_view words) {
  std::set<std::size_t> numbers;
  std::istringstream parts{std::string(words)};
  for (std::string word; parts >> word;) {
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + 1)) {
      numbers.insert(line_at(text, at));
    }
  }
  return numbers;
}

std::string line_number(std::string_view text, std::size_t number) {
  std::size_t begin = 0;
  for (std::size_t i = 1; i < number; ++i) begin = text.find('\n', begin) + 1;
  return std::string(text.substr(begin, text.find('\n', begin) - begin));
}

struct Ban {
  std::string_view name;
  std::string_view words;  // separated by spaces; without one of them the pattern is not tried
  std::string_view pattern;
  std::string_view instead;
  bool (*applies)(const Source& source);
};

bool in(const Source& source, std::string_view folder) {
  return source.path.starts_with(folder);
}
bool in_product(const Source& source) {
  return in(source, "src/") || in(source, "connectors/");
}
bool in_product_code(const Source& source) {
  return in_product(source) && !source.is_test();
}
bool everywhere(const Source&) {
  return true;
}
bool keeps_time(const Source& source) {
  return in_product_code(source) && source.path != "src/base/system_clock.cc" &&
         !in(source, "src/io/");
}
bool speaks_through_the_log(const Source& source) {
  return in_product_code(source) && !in(source, "src/app/") && source.path != "src/base/log.cc" &&
         source.path != "src/base/check.cc";
}
// The folders that are built for browsers too, without exceptions.
bool is_pure(const Source& source) {
  if (source.is_test() || in(source, "src/json/host/")) return false;
  if (in(source, "src/document/combiner")) return false;
  return in(source, "src/json/") || in(source, "src/document/") || in(source, "src/handlebars/") ||
         in(source, "src/catalog/");
}

constexpr Ban kBans[] = {
    {"sleep", "sleep", "\\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\\s*\\(",
     "wait on a WakeUp, or a latch in tests", everywhere},
    {"system-clock", "_clock::now", "\\b(system_clock|high_resolution_clock|steady_clock)::now\\b",
     "take a Clock&", keeps_time},
    {"time", "time",
     "(\\btime\\s*\\(\\s*(nullptr|NULL|0|&)|\\b(gettimeofday|clock_gettime)\\s*\\()",
     "take a Clock&", keeps_time},
    {"rand", "rand mt19937", "\\b(std::)?(rand|srand|random_device|mt19937)\\b", "take a Random&",
     [](const Source& source) { return source.path != "src/base/random.cc"; }},
    {"printf", "printf puts cout cerr", "\\b(printf|fprintf|puts|fputs|cout|cerr)\\b",
     "use base/log.h, or return an Error", speaks_through_the_log},
    {"throw", "throw try catch", "\\b(throw|try|catch)\\b",
     "errors are values here: Result and WEIR_TRY", is_pure},
    {"value", "value", "\\.value\\s*\\(\\s*\\)", "check, then use *; or WEIR_TRY", is_pure},
    {"detach", "detach", "\\.detach\\s*\\(\\s*\\)", "keep the thread in an io::Thread, which joins",
     everywhere},
    {"exit", "exit terminate", "(^|[^\\w.:>]|std::)(exit|quick_exit|terminate)\\s*\\(",
     "return an Error",
     [](const Source& source) { return in_product_code(source) && !in(source, "src/app/"); }},
};

}  // namespace

std::vector<Finding> check_file_length(const Source& source) {
  const auto lines =
      static_cast<std::size_t>(std::count(source.text.begin(), source.text.end(), '\n'));
  if (lines <= kFileLinesMax) return {};
  return {{"file-length", source.path, 0,
           fmt::format("{} lines; at most {}: split it by subject", lines, kFileLinesMax)}};
}

std::vector<Finding> check_function_length(const Source& source) {
  const std::size_t limit = source.is_test() ? kTestLinesMax : kFunctionLinesMax;
  std::vector<Finding> findings;
  std::vector<Block> blocks;
  std::string head;
  std::size_t line = 1;
  bool preprocessor = false;
  for (std::size_t i = 0; i < source.code.size(); ++i) {
    const char c = source.code[i];
    if (c == '\n') {
      ++line;
      if (preprocessor && (i == 0 || source.code[i - 1] != '\\')) preprocessor = false;
    }
    if (c == '#' && (i == 0 || source.code[i - 1] == '\n')) preprocessor = true;
    if (preprocessor) continue;
    if (c == '{') {
      const bool in_function = std::any_of(blocks.begin(), blocks.end(), [](const Block& block) {
        return block.kind != Block::Kind::kScope;
      });
      const Block::Kind kind = kind_of(head, in_function);
      blocks.push_back({kind, line});
      if (kind != Block::Kind::kOther || in_function) head.clear();
    } else if (c == '}') {
      if (blocks.empty()) continue;
      const Block block = blocks.back();
      blocks.pop_back();
      const std::size_t lines = line - block.line + 1;
      if (block.kind == Block::Kind::kFunction && lines > limit) {
        findings.push_back(
            {"function-length", source.path, block.line,
             fmt::format("{} lines; at most {}: give its parts names", lines, kFunctionLinesMax)});
      }
      if (block.kind != Block::Kind::kOther) head.clear();
    } else if (c == ';') {
      head.clear();
    } else if (std::isspace(static_cast<unsigned char>(c)) == 0 ||
               (!head.empty() && head.back() != ' ')) {
      head += c == '\n' ? ' ' : c;
    }
  }
  return findings;
}

std::vector<Finding> check_banned(const Source& source) {
  static const std::vector<std::regex> patterns = [] {
    std::vector<std::regex> made;
    for (const Ban& ban : kBans) made.emplace_back(std::string(ban.pattern));
    return made;
  }();
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < std::size(kBans); ++i) {
    const Ban& ban = kBans[i];
    if (!ban.applies(source)) continue;
    for (const std::size_t number : lines_with(source.code, ban.words)) {
      if (!std::regex_search(line_number(source.code, number), patterns[i])) continue;
      findings.push_back({fmt::format("banned-{}", ban.name), source.path, number,
                          fmt::format("instead: {}", ban.instead)});
    }
  }
  return findings;
}

std::vector<Finding> check_header_guard(const Source& source) {
  if (!source.is_header() || source.code.find("#pragma once") != std::string::npos) return {};
  return {{"header-guard", source.path, 0, "starts without #pragma once"}};
}

std::vector<Finding> check_todo(const Source& source) {
  bool any = false;
  for (const char* word : {"TODO", "FIXME", "XXX", "HACK"}) {
    any = any || source.comments.find(word) != std::string::npos;
  }
  if (!any) return {};
  static const std::regex todo("\\b(TODO|FIXME|XXX|HACK)\\b(\\((perf|limit|test|format)\\):)?");
  std::vector<Finding> findings;
  for (std::sregex_iterator it(source.comments.begin(), source.comments.end(), todo), end;
       it != end; ++it) {
    if ((*it)[1] == "TODO" && (*it)[2].matched) continue;
    findings.push_back({"todo", source.path,
                        line_at(source.comments, static_cast<std::size_t>(it->position())),
                        "write TODO(kind): with a kind of perf, limit, test, format"});
  }
  return findings;
}

Allowed Allowed::parse(std::string_view text) {
  const auto trim = [](const std::string& part) {
    const std::size_t begin = part.find_first_not_of(' ');
    return begin == std::string::npos ? std::string()
                                      : part.substr(begin, part.find_last_not_of(' ') - begin + 1);
  };
  Allowed allowed;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream parts(line);
    Row row;
    std::getline(parts, row.rule, '|');
    std::getline(parts, row.path, '|');
    std::getline(parts, row.reason);
    allowed.rows_.push_back({trim(row.rule), trim(row.path), trim(row.reason), false});
  }
  return allowed;
}

bool Allowed::covers(const Finding& finding) {
  for (Row& row : rows_) {
    if (row.rule != finding.rule || row.path != finding.path) continue;
    row.used = true;
    return true;
  }
  return false;
}

std::vector<std::string> Allowed::complaints() const {
  std::vector<std::string> complaints;
  for (const Row& row : rows_) {
    if (row.reason.empty())
      complaints.push_back(fmt::format("{} | {}: has no reason", row.rule, row.path));
    if (!row.used)
      complaints.push_back(fmt::format("{} | {}: allows nothing any more", row.rule, row.path));
  }
  return complaints;
}

}  // namespace weir::tidy
