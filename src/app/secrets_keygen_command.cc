// weir secrets keygen
#include "app/commands.h"
#include "app/output.h"
#include "base/clock.h"
#include "io/file.h"
#include "secrets/age_key.h"

namespace weir::app {
namespace {

ExitCode fail(const Error& error) {
  print_error(error.message);
  return exit_code_of(error.code);
}

ExitCode run(const Arguments& arguments) {
  const auto identity = secrets::Identity::generate(secrets::system_entropy());
  if (!identity) return fail(identity.error());
  const std::string created = format_timestamp(system_clock().now()).substr(0, 19) + "Z";
  const Secret text = secrets::identity_file(*identity, created);
  const std::string path = arguments.text("--output");
  if (path.empty()) {
    print(text.reveal());
    if (!is_terminal(1)) note(fmt::format("Public key: {}\n", identity->recipient().text()));
    return ExitCode::kDone;
  }
  auto file = io::File::open(path, io::File::Open::kCreateNew, 0600);
  if (!file) return fail(file.error());
  for (const Status& done : {file->write_at(0, text.reveal()), file->sync()}) {
    if (!done) return fail(done.error());
  }
  note(fmt::format("Public key: {}\n", identity->recipient().text()));
  return ExitCode::kDone;
}

}  // namespace

const Command& secrets_keygen_command() {
  static const Command command{
      .name = "secrets keygen",
      .summary = "Make a key that opens what is encrypted for it",
      .description =
          "Makes an age key (X25519) and prints it as age-keygen does: two comments, the second of "
          "which holds the public key, and the secret key.\n\n"
          "Keep the file to yourself. Whoever has it opens every catalog that is encrypted for it; "
          "whoever loses it enters the secrets again. Name it by --identity or SOPS_AGE_KEY_FILE.",
      .positionals = {},
      .options = {{.name = "--output",
                   .kind = ValueKind::kText,
                   .value = "FILE",
                   .help = "Write it into a new file that only you can read",
                   .default_value = "standard output",
                   .short_name = "-o"}},
      .exits = {{ExitCode::kDone, {}},
                {ExitCode::kFailed, "the file exists, or cannot be written"},
                {ExitCode::kUsage, {}}},
      .examples = {{"weir secrets keygen -o key.txt", "A new key; prints its public key."}},
      .run = run};
  return command;
}

}  // namespace weir::app
