// One materialization at work on a thread of its own. Made, stopped and ended by the main thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "app/machinery.h"
#include "io/thread.h"

namespace weir::app {

struct TaskOptions {
  runtime::ShardOptions shard;
  Network network;
  bool skip_gaps = false;  // in the journals
};

class Task {
 public:
  // Opens the store and starts. kRefused: another process works on this state.
  static Result<std::unique_ptr<Task>> start(const catalog::BuiltMaterialization& built,
                                             const Folders& folders, const connector::Owner& owner,
                                             const TaskOptions& options);
  // Waits for the end; stop() must have been called unless ended() says so.
  ~Task();
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  const std::string& name() const { return built_.spec.name; }
  const catalog::BuiltMaterialization& built() const { return built_; }
  runtime::Shard& shard() { return shard_; }
  // How it ended, its state given up; nullopt while it runs. Signals::wake() is called when that
  // changes.
  std::optional<runtime::TaskEnd> ended() const;

 private:
  Task(const catalog::BuiltMaterialization& built, std::unique_ptr<Machinery> machinery,
       const TaskOptions& options);
  void run();

  const catalog::BuiltMaterialization built_;
  const std::unique_ptr<Machinery> machinery_;
  runtime::Shard shard_;
  std::atomic<bool> ended_ = false;
  io::Thread thread_;  // last: started when all else is ready
};

}  // namespace weir::app
