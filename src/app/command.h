// A command as a row: what it is called, what it takes, what it says of itself, and the function
// that does it. The row feeds the parser, the help page and the tests; adding a command is one file
// and one line in commands.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/exit_code.h"

namespace weir::app {

enum class ValueKind {
  kFlag,      // takes no value
  kText,      // anything
  kCount,     // 0, 1, 2, …
  kDuration,  // "30s"
  kChoice,    // one of OptionInfo::choices
};

struct OptionInfo {
  std::string_view name = {};  // "--limit"
  ValueKind kind = ValueKind::kFlag;
  std::string_view value = {};  // what the page calls the value: "N"
  std::string_view help = {};   // a sentence without its full stop
  std::string_view default_value =
      {};  // as the page shows it; for counts, durations and choices also what applies
  std::string_view env = {};  // environment variable that gives it where the option is not there
  std::string_view choices = {};  // "json|html|none"
  bool repeated = false;
  std::string_view short_name = {};  // "-h"
};

struct Positional {
  std::string_view name = {};  // "FLOW"
  std::string_view help = {};
  std::size_t at_least = 0;
  std::size_t at_most = 1;
};
inline constexpr std::size_t kMany = 1024;

struct ExitNote {
  ExitCode code = ExitCode::kDone;
  std::string_view when = {};  // empty: what the code always means
};

struct Example {
  std::string_view line = {};
  std::string_view what = {};
};

// The command line, taken apart and checked against the row: names are known, values are of their
// kind. Asking for an option that the row does not have is a programmer error.
class Arguments {
 public:
  struct Given {
    std::vector<std::string> values;
    bool from_env = false;
  };
  Arguments(const struct Command& command, std::vector<std::string> positionals,
            std::map<std::string, Given, std::less<>> options);

  bool flag(std::string_view name) const;
  bool given(std::string_view name) const;
  // The value, or the default of the row; the last one of several.
  std::string text(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::uint64_t count(std::string_view name) const;
  std::chrono::milliseconds duration(std::string_view name) const;
  const std::vector<std::string>& positionals() const { return positionals_; }
  const struct Command& command() const { return *command_; }

 private:
  const OptionInfo& info(std::string_view name) const;
  const struct Command* command_;
  std::vector<std::string> positionals_;
  std::map<std::string, Given, std::less<>> options_;
};

struct Command {
  std::string_view name = {};         // "triggers pending"
  std::string_view summary = {};      // one line of the list of commands
  std::string_view description = {};  // paragraphs, separated by an empty line; lines that start
                                      // with a space stay as they are
  std::vector<Positional> positionals = {};
  std::vector<OptionInfo> options = {};
  std::vector<ExitNote> exits = {};
  std::vector<Example> examples = {};
  ExitCode (*run)(const Arguments& arguments) = nullptr;
};

// All commands, in the order of the list that `weir --help` prints.
std::span<const Command* const> commands();
const Command* find_command(std::string_view name);

// Options that several commands have.
OptionInfo json_option(std::string_view help);
OptionInfo flow_option();      // --flow FILE…, for commands whose arguments are something else
OptionInfo state_option();     // --state DIR
OptionInfo journals_option();  // --journals DIR
OptionInfo identity_option();  // --identity FILE…
OptionInfo skip_gaps_option();
Positional flow_positional();  // FLOW…

}  // namespace weir::app
