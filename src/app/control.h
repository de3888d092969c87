// How other commands reach a running process: a socket in the state folder, readable by its owner
// alone. One request and one response per connection, each one line of JSON.
//
//   {"command":"status"}                                    → [TaskStatus…]
//   {"command":"redeliver"|"discard","materialization":…,"trigger":identity,"request_id":…}
//                                                           → {"answer":…}, {"error":…,"code":…} or
//                                                           {"elsewhere":true}
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/shard.h"
#include "runtime/status.h"

namespace weir::app {

inline constexpr std::size_t kControlRequestMax = 64u << 10;
inline constexpr std::size_t kControlResponseMax = 64u << 20;
// A peer that is slower than this is hung up on; the user's word may take as long to be carried
// out.
inline constexpr std::chrono::seconds kControlWait{10};

// What a running process answers with. Called on the server's thread.
struct ControlHandlers {
  std::function<std::vector<runtime::TaskStatus>()> status;
  std::function<bool(const std::string& materialization)> runs;
  std::function<Result<std::string>(const std::string& materialization, runtime::Command command)>
      carry_out;
};

class ControlServer {
 public:
  // Binds `folder`/<process id>.sock (0600), whatever the length of the path, and removes sockets
  // that nobody answers at.
  static Result<std::unique_ptr<ControlServer>> start(const std::string& folder,
                                                      ControlHandlers handlers);
  virtual ~ControlServer() = default;  // stops, and removes the socket
};

// The processes that run on a state folder: one connection each.
class ControlClient {
 public:
  explicit ControlClient(std::string folder) : folder_(std::move(folder)) {}

  // Of all tasks of all running processes; empty: none runs.
  Result<std::vector<runtime::TaskStatus>> status() const;
  // nullopt: no running process runs the materialization.
  Result<std::optional<std::string>> carry_out(const std::string& materialization,
                                               const runtime::Command& command) const;

 private:
  Result<std::vector<std::string>> ask_all(const std::string& request) const;
  std::string folder_;
};

}  // namespace weir::app
