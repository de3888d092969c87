// weir triggers new
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "app/ask.h"
#include "app/catalog_access.h"
#include "app/commands.h"
#include "app/new_trigger.h"
#include "app/output.h"
#include "app/parse.h"
#include "app/secret_parts.h"
#include "app/trigger_insert.h"
#include "app/wiring.h"
#include "base/text.h"
#include "catalog/trigger_names.h"

namespace weir::app {
namespace {

constexpr std::size_t kHeadersMax = 32;  // that are asked for

tl::unexpected<ExitCode> refuse(std::string_view message, ExitCode code = ExitCode::kUsage) {
  print_error(message);
  return tl::unexpected(code);
}

tl::unexpected<ExitCode> input_ended() {
  return refuse("the questions were not answered; nothing was changed", ExitCode::kInterrupted);
}

struct Checked {
  catalog::Loaded loaded;
  std::vector<catalog::Problem> problems;
};

Checked check(const std::vector<std::string>& flow, const Texts& instead) {
  Checked out{load_catalog(flow, {.instead = &instead}), {}};
  out.problems = catalog::validate(
      out.loaded, {.strict = false, .constraints_of = constraints_of_destinations()});
  return out;
}

// Asks for what no option says, where there is a person to ask.
class Wishes {
 public:
  Wishes(const Arguments& arguments, const catalog::Catalog& catalog)
      : arguments_(arguments),
        catalog_(catalog),
        asks_(!arguments.flag("--yes") && !arguments.flag("--stdout") && can_ask()) {}

  bool asks() const { return asks_; }

  tl::expected<std::string, ExitCode> materialization() const {
    std::vector<std::string_view> names;
    for (const auto& [name, each] : catalog_.materializations) names.push_back(name);
    std::string name = arguments_.text("--materialization");
    if (names.empty()) return refuse("the catalog has no materialization", ExitCode::kCatalog);
    if (name.empty() && names.size() == 1) return std::string(names.front());
    if (name.empty() && !asks_) {
      return refuse(
          fmt::format("the catalog has several materializations; say which one gets the "
                      "trigger by --materialization: {}",
                      fmt::join(names, ", ")));
    }
    if (name.empty()) {
      const auto answer =
          ask(fmt::format("Materialization ({})", fmt::join(names, ", ")), names.front());
      if (!answer) return input_ended();
      name = *answer;
    }
    if (!catalog_.materializations.contains(name)) {
      return refuse(fmt::format("the catalog has no materialization \"{}\"{}", name,
                                did_you_mean(name, names)));
    }
    return name;
  }

  tl::expected<WebhookWish, ExitCode> webhook(const std::string& materialization) const {
    WebhookWish wish;
    std::string url = arguments_.text("--url");
    if (url.empty() && !asks_) return refuse("--url is missing: where the requests go");
    while (url.empty()) {
      const auto answer = ask("URL of the receiver", "");
      if (!answer) return input_ended();
      wish.name = "webhook";
      wish.url = Secret(*answer);
      if (answer->empty() || is_good(wish)) url = *answer;
    }
    std::set<std::string> taken;
    for (const catalog::Trigger& each : catalog_.materializations.at(materialization).triggers)
      taken.insert(each.name);
    const std::vector<std::pair<std::string, std::string*>> texts = {
        {"--name", &wish.name},
        {"--template", &wish.body},
        {"--delivery", &wish.delivery},
        {"--interval", &wish.interval}};
    wish.name = propose_name(url, taken);
    wish.body = propose_body(url);
    wish.url = Secret(std::move(url));
    const std::string questions[] = {
        "Name of the trigger", fmt::format("Body ({})", payload_template_names()),
        "Delivery (background: tables never wait for the receiver; inline: they do)",
        "At most one request in (0s: one per transaction)"};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto& [option, text] = texts[i];
      if (arguments_.given(option)) {
        *text = arguments_.text(option);
      } else if (asks_) {
        const std::string proposal = *text;
        do {
          const auto answer = ask(questions[i], proposal);
          if (!answer) return input_ended();
          *text = *answer;
        } while (!is_good(wish) || !is_free(wish.name, taken));
      }
    }
    if (taken.contains(wish.name)) {
      return refuse(fmt::format("{} has a trigger \"{}\" already", materialization, wish.name));
    }
    if (const ExitCode code = headers(&wish); code != ExitCode::kDone) return tl::unexpected(code);
    return wish;
  }

 private:
  // Said at once, while the person can answer anew.
  static bool is_good(const WebhookWish& wish) {
    if (!catalog::good_trigger_name(wish.name)) {
      note("a name is of letters, digits and -_., 64 at most, and begins with one of the former\n");
      return false;
    }
    const auto trigger = new_trigger(wish);
    if (!trigger) note(trigger.error().message + "\n");
    return trigger.has_value();
  }
  static bool is_free(const std::string& name, const std::set<std::string>& taken) {
    if (taken.contains(name)) note(fmt::format("there is a trigger \"{}\" already\n", name));
    return !taken.contains(name);
  }

  ExitCode headers(WebhookWish* wish) const {
    for (const auto& [option, list] : {std::pair{"--header", &wish->headers},
                                       std::pair{"--plain-header", &wish->plain_headers}}) {
      for (const std::string& text : arguments_.texts(option)) {
        auto header = read_header(text);
        if (!header) return refuse(fmt::format("{}: {}", option, header.error().message)).value();
        list->push_back(*std::move(header));
      }
    }
    if (!asks_ || !wish->headers.empty() || !wish->plain_headers.empty()) return ExitCode::kDone;
    while (wish->headers.size() < kHeadersMax) {
      const auto name = ask("Name of a header (nothing: no further one)", "");
      if (!name) return input_ended().value();
      if (name->empty()) break;
      if (const auto problem = catalog::header_name_problem(*name)) {
        note(problem->text + "\n");
        continue;
      }
      auto value = ask_hidden("Its value, which is not shown and not written into the catalog");
      if (!value) return input_ended().value();
      wish->headers.emplace_back(*name, *std::move(value));
    }
    return ExitCode::kDone;
  }

  const Arguments& arguments_;
  const catalog::Catalog& catalog_;
  const bool asks_;
};

// The file that is to be changed: where the materialization stands, or, of several files that are
// laid over each other, the one that has triggers for it.
Result<SecretFile> file_of(const std::vector<std::string>& files, const std::string& name) {
  std::vector<SecretFile> with, with_triggers;
  for (const std::string& path : files) {
    SecretFile file{path, nullptr, {}};
    WEIR_TRY(file.document, read_document(path));
    bool has = false, has_triggers = false;
    for (const json::Value& root : file.document->roots()) {
      const json::Value* all = root.is_object() ? root.find("materializations") : nullptr;
      const json::Value* one = all != nullptr && all->is_object() ? all->find(name) : nullptr;
      has = has || one != nullptr;
      has_triggers = has_triggers || (one != nullptr && one->is_object() && one->find("triggers"));
    }
    if (has) (has_triggers ? with_triggers : with).push_back(std::move(file));
  }
  if (with_triggers.size() == 1) return std::move(with_triggers.front());
  if (with_triggers.empty() && with.size() == 1) return std::move(with.front());
  return error(Code::kInvalid, "several files say something of {}; which one is meant is not clear",
               name);
}

std::vector<catalog::Problem> new_ones(const std::vector<catalog::Problem>& before,
                                       const std::vector<catalog::Problem>& after) {
  std::vector<catalog::Problem> out;
  for (const catalog::Problem& problem : after) {
    const bool known = std::any_of(before.begin(), before.end(), [&](const catalog::Problem& old) {
      return old.code == problem.code && old.message == problem.message &&
             old.location.pointer == problem.location.pointer;
    });
    if (!known) out.push_back(problem);
  }
  return out;
}

// The changed text, which validates; or the reason is told, with the block for a person to paste.
tl::expected<Secret, ExitCode> changed_text(const std::vector<std::string>& flow,
                                            const Checked& before, const SecretFile& file,
                                            const std::string& materialization,
                                            const NewTrigger& trigger) {
  const auto by_hand = [&](std::string_view why) {
    print_error(why);
    note(fmt::format("nothing was changed; put this below {} yourself:\n", materialization));
    print(block_to_paste(trigger.item.root));
    return tl::unexpected(ExitCode::kFailed);
  };
  auto text = with_trigger(file.path, *file.document, materialization, trigger.item.root);
  if (!text) return by_hand(text.error().message);
  const Checked after = check(flow, {{file.path, std::string(text->reveal())}});
  print_problems(new_ones(before.problems, after.problems));
  if (catalog::has_errors(after.problems)) {
    return refuse("with this trigger the catalog has errors; nothing was changed",
                  ExitCode::kCatalog);
  }
  const auto& triggers = after.loaded.catalog.materializations.at(materialization).triggers;
  const std::string_view name = trigger.item.root.find("name")->as_string();
  const bool counts = std::any_of(triggers.begin(), triggers.end(),
                                  [&](const catalog::Trigger& each) { return each.name == name; });
  if (!counts) {
    return by_hand(
        fmt::format("{}: another file lays its own triggers over those of this one", file.path));
  }
  return *std::move(text);
}

void advise(const NewTrigger& trigger) {
  for (const auto& [variable, value] : trigger.variables) {
    note(fmt::format("set {} in the environment of `weir run`{}: the catalog refers to it\n",
                     variable, value.empty() ? "" : " to the credential that you gave"));
  }
}

ExitCode send_test(const Arguments& arguments, const std::string& materialization,
                   const NewTrigger& trigger) {
  for (const auto& [variable, value] : trigger.variables) {
    if (!value.empty()) ::setenv(variable.c_str(), std::string(value.reveal()).c_str(), 1);
  }
  std::vector<std::string> words{materialization,
                                 std::string(trigger.item.root.find("name")->as_string())};
  for (const std::string& file : arguments.texts("--flow")) {
    words.insert(words.end(), {"--flow", file});
  }
  const Command& test = triggers_test_command();
  const auto parsed = parse_arguments(test, words);
  if (!parsed) return refuse(parsed.error().message).value();
  return test.run(*parsed);
}

ExitCode run(const Arguments& arguments) {
  if (const std::string& kind = arguments.positionals().front(); kind != kTriggerKinds) {
    return refuse(fmt::format("triggers new: KIND wants {}, not \"{}\"{}", kTriggerKinds, kind,
                              did_you_mean(kind, {kTriggerKinds})))
        .value();
  }
  std::vector<std::string> flow = arguments.texts("--flow");
  if (flow.empty()) flow.emplace_back("flow.yaml");
  const Checked before = check(flow, {});
  if (catalog::has_errors(before.problems)) {
    print_problems(before.problems);
    return refuse("the catalog has errors", ExitCode::kCatalog).value();
  }
  const Wishes wishes(arguments, before.loaded.catalog);
  const auto materialization = wishes.materialization();
  if (!materialization) return materialization.error();
  const auto wish = wishes.webhook(*materialization);
  if (!wish) return wish.error();
  const auto trigger = new_trigger(*wish);
  if (!trigger) return refuse(trigger.error().message).value();
  const auto file = file_of(before.loaded.catalog.files, *materialization);
  if (!file) {
    print_error(file.error().message);
    print(block_to_paste(trigger->item.root));
    return ExitCode::kFailed;
  }
  const auto text = changed_text(flow, before, *file, *materialization, *trigger);
  if (!text) return text.error();
  if (arguments.flag("--stdout")) {
    print(text->reveal());
    return ExitCode::kDone;
  }
  if (wishes.asks()) {
    note("\n" + block_to_paste(trigger->item.root) + "\n");
    const auto go = ask_whether(fmt::format("Write this into {}?", file->path), true);
    if (!go) return input_ended().value();
    if (!*go) return ExitCode::kDone;
    // The person may have saved it in an editor while they were asked.
    const auto now = read_document(file->path);
    if (!now || (*now)->text() != file->document->text()) {
      return refuse(fmt::format("{} was changed meanwhile; nothing was written", file->path),
                    ExitCode::kFailed)
          .value();
    }
  }
  if (const Status written = replace_file(file->path, *text); !written) {
    return refuse(written.error().message, exit_code_of(written.error().code)).value();
  }
  print(fmt::format("{} has a trigger {} now: {}\n", *materialization, wish->name, file->path));
  advise(*trigger);
  bool test = arguments.flag("--test");
  if (!test && wishes.asks()) test = ask_whether("Send a test request now?", true).value_or(false);
  return test ? send_test(arguments, *materialization, *trigger) : ExitCode::kDone;
}

std::vector<OptionInfo> options() {
  using enum ValueKind;
  return {
      {.name = "--materialization",
       .kind = kText,
       .value = "MATERIALIZATION",
       .help = "Whose commits to tell of",
       .default_value = "the only one"},
      {.name = "--url",
       .kind = kText,
       .value = "URL",
       .help = "Where the requests go; one that looks like a credential becomes ${env:…}",
       .default_value = "asked for"},
      {.name = "--name",
       .kind = kText,
       .value = "NAME",
       .help = "What the trigger is called",
       .default_value = "a word of the URL's host"},
      {.name = "--header",
       .kind = kText,
       .value = "NAME=VALUE",
       .help = "A header of the requests. A value that could be a credential becomes ${env:…}, and "
               "you are told which variable to set; leave it empty to keep it off this command "
               "line",
       .repeated = true},
      {.name = "--plain-header",
       .kind = kText,
       .value = "NAME=VALUE",
       .help = "A header whose value is no secret, written as it is",
       .repeated = true},
      {.name = "--template",
       .kind = kChoice,
       .value = "KIND",
       .help = "The body to begin with",
       .default_value = "by the URL's host, else json",
       .choices = payload_template_names()},
      {.name = "--delivery",
       .kind = kChoice,
       .value = "HOW",
       .help = "Whether tables wait for the receiver (inline) or never do",
       .default_value = "background",
       .choices = "background|inline"},
      {.name = "--interval",
       .kind = kDuration,
       .value = "DURATION",
       .help = "At most one request in this time; 0s: one per transaction",
       .default_value = "1m"},
      {.name = "--test", .help = "Send a test request at once, as `weir triggers test` does"},
      {.name = "--yes", .help = "Ask nothing; take the defaults"},
      {.name = "--stdout", .help = "Print the changed file instead of replacing it"},
      flow_option(),
  };
}

}  // namespace

const Command& triggers_new_command() {
  static const Command command{
      .name = "triggers new",
      .summary = "Write a trigger into the catalog, and try it",
      .description =
          "Adds a trigger to a materialization in the catalog file where it stands; comments and "
          "layout stay. On a terminal it asks for what no option says. The catalog is checked with "
          "the trigger in it before the file is replaced, all at once.\n\n"
          "Credentials are not written: a header's value, or a URL that looks like one, becomes a "
          "reference ${env:NAME}, and you are told which variable to set. A file that cannot be "
          "changed with certainty, because of an alias or because its triggers are encrypted, is "
          "left alone, and the block is printed for you to paste.",
      .positionals = {{.name = "KIND", .help = "webhook: requests over HTTP", .at_least = 1}},
      .options = options(),
      .exits = {{ExitCode::kDone,
                 "the trigger is in the catalog, and took the test if there was one"},
                {ExitCode::kFailed, "the file was left alone, or the receiver refused the test"},
                {ExitCode::kUsage, {}},
                {ExitCode::kCatalog, {}},
                {ExitCode::kInterrupted, "the questions were not answered; nothing was changed"}},
      .examples = {{"weir triggers new webhook", "Asks."},
                   {"weir triggers new webhook --url https://ci.example.com/hook --header "
                    "Authorization= --name ci",
                    "For scripts; CI_AUTHORIZATION holds the header's value when weir runs."}},
      .run = run};
  return command;
}

}  // namespace weir::app
