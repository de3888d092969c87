// What a running process tells of its tasks: commits gathered to one line a second, a line a minute
// that it is alive, and on a terminal one line per task that is drawn anew below the log.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/pace.h"
#include "app/watch_view.h"
#include "base/clock.h"
#include "runtime/status.h"

namespace weir::app {

inline constexpr std::chrono::milliseconds kCommitLineEvery{1000};
inline constexpr std::chrono::milliseconds kRedrawEvery{250};  // on a terminal
inline constexpr std::chrono::seconds kAliveLineEvery{60};

class Reporter {
 public:
  enum class View { kLines, kTerminal };
  // kTerminal takes the log's lines over (set_log_sink) until the end.
  explicit Reporter(View view);
  ~Reporter();
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  // Call about every kCommitLineEvery (kRedrawEvery), and whenever a task ended, with all tasks.
  void look(const std::vector<runtime::TaskStatus>& tasks, Instant now);

 private:
  struct Seen {
    std::uint64_t transaction = 0;
    std::uint64_t documents = 0;
    std::uint64_t rows = 0;
  };
  void report_commits(const runtime::TaskStatus& task);
  void report_alive(const runtime::TaskStatus& task);
  void draw(const std::vector<runtime::TaskStatus>& tasks, Instant now);

  const View view_;
  const bool colour_;
  std::map<std::string, Seen> seen_;
  std::map<std::string, Pace> paces_;
  std::optional<Instant> alive_at_;
  std::mutex mutex_;  // of the terminal
  DrawnLines drawn_;  // below the log; guarded by mutex_
};

}  // namespace weir::app
