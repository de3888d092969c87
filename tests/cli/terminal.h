// Runs the built program on a terminal of its own, and shows what a person would see on it.
#pragma once

#include <functional>
#include <string>

#include "tests/cli/program.h"
#include "tests/cli/pty.h"
#include "tests/cli/screen.h"

namespace weir::cli {

class Terminal {
 public:
  Terminal(const Folder& folder, const Words& words, std::size_t columns = 80,
           std::size_t rows = 24);

  // Reads until the screen shows it; fails the test when the program ends before, or nothing comes
  // for a while.
  void wait_for(const std::string& text);
  void wait_until(const std::function<bool(const Screen&)>& shown, const std::string& what);
  void type(std::string_view keys) const { pty_.type(keys); }  // "\x03": Ctrl-C
  // From here on; what was drawn before is not laid out anew, the screen is empty.
  void resize(std::size_t columns, std::size_t rows);
  // To the end of the program: its exit code.
  int wait();
  const Screen& screen() const { return screen_; }

 private:
  bool fill();
  Pty pty_;
  Screen screen_;
};

}  // namespace weir::cli
