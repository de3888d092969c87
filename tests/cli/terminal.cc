#include "tests/cli/terminal.h"

#include <gtest/gtest.h>

namespace weir::cli {
namespace {

Words program_with(const Words& words) {
  Words all{WEIR_PROGRAM};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

}  // namespace

Terminal::Terminal(const Folder& folder, const Words& words, std::size_t columns, std::size_t rows)
    : pty_(folder.path(), program_with(words), folder.environment(), {columns, rows}),
      screen_(columns, rows) {}

bool Terminal::fill() {
  const std::string bytes = pty_.read_some();
  screen_.write(bytes);
  return !bytes.empty();
}

void Terminal::wait_for(const std::string& text) {
  wait_until([&](const Screen& screen) { return screen.shows(text); }, text);
}

void Terminal::wait_until(const std::function<bool(const Screen&)>& shown,
                          const std::string& what) {
  while (!shown(screen_)) {
    if (fill()) continue;
    ADD_FAILURE() << "the terminal never showed " << what << "; it shows\n" << screen_.all();
    return;
  }
}

void Terminal::resize(std::size_t columns, std::size_t rows) {
  pty_.resize({columns, rows});
  screen_ = Screen(columns, rows);
}

int Terminal::wait() {
  while (fill()) {
  }
  return pty_.wait();
}

}  // namespace weir::cli
