// Fault points: named lines at which a test may end the process, or an operation may be made to
// fail. They compile to nothing unless WEIR_FAULT_POINTS is set. The names are documented in
// docs/reliability.md, for the list of them is the list of states that a crash can leave.
#pragma once

#include <string_view>

namespace weir {

#ifdef WEIR_FAULT_POINTS
// Called at each point in the order reached. A test installs a handler that throws or kills;
// without one, the environment variable WEIR_FAULT=<n> or WEIR_FAULT=<name>[:<k>] makes the process
// kill itself with SIGKILL at the n-th point reached, or at the k-th visit of that name.
void fault_point(std::string_view name);
using FaultHandler = void (*)(void* context, std::string_view name);
void set_fault_handler(FaultHandler handler, void* context);
#else
inline void fault_point(std::string_view) {}
#endif

}  // namespace weir
