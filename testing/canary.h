// Every secret of the tests holds the word `canary`: header values, tokens, passwords, signing
// keys, whatever stands in a key file or is sealed. Whoever meets the word where it does not belong
// has found a leak. The judges below look for it in what programs print, in the files that they
// leave, in their stores and in their memory. Age secret keys cannot hold a word of ours, and are
// known by their own beginning.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::secrecy {

inline constexpr std::string_view kCanary = "canary";

// One line for each kind of trace in `text`, as it stands or as base64 or hexadecimal digits;
// empty: none. A line names `where` and what surrounds the trace, with the word itself masked, so
// that it can be printed.
std::vector<std::string> leaks_in(std::string_view where, std::string_view text);

// In all files below `folder`, byte by byte, but for those whose path relative to it `may_hold`
// allows; and in every entry of the stores among them.
using MayHold = std::function<bool(const std::string& name)>;
std::vector<std::string> leaks_in_folder(const std::string& folder, const MayHold& may_hold);

// In all that a child process of this one can write to: what a core dump would hold.
std::vector<std::string> leaks_in_memory(pid_t process);

std::string lines(const std::vector<std::string>& leaks);

}  // namespace weir::secrecy
