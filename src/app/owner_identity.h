// Who this process is, as endpoints record it beside their fence, and whether another process of
// this host is certainly dead.
#pragma once

#include <string>

#include "base/result.h"
#include "connector/destination.h"

namespace weir::app {

// `task` and `since` are filled in by others. The boot id also names the process namespace: the
// same process id in another container is another process.
Result<connector::Owner> this_process(const std::string& state_id);

// True only where it is certain: an owner of this host whose boot is over, or whose process id is
// free, or belongs to a process that started later, or who ended and was not waited for. One in
// another process namespace of the same boot cannot be seen, hence is not.
bool is_dead(const connector::Owner& owner, const connector::Owner& self);

// Of a line of /proc/PID/stat: clock ticks from boot to the start of the process. The program's
// name may hold spaces and parentheses. -1 if the line is none.
std::int64_t start_time_of(std::string_view stat);
// A process that was killed, all its threads with it, and whose parent did not look yet.
bool is_left_over(std::string_view stat);

}  // namespace weir::app
