#include "app/task.h"

#include "app/signals.h"
#include "base/log.h"

namespace weir::app {

Result<std::unique_ptr<Task>> Task::start(const catalog::BuiltMaterialization& built,
                                          const Folders& folders, const connector::Owner& owner,
                                          const TaskOptions& options) {
  WEIR_TRY(auto machinery,
           Machinery::make(built, folders, owner, options.network, options.skip_gaps));
  return std::unique_ptr<Task>(new Task(built, std::move(machinery), options));
}

Task::Task(const catalog::BuiltMaterialization& built, std::unique_ptr<Machinery> machinery,
           const TaskOptions& options)
    : built_(built),
      machinery_(std::move(machinery)),
      shard_(built, options.shard, machinery_->deps()),
      thread_("weir " + built.spec.name, [this] { run(); }) {}

Task::~Task() {
  thread_.join();
}

void Task::run() {
  shard_.run();
  if (const Status closed = machinery_->close(); !closed) {
    log(LogLevel::kWarn, closed.error().message, {{"task", name()}});
  }
  ended_ = true;
  Signals::wake();
}

std::optional<runtime::TaskEnd> Task::ended() const {
  return ended_ ? std::optional(shard_.end()) : std::nullopt;
}

}  // namespace weir::app
