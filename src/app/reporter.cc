#include "app/reporter.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/output.h"
#include "base/log.h"

namespace weir::app {
namespace {

constexpr std::size_t kColumnsUnknown = 80;

std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kColumnsUnknown;
  return size.ws_col;
}

Colour colour_of(runtime::TaskState state) {
  switch (state) {
    case runtime::TaskState::kStarting:
    case runtime::TaskState::kStopped: return Colour::kDim;
    case runtime::TaskState::kRunning: return Colour::kGreen;
    case runtime::TaskState::kBlocked:
    case runtime::TaskState::kRetrying: return Colour::kYellow;
    case runtime::TaskState::kStuck:
    case runtime::TaskState::kRefused: return Colour::kRed;
  }
  return Colour::kDim;
}

// Takes the drawn lines away: the cursor stands at the begin of the line below them.
std::string erase(std::size_t lines) {
  return lines == 0 ? "" : fmt::format("\x1b[{}A\x1b[J", lines);
}

}  // namespace

std::string count_pending(const runtime::TaskStatus& task) {
  std::map<std::string, std::size_t> counts;
  for (const runtime::PendingStatus& pending : task.pending) ++counts[pending.state];
  std::vector<std::string> parts;
  for (const auto& [state, count] : counts) parts.push_back(fmt::format("{} {}", count, state));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string status_line(const runtime::TaskStatus& task, bool colour) {
  std::string line = fmt::format("{}  {}  transaction {}  {} documents  {} rows", task.name,
                                 paint(runtime::name_of(task.state), colour_of(task.state), colour),
                                 task.transaction, task.documents, task.rows);
  if (task.bytes_behind > 0) line += fmt::format("  {} bytes behind", task.bytes_behind);
  if (const std::string pending = count_pending(task); !pending.empty())
    line += "  owes " + pending;
  if (!task.reason.empty()) line += "  " + task.reason;
  return line;
}

Reporter::Reporter(View view) : view_(view), colour_(coloured(STDERR_FILENO)) {
  if (view_ != View::kTerminal) return;
  set_log_sink([this](std::string_view line) {
    const std::lock_guard lock(mutex_);
    std::string text = erase(lines_.size()) + std::string(line);
    if (!text.ends_with('\n')) text += '\n';
    for (const std::string& drawn : lines_) text += drawn + "\n";
    note(text);
  });
}

Reporter::~Reporter() {
  if (view_ == View::kTerminal) set_log_sink(nullptr);
}

void Reporter::look(const std::vector<runtime::TaskStatus>& tasks, Instant now) {
  if (view_ == View::kTerminal) {
    draw(tasks);
    return;
  }
  for (const runtime::TaskStatus& task : tasks) report_commits(task);
  if (!alive_at_) alive_at_ = now + kAliveLineEvery;
  if (now < *alive_at_) return;
  alive_at_ = now + kAliveLineEvery;
  for (const runtime::TaskStatus& task : tasks) report_alive(task);
}

void Reporter::report_commits(const runtime::TaskStatus& task) {
  Seen& seen = seen_[task.name];
  // What was committed before this process began is no news of its, nor has it a time.
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

void Reporter::draw(const std::vector<runtime::TaskStatus>& tasks) {
  const std::size_t columns = terminal_columns();
  std::vector<std::string> lines;
  for (const runtime::TaskStatus& task : tasks) {
    std::string line = status_line(task, false).substr(0, columns - 1);
    while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0x80) != 0) line.pop_back();
    lines.push_back(paint(line, colour_of(task.state), colour_));
  }
  const std::lock_guard lock(mutex_);
  if (lines == lines_) return;
  std::string text = erase(lines_.size());
  for (const std::string& line : lines) text += line + "\n";
  lines_ = std::move(lines);
  note(text);
}

}  // namespace weir::app
