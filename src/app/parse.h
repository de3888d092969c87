// From words to a command and its arguments. The one place that knows the library for command
// lines.
#pragma once

#include <string>
#include <vector>

#include "app/command.h"
#include "base/result.h"

namespace weir::app {

// What the words ask for, without taking them apart: the longest name of a command that they start
// with.
struct Named {
  const Command* command = nullptr;
  std::size_t words = 0;  // of the name
};
// kInvalid: there is no such command; suggests the nearest.
Result<Named> name_command(const std::vector<std::string>& words);

// Takes the words behind the command's name apart. kInvalid: unknown options (with the nearest
// known one), missing or surplus arguments, values that are not of their kind.
Result<Arguments> parse_arguments(const Command& command, const std::vector<std::string>& words);

}  // namespace weir::app
