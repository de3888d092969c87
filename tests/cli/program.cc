#include "tests/cli/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "json/events.h"
#include "testing/canary.h"

namespace weir::cli {
namespace {

// Generous: a sanitized program on a busy machine.
constexpr int kPatienceMilliseconds = 120'000;
constexpr int kAliveLinesMax = 5;

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  return {ends[0], ends[1]};
}

int code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Input that does not fit into a pipe goes through a file.
int input_of(const std::string& text) {
  char name[] = "/tmp/weir-cli-input-XXXXXX";
  const int descriptor = ::mkstemp(name);
  EXPECT_GE(descriptor, 0);
  ::unlink(name);
  EXPECT_EQ(::write(descriptor, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::lseek(descriptor, 0, SEEK_SET);
  return descriptor;
}

}  // namespace

// --- Running ---

Running::~Running() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  judge();
  if (out_ >= 0) ::close(out_);
  if (err_ >= 0) ::close(err_);
}

bool Running::fill(int descriptor, std::string& buffer) {
  pollfd entry{descriptor, POLLIN, 0};
  if (::poll(&entry, 1, kPatienceMilliseconds) != 1) return false;
  char bytes[4096];
  const ssize_t got = ::read(descriptor, bytes, sizeof bytes);
  if (got <= 0) return false;
  buffer.append(bytes, static_cast<std::size_t>(got));
  (descriptor == out_ ? out_so_far_ : err_so_far_).append(bytes, static_cast<std::size_t>(got));
  return true;
}

void Running::judge() {
  if (judge_) judge_(out_so_far_, err_so_far_);
  judge_ = nullptr;
}

std::string Running::next_line() {
  for (;;) {
    const std::size_t end = out_buffer_.find('\n');
    if (end != std::string::npos) {
      const std::string line = out_buffer_.substr(0, end);
      out_buffer_.erase(0, end + 1);
      return line;
    }
    if (!fill(out_, out_buffer_)) {
      ADD_FAILURE() << "no further line";
      return "";
    }
  }
}

std::string Running::wait_for_log(const std::string& text) {
  int alive = 0;  // lines that come whatever happens
  for (;;) {
    const std::size_t end = err_buffer_.find('\n');
    if (end != std::string::npos) {
      const std::string line = err_buffer_.substr(0, end);
      err_buffer_.erase(0, end + 1);
      if (line.find(text) != std::string::npos) return line;
      if (line.find("alive task=") != std::string::npos) ++alive;
    } else if (alive > kAliveLinesMax || !fill(err_, err_buffer_)) {
      ADD_FAILURE() << "the log never said " << text;
      return "";
    }
  }
}

void Running::signal(int number) const {
  ASSERT_EQ(::kill(process_, number), 0);
}

Ran Running::wait() {
  bool out_open = true;
  bool err_open = true;
  while (out_open || err_open) {
    pollfd entries[] = {{out_open ? out_ : -1, POLLIN, 0}, {err_open ? err_ : -1, POLLIN, 0}};
    if (::poll(entries, 2, kPatienceMilliseconds) <= 0) {
      ADD_FAILURE() << "the program does not end; it said\n" << err_buffer_;
      ::kill(process_, SIGKILL);
      break;
    }
    if (entries[0].revents != 0) out_open = fill(out_, out_buffer_);
    if (entries[1].revents != 0) err_open = fill(err_, err_buffer_);
  }
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
  judge();
  return {code_of(status), std::move(out_buffer_), std::move(err_buffer_)};
}

// --- Folder ---

Folder::Folder() {
  char name[] = "/tmp/weir-cli-XXXXXX";
  EXPECT_NE(::mkdtemp(name), nullptr);
  path_ = name;
  for (const char* kept : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "TMPDIR"}) {
    if (const char* value = std::getenv(kept)) environment_[kept] = value;
  }
}

Folder::~Folder() {
  for (const std::string& leak : leaks()) ADD_FAILURE() << leak;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void Folder::write(const std::string& name, const std::string& text) const {
  own_.insert(name);
  std::filesystem::create_directories(std::filesystem::path(file(name)).parent_path());
  std::ofstream(file(name), std::ios::binary) << text;
}

std::string Folder::read(const std::string& name) const {
  std::ifstream in(file(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

pid_t Folder::spawn(const Words& words, int in, int out, int err) const {
  std::vector<std::string> texts{WEIR_PROGRAM};
  texts.insert(texts.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  std::vector<std::string> pairs;
  for (const auto& [name, value] : environment_) pairs.push_back(name + "=" + value);
  std::vector<char*> environment;
  for (std::string& pair : pairs) environment.push_back(pair.data());
  environment.push_back(nullptr);

  const pid_t process = ::fork();
  if (process != 0) return process;
  if (::chdir(path_.c_str()) != 0) ::_exit(99);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::execve(WEIR_PROGRAM, arguments.data(), environment.data());
  ::_exit(98);
}

std::unique_ptr<Running> Folder::start(const Words& words) const {
  const Pipe out = make_pipe();
  const Pipe err = make_pipe();
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const pid_t process = spawn(words, in, out.write, err.write);
  for (const int descriptor : {in, out.write, err.write}) ::close(descriptor);
  return std::make_unique<Running>(process, out.read, err.read, judge_of(words));
}

Ran Folder::run(const Words& words, const std::string& input) const {
  const Pipe out = make_pipe();
  const Pipe err = make_pipe();
  const int in = input_of(input);
  const pid_t process = spawn(words, in, out.write, err.write);
  for (const int descriptor : {in, out.write, err.write}) ::close(descriptor);
  return Running(process, out.read, err.read, judge_of(words)).wait();
}

Running::Judge Folder::judge_of(const Words& words) const {
  std::string name = "weir";
  for (std::size_t i = 0; i < words.size() && i < 2 && words[i][0] != '-'; ++i)
    name += " " + words[i];
  if (name == "weir secrets keygen") {
    const auto option = std::find(words.begin(), words.end(), "-o");
    if (option != words.end()) may_hold_secrets(option[1]);
  }
  // What a receiver got is for it to see, and these print secrets because they are asked to.
  for (const char* shows : {"weir listen", "weir secrets decrypt", "weir secrets keygen"}) {
    if (name.starts_with(shows)) return {};
  }
  return [name, printed = printed_](const std::string& out, const std::string& err) {
    for (const auto& [what, text] : {std::pair("output", &out), std::pair("error", &err)}) {
      for (std::string& leak : secrecy::leaks_in("the standard " + (what + (" of " + name)), *text))
        printed->push_back(std::move(leak));
    }
  };
}

std::vector<std::string> Folder::leaks() const {
  std::vector<std::string> found = *printed_;
  const auto may_hold = [&](const std::string& name) {
    for (std::size_t end = 0; end != std::string::npos;) {
      end = name.find('/', end + 1);
      if (own_.contains(name.substr(0, end))) return true;
    }
    return false;
  };
  for (std::string& leak : secrecy::leaks_in_folder(path_, may_hold))
    found.push_back(std::move(leak));
  return found;
}

std::vector<std::string> Folder::take_leaks() {
  std::vector<std::string> found = leaks();
  printed_->clear();
  for (const auto& entry : std::filesystem::directory_iterator(path_))
    may_hold_secrets(entry.path().filename());
  return found;
}

// --- Receiver ---

Receiver::Receiver(const Folder& folder, const Words& options) {
  Words words{"listen", "--json"};
  words.insert(words.end(), options.begin(), options.end());
  running_ = folder.start(words);
  url_ = member(parse(running_->next_line()).root, "listening");
}

json::Tree Receiver::next() {
  return parse(running_->next_line());
}

std::string Receiver::next_body() {
  return member(next().root, "body");
}

// --- texts ---

std::vector<std::string> rows(const std::string& database, const std::string& query) {
  sqlite3* handle = nullptr;
  std::vector<std::string> found;
  if (sqlite3_open_v2(database.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
    sqlite3_close(handle);
    return {"no database"};
  }
  const auto take = [](void* context, int count, char** values, char**) {
    std::string row;
    for (int i = 0; i < count; ++i) {
      if (i > 0) row += " | ";
      row += values[i] == nullptr ? "NULL" : values[i];
    }
    static_cast<std::vector<std::string>*>(context)->push_back(std::move(row));
    return 0;
  };
  char* problem = nullptr;
  if (sqlite3_exec(handle, query.c_str(), take, &found, &problem) != SQLITE_OK) {
    found.push_back(std::string("error: ") + problem);
    sqlite3_free(problem);
  }
  sqlite3_close(handle);
  return found;
}

json::Tree parse(const std::string& text) {
  auto tree = json::parse_tree(text);
  EXPECT_TRUE(tree.has_value()) << text;
  return tree ? std::move(*tree) : json::Tree{};
}

std::string member(const json::Value& object, const std::string& name) {
  const json::Value* value = object.find(name);
  if (value == nullptr) return "(no " + name + ")";
  return value->is_string() ? std::string(value->as_string()) : json::to_text(*value);
}

void golden(const std::string& name, const std::string& actual) {
  const std::string path = "tests/golden/" + name;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << actual;
    ADD_FAILURE() << "rewrote " << path << "; run again without UPDATE_GOLDEN";
    return;
  }
  std::ifstream in(path, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(expected, actual) << path << " (UPDATE_GOLDEN=1 writes it)";
}

}  // namespace weir::cli
