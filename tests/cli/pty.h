// A program on a terminal of its own, typed to and read like a person does.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace weir::cli {

class Pty {
 public:
  // Runs words[0], looked up on the PATH, in a folder, with no environment but this; 200 columns.
  Pty(const std::string& folder, const std::vector<std::string>& words,
      const std::map<std::string, std::string>& environment);
  ~Pty();
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;

  void type(const std::string& text) const;
  // Everything that appeared since the last call, up to and with `text`; fails the test if it does
  // not appear for a while, or the program ends.
  std::string read_until(const std::string& text);
  // What is left, and how the program ended: its exit code, or 128 + the number of the signal.
  std::string read_rest();
  int wait();

 private:
  bool fill();
  pid_t process_ = -1;
  int descriptor_ = -1;
  std::string buffer_;
};

}  // namespace weir::cli
