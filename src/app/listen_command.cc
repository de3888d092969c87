// weir listen
#include <atomic>
#include <mutex>

#include "app/commands.h"
#include "app/output.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/wake.h"
#include "io/http_server.h"

namespace weir::app {
namespace {

// What a server still needs to send its last answer once its handler has returned.
constexpr std::chrono::milliseconds kLastAnswerGrace{200};
constexpr std::uint64_t kPortMax = 65535;

bool looks_secret(std::string_view header) {
  for (const std::string_view part :
       {"authorization", "cookie", "token", "secret", "password", "apikey", "api-key"}) {
    if (header.find(part) != std::string_view::npos) return true;
  }
  return header.ends_with("-key") && header != "idempotency-key";
}

// `webhook-id` and a revision make the idempotency key.
std::string revision_of(const io::ServerRequest& request) {
  const std::string_view id = request.header("webhook-id");
  const std::string_view key = request.header("idempotency-key");
  if (id.empty() || !key.starts_with(id) || key.size() <= id.size() + 1) return {};
  return std::string(key.substr(id.size() + 1));
}

std::string path_of(const io::ServerRequest& request) {
  return request.query.empty() ? request.path : fmt::format("{}?{}", request.path, request.query);
}

class Receiver {
 public:
  explicit Receiver(const Arguments& arguments)
      : json_(arguments.flag("--json")),
        colour_(coloured(1)),
        limit_(arguments.given("--count") ? arguments.count("--count") : UINT64_MAX),
        first_(arguments.given("--first") ? arguments.count("--first") : UINT64_MAX),
        asked_(answer_asked_for(arguments)) {}

  io::ServerResponse receive(const io::ServerRequest& request) {
    const std::lock_guard lock(mutex_);
    ++received_;
    if (received_ > limit_)
      return {.status = 503, .headers = {}, .body = "no more requests are taken\n"};
    io::ServerResponse response = received_ <= first_ ? asked_ : io::ServerResponse{};
    if (response.body.empty()) response.body = fmt::format("{}\n", response.status);
    print(json_ ? as_json(request, response) : as_text(request, response));
    if (received_ == limit_) enough_.notify();
    return response;
  }

  void announce(const std::string& origin) const {
    if (!json_) {
      print(fmt::format("listening on {}\n", origin));
      return;
    }
    JsonRows rows;
    rows.begin();
    rows.text("listening", origin);
    print(JsonRows::line(rows) + "\n");
  }

  void wait_until_enough() {
    while (!enough_.wait(std::chrono::hours(1))) {
    }
    WakeUp never;
    never.wait(kLastAnswerGrace + asked_.delay +
               asked_.drip_interval * static_cast<int>(asked_.body.size()));
  }

 private:
  static io::ServerResponse answer_asked_for(const Arguments& arguments) {
    io::ServerResponse response;
    if (arguments.given("--redirect")) {
      response.status = 307;
      response.headers.emplace_back("Location", arguments.text("--redirect"));
    }
    if (arguments.given("--status"))
      response.status = static_cast<int>(arguments.count("--status"));
    if (arguments.given("--retry-after")) {
      response.headers.emplace_back("Retry-After", arguments.text("--retry-after"));
    }
    response.delay = arguments.duration("--delay");
    response.drip_interval = arguments.duration("--drip");
    response.close = arguments.flag("--close");
    response.body = fmt::format("{}\n", response.status);
    return response;
  }

  std::string as_text(const io::ServerRequest& request, const io::ServerResponse& response) const {
    const std::string answer = response.close ? "closed" : std::to_string(response.status);
    std::string text = fmt::format(
        "{} {} {} -> {}", paint(format_timestamp(system_clock().now()), Colour::kDim, colour_),
        request.method, paint(path_of(request), Colour::kBold, colour_),
        paint(answer, response.close || response.status >= 300 ? Colour::kRed : Colour::kGreen,
              colour_));
    if (!request.header("webhook-id").empty())
      text += fmt::format("  id {}", request.header("webhook-id"));
    if (const std::string revision = revision_of(request); !revision.empty()) {
      text += fmt::format("  revision {}", revision);
    }
    text += '\n';
    for (const auto& [name, value] : request.headers) {
      text += paint(fmt::format("  {}: {}\n", name, looks_secret(name) ? "[hidden]" : value),
                    Colour::kDim, colour_);
    }
    for (const std::string_view line : split(request.body, '\n'))
      text += fmt::format("  {}\n", line);
    return text;
  }

  std::string as_json(const io::ServerRequest& request, const io::ServerResponse& response) const {
    JsonRows rows;
    rows.begin();
    rows.text("time", format_timestamp(system_clock().now()));
    rows.text("method", request.method);
    rows.text("path", path_of(request));
    rows.text("webhook_id", request.header("webhook-id"));
    rows.text("revision", revision_of(request));
    rows.number("status", static_cast<std::int64_t>(response.close ? 0 : response.status));
    JsonRows headers;
    headers.begin();
    for (const auto& [name, value] : request.headers)
      headers.text(name, looks_secret(name) ? "[hidden]" : value);
    rows.raw("headers", JsonRows::line(headers));
    if (valid_utf8(request.body)) {
      rows.text("body", request.body);
    } else {
      rows.text("body_base64", base64(request.body));
    }
    return JsonRows::line(rows) + "\n";
  }

  const bool json_;
  const bool colour_;
  const std::uint64_t limit_;
  const std::uint64_t first_;
  const io::ServerResponse asked_;
  WakeUp enough_;
  std::mutex mutex_;
  std::uint64_t received_ = 0;  // guarded by mutex_
};

Status check(const Arguments& arguments) {
  if (arguments.count("--port") > kPortMax) {
    return error(Code::kInvalid, "--port is at most {}", kPortMax);
  }
  if (arguments.given("--status") &&
      (arguments.count("--status") < 200 || arguments.count("--status") > 599)) {
    return error(Code::kInvalid, "--status wants a status from 200 to 599");
  }
  if (arguments.given("--count") && arguments.count("--count") == 0) {
    return error(Code::kInvalid, "--count wants at least 1");
  }
  return {};
}

ExitCode run(const Arguments& arguments) {
  if (const Status fine = check(arguments); !fine) {
    print_error(fmt::format("listen: {}", fine.error().message));
    return ExitCode::kUsage;
  }
  Receiver receiver(arguments);
  io::ServerOptions options;
  options.address = arguments.text("--address").empty() ? "127.0.0.1" : arguments.text("--address");
  options.port = static_cast<std::uint16_t>(arguments.count("--port"));
  const auto server = io::HttpServer::start(
      options, [&receiver](const io::ServerRequest& request) { return receiver.receive(request); });
  if (!server) {
    print_error(server.error().message);
    return ExitCode::kFailed;
  }
  receiver.announce((*server)->origin());
  receiver.wait_until_enough();
  return ExitCode::kDone;
}

std::vector<OptionInfo> options() {
  using enum ValueKind;
  return {
      {.name = "--port",
       .kind = kCount,
       .value = "P",
       .help = "Port; 0 takes any free one",
       .default_value = "0"},
      {.name = "--address",
       .kind = kText,
       .value = "ADDRESS",
       .help = "Address to listen on",
       .default_value = "127.0.0.1"},
      {.name = "--count",
       .kind = kCount,
       .value = "N",
       .help = "Exit after this many requests",
       .default_value = "never"},
      json_option("Print one object a line: first {listening}, then {time, method, path, "
                  "webhook_id, revision, status, "
                  "headers, body} for each request"),
      {.name = "--status",
       .kind = kCount,
       .value = "STATUS",
       .help = "Answer with this status",
       .default_value = "200"},
      {.name = "--first",
       .kind = kCount,
       .value = "N",
       .help = "Misbehave for the first N requests only, then answer 200",
       .default_value = "all"},
      {.name = "--retry-after",
       .kind = kText,
       .value = "VALUE",
       .help = "Send this Retry-After header: seconds or a date",
       .default_value = "none"},
      {.name = "--redirect",
       .kind = kText,
       .value = "URL",
       .help = "Redirect there (status 307 unless --status says otherwise)",
       .default_value = "none"},
      {.name = "--delay",
       .kind = kDuration,
       .value = "DURATION",
       .help = "Wait before each answer",
       .default_value = "0s"},
      {.name = "--drip",
       .kind = kDuration,
       .value = "DURATION",
       .help = "Send the answer's body one byte each time",
       .default_value = "0s"},
      {.name = "--close", .help = "Close the connection instead of answering"},
  };
}

}  // namespace

const Command& listen_command() {
  static const Command command{
      .name = "listen",
      .summary = "Receive webhooks and print them, to try triggers with",
      .description =
          "Starts a receiver on this machine, prints its URL, and then every request that arrives: "
          "time, "
          "method, path, answer, id and revision of the request, headers and body. Headers that "
          "look secret "
          "are hidden.\n\n"
          "It can misbehave on purpose, for all requests or for the first few, to see what a "
          "trigger does "
          "about it.",
      .positionals = {},
      .options = options(),
      .exits = {{ExitCode::kDone, "--count requests were received"},
                {ExitCode::kFailed, "the port is taken"},
                {ExitCode::kUsage, {}},
                {ExitCode::kInterrupted, "interrupted"}},
      .examples = {{"weir listen --port 8080", "A receiver that is happy with everything."},
                   {"weir listen --port 8080 --status 503 --first 2",
                    "Fails twice, then recovers."},
                   {"weir listen --status 429 --retry-after 10", "Asks for a pause."}},
      .run = run};
  return command;
}

}  // namespace weir::app
