// weir secrets edit
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "app/commands.h"
#include "app/folders.h"
#include "app/keyring.h"
#include "app/output.h"
#include "app/secret_text_file.h"
#include "io/file.h"
#include "io/secret_file.h"

namespace weir::app {
namespace {

// A file that only the user can read, in memory where there is such a place; overwritten and gone
// with the object.
class Draft {
 public:
  static Result<std::unique_ptr<Draft>> make(const std::string& like, const Secret& text) {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    std::string base = "/tmp";
    for (const char* candidate : {runtime, "/dev/shm"}) {
      if (candidate != nullptr && ::access(candidate, W_OK | X_OK) == 0) {
        base = candidate;
        break;
      }
    }
    std::string folder = join_path(base, "weir-edit-XXXXXX");
    if (::mkdtemp(folder.data()) == nullptr) {
      return error(Code::kUnavailable, "no folder for the draft can be made in {}", base);
    }
    const std::size_t slash = like.rfind('/');
    std::unique_ptr<Draft> out(new Draft(
        folder, join_path(folder, slash == std::string::npos ? like : like.substr(slash + 1))));
    WEIR_TRY(io::File file, io::File::open(out->path_, io::File::Open::kCreateNew, 0600));
    WEIR_RETURN_IF_ERROR(file.write_at(0, text.reveal()));
    return out;
  }
  ~Draft() {
    // Editors leave copies of their own beside it.
    const auto entries = io::list_folder(folder_);
    for (const io::FolderEntry& entry : entries ? *entries : std::vector<io::FolderEntry>()) {
      const std::string path = join_path(folder_, entry.name);
      if (auto file = io::File::open(path, io::File::Open::kReadWrite)) {
        const auto size = file->size();
        if (size) (void)file->write_at(0, std::string(*size, '\0'));
      }
      (void)io::remove_file(path);
    }
    ::rmdir(folder_.c_str());
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  Status edit() const {
    const char* visual = std::getenv("VISUAL");
    const char* editor = visual != nullptr && *visual != '\0' ? visual : std::getenv("EDITOR");
    // The shell splits the user's command into words; the path goes in by a variable.
    const std::string command =
        fmt::format("{} \"$WEIR_DRAFT\"", editor != nullptr && *editor != '\0' ? editor : "vi");
    ::setenv("WEIR_DRAFT", path_.c_str(), 1);
    const int code = std::system(command.c_str());
    ::unsetenv("WEIR_DRAFT");
    if (code != 0) return error(Code::kCancelled, "the editor failed; nothing was changed");
    return {};
  }
  Result<Secret> text() const { return io::read_secret_file(path_, kSecretFileMax); }

 private:
  Draft(std::string folder, std::string path)
      : folder_(std::move(folder)), path_(std::move(path)) {}
  const std::string folder_, path_;
};

// While it lives, a terminal that goes away or a SIGTERM ends the editor, but not this process,
// which has a draft to remove.
class Held {
 public:
  Held() {
    struct sigaction nothing {};
    nothing.sa_handler = [](int) {};  // a handler, for what is ignored stays so in the editor
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      ::sigaction(kSignals[i], &nothing, &before_[i]);
    }
  }
  ~Held() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      ::sigaction(kSignals[i], &before_[i], nullptr);
    }
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  static constexpr std::array<int, 2> kSignals{SIGHUP, SIGTERM};
  std::array<struct sigaction, 2> before_{};
};

// Until the draft can be encrypted, or the user gives up.
Result<Secret> sealed_draft(const OpenedSecretFile& file, const Draft& draft) {
  while (true) {
    WEIR_TRY(const Secret edited, draft.text());
    auto sealed = file.sealed_again(edited);
    if (sealed || !is_terminal(STDIN_FILENO)) return sealed;
    print_error(sealed.error().message);
    note("Press Enter to edit again, Ctrl-D to give up: ");
    char c = 0;
    ssize_t count = 0;
    while ((count = ::read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') {
    }
    if (count != 1) return sealed;
    WEIR_RETURN_IF_ERROR(draft.edit());
  }
}

ExitCode run(const Arguments& arguments) {
  const std::string& path = arguments.positionals().front();
  const auto keyring = find_keyring(arguments.texts("--identity"));
  if (!keyring) return tell_unopened(keyring.error());
  const auto file = OpenedSecretFile::open(path, *keyring);
  if (!file) return tell_unopened(file.error());
  const auto plain = (*file)->plain();
  if (!plain) return tell_unopened(plain.error());
  const Held held;
  const auto draft = Draft::make(path, *plain);
  if (!draft) return tell_unopened(draft.error());
  if (const Status edited = (*draft)->edit(); !edited) {
    print_error(edited.error().message);
    return ExitCode::kFailed;
  }
  const auto now = (*draft)->text();
  if (!now) return tell_unopened(now.error());
  if (now->reveal() == plain->reveal()) {
    note(fmt::format("{}: was not changed\n", path));
    return ExitCode::kDone;
  }
  const auto sealed = sealed_draft(**file, **draft);
  if (!sealed) return tell_unopened(sealed.error());
  if (const Status done = replace_file(path, *sealed); !done) return tell_unopened(done.error());
  note(fmt::format("{}: encrypted again\n", path));
  return ExitCode::kDone;
}

}  // namespace

const Command& secrets_edit_command() {
  static const Command command{
      .name = "secrets edit",
      .summary = "Edit an encrypted file in clear, and encrypt it again",
      .description =
          "Opens a catalog or another SOPS document, starts $VISUAL or $EDITOR on it in clear, and "
          "encrypts what you saved for the same recipients. The envelopes of values that did not "
          "change stay, so that differences are small. Here everything may be changed: urls, "
          "headers, the order of triggers.\n\n"
          "The draft lies in memory ($XDG_RUNTIME_DIR or /dev/shm, else /tmp) in a folder that "
          "only you can read, and is overwritten and removed at the end.",
      .positionals = {{.name = "FILE", .help = "Catalog file or SOPS document", .at_least = 1}},
      .options = {identity_option()},
      .exits = {{ExitCode::kDone, {}},
                {ExitCode::kFailed,
                 "the editor failed, or what it left cannot be encrypted; "
                 "nothing was changed"},
                {ExitCode::kUsage, {}},
                {ExitCode::kSealed, "no identity opens it, or it was changed"}},
      .examples = {{"weir secrets edit flow.yaml", "Change a header or a url."}},
      .run = run};
  return command;
}

}  // namespace weir::app
