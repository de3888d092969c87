// Lines that stay at the bottom of a terminal and are drawn anew, one per task, while events scroll
// above them.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/pace.h"
#include "runtime/status.h"

namespace weir::app {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};
// What the terminal behind the descriptor says of itself; the default where it says nothing.
TerminalSize terminal_size(int descriptor);

// The lines that are drawn. Returns what has to be written; writes nothing.
class DrawnLines {
 public:
  // Draws `lines` in the place of those before; empty where nothing changes. Lines are cut to the
  // columns, and what does not fit into the rows is counted in the last one.
  std::string draw(std::vector<std::string> lines, const TerminalSize& size);
  // Puts `text`, which scrolls away, above the lines.
  std::string above(std::string_view text, const TerminalSize& size);

 private:
  std::string erase(const TerminalSize& size) const;
  std::string all() const;
  std::vector<std::string> lines_;
  TerminalSize size_;  // for which they were drawn
};

// One line about a task for a person, as long as it is; what matters most comes first.
std::string task_line(const runtime::TaskStatus& task, const Pace& pace, std::size_t name_columns);
// Those of several tasks, their states below each other; `colour` paints each line by its state.
std::vector<std::string> task_lines(const std::vector<runtime::TaskStatus>& tasks,
                                    const std::map<std::string, Pace>& paces, std::size_t columns,
                                    bool colour);
// "3 cut, 1 parked"; empty if nothing is owed.
std::string count_pending(const runtime::TaskStatus& task);

}  // namespace weir::app
