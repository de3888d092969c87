// weir triggers render
#include <algorithm>

#include "app/commands.h"
#include "app/output.h"
#include "app/prepared_trigger.h"
#include "app/trigger_commands.h"
#include "delivery/history.h"
#include "delivery/identity.h"

namespace weir::app {
namespace {

struct Subject {
  trigger::RequestFacts facts;
  std::string what;  // for the note
};

// The newest attempted request of the trigger, or the one that was named; nullopt: none was.
Result<std::optional<Subject>> from_history(const Prospect& prospect, const Target& target) {
  WEIR_TRY(const auto store, look_into_store(prospect.folders, target.built->spec.name));
  if (store == nullptr) return std::nullopt;
  WEIR_TRY(std::vector<delivery::HistoryRecord> records, delivery::read_history(*store));
  std::reverse(records.begin(), records.end());
  for (const delivery::HistoryRecord& record : records) {
    const bool wanted = target.request_id.empty()
                            ? record.label == target.label || record.key.trigger == target.label
                            : record.request_id == target.request_id;
    if (!wanted) continue;
    WEIR_TRY(auto facts, delivery::read_facts(*store, record.request_id));
    if (!facts) continue;
    return Subject{{record.request_id, std::move(facts->window), std::move(facts->tables),
                    std::move(facts->label)},
                   fmt::format("request {}", record.request_id)};
  }
  return std::nullopt;
}

// One document in each table of the materialization.
Subject sample(const Target& target) {
  constexpr Timestamp kWhen{std::chrono::seconds(1'700'000'000)};
  delivery::Window window;
  window.through = 1;
  window.session = std::string(32, '0');
  window.run_id = window.started = window.ended = kWhen;
  Subject subject{{}, "a sample: one document in each table"};
  for (const protocol::Binding& binding : target.built->spec.bindings) {
    delivery::TableFacts table;
    table.table = static_cast<std::uint32_t>(subject.facts.tables.size());
    table.documents = table.stored = 1;
    table.inserted = 1;
    table.updated = table.deleted = table.unchanged = 0;
    window.tables.push_back(table);
    subject.facts.tables.push_back(
        {binding.state_key, binding.resource_path, binding.collection.name});
  }
  subject.facts.request_id = delivery::request_id(target.built->spec.name, "sample", window.tid(),
                                                  window.after, window.through);
  subject.facts.window = std::move(window);
  return subject;
}

Result<Subject> subject_of(const Prospect& prospect, const Target& target, bool sample_wanted) {
  if (!sample_wanted) {
    WEIR_TRY(auto found, from_history(prospect, target));
    if (found) return std::move(*found);
    if (!target.request_id.empty()) {
      return error(Code::kNotFound,
                   "the history knows no request {}; it was never attempted, or is too old",
                   target.request_id);
    }
  }
  return sample(target);
}

ExitCode run(const Arguments& arguments) {
  const auto prospect = see_catalog(arguments);
  if (!prospect) return prospect.error();
  const auto target = see_target(arguments, *prospect, Need::kInCatalog);
  if (!target) return target.error();
  const auto subject = subject_of(*prospect, *target, arguments.flag("--sample"));
  if (!subject) return tell(subject.error());
  const auto prepared = prepare(*target, arguments.text("--environment"));
  if (!prepared) return tell(prepared.error());
  const auto payload = (*prepared)->preview(subject->facts);
  if (!payload) return tell(payload.error());
  if (arguments.flag("--json")) {
    JsonRows rows;
    rows.begin();
    rows.text("materialization", target->built->spec.name);
    rows.text("trigger", target->label);
    rows.text("request_id", subject->facts.request_id);
    rows.text("revision", (*prepared)->revision());
    rows.text("payload", *payload);
    print(rows.finish());
    return ExitCode::kDone;
  }
  note(fmt::format("{}, revision {}\n", subject->what, (*prepared)->revision()));
  print(*payload + (payload->ends_with('\n') ? "" : "\n"));
  return ExitCode::kDone;
}

}  // namespace

const Command& triggers_render_command() {
  static const Command command{
      .name = "triggers render",
      .summary = "Show a trigger's payload without sending it",
      .description =
          "Renders the trigger's template as it stands in the catalog: for the newest request that "
          "was "
          "attempted, or the one that is named, or for a sample where there is none. Placeholders "
          "stand "
          "for secrets.",
      .positionals = {materialization_positional("Where several have such a trigger: whose"),
                      {.name = "TRIGGER",
                       .help = "Its name, or method and origin of its URL",
                       .at_least = 1},
                      {.name = "REQUEST", .help = "A request's id: wr_…"}},
      .options =
          {{.name = "--sample", .help = "Render a sample, whatever was sent"},
           environment_option(),
           flow_option(),
           state_option(),
           json_option(
               "Print an array of one object {materialization, trigger, request_id, revision, "
               "payload}")},
      .exits = {{ExitCode::kDone, {}},
                {ExitCode::kFailed, "the template cannot be rendered"},
                {ExitCode::kUsage, "there is no such trigger or request"},
                {ExitCode::kCatalog, {}}},
      .examples = {{"weir triggers render ci | jq .", "After editing the template."}},
      .run = run};
  return command;
}

}  // namespace weir::app
