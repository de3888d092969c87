// Pages about the program and its commands, made of the rows of the command table. Plain text of at
// most kHelpColumns columns, the same on a terminal and in a file.
#pragma once

#include <string>
#include <string_view>

#include "app/command.h"

namespace weir::app {

inline constexpr std::size_t kHelpColumns = 90;

std::string help_page();                        // `weir --help`
std::string help_page(const Command& command);  // `weir COMMAND --help`
// The commands that start with this word, for `weir triggers --help`; empty if there is none.
std::string help_of_group(std::string_view word);
// Every page, as one Markdown text: the reference of the command line.
std::string help_as_markdown();

// What an option does, with its choices, default and environment variable in parentheses.
std::string describe(const OptionInfo& option);

// Fills lines up to kHelpColumns; every line but the first starts with `indent` spaces.
std::string wrap(std::string_view text, std::size_t indent);

}  // namespace weir::app
