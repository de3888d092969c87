// What the `triggers` commands share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/task_view.h"

namespace weir::app {

Positional materialization_positional(std::string_view help);
OptionInfo environment_option();

// Folders, and the materializations that the catalog names; a catalog with errors still tells their
// names.
struct Sight {
  Folders folders;
  std::vector<std::string> names;
};
// The error was printed; the code is what the command ends with.
tl::expected<Sight, ExitCode> see_names(const Arguments& arguments);

// Folders, the built catalog, and what can be seen of its tasks.
struct Prospect {
  Folders folders;
  std::vector<catalog::BuiltMaterialization> all;
  std::vector<TaskView> views;
};
tl::expected<Prospect, ExitCode> see_catalog(const Arguments& arguments);

// The trigger that the words of the command name; it is one of the catalog's, if `in_catalog`.
enum class Need { kInCatalog, kOwingWillDo };
tl::expected<Target, ExitCode> see_target(const Arguments& arguments, const Prospect& prospect,
                                          Need need);

// Does a row of this materialization and trigger match the words "[MATERIALIZATION] [TRIGGER]"? One
// word may be either.
bool matches(const std::vector<std::string>& words, const std::string& materialization,
             const std::string& label, const std::string& identity);

// Prints the error; the code it ends the command with. What a user named and is not there is his
// command line's fault.
ExitCode tell(const Error& error);

}  // namespace weir::app
