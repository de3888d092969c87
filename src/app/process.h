// A running process: one task per materialization, the signals that steer them, and the socket by
// which other commands ask. Lives on the main thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/arrivals.h"
#include "app/control.h"
#include "app/exit_code.h"
#include "app/http_service.h"
#include "app/notify.h"
#include "app/reporter.h"
#include "app/signals.h"
#include "app/task.h"

namespace weir::app {

// What a process runs, as the catalog has it.
struct Duties {
  std::vector<catalog::BuiltMaterialization> materializations;
  std::map<std::string, std::string> unasked;  // see catalog::Built
  Collections collections;                     // for posts
};

struct ProcessOptions {
  Folders folders;
  TaskOptions task;
  connector::Owner owner;
  Reporter::View view = Reporter::View::kLines;
  // Reads the catalog again, for SIGHUP; an error (already told) leaves everything as it is.
  std::function<Result<Duties>()> reload;
  // The same from the texts that were read last: for a task that fails with a schema that was
  // inferred, and for destinations that gave no answer. Changed files wait for SIGHUP.
  std::function<Result<Duties>()> ask_again;
  std::optional<HttpServiceOptions> http;  // nullopt: it is off
};

// How each task ended, for the last words of `run --json`.
struct TaskResult {
  runtime::TaskStatus status;
  runtime::TaskEnd end = runtime::TaskEnd::kDone;
};

class Process {
 public:
  Process(Signals& signals, ProcessOptions options);
  ~Process();

  // Until every task ended, or a signal said so.
  ExitCode run(Duties duties);
  const std::map<std::string, TaskResult>& results() const { return results_; }

 private:
  Status start_control();
  Status start_http(Collections collections);
  void start(const catalog::BuiltMaterialization& built);
  void ended(const std::string& name);
  void forget(const std::string& name);
  void take_ended();
  void handle(Signal signal);
  void stop_all();
  void reload();
  void infer_again(Instant now);
  void wait_for(const std::map<std::string, std::string>& unasked);
  void end_waiting();
  void ask_destinations(Instant now);
  void look();
  void drain_http();
  std::vector<runtime::TaskStatus> all_statuses() const;  // of tasks that ended, too
  std::vector<runtime::TaskStatus> statuses() const;
  std::vector<TaskView> views() const;  // those that ended, too
  std::uint64_t bytes_behind(const std::string& collection) const;
  Result<std::string> carry_out(const std::string& materialization, runtime::Command command);

  Signals& signals_;
  const ProcessOptions options_;
  mutable std::mutex mutex_;  // the threads of control and HTTP look at the tasks too
  std::map<std::string, std::unique_ptr<Task>> tasks_;  // running; guarded by mutex_
  // Not started, for their destinations cannot be asked; changed with mutex_ held.
  std::map<std::string, runtime::TaskStatus> waiting_;
  std::map<std::string, catalog::BuiltMaterialization>
      next_;                                         // to start once the present one ended
  std::map<std::string, TaskResult> results_;        // changed with mutex_ held
  std::map<std::string, runtime::TaskStatus> last_;  // of tasks that ended, started anew or not
  ExitCode worst_ = ExitCode::kDone;
  int stop_signals_ = 0;
  Instant infer_next_{};  // not before
  Instant ask_next_{};
  milliseconds ask_pause_{};
  bool interrupted_ = false;
  Reporter reporter_;
  Notifier notifier_;
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<Arrivals> arrivals_;
  std::unique_ptr<HttpService> http_;
};

ExitCode exit_code_of(runtime::TaskEnd end);
// Is there nothing in `b` that a running `a` would have to be opened anew for?
bool same(const catalog::BuiltMaterialization& a, const catalog::BuiltMaterialization& b);

}  // namespace weir::app
