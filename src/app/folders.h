// Where weir keeps things on this machine. The state folder is private (0700): it holds what is
// owed to receivers and the socket by which other commands reach a running process.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/command.h"
#include "base/result.h"

namespace weir::app {

struct Folders {
  std::vector<std::string> flow;        // catalog files, as the user named them
  std::string state;                    // absolute; may not exist yet
  std::string journals;                 // absolute; may not exist yet
  std::vector<std::string> identities;  // files that --identity names
};

// From --state and --journals, or their variables, or beside the first catalog file. The command
// has both options, or lacks the one it has no use for. `flow` empty: ./flow.yaml.
Result<Folders> find_folders(const Arguments& arguments, std::vector<std::string> flow);

// The path from the root of the file system, "." and ".." taken out; links stay.
Result<std::string> absolute_path(std::string_view path);
std::string join_path(std::string_view folder,
                      std::string_view path);  // `path` alone if it is absolute

// Makes the state folder (0700) and returns its identity: 32 hex digits, drawn once, kept in the
// file `id`.
Result<std::string> open_state(const std::string& state);

// Folder of a task's store: tasks/<name>, with every byte but letters, digits and -_+=
// percent-encoded; names whose encoding is longer than a folder's name may be are cut and get a
// digest.
std::string task_folder(const std::string& state, std::string_view materialization);
// Sockets of running processes: <process id>.sock.
std::string control_folder(const std::string& state);

}  // namespace weir::app
