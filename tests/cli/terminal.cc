#include "tests/cli/terminal.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weir::cli {
namespace {

constexpr int kPatienceMilliseconds = 120'000;

winsize size_of(std::size_t columns, std::size_t rows) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = static_cast<unsigned short>(rows);
  return size;
}

}  // namespace

Terminal::Terminal(const Folder& folder, const Words& words, std::size_t columns, std::size_t rows)
    : screen_(columns, rows) {
  const winsize size = size_of(columns, rows);
  int slave = -1;
  EXPECT_EQ(::openpty(&master_, &slave, nullptr, nullptr, &size), 0);
  process_ = folder.spawn(words, slave, slave, slave, Folder::On::kTerminal);
  ::close(slave);
}

Terminal::~Terminal() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  ::close(master_);
}

bool Terminal::fill() {
  pollfd entry{master_, POLLIN, 0};
  if (::poll(&entry, 1, kPatienceMilliseconds) != 1) return false;
  char bytes[4096];
  const ssize_t got = ::read(master_, bytes, sizeof bytes);
  if (got <= 0) return false;
  screen_.write({bytes, static_cast<std::size_t>(got)});
  return true;
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

void Terminal::type(std::string_view keys) const {
  EXPECT_EQ(::write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
}

void Terminal::resize(std::size_t columns, std::size_t rows) {
  const winsize size = size_of(columns, rows);
  EXPECT_EQ(::ioctl(master_, TIOCSWINSZ, &size), 0);
  screen_ = Screen(columns, rows);
}

int Terminal::wait() {
  while (fill()) {
  }
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace weir::cli
