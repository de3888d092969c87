#include "app/commands.h"

namespace weir::app {

std::span<const Command* const> commands() {
  static const Command* const table[] = {
      &listen_command(),
      &schema_triggers_command(),
      &template_render_command(),
      &version_command(),
  };
  return table;
}

const Command* find_command(std::string_view name) {
  for (const Command* command : commands()) {
    if (command->name == name) return command;
  }
  return nullptr;
}

}  // namespace weir::app
