// Runs the built program in a folder of its own: to its end, or beside the test.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "json/value.h"

namespace weir::cli {

using Words = std::vector<std::string>;

struct Ran {
  int code = -1;  // 128 + the number of the signal that ended it
  std::string out;
  std::string err;
};

// A program that runs beside the test. Killed at the end, should it still run.
class Running {
 public:
  // Called at the end with all that it wrote.
  using Judge = std::function<void(const std::string& out, const std::string& err)>;
  Running(pid_t process, int out, int err, Judge judge)
      : process_(process), out_(out), err_(err), judge_(std::move(judge)) {}
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  // The next line of its standard output or standard error, without its end; fails the test and
  // returns "" when none comes for a while.
  std::string next_line();
  // Reads standard error until a line holds `text`, and returns that; fails the test when it ends
  // or nothing comes for a while.
  std::string wait_for_log(const std::string& text);
  void signal(int number) const;
  pid_t process() const { return process_; }
  // Everything that was not read yet.
  Ran wait();

 private:
  bool fill(int descriptor, std::string& buffer);
  void judge();
  pid_t process_;
  int out_;
  int err_;
  std::string out_buffer_;
  std::string err_buffer_;
  Judge judge_;
  std::string out_so_far_;
  std::string err_so_far_;
};

// A folder that is empty at first and gone at the end; the program runs in it. At the end it is
// searched for secrets (testing/canary.h), and so is all that programs wrote while they ran in it:
// nobody but the test itself, and commands that are there to show a secret, may write one.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;
  // A file, or a folder with all below it, that a program may write secrets to.
  void may_hold_secrets(const std::string& name) const { own_.insert(name); }
  // The leaks so far, which then fail the test no more.
  std::vector<std::string> take_leaks();

  // To the program's environment; nothing of the test's own but PATH and what sanitizers want is in
  // it.
  void set(const std::string& name, const std::string& value) { environment_[name] = value; }

  Ran run(const Words& words, const std::string& input = "") const;
  std::unique_ptr<Running> start(const Words& words) const;

  const std::map<std::string, std::string>& environment() const { return environment_; }

 private:
  pid_t spawn(const Words& words, int in, int out, int err) const;
  Running::Judge judge_of(const Words& words) const;
  std::vector<std::string> leaks() const;
  std::string path_;
  mutable std::set<std::string> own_;  // files that may hold secrets
  // What programs printed; shared with those that outlive the folder.
  std::shared_ptr<std::vector<std::string>> printed_ = std::make_shared<std::vector<std::string>>();
  std::map<std::string, std::string> environment_;
};

// A receiver: `weir listen --json` with these options.
class Receiver {
 public:
  explicit Receiver(const Folder& folder, const Words& options = {});
  const std::string& url() const { return url_; }
  // The next request that arrived, as its line of JSON.
  json::Tree next();
  std::string next_body();

 private:
  std::unique_ptr<Running> running_;
  std::string url_;
};

// The rows of a query on a SQLite file, columns joined by " | ".
std::vector<std::string> rows(const std::string& database, const std::string& query);

// The members of a JSON object, or of each object of an array, that are texts, numbers or booleans:
// for whole lists in expectations. Fails the test if the text is no JSON.
json::Tree parse(const std::string& text);
std::string member(const json::Value& object, const std::string& name);

// Compares with tests/golden/NAME. With UPDATE_GOLDEN set the file is written instead, and the test
// fails, so that an update is a step of its own.
void golden(const std::string& name, const std::string& actual);

}  // namespace weir::cli
