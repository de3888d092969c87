// A program on a terminal of its own, typed to, and read as the bytes that it sends there. For what
// a person would see of them, see terminal.h.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

struct PtySize {
  std::size_t columns = 200;
  std::size_t rows = 60;
};

class Pty {
 public:
  // Runs words[0], looked up on the PATH, in a folder, with no environment but this.
  Pty(const std::string& folder, const std::vector<std::string>& words,
      const std::map<std::string, std::string>& environment, PtySize size = {});
  ~Pty();
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;

  void type(std::string_view text) const;
  void resize(PtySize size) const;
  // What comes next, as it comes; "" at the end of the program, or when nothing comes for a while.
  std::string read_some();
  // Everything that appeared since the last call, carriage returns aside, up to and with `text`;
  // fails the test if it does not appear for a while, or the program ends.
  std::string read_until(const std::string& text);
  std::string read_rest();
  // Once all was read: how the program ended, its exit code or 128 + the number of the signal.
  int wait();

 private:
  bool fill();
  pid_t process_ = -1;
  int descriptor_ = -1;
  std::string buffer_;
};

}  // namespace weir::cli
