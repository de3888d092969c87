#include "app/ask.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "app/output.h"

namespace weir::app {
namespace {

constexpr char kInterrupt = 3;

// Without the line's end. Byte by byte: what follows belongs to the next question.
std::optional<std::string> read_line() {
  std::string line;
  while (line.size() < kAnswerBytesMax) {
    char c = 0;
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || c == kInterrupt) break;
    if (c == '\n') return line;
    line += c;
  }
  wipe(line);
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

bool can_ask() {
  return is_terminal(STDIN_FILENO) && is_terminal(STDERR_FILENO);
}

std::optional<std::string> ask(std::string_view question, std::string_view proposal) {
  note(proposal.empty() ? fmt::format("{}: ", question)
                        : fmt::format("{} [{}]: ", question, proposal));
  const auto line = read_line();
  if (!line) return std::nullopt;
  const std::string_view answer = trimmed(*line);
  return std::string(answer.empty() ? proposal : answer);
}

std::optional<bool> ask_whether(std::string_view question, bool proposal) {
  for (;;) {
    const auto answer = ask(question, proposal ? "Y/n" : "y/N");
    if (!answer) return std::nullopt;
    if (*answer == "Y/n" || *answer == "y" || *answer == "Y" || *answer == "yes") return true;
    if (*answer == "y/N" || *answer == "n" || *answer == "N" || *answer == "no") return false;
    note("y or n\n");
  }
}

std::optional<Secret> ask_hidden(std::string_view question) {
  termios before{};
  if (::tcgetattr(STDIN_FILENO, &before) != 0) return std::nullopt;
  termios hidden = before;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
  hidden.c_cc[VEOL] = kInterrupt;
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  note(fmt::format("{}: ", question));
  auto line = read_line();
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
  note("\n");
  if (!line) return std::nullopt;
  Secret answer{std::string(trimmed(*line))};
  wipe(*line);
  return answer;
}

}  // namespace weir::app
