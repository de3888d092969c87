// weir secrets check
#include "app/commands.h"
#include "app/keyring.h"
#include "app/output.h"
#include "app/secret_parts.h"
#include "json/events.h"
#include "json/host/re2_regex.h"

namespace weir::app {
namespace {

struct Row {
  std::string file, place, state, detail;
  ExitCode code = ExitCode::kDone;
};

Row check_sealed(const SecretPart& part, const secrets::Keyring& keyring) {
  Row row;
  const auto stanza = secrets::parse_stanza(*part.value->find(secrets::kStanzaName), keyring.regex);
  row.detail = stanza ? stanza->recipients_text() : stanza.error().message;
  if (!stanza) {
    row.state = "broken";
    row.code = ExitCode::kSealed;
    return row;
  }
  const auto opened = secrets::open_part(*part.value, part.kind, keyring);
  row.state = "opens";
  if (opened) return row;
  row.state = opened.error().code == Code::kSealed ? "does not open" : "broken";
  row.detail = with_advice(opened.error(), keyring).message;
  row.code = ExitCode::kSealed;
  return row;
}

Row check_clear(const SecretPart& part) {
  Row row;
  row.state = "no secrets";
  if (part.schema.empty()) {
    row.state = "not known";
    row.detail = "the schema of the connector is not known here";
    return row;
  }
  json::Arena arena;
  const auto root = json::parse_text(part.schema, arena);
  const auto schema = secrets::secret_schema(*root, json::re2_regex_factory());
  if (!schema) return row;
  const secrets::SecretLocations found = secrets::secret_locations(**schema, *part.value);
  std::size_t clear = 0;
  for (const json::Member* member : found.members) {
    const bool reference = member->value.is_string() &&
                           (member->value.as_string().find("${env:") != std::string_view::npos ||
                            member->value.as_string().find("${file:") != std::string_view::npos);
    clear += reference ? 0 : 1;
  }
  if (found.error == secrets::LocationError::kNotValid) {
    row.state = "not known";
    row.detail = found.message;
  } else if (clear > 0) {
    row.state = "in clear";
    row.detail = fmt::format("{} to encrypt with `weir secrets encrypt`", clear);
    row.code = ExitCode::kFailed;
  } else if (!found.members.empty()) {
    row.state = "references";
  }
  return row;
}

void report(const Arguments& arguments, const std::vector<Row>& rows) {
  if (arguments.flag("--json")) {
    JsonRows out;
    for (const Row& row : rows) {
      out.begin();
      out.text("file", row.file);
      out.text("part", row.place);
      out.text("state", row.state);
      out.text("detail", row.detail);
    }
    print(out.finish());
    return;
  }
  std::vector<std::vector<std::string>> table{{"FILE", "PART", "STATE", ""}};
  for (const Row& row : rows) table.push_back({row.file, row.place, row.state, row.detail});
  print(rows.empty() ? "no part of the catalog could hold secrets\n" : text_table(table));
}

ExitCode run(const Arguments& arguments) {
  std::vector<std::string> flow = arguments.positionals();
  if (flow.empty()) flow.emplace_back("flow.yaml");
  const auto keyring = find_keyring(arguments.texts("--identity"));
  const auto files = find_secret_files(flow, {});
  if (!keyring || !files) {
    const Error& error = keyring ? files.error() : keyring.error();
    print_error(error.message);
    return exit_code_of(error.code);
  }
  std::vector<Row> rows;
  ExitCode worst = ExitCode::kDone;
  for (const SecretFile& file : *files) {
    for (const SecretPart& part : file.parts) {
      Row row = part.sealed ? check_sealed(part, *keyring) : check_clear(part);
      row.file = file.path;
      row.place = part.place;
      worst = worse(worst, row.code);
      rows.push_back(std::move(row));
    }
  }
  report(arguments, rows);
  return worst;
}

}  // namespace

const Command& secrets_check_command() {
  static const Command command{
      .name = "secrets check",
      .summary = "Tell which secrets of a catalog are encrypted, and whether they open",
      .description =
          "Lists every endpoint config and `triggers` block of the catalog: `opens` with the "
          "identities at hand, `does not open`, `broken`, `in clear`, `references` (its secrets "
          "come from the environment or from files), `no secrets`, or `not known` where no schema "
          "tells. Prints no value.",
      .positionals = {flow_positional()},
      .options = {identity_option(),
                  json_option("Print an array of objects {file, part, state, detail}")},
      .exits = {{ExitCode::kDone, "everything encrypted opens, and nothing secret is in clear"},
                {ExitCode::kFailed, "something secret stands in clear"},
                {ExitCode::kUsage, {}},
                {ExitCode::kSealed, "something does not open"}},
      .examples = {{"weir secrets check", "Before a commit, or in CI with its key."}},
      .run = run};
  return command;
}

}  // namespace weir::app
