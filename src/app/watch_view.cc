#include "app/watch_view.h"

#include <fmt/format.h>
#include <sys/ioctl.h>

#include <algorithm>

#include "app/output.h"
#include "app/screen_text.h"

namespace weir::app {
namespace {

constexpr std::size_t kNameColumnsMax = 32;
constexpr std::size_t kStateColumns = 8;  // of the longest name of a state

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

std::string padded(std::string text, std::size_t columns) {
  const std::size_t taken = screen_columns(text);
  return taken < columns ? text + std::string(columns - taken, ' ') : text;
}

}  // namespace

TerminalSize terminal_size(int descriptor) {
  winsize size{};
  TerminalSize out;
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0) return out;
  if (size.ws_col > 0) out.columns = size.ws_col;
  if (size.ws_row > 0) out.rows = size.ws_row;
  return out;
}

// The cursor stands below the lines, but for keys that were echoed there. A terminal that became
// narrower has broken them.
std::string DrawnLines::erase(const TerminalSize& size) const {
  std::size_t rows = 0;
  for (const std::string& line : lines_)
    rows += std::max<std::size_t>(1, (drawn_columns(line) + size.columns - 1) / size.columns);
  return rows == 0 ? "" : fmt::format("\r\x1b[{}A\x1b[J", rows);
}

std::string DrawnLines::all() const {
  std::string text;
  for (const std::string& line : lines_) text += line + "\n";
  return text;
}

std::string DrawnLines::draw(std::vector<std::string> lines, const TerminalSize& size) {
  // One row stays for the cursor.
  const std::size_t fit = size.rows > 2 ? size.rows - 1 : 1;
  if (lines.size() > fit) {
    const std::size_t more = lines.size() - fit + 1;
    lines.resize(fit - 1);
    lines.push_back(fmt::format("… and {} more; weir status shows all", more));
  }
  const bool same_size = size.columns == size_.columns && size.rows == size_.rows;
  if (lines == lines_ && same_size) return "";
  std::string text = erase(size);
  lines_ = std::move(lines);
  size_ = size;
  return text + all();
}

std::string DrawnLines::above(std::string_view text, const TerminalSize& size) {
  std::string out = erase(size) + std::string(text);
  if (!out.ends_with('\n')) out += '\n';
  return out + all();
}

std::string count_pending(const runtime::TaskStatus& task) {
  std::map<std::string, std::size_t> counts;
  for (const runtime::PendingStatus& pending : task.pending) ++counts[pending.state];
  std::vector<std::string> parts;
  for (const auto& [state, count] : counts) parts.push_back(fmt::format("{} {}", count, state));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string task_line(const runtime::TaskStatus& task, const Pace& pace, std::size_t name_columns) {
  std::string line = padded(cut_to_columns(printable(task.name), kNameColumnsMax), name_columns);
  line += "  " + padded(std::string(runtime::name_of(task.state)), kStateColumns);
  if (!task.reason.empty() && task.state != runtime::TaskState::kStopped) {
    line += "  " + printable(task.reason);
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line;
  }
  if (task.bytes_behind > 0) {
    line += fmt::format("  {} behind", short_bytes(static_cast<std::uint64_t>(task.bytes_behind)));
    if (const auto left = pace.left()) line += fmt::format(", {} left", short_time(*left));
  } else if (task.caught_up) {
    line += "  caught up";
  }
  if (const std::string pending = count_pending(task); !pending.empty())
    line += "  owes " + pending;
  line += fmt::format("  {} docs/s", short_count(pace.documents_per_second()));
  line += fmt::format("  {} rows", short_count(static_cast<double>(task.rows)));
  return line;
}

std::vector<std::string> task_lines(const std::vector<runtime::TaskStatus>& tasks,
                                    const std::map<std::string, Pace>& paces, std::size_t columns,
                                    bool colour) {
  std::size_t name_columns = 0;
  for (const runtime::TaskStatus& task : tasks)
    name_columns = std::max(name_columns, screen_columns(printable(task.name)));
  name_columns = std::min(name_columns, kNameColumnsMax);
  std::vector<std::string> lines;
  static const Pace unknown;
  for (const runtime::TaskStatus& task : tasks) {
    const auto pace = paces.find(task.name);
    const std::string line =
        task_line(task, pace == paces.end() ? unknown : pace->second, name_columns);
    // The last column stays free: some terminals break the line there.
    lines.push_back(
        paint(cut_to_columns(line, columns > 1 ? columns - 1 : 1), colour_of(task.state), colour));
  }
  return lines;
}

}  // namespace weir::app
