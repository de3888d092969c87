// weir triggers test
#include "app/commands.h"
#include "app/keyring.h"
#include "app/output.h"
#include "app/prepared_trigger.h"
#include "app/trigger_commands.h"
#include "app/wiring.h"
#include "delivery/redact.h"

namespace weir::app {
namespace {

struct Outcome {
  io::HttpAnswer answer;
  std::string response;  // its beginning, without secrets
};

Result<Outcome> send(const trigger::Prepared& prepared, const Network& network) {
  WEIR_TRY(delivery::Outgoing outgoing, prepared.test_request(surroundings()));
  WEIR_TRY(const auto client, make_http_client(network));
  client->start(1, std::move(outgoing.request));
  for (;;) {  // the client itself ends the exchange at the trigger's timeout
    for (io::Exchanged& done : client->poll(std::chrono::seconds(1))) {
      Outcome outcome{std::move(done.answer), {}};
      outcome.response = delivery::printable(
          delivery::without_secrets(outcome.answer.body, outgoing.hidden, outcome.answer.body_cut),
          delivery::kResponseKept);
      return outcome;
    }
  }
}

void report(const Arguments& arguments, const Target& target, const trigger::Prepared& prepared,
            const Outcome& outcome) {
  const io::HttpAnswer& answer = outcome.answer;
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(answer.total).count();
  if (arguments.flag("--json")) {
    JsonRows rows;
    rows.begin();
    rows.text("materialization", target.built->spec.name);
    rows.text("trigger", target.label);
    rows.number("status", static_cast<std::int64_t>(answer.status));
    rows.text("error", answer.error);
    rows.number("milliseconds", static_cast<std::int64_t>(milliseconds));
    rows.number("bytes", answer.bytes);
    rows.text("response", outcome.response);
    print(rows.finish());
    return;
  }
  const std::string said =
      answer.status != 0 ? fmt::format("status {}", answer.status) : answer.error;
  print(fmt::format("{}: {} in {} ms\n", prepared.origin(), said, milliseconds));
  if (!answer.location.empty())
    print(fmt::format("it redirects to {}, which is never followed\n", answer.location));
  if (!outcome.response.empty()) print(outcome.response + "\n");
}

ExitCode run(const Arguments& arguments) {
  const auto prospect = see_catalog(arguments);
  if (!prospect) return prospect.error();
  auto target = see_target(arguments, *prospect, Need::kInCatalog);
  if (!target) return target.error();
  const auto triggers = open_triggers(*target->built, prospect->folders.identities);
  if (!triggers) return tell(triggers.error());
  const auto index = static_cast<std::size_t>(target->trigger - target->built->triggers.data());
  target->trigger = &(*triggers)[index];
  const auto prepared = prepare(*target, arguments.text("--environment"));
  if (!prepared) return tell(prepared.error());
  Network network;
  if (arguments.text("--egress") == "public") network.egress = io::Egress::kPublic;
  network.proxy_trusted = arguments.flag("--proxy-trusted");
  const auto outcome = send(**prepared, network);
  if (!outcome) return tell(outcome.error());
  report(arguments, *target, **prepared, *outcome);
  return delivery::verdict_of(outcome->answer) == delivery::Verdict::kDelivered ? ExitCode::kDone
                                                                                : ExitCode::kFailed;
}

}  // namespace

const Command& triggers_test_command() {
  static const Command command{
      .name = "triggers test",
      .summary = "Send one request that says it is a test",
      .description =
          "Sends one request of sample facts to the trigger's receiver, with its real headers and "
          "secrets, "
          "and prints the answer. The request says that it is a test; nothing of it is remembered, "
          "and it "
          "is not tried again.",
      .positionals = {materialization_positional("Where several have such a trigger: whose"),
                      {.name = "TRIGGER",
                       .help = "Its name, or method and origin of its URL",
                       .at_least = 1}},
      .options = {environment_option(),
                  {.name = "--egress",
                   .kind = ValueKind::kChoice,
                   .value = "WHERE",
                   .help = "Which addresses the request may reach, as for `weir run`",
                   .default_value = "private",
                   .choices = "private|public"},
                  {.name = "--proxy-trusted", .help = "With --egress public: allow a proxy"},
                  flow_option(),
                  identity_option(),
                  state_option(),
                  json_option("Print an array of one object {materialization, trigger, status, "
                              "error, milliseconds, "
                              "bytes, response}")},
      .exits = {{ExitCode::kDone, "the receiver took it"},
                {ExitCode::kFailed, "it did not, or could not be reached"},
                {ExitCode::kUsage, "there is no such trigger"},
                {ExitCode::kCatalog, {}},
                {ExitCode::kSealed, {}}},
      .examples = {{"weir triggers test ci", "Does the receiver take our credentials?"}},
      .run = run};
  return command;
}

}  // namespace weir::app
