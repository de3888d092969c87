#include "app/reporter.h"

#include <unistd.h>

#include <algorithm>

#include "app/output.h"
#include "app/screen_text.h"
#include "base/log.h"

namespace weir::app {

Reporter::Reporter(View view) : view_(view), colour_(coloured(STDERR_FILENO)) {
  if (view_ != View::kTerminal) return;
  set_log_sink([this](std::string_view line) {
    const std::lock_guard lock(mutex_);
    note(drawn_.above(printable(line), terminal_size(STDERR_FILENO)));
  });
}

Reporter::~Reporter() {
  if (view_ == View::kTerminal) set_log_sink(nullptr);
}

void Reporter::look(const std::vector<runtime::TaskStatus>& tasks, Instant now) {
  if (view_ == View::kTerminal) {
    draw(tasks, now);
    return;
  }
  for (const runtime::TaskStatus& task : tasks) report_commits(task);
  if (!alive_at_) alive_at_ = now + kAliveLineEvery;
  if (now < *alive_at_) return;
  alive_at_ = now + kAliveLineEvery;
  for (const runtime::TaskStatus& task : tasks) report_alive(task);
}

void Reporter::report_commits(const runtime::TaskStatus& task) {
  const auto [it, is_first] = seen_.try_emplace(task.name);
  Seen& seen = it->second;
  // What was committed before this process began is no news of its.
  if (is_first && task.documents == 0) seen.transaction = task.transaction;
  if (task.transaction <= seen.transaction || !task.committed_at) return;
  log(LogLevel::kInfo, "committed",
      {{"task", task.name},
       {"transaction", task.transaction},
       {"documents", task.documents - std::min(seen.documents, task.documents)},
       {"rows", task.rows - std::min(seen.rows, task.rows)},
       {"bytes_behind", task.bytes_behind}});
  seen = {task.transaction, task.documents, task.rows};
}

void Reporter::report_alive(const runtime::TaskStatus& task) {
  using runtime::TaskState;
  if (task.state == TaskState::kStopped || task.state == TaskState::kRefused) return;
  log(LogLevel::kInfo, "alive",
      {{"task", task.name},
       {"state", runtime::name_of(task.state)},
       {"transaction", task.transaction},
       {"documents", task.documents},
       {"rows", task.rows},
       {"bytes_behind", task.bytes_behind},
       {"pending", task.pending.size()}});
}

void Reporter::draw(const std::vector<runtime::TaskStatus>& tasks, Instant now) {
  for (const runtime::TaskStatus& task : tasks) paces_[task.name].look(task, now);
  const TerminalSize size = terminal_size(STDERR_FILENO);
  const std::lock_guard lock(mutex_);
  const std::string text = drawn_.draw(task_lines(tasks, paces_, size.columns, colour_), size);
  if (!text.empty()) note(text);
}

}  // namespace weir::app
