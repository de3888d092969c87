#include "app/sops_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/secret_text.h"
#include "base/text.h"

extern char** environ;

namespace weir::app {
namespace {

// How long one look at the program waits before the clock is read again.
constexpr std::chrono::milliseconds kLook{20};

// A descriptor that is closed with the object.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  void reset(int number = -1) {
    if (number_ >= 0) ::close(number_);
    number_ = number;
  }

 private:
  int number_;
};

tl::unexpected<Error> cannot(std::string_view what) {
  return error(Code::kUnavailable, "the `sops` program cannot be run: {}", what);
}

// The encrypted document goes in by a file in memory, so that nothing has to be written while the
// answer is read.
Status fill(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written <= 0) return cannot("no memory for the document");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  ::lseek(file, 0, SEEK_SET);
  return {};
}

std::string first_line(int file) {
  ::lseek(file, 0, SEEK_SET);
  std::array<char, 512> text;
  const ssize_t count = ::read(file, text.data(), text.size());
  const std::string_view said(text.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  return std::string(said.substr(0, said.find('\n')));
}

// A program with a process group of its own, all of which ends with the object.
class Child {
 public:
  static Result<Child> start(const char* const* arguments, int in, int out, int said) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, said, STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // What this process ignores and this thread blocks is no business of the program.
    sigset_t none, changed;
    ::sigemptyset(&none);
    ::sigemptyset(&changed);
    ::sigaddset(&changed, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &changed);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    pid_t id = 0;
    const int problem = ::posix_spawnp(&id, arguments[0], &actions, &attributes,
                                       const_cast<char* const*>(arguments), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (problem != 0) return cannot("it cannot be started");
    return Child(id);
  }
  Child(Child&& other) noexcept : id_(std::exchange(other.id_, 0)), status_(other.status_) {}
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (id_ == 0) return;
    ::kill(-id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }

  bool ended() {
    if (id_ != 0 && ::waitpid(id_, &status_, WNOHANG) == id_) id_ = 0;
    return id_ == 0;
  }
  bool succeeded() const { return WIFEXITED(status_) && WEXITSTATUS(status_) == 0; }

 private:
  explicit Child(pid_t id) : id_(id) {}
  pid_t id_;  // 0: it ended
  int status_ = 0;
};

// Takes a piece of what is there to read, if anything. False: nothing will come any more.
Result<bool> take(int file, SecretText& out) {
  std::array<char, 32u << 10> piece;
  const ssize_t count = ::read(file, piece.data(), piece.size());
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  const auto size = static_cast<std::size_t>(count);
  if (out.size() + size > kSopsAnswerMax) {
    wipe(piece.data(), size);
    return error(Code::kLimit, "the answer of `sops` is longer than {} bytes", kSopsAnswerMax);
  }
  out.append({piece.data(), size});
  wipe(piece.data(), size);
  return size > 0;
}

}  // namespace

bool sops_is_there() {
  const char* path = std::getenv("PATH");
  if (path == nullptr) return false;
  for (const std::string_view folder : split(path, ':')) {
    if (!folder.empty() && ::access((std::string(folder) + "/sops").c_str(), X_OK) == 0)
      return true;
  }
  return false;
}

Result<Secret> decrypt_by_sops(std::string_view document, const char* format, const Clock& clock) {
  const Instant deadline = clock.monotonic() + kSopsTimeout;
  const Descriptor in(::memfd_create("document", MFD_CLOEXEC));
  const Descriptor said(::memfd_create("said", MFD_CLOEXEC));
  int ends[2];
  if (in.get() < 0 || said.get() < 0 || ::pipe2(ends, O_CLOEXEC) != 0) {
    return cannot("no files left");
  }
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  ::fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
  WEIR_RETURN_IF_ERROR(fill(in.get(), document));
  const char* arguments[] = {"sops",          "--decrypt", "--input-type", format,
                             "--output-type", format,      "/dev/stdin",   nullptr};
  WEIR_TRY(Child child, Child::start(arguments, in.get(), write_end.get(), said.get()));
  write_end.reset();
  SecretText answer(64u << 10);
  for (bool more = true; more || !child.ended();) {
    if (clock.monotonic() >= deadline) {
      return error(Code::kUnavailable,
                   "the `sops` program did not end within {} seconds and was ended; does it reach "
                   "its key service?",
                   kSopsTimeout.count());
    }
    pollfd wait{.fd = more ? read_end.get() : -1, .events = POLLIN, .revents = 0};
    ::poll(&wait, 1, static_cast<int>(kLook.count()));
    if (!more) continue;
    WEIR_TRY(more, take(read_end.get(), answer));
  }
  if (!child.succeeded()) {
    return error(Code::kSealed, "the `sops` program could not open it: {}", first_line(said.get()));
  }
  return answer.take();
}

}  // namespace weir::app
