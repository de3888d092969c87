// weir secrets serve
#include "app/commands.h"
#include "app/output.h"
#include "app/secret_recipients.h"
#include "app/secret_service.h"
#include "app/signals.h"

namespace weir::app {
namespace {

constexpr std::uint64_t kPortMax = 65535;

ExitCode fail(const Error& error, ExitCode code) {
  print_error(error.message);
  return code;
}

ExitCode run(const Arguments& arguments) {
  if (arguments.count("--port") > kPortMax) {
    return fail({Code::kInvalid, fmt::format("--port is at most {}", kPortMax)}, ExitCode::kUsage);
  }
  Signals signals;  // before any thread
  auto stanza = find_recipients(arguments, ".");
  if (!stanza) return fail(stanza.error(), ExitCode::kFailed);
  const std::string recipients = stanza->recipients_text();
  const SecretService service(*std::move(stanza));
  io::ServerOptions options;
  if (!arguments.text("--address").empty()) options.address = arguments.text("--address");
  options.port = static_cast<std::uint16_t>(arguments.count("--port"));
  options.bodies.bytes_max = kServiceBodyMax;
  const auto server = io::HttpServer::start(
      options, [&service](const io::ServerRequest& request) { return service.answer(request); });
  if (!server) return fail(server.error(), ExitCode::kFailed);
  print(fmt::format("listening on {}\n", (*server)->origin()));
  note(fmt::format("encrypts for {}\n", recipients));
  while (true) {
    const auto signal = signals.wait(std::chrono::hours(1));
    if (signal == Signal::kTerminate) return ExitCode::kDone;
    if (signal == Signal::kInterrupt) return ExitCode::kInterrupted;
  }
}

}  // namespace

const Command& secrets_serve_command() {
  static const Command command{
      .name = "secrets serve",
      .summary = "Encrypt configs for others, as a service",
      .description =
          "Answers POST /v1/encrypt-config: a JSON Schema and a config go in, as JSON or as a "
          "multipart form, and the config with its secrets encrypted comes out, as JSON or YAML. "
          "Nothing is kept and nothing of a request is logged.\n\n"
          "Callers need no credentials and get nothing opened. They do send secrets in clear: "
          "beyond this machine put TLS in front.",
      .positionals = {},
      .options = {{.name = "--port",
                   .kind = ValueKind::kCount,
                   .value = "P",
                   .help = "Port; 0 takes any free one",
                   .default_value = "8765"},
                  {.name = "--address",
                   .kind = ValueKind::kText,
                   .value = "ADDRESS",
                   .help = "Address to listen on",
                   .default_value = "127.0.0.1"},
                  recipient_option()},
      .exits = {{ExitCode::kDone, "after SIGTERM"},
                {ExitCode::kFailed, "nobody is named who could open, or the port is taken"},
                {ExitCode::kUsage, {}},
                {ExitCode::kInterrupted, "interrupted"}},
      .examples = {{"weir secrets serve --recipient age1…", "For the editors of a team."}},
      .run = run};
  return command;
}

}  // namespace weir::app
