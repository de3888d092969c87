#include "app/sops_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "secrets/secret_text.h"

extern char** environ;

namespace weir::app {
namespace {

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

Result<Secret> read_all(int file) {
  secrets::SecretText out(64u << 10);
  std::array<char, 4096> piece;
  for (;;) {
    const ssize_t count = ::read(file, piece.data(), piece.size());
    if (count <= 0) break;
    if (out.view().size() + static_cast<std::size_t>(count) > kSopsAnswerMax) {
      return error(Code::kLimit, "the answer of `sops` is longer than {} bytes", kSopsAnswerMax);
    }
    out.append({piece.data(), static_cast<std::size_t>(count)});
  }
  piece.fill(0);
  return out.take();
}

std::string first_line(int file) {
  ::lseek(file, 0, SEEK_SET);
  std::array<char, 512> text;
  const ssize_t count = ::read(file, text.data(), text.size());
  const std::string_view said(text.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  return std::string(said.substr(0, said.find('\n')));
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

Result<Secret> decrypt_by_sops(std::string_view document, const char* format) {
  Descriptor in(::memfd_create("document", MFD_CLOEXEC));
  Descriptor said(::memfd_create("said", MFD_CLOEXEC));
  int ends[2];
  if (in.get() < 0 || said.get() < 0 || ::pipe2(ends, O_CLOEXEC) != 0)
    return cannot("no files left");
  Descriptor read_end(ends[0]), write_end(ends[1]);
  WEIR_RETURN_IF_ERROR(fill(in.get(), document));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, said.get(), STDERR_FILENO);
  const char* arguments[] = {"sops",          "--decrypt", "--input-type", format,
                             "--output-type", format,      "/dev/stdin",   nullptr};
  pid_t child = 0;
  const int problem = ::posix_spawnp(&child, "sops", &actions, nullptr,
                                     const_cast<char* const*>(arguments), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) return cannot("it cannot be started");
  write_end.reset();
  auto answer = read_all(read_end.get());
  read_end.reset();
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!answer) return answer;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return error(Code::kSealed, "the `sops` program could not open it: {}", first_line(said.get()));
  }
  return answer;
}

}  // namespace weir::app
