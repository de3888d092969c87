#include "app/commands.h"

#include "app/complete.h"
#include "app/man.h"
#include "app/new_trigger.h"

namespace weir::app {

std::span<const Command* const> commands() {
  static const Command* const table[] = {
      &init_command(),
      &validate_command(),
      &explain_command(),
      &run_command(),
      &status_command(),
      &append_command(),
      &read_command(),
      &triggers_pending_command(),
      &triggers_history_command(),
      &triggers_render_command(),
      &triggers_test_command(),
      &triggers_new_command(),
      &triggers_redeliver_command(),
      &triggers_discard_command(),
      &listen_command(),
      &secrets_keygen_command(),
      &secrets_encrypt_command(),
      &secrets_decrypt_command(),
      &secrets_edit_command(),
      &secrets_rotate_command(),
      &secrets_check_command(),
      &secrets_serve_command(),
      &build_command(),
      &schema_triggers_command(),
      &template_render_command(),
      &leave_command(),
      &completion_command(),
      &man_command(),
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
