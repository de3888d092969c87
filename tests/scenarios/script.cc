#include "tests/scenarios/script.h"

#include <sstream>

#include "base/text.h"

namespace weir::scenarios {
namespace {

bool blank(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

}  // namespace

Result<Script> parse_script(const std::string& name, const std::string& text) {
  Script script;
  script.name = name;
  std::istringstream in(text);
  std::string line;
  Command* open = nullptr;
  for (int number = 1; std::getline(in, line); ++number) {
    if (blank(line)) {
      open = nullptr;
      continue;
    }
    if (open != nullptr) {
      if (line == "----") {
        open->judged = true;
      } else {
        (open->judged ? open->expected : open->body).push_back(line);
      }
      continue;
    }
    if (line.front() == '#') continue;
    const auto space = line.find(' ');
    const std::string word = line.substr(0, space);
    const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
    if (word == "skip" || word == "only") {
      const auto colon = rest.find(": ");
      if (colon == std::string::npos)
        return error(Code::kInvalid, "{}:{}: {} MODE: WHY", name, number, word);
      if (word == "skip") {
        script.skips[rest.substr(0, colon)] = rest.substr(colon + 2);
        continue;
      }
      const std::string names = rest.substr(0, colon);
      for (const std::string_view mode : split(names, ',')) {
        script.only.emplace(mode.substr(mode.find_first_not_of(' ')));
      }
      script.only_why = rest.substr(colon + 2);
      continue;
    }
    script.commands.push_back(
        {.line = number, .word = word, .rest = rest, .body = {}, .judged = false, .expected = {}});
    open = &script.commands.back();
  }
  if (script.commands.empty()) return error(Code::kInvalid, "{}: no command", name);
  return script;
}

}  // namespace weir::scenarios
