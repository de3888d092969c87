// The program: picks the row of the command table that the words name, takes the rest apart, and
// calls it.
#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "app/command.h"
#include "app/complete.h"
#include "app/help.h"
#include "app/output.h"
#include "app/parse.h"
#include "app/version.h"
#include "base/text.h"

namespace weir::app {
namespace {

int exit(ExitCode code) {
  return static_cast<int>(code);
}

bool asks_for_help(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word == "--") return false;
    if (word == "--help" || word == "-h") return true;
  }
  return false;
}

// Words before any command: pages about weir itself. False if they are none of them.
bool about(const std::vector<std::string>& words) {
  if (words.empty()) return false;
  const std::string& first = words.front();
  if (first == "--help" || first == "-h" || (first == "help" && words.size() == 1)) {
    print(help_page());
    return true;
  }
  if (first == "--help-all") {
    print(help_as_markdown());
    return true;
  }
  if (first == "--version") {
    print(version_line());
    return true;
  }
  const std::string page = help_of_group(first);
  if (page.empty() || !(words.size() == 1 || words[1] == "--help" || words[1] == "-h"))
    return false;
  if (words.size() == 1) return false;  // the verb is missing: an error, not a question
  print(page);
  return true;
}

// What completion scripts ask: `weir __complete -- WORDS…`. Never fails.
void answer_shell(std::vector<std::string> words) {
  words.erase(words.begin());
  if (!words.empty() && words.front() == "--") words.erase(words.begin());
  CatalogNames names;
  print(to_lines(complete(words, names)));
}

int run(std::vector<std::string> words) {
  if (!words.empty() && words.front() == "__complete") {
    answer_shell(std::move(words));
    return exit(ExitCode::kDone);
  }
  if (about(words)) return exit(ExitCode::kDone);
  if (words.empty()) {
    note(help_page());
    return exit(ExitCode::kUsage);
  }
  if (words.front() == "help") {  // `weir help run` is `weir run --help`
    words.erase(words.begin());
    words.push_back("--help");
    if (about(words)) return exit(ExitCode::kDone);
  }
  if (words.front().starts_with('-')) {
    print_error(fmt::format("unknown option {}{}; `weir --help` tells how weir is used",
                            words.front(), did_you_mean(words.front(), {"--help", "--version"})));
    return exit(ExitCode::kUsage);
  }
  const auto named = name_command(words);
  if (!named) {
    print_error(named.error().message);
    return exit(ExitCode::kUsage);
  }
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(named->words));
  if (asks_for_help(words)) {
    print(help_page(*named->command));
    return exit(ExitCode::kDone);
  }
  const auto arguments = parse_arguments(*named->command, words);
  if (!arguments) {
    print_error(fmt::format("{}: {}", named->command->name, arguments.error().message));
    return exit(ExitCode::kUsage);
  }
  return exit(named->command->run(*arguments));
}

// A file or socket that is opened in place of a closed standard output would be written into.
void fill_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    // What reads finds an error rather than an empty input.
    const int mode = descriptor == STDIN_FILENO ? O_WRONLY : O_RDWR;
    if (::fcntl(descriptor, F_GETFD) == -1) (void)::open("/dev/null", mode);
  }
}

}  // namespace
}  // namespace weir::app

int main(int argc, char** argv) {
  weir::app::fill_standard_descriptors();
  const int code = weir::app::run(std::vector<std::string>(argv + 1, argv + argc));
  const bool printed = weir::app::printed();
  return code == 0 && !printed ? weir::app::exit(weir::app::ExitCode::kFailed) : code;
}
