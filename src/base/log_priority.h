// Lines for the journal of systemd, which takes a level in front of each: "<3>" for errors. See
// sd-daemon(3).
#pragma once

namespace weir {

// From now on each line of the log on standard error begins with its level. From any thread.
void set_log_priorities(bool on);

}  // namespace weir
