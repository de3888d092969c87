// weir run
#include <unistd.h>

#include <algorithm>

#include "app/catalog_access.h"
#include "app/commands.h"
#include "app/output.h"
#include "app/owner_identity.h"
#include "app/process.h"
#include "app/selection.h"
#include "app/version.h"
#include "base/log.h"
#include "base/log_priority.h"

namespace weir::app {
namespace {

void set_up_log(const Arguments& arguments) {
  LogLevel level = LogLevel::kInfo;
  parse_log_level(arguments.text("--log"), &level);
  set_log_level(level);
  set_log_format(arguments.text("--log-format") == "json" ? LogFormat::kJson : LogFormat::kText);
  set_log_priorities(is_journal(std::getenv("JOURNAL_STREAM"), STDERR_FILENO));
}

Reporter::View view_of(const Arguments& arguments) {
  const bool person = can_redraw(STDERR_FILENO) && arguments.text("--log-format") != "json";
  return person ? Reporter::View::kTerminal : Reporter::View::kLines;
}

TaskOptions task_options(const Arguments& arguments) {
  TaskOptions options;
  options.shard.take_over = arguments.flag("--take-over");
  options.shard.until_caught_up = arguments.flag("--until-caught-up");
  options.shard.wait = arguments.duration("--wait");
  options.shard.drain = arguments.duration("--drain");
  options.shard.environment = arguments.text("--environment");
  options.shard.product_version = std::string(version());
  options.skip_gaps = arguments.flag("--skip-gaps");
  options.network.egress =
      arguments.text("--egress") == "public" ? io::Egress::kPublic : io::Egress::kPrivateAllowed;
  options.network.proxy_trusted = arguments.flag("--proxy-trusted");
  return options;
}

// Reads the catalog, and again when it is told to.
class CatalogReader {
 public:
  CatalogReader(const Folders& folders, std::vector<std::string> names)
      : flow_(folders.flow), journals_(folders.journals), names_(std::move(names)) {}

  Result<Duties> read(bool may_wait = false) {
    Texts texts;
    WEIR_TRY(Duties duties, build(Warnings::kPrint, {.may_wait = may_wait, .seen = &texts}));
    texts_ = std::move(texts);
    return duties;
  }
  // From the texts of the last time, with what documents and destinations say now.
  Result<Duties> ask_again() {
    return build(Warnings::kKeepQuiet, {.may_wait = true, .instead = &texts_});
  }

 private:
  Result<Duties> build(Warnings warnings, CatalogUse use) {
    use.journals = journals_;
    use.names = names_;
    Duties duties;
    WEIR_TRY(catalog::Built built, build_catalog(flow_, warnings, use, &duties.collections));
    std::vector<std::string> names = names_;
    for (const auto& [name, why] : built.unasked) {
      const auto named = std::find(names.begin(), names.end(), name);
      if (!names_.empty() && named == names.end()) continue;
      duties.unasked.emplace(name, why);
      if (named != names.end()) names.erase(named);
    }
    if (!names_.empty() && names.empty()) return duties;
    WEIR_TRY(const auto chosen, choose_by_name(built.materializations, names));
    for (const catalog::BuiltMaterialization* each : chosen)
      duties.materializations.push_back(*each);
    return duties;
  }

  const std::vector<std::string> flow_;
  const std::string journals_;
  const std::vector<std::string> names_;
  Texts texts_;  // that the last good reading found
};

// --http and what belongs to it; nullopt: it is off.
Result<std::optional<HttpServiceOptions>> http_options(const Arguments& arguments,
                                                       const Folders& folders) {
  if (arguments.text("--http").empty()) return std::nullopt;
  HttpServiceOptions options;
  WEIR_TRY(options.listen, parse_http_address(arguments.text("--http")));
  WEIR_TRY(options.token,
           read_http_token(std::getenv("WEIR_HTTP_TOKEN"), arguments.text("--http-token-file")));
  options.journals = folders.journals;
  options.scratch = folders.state;
  options.version = version();
  if (arguments.given("--http-behind-max"))
    options.behind_max = arguments.count("--http-behind-max");
  return options;
}

std::string_view name_of(runtime::TaskEnd end) {
  switch (end) {
    case runtime::TaskEnd::kDone: return "done";
    case runtime::TaskEnd::kFailed: return "failed";
    case runtime::TaskEnd::kCatalog: return "catalog";
    case runtime::TaskEnd::kOwned: return "owned";
    case runtime::TaskEnd::kSealed: return "sealed";
    case runtime::TaskEnd::kDeliveryWaits: return "delivery waits";
  }
  return "?";
}

std::string results_as_json(const std::map<std::string, TaskResult>& results) {
  JsonRows rows;
  for (const auto& [name, result] : results) {
    rows.begin();
    rows.text("materialization", name);
    rows.text("end", name_of(result.end));
    rows.number("exit_code", static_cast<std::int64_t>(exit_code_of(result.end)));
    rows.text("reason", result.status.reason);
    rows.number("transaction", result.status.transaction);
    rows.number("documents", result.status.documents);
    rows.number("rows", result.status.rows);
    rows.number("pending", static_cast<std::uint64_t>(result.status.pending.size()));
  }
  return rows.finish();
}

ExitCode fail(const Error& error, ExitCode code) {
  print_error(error.message);
  return code;
}

ExitCode run(const Arguments& arguments) {
  set_up_log(arguments);
  Signals signals;  // before any thread
  ProcessOptions options;
  auto folders = find_folders(arguments, arguments.positionals());
  if (!folders) return fail(folders.error(), ExitCode::kFailed);
  options.folders = std::move(*folders);
  const auto catalog = std::make_shared<CatalogReader>(options.folders, arguments.texts("--name"));
  auto all = catalog->read(/*may_wait=*/!arguments.flag("--until-caught-up"));
  if (!all) {
    switch (all.error().code) {
      case Code::kNotFound: return fail(all.error(), ExitCode::kUsage);
      case Code::kUnavailable: return fail(all.error(), ExitCode::kFailed);
      default: return fail(all.error(), ExitCode::kCatalog);
    }
  }
  if (all->materializations.empty() && all->unasked.empty()) {
    return fail(Error{Code::kInvalid, "the catalog has no materialization that is enabled"},
                ExitCode::kCatalog);
  }
  auto http = http_options(arguments, options.folders);
  if (!http) return fail(http.error(), ExitCode::kUsage);
  options.http = *std::move(http);
  const auto state_id = open_state(options.folders.state);
  if (!state_id) return fail(state_id.error(), exit_code_of(state_id.error().code));
  const auto owner = this_process(*state_id);
  if (!owner) return fail(owner.error(), ExitCode::kFailed);
  options.owner = *owner;
  options.task = task_options(arguments);
  options.view = view_of(arguments);
  options.reload = [catalog] { return catalog->read(); };
  options.ask_again = [catalog] { return catalog->ask_again(); };

  Process process(signals, std::move(options));
  const ExitCode code = process.run(*std::move(all));
  if (arguments.flag("--json")) print(results_as_json(process.results()));
  return code;
}

std::vector<OptionInfo> http_rows() {
  using enum ValueKind;
  return {
      {.name = "--http",
       .kind = kText,
       .value = "ADDR",
       .help = "Take documents and tell status and metrics by HTTP at this address and port, or at "
               "this port of 127.0.0.1; an address that is not loopback wants a token",
       .default_value = "off",
       .env = "WEIR_HTTP"},
      {.name = "--http-token-file",
       .kind = kText,
       .value = "FILE",
       .help =
           "Its first line is the token that HTTP requests must bear; WEIR_HTTP_TOKEN gives the "
           "token itself",
       .default_value = "none",
       .env = "WEIR_HTTP_TOKEN_FILE"},
      {.name = "--http-behind-max",
       .kind = kCount,
       .value = "BYTES",
       .help = "Refuse posts by 429 while tables of their collection are further behind",
       .default_value = "no limit",
       .env = "WEIR_HTTP_BEHIND_MAX"},
  };
}

std::vector<OptionInfo> work_rows() {
  using enum ValueKind;
  return {
      {.name = "--until-caught-up",
       .help = "End once everything in the journals is committed and what is owed is delivered"},
      {.name = "--wait",
       .kind = kDuration,
       .value = "DURATION",
       .help = "With --until-caught-up: how long to wait for deliveries",
       .default_value = "30s"},
      name_option(),
      {.name = "--take-over",
       .help = "Open endpoints that a living, unknown or foreign owner has; be sure that it has "
               "stopped"},
      {.name = "--drain",
       .kind = kDuration,
       .value = "DURATION",
       .help = "After the first signal: how long to wait for the transaction in hand and for open "
               "attempts",
       .default_value = "20s"},
      {.name = "--environment",
       .kind = kText,
       .value = "NAME",
       .help = "What templates see as {{environment}}",
       .default_value = "empty",
       .env = "WEIR_ENVIRONMENT"},
      {.name = "--egress",
       .kind = kChoice,
       .value = "WHERE",
       .help = "Which addresses requests may reach: `private` also allows loopback and private "
               "ones; link-local and metadata addresses are always refused",
       .default_value = "private",
       .choices = "private|public"},
      {.name = "--proxy-trusted",
       .help = "With --egress public: allow a proxy, which then has to keep requests off private "
               "addresses"},
  };
}

std::vector<OptionInfo> place_and_log_rows() {
  using enum ValueKind;
  return {
      identity_option(),
      state_option(),
      journals_option(),
      skip_gaps_option(),
      {.name = "--log",
       .kind = kChoice,
       .value = "LEVEL",
       .help = "How much to log",
       .default_value = "info",
       .env = "WEIR_LOG",
       .choices = "error|warn|info|debug|trace"},
      {.name = "--log-format",
       .kind = kChoice,
       .value = "FORMAT",
       .help = "How to write the log",
       .default_value = "text",
       .env = "WEIR_LOG_FORMAT",
       .choices = "text|json"},
      json_option("At the end, print an array of objects {materialization, end, exit_code, reason, "
                  "transaction, documents, rows, pending}"),
  };
}

std::vector<OptionInfo> options() {
  std::vector<OptionInfo> all = work_rows();
  for (const auto& rows : {http_rows(), place_and_log_rows()})
    all.insert(all.end(), rows.begin(), rows.end());
  return all;
}

}  // namespace

const Command& run_command() {
  static const Command command{
      .name = "run",
      .summary = "Keep the tables of a catalog up to date, and fire its triggers",
      .description =
          "Runs every materialization of the catalog: reads its collections' journals, commits "
          "their "
          "documents to its tables in transactions, and after each commit sends what its triggers "
          "owe. Goes "
          "on until it is told to stop, or with --until-caught-up until there is nothing left to "
          "do.\n\n"
          "What fails is tried again with growing pauses. What only you can mend is said once, "
          "with its "
          "remedy, and looked at again every five minutes. `weir status` shows how each "
          "materialization is.\n\n"
          "Signals: the first SIGINT or SIGTERM finishes the transaction in hand, lets open "
          "attempts end, and "
          "exits; a second exits at once, safely. SIGHUP reads the catalog again and opens anew "
          "only what "
          "changed; a catalog with errors changes nothing.\n\n"
          "On a terminal events scroll, and below them one line per materialization is drawn anew: "
          "what is behind and how long it will take, what is owed, how fast it goes. Elsewhere "
          "commits are one line a second.\n\n"
          "With --http it takes documents by POST, and answers /status, /metrics and /healthz.\n\n"
          "A window that an interval still holds back is no failure of --until-caught-up; a "
          "request that "
          "failed and waits, or is parked, is.",
      .positionals = {flow_positional()},
      .options = options(),
      .exits = {{ExitCode::kDone, "caught up, or drained after SIGTERM"},
                {ExitCode::kFailed, "with --until-caught-up: something that only you can mend"},
                {ExitCode::kUsage, {}},
                {ExitCode::kCatalog, {}},
                {ExitCode::kOwned, {}},
                {ExitCode::kSealed, {}},
                {ExitCode::kDeliveryWaits, {}},
                {ExitCode::kInterrupted, {}}},
      .examples = {{"weir run", "./flow.yaml, until stopped."},
                   {"weir run flow.yaml production.yaml --log-format json", "As a service."},
                   {"weir run --until-caught-up --wait 2m", "As a step of a script."}},
      .run = run};
  return command;
}

}  // namespace weir::app
