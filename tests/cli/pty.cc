#include "tests/cli/pty.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

namespace weir::cli {
namespace {

constexpr int kPatienceMilliseconds = 120'000;

winsize size_of(PtySize size) {
  winsize out{};
  out.ws_col = static_cast<unsigned short>(size.columns);
  out.ws_row = static_cast<unsigned short>(size.rows);
  return out;
}

}  // namespace

Pty::Pty(const std::string& folder, const std::vector<std::string>& words,
         const std::map<std::string, std::string>& environment, PtySize size) {
  std::vector<std::string> texts = words;
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  std::vector<std::string> pairs;
  for (const auto& [name, value] : environment) pairs.push_back(name + "=" + value);
  std::vector<char*> variables;
  for (std::string& pair : pairs) variables.push_back(pair.data());
  variables.push_back(nullptr);

  const winsize window = size_of(size);
  process_ = ::forkpty(&descriptor_, nullptr, nullptr, &window);
  if (process_ != 0) {
    EXPECT_GT(process_, 0);
    ::fcntl(descriptor_, F_SETFD, FD_CLOEXEC);
    return;
  }
  if (::chdir(folder.c_str()) != 0) ::_exit(99);
  ::execvpe(arguments[0], arguments.data(), variables.data());
  ::_exit(98);
}

Pty::~Pty() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Pty::type(std::string_view text) const {
  EXPECT_EQ(::write(descriptor_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

void Pty::resize(PtySize size) const {
  const winsize window = size_of(size);
  EXPECT_EQ(::ioctl(descriptor_, TIOCSWINSZ, &window), 0);
}

std::string Pty::read_some() {
  pollfd entry{descriptor_, POLLIN, 0};
  if (::poll(&entry, 1, kPatienceMilliseconds) != 1) return {};
  char bytes[4096];
  const ssize_t got = ::read(descriptor_, bytes, sizeof bytes);  // EIO once the program ended
  return got <= 0 ? std::string() : std::string(bytes, static_cast<std::size_t>(got));
}

bool Pty::fill() {
  std::string bytes = read_some();
  const bool more = !bytes.empty();
  std::erase(bytes, '\r');
  buffer_ += bytes;
  return more;
}

std::string Pty::read_until(const std::string& text) {
  for (;;) {
    const std::size_t at = buffer_.find(text);
    if (at != std::string::npos) {
      std::string out = buffer_.substr(0, at + text.size());
      buffer_.erase(0, at + text.size());
      return out;
    }
    if (!fill()) {
      ADD_FAILURE() << "the terminal never showed " << text << "; it showed\n" << buffer_;
      return std::exchange(buffer_, {});
    }
  }
}

std::string Pty::read_rest() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

int Pty::wait() {
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace weir::cli
