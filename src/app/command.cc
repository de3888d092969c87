#include "app/command.h"

#include <charconv>

#include "base/check.h"
#include "base/duration.h"

namespace weir::app {

Arguments::Arguments(const Command& command, std::vector<std::string> positionals,
                     std::map<std::string, Given, std::less<>> options)
    : command_(&command), positionals_(std::move(positionals)), options_(std::move(options)) {}

const OptionInfo& Arguments::info(std::string_view name) const {
  for (const OptionInfo& option : command_->options) {
    if (option.name == name) return option;
  }
  WEIR_CHECK(!"the command has no such option");
  return command_->options.front();
}

bool Arguments::given(std::string_view name) const {
  info(name);
  return options_.contains(name);
}

bool Arguments::flag(std::string_view name) const {
  WEIR_CHECK(info(name).kind == ValueKind::kFlag);
  return options_.contains(name);
}

std::string Arguments::text(std::string_view name) const {
  const OptionInfo& option = info(name);
  const auto it = options_.find(name);
  if (it != options_.end()) return it->second.values.back();
  // What the page shows as the default of a text describes it ("beside the catalog").
  return option.kind == ValueKind::kText ? std::string() : std::string(option.default_value);
}

std::vector<std::string> Arguments::texts(std::string_view name) const {
  info(name);
  const auto it = options_.find(name);
  return it == options_.end() ? std::vector<std::string>() : it->second.values;
}

std::uint64_t Arguments::count(std::string_view name) const {
  WEIR_CHECK(info(name).kind == ValueKind::kCount);
  const std::string value = text(name);
  std::uint64_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return number;
}

std::chrono::milliseconds Arguments::duration(std::string_view name) const {
  WEIR_CHECK(info(name).kind == ValueKind::kDuration);
  const auto parsed = parse_duration(text(name));
  WEIR_CHECK(parsed.has_value());
  return *parsed;
}

OptionInfo json_option(std::string_view help) {
  return {.name = "--json", .help = help};
}

OptionInfo flow_option() {
  return {.name = "--flow",
          .kind = ValueKind::kText,
          .value = "FILE",
          .help = "Catalog file; several are laid over each other from left to right",
          .default_value = "flow.yaml",
          .repeated = true};
}

OptionInfo state_option() {
  return {.name = "--state",
          .kind = ValueKind::kText,
          .value = "DIR",
          .help = "Folder of the durable state",
          .default_value = ".weir beside the first catalog file",
          .env = "WEIR_STATE"};
}

OptionInfo journals_option() {
  return {.name = "--journals",
          .kind = ValueKind::kText,
          .value = "DIR",
          .help = "Folder of the journals",
          .default_value = "journals beside the first catalog file",
          .env = "WEIR_JOURNALS"};
}

OptionInfo skip_gaps_option() {
  return {.name = "--skip-gaps",
          .help =
              "Read on behind fragments of a journal that are missing, instead of stopping "
              "there; their documents are lost"};
}

OptionInfo identity_option() {
  return {.name = "--identity",
          .kind = ValueKind::kText,
          .value = "FILE",
          .help =
              "File of age identities that open what is encrypted in the catalog, besides those "
              "of SOPS_AGE_KEY, SOPS_AGE_KEY_FILE and sops/age/keys.txt of your configuration",
          .default_value = "none",
          .repeated = true};
}

Positional flow_positional() {
  return {.name = "FLOW",
          .help =
              "Catalog files, laid over each other from left to right; ./flow.yaml if none is "
              "given",
          .at_least = 0,
          .at_most = kMany};
}

}  // namespace weir::app
