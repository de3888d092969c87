// weir secrets decrypt
#include "app/commands.h"
#include "app/keyring.h"
#include "app/output.h"
#include "app/secret_text_file.h"
#include "app/sops_program.h"
#include "io/file.h"

namespace weir::app {
namespace {

// A document that names key services alone is left to the program.
Result<Secret> by_program(const std::string& path, const secrets::Keyring& keyring,
                          const Error& why) {
  const auto document = read_document(path);
  if (why.code != Code::kSealed || !keyring.sops || !document) return tl::unexpected<Error>(why);
  const auto stanza = secrets::stanza_of(**document, keyring.regex);
  if (!stanza || !stanza->has_foreign()) return tl::unexpected<Error>(why);
  const bool json = (*document)->format() == secrets::Format::kJson;
  auto plain = decrypt_by_sops((*document)->text(), json ? "json" : "yaml", system_clock());
  if (plain) return plain;
  return error(Code::kSealed, "{}: {}; it is encrypted for {}", path, plain.error().message,
               stanza->recipients_text());
}

ExitCode run(const Arguments& arguments) {
  const std::string& path = arguments.positionals().front();
  const auto keyring = find_keyring(arguments.texts("--identity"));
  if (!keyring) return tell_unopened(keyring.error());
  const auto file = OpenedSecretFile::open(path, *keyring);
  auto plain = file ? (*file)->plain() : by_program(path, *keyring, file.error());
  if (!plain) return tell_unopened(plain.error());
  if (arguments.flag("--stdout")) {
    print(plain->reveal());
    return ExitCode::kDone;
  }
  if (const Status done = replace_file(path, *plain); !done) return tell_unopened(done.error());
  note(fmt::format("{}: holds its secrets in clear now\n", path));
  return ExitCode::kDone;
}

}  // namespace

const Command& secrets_decrypt_command() {
  static const Command command{
      .name = "secrets decrypt",
      .summary = "Open an encrypted catalog or any other SOPS document",
      .description =
          "Opens a file where it stands, or prints it opened: a SOPS document in JSON or YAML as a "
          "whole, as `sops decrypt` does; a catalog part by part, with the names as they were "
          "before. Nothing is written or printed unless every MAC fits.\n\n"
          "A document that only key services can open is handed to the `sops` program, if it is on "
          "the PATH.",
      .positionals = {{.name = "FILE", .help = "Catalog file or SOPS document", .at_least = 1}},
      .options = {{.name = "--stdout", .help = "Print it instead of replacing the file"},
                  identity_option()},
      .exits = {{ExitCode::kDone, {}},
                {ExitCode::kFailed, "nothing in it is encrypted, or it cannot be read"},
                {ExitCode::kUsage, {}},
                {ExitCode::kSealed, "no identity opens it, or it was changed"}},
      .examples = {{"weir secrets decrypt flow.yaml --stdout", "Look at it."}},
      .run = run};
  return command;
}

}  // namespace weir::app
