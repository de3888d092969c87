// The rows of the command table, one function for each; each is defined in the file that does the
// work.
#pragma once

#include "app/command.h"

namespace weir::app {

const Command& init_command();
const Command& validate_command();
const Command& explain_command();
const Command& run_command();
const Command& status_command();
const Command& append_command();
const Command& read_command();
const Command& triggers_pending_command();
const Command& triggers_history_command();
const Command& triggers_render_command();
const Command& triggers_test_command();
const Command& triggers_redeliver_command();
const Command& triggers_discard_command();
const Command& listen_command();
const Command& build_command();
const Command& schema_triggers_command();
const Command& template_render_command();
const Command& secrets_keygen_command();
const Command& secrets_encrypt_command();
const Command& secrets_decrypt_command();
const Command& secrets_edit_command();
const Command& secrets_rotate_command();
const Command& secrets_check_command();
const Command& secrets_serve_command();
const Command& leave_command();
const Command& version_command();

}  // namespace weir::app
