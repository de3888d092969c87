// weir secrets rotate
#include "app/commands.h"
#include "app/keyring.h"
#include "app/output.h"
#include "app/secret_recipients.h"
#include "app/secret_text_file.h"

namespace weir::app {
namespace {

ExitCode run(const Arguments& arguments) {
  const auto keyring = find_keyring(arguments.texts("--identity"));
  if (!keyring) return tell_unopened(keyring.error());
  const auto recipients = given_recipients(arguments);
  if (!recipients) return tell_unopened(recipients.error());
  struct Rotated {
    Secret text;
    std::string recipients;
  };
  std::vector<Rotated> all;
  for (const std::string& path : arguments.positionals()) {
    const auto file = OpenedSecretFile::open(path, *keyring);
    if (!file) return tell_unopened(file.error());
    auto text = (*file)->rotated(*recipients);
    if (!text) return tell_unopened(text.error());
    all.push_back({*std::move(text), recipients->groups.empty() ? (*file)->recipients()
                                                                : recipients->recipients_text()});
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& path = arguments.positionals()[i];
    const Status done = replace_file(path, all[i].text);
    if (!done) return tell_unopened(done.error());
    note(fmt::format("{}: has a new data key, for {}\n", path, all[i].recipients));
  }
  return ExitCode::kDone;
}

}  // namespace

const Command& secrets_rotate_command() {
  static const Command command{
      .name = "secrets rotate",
      .summary = "Encrypt files under new data keys, for the same or other recipients",
      .description =
          "Opens the files, draws a new data key for each document or part, and encrypts every "
          "value anew: for the recipients that it had, or for those that are named. Values stay "
          "what they were.\n\n"
          "Who could open the file before still knows the values. After a recipient left, change "
          "the credentials themselves, too.",
      .positionals = {{.name = "FILE",
                       .help = "Catalog files and SOPS documents",
                       .at_least = 1,
                       .at_most = kMany}},
      .options = {recipient_option("those that it had"), identity_option()},
      .exits = {{ExitCode::kDone, {}},
                {ExitCode::kFailed, "nothing was changed"},
                {ExitCode::kUsage, {}},
                {ExitCode::kSealed, "a file cannot be opened; nothing was changed"}},
      .examples = {{"weir secrets rotate flow.yaml --recipient age1…,age1…",
                    "Two people can open it from now on."}},
      .run = run};
  return command;
}

}  // namespace weir::app
