// weir secrets encrypt
#include "app/commands.h"
#include "app/input.h"
#include "app/output.h"
#include "app/secret_parts.h"
#include "app/secret_recipients.h"
#include "app/secret_service.h"
#include "base/clock.h"
#include "json/events.h"
#include "json/host/re2_regex.h"

namespace weir::app {
namespace {

ExitCode fail(const Error& error) {
  print_error(error.message);
  return exit_code_of(error.code);
}

class Encryption {
 public:
  explicit Encryption(const Arguments& arguments) : arguments_(arguments) {}

  // The edits of one file; empty: nothing is to be done.
  Result<std::vector<secrets::Edit>> edits_of(const SecretFile& file) {
    std::vector<secrets::Edit> all;
    for (const SecretPart& part : file.parts) {
      const std::string place = fmt::format("{}: {}", file.path, part.place);
      if (part.sealed) {
        note(fmt::format("{}: is encrypted already\n", place));
        continue;
      }
      auto edits = edits_of(file, part, place);
      if (!edits) return tl::unexpected<Error>(with_context(place, edits.error()));
      for (secrets::Edit& edit : *edits) all.push_back(std::move(edit));
    }
    return all;
  }
  bool left_out() const { return left_out_; }

 private:
  Result<std::vector<secrets::Edit>> edits_of(const SecretFile& file, const SecretPart& part,
                                              const std::string& place) {
    if (part.schema.empty()) {
      note(
          fmt::format("{}: left in clear: its schema is not known here; name it by "
                      "--config-schema FILE\n",
                      place));
      left_out_ = true;
      return std::vector<secrets::Edit>();
    }
    json::Arena arena;
    WEIR_TRY(const json::Value root, json::parse_text(part.schema, arena));
    WEIR_TRY(const auto schema, secrets::secret_schema(root, json::re2_regex_factory()));
    const secrets::SecretLocations found = secrets::secret_locations(*schema, *part.value);
    if (found.error == secrets::LocationError::kNone && found.members.empty()) {
      note(fmt::format("{}: holds no secret\n", place));
      return std::vector<secrets::Edit>();
    }
    auto edits =
        arguments_.given("--service") ? by_service(file, part, found) : here(file, part, *schema);
    if (edits) note(fmt::format("{}: {} encrypted\n", place, found.members.size()));
    return edits;
  }

  Result<std::vector<secrets::Edit>> here(const SecretFile& file, const SecretPart& part,
                                          const json::Schema& schema) {
    WEIR_TRY(secrets::SopsStanza stanza, find_recipients(arguments_, file.path));
    WEIR_TRY(Secret key, secrets::random_secret(secrets::system_entropy(), secrets::kDataKeyBytes));
    WEIR_RETURN_IF_ERROR(secrets::wrap_data_key(stanza, key, secrets::system_entropy()));
    return secrets::sealing_edits(
        *file.document, *part.value, part.kind, schema,
        {std::move(stanza), std::move(key), system_clock().now(), {}, part.whole_file},
        secrets::system_entropy());
  }

  Result<std::vector<secrets::Edit>> by_service(const SecretFile& file, const SecretPart& part,
                                                const secrets::SecretLocations& found) {
    if (found.error != secrets::LocationError::kNone) {
      return error(Code::kInvalid, "{}", found.message);
    }
    WEIR_TRY(const Secret config, secrets::service_input(*part.value, part.kind));
    WEIR_TRY(const std::string text,
             ask_service(arguments_.text("--service"), part.schema, config));
    const auto answer = json::parse_tree(text);
    if (!answer) return error(Code::kInvalid, "the service did not answer with JSON");
    return secrets::adopting_edits(*file.document, *part.value, part.kind, found.members,
                                   answer->root, json::re2_syntax_factory());
  }

  const Arguments& arguments_;
  bool left_out_ = false;
};

Result<std::string> connector_schema(const Arguments& arguments) {
  const std::string path = arguments.text("--config-schema");
  if (path.empty()) return std::string();
  WEIR_TRY(const std::string text, read_input(path, kDataBytesMax));
  const auto tree = json::parse_tree(text);
  if (!tree) return tl::unexpected<Error>(with_context(path, tree.error()));
  // What a connector answers to Spec holds it beside other things.
  const json::Value* inner = tree->root.find("configSchema");
  return json::to_text(inner != nullptr && inner->is_object() ? *inner : tree->root);
}

ExitCode run(const Arguments& arguments) {
  std::vector<std::string> flow = arguments.positionals();
  if (flow.empty()) flow.emplace_back("flow.yaml");
  const auto schema = connector_schema(arguments);
  if (!schema) return fail(schema.error());
  const auto files = find_secret_files(flow, *schema);
  if (!files) return fail(files.error());
  const bool to_stdout = arguments.flag("--stdout");
  if (to_stdout && files->size() > 1) {
    print_error("--stdout takes one file; these hold parts: name one that imports nothing");
    return ExitCode::kUsage;
  }
  Encryption encryption(arguments);
  std::vector<Secret> texts;
  for (const SecretFile& file : *files) {
    auto edits = encryption.edits_of(file);
    if (!edits) return fail(edits.error());
    texts.push_back(edits->empty() ? Secret() : file.document->edited(*std::move(edits)));
    if (to_stdout) print(texts.back().empty() ? file.document->text() : texts.back().reveal());
  }
  for (std::size_t i = 0; !to_stdout && i < texts.size(); ++i) {
    if (texts[i].empty()) continue;
    if (const Status done = replace_file((*files)[i].path, texts[i]); !done) {
      return fail(done.error());
    }
  }
  if (files->empty()) note("nothing in the catalog could be encrypted\n");
  return encryption.left_out() ? ExitCode::kFailed : ExitCode::kDone;
}

}  // namespace

const Command& secrets_encrypt_command() {
  static const Command command{
      .name = "secrets encrypt",
      .summary = "Encrypt the secrets of a catalog where they stand",
      .description =
          "Encrypts every endpoint config and `triggers` block that holds secrets and is not "
          "encrypted yet, in the files where they stand. What is secret is told by the schema of "
          "the connector or of the triggers: such a value becomes an envelope of SOPS, its name "
          "gets the ending _sops, and the part a member `sops` with the recipients and a MAC over "
          "all its values. Comments and layout stay.\n\n"
          "Of triggers the template and the settings of delivery stay outside the MAC, so they can "
          "be edited without the secrets; url, method and headers cannot.",
      .positionals = {flow_positional()},
      .options = {recipient_option(),
                  {.name = "--config-schema",
                   .kind = ValueKind::kText,
                   .value = "FILE",
                   .help = "JSON Schema of the configs of connectors, or what the connector "
                           "answers to Spec",
                   .default_value = "none"},
                  {.name = "--service",
                   .kind = ValueKind::kText,
                   .value = "URL",
                   .help = "Let a config-encryption service encrypt, for its own recipients",
                   .default_value = "none"},
                  {.name = "--stdout", .help = "Print the file instead of replacing it"}},
      .exits = {{ExitCode::kDone, {}},
                {ExitCode::kFailed,
                 "something could not be encrypted, and nothing was changed; or "
                 "a part was left for want of its schema"},
                {ExitCode::kUsage, {}}},
      .examples = {{"weir secrets encrypt --recipient age1…", "./flow.yaml and what it imports."},
                   {"weir secrets encrypt --service http://127.0.0.1:8765 flow.yaml",
                    "By a service that holds the key."}},
      .run = run};
  return command;
}

}  // namespace weir::app
