#include "app/secret_recipients.h"

#include <unistd.h>

#include "app/folders.h"
#include "app/secret_parts.h"
#include "base/text.h"
#include "io/file.h"
#include "json/host/re2_regex.h"
#include "json/host/yaml.h"

namespace weir::app {
namespace {

constexpr std::string_view kRulesFile = ".sops.yaml";

Status add_recipients(std::string_view text, secrets::KeyGroup* group) {
  std::string word;
  const auto add = [&]() -> Status {
    if (word.empty()) return {};
    WEIR_TRY(const secrets::Recipient recipient, secrets::Recipient::parse(word));
    group->age.push_back({recipient.text(), {}});
    word.clear();
    return {};
  };
  for (const char c : text) {
    const bool separates = c == ',' || c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (separates) WEIR_RETURN_IF_ERROR(add());
    if (!separates) word += c;
  }
  return add();
}

Status add_age(const json::Value* age, secrets::KeyGroup* group) {
  if (age == nullptr || age->is_null()) return {};
  if (age->is_string()) return add_recipients(age->as_string(), group);
  if (!age->is_array()) return error(Code::kInvalid, "`age` must be a text or a list of texts");
  for (const json::Value& item : age->items()) {
    if (!item.is_string()) return error(Code::kInvalid, "`age` must be a text or a list of texts");
    WEIR_RETURN_IF_ERROR(add_recipients(item.as_string(), group));
  }
  return {};
}

// Of a rule, or of one of its groups.
Status add_group(const json::Value& from, std::vector<secrets::KeyGroup>* groups) {
  constexpr std::string_view kOthers[] = {
      "kms",      "pgp",      "gcp_kms", "azure_keyvault", "hc_vault_transit_uri",
      "azure_kv", "hc_vault", "hckms",   "vault"};
  for (const std::string_view kind : kOthers) {
    const json::Value* found = from.find(kind);
    if (found == nullptr || found->is_null() || found->size() == 0) continue;
    return error(Code::kInvalid,
                 "the rule names {} recipients; only age is spoken here: name age recipients by "
                 "--recipient, or encrypt with `sops`",
                 kind);
  }
  secrets::KeyGroup group;
  WEIR_RETURN_IF_ERROR(add_age(from.find("age"), &group));
  if (group.age.empty()) return error(Code::kInvalid, "the rule names no age recipient");
  groups->push_back(std::move(group));
  return {};
}

Result<secrets::SopsStanza> stanza_of_rule(const json::Value& rule) {
  secrets::SopsStanza stanza;
  const json::Value* groups = rule.find("key_groups");
  if (groups != nullptr && groups->is_array()) {
    for (const json::Value& item : groups->items()) {
      WEIR_RETURN_IF_ERROR(add_group(item, &stanza.groups));
    }
    if (stanza.groups.empty()) return error(Code::kInvalid, "the rule has no key groups");
  } else {
    WEIR_RETURN_IF_ERROR(add_group(rule, &stanza.groups));
  }
  stanza.shamir_threshold = stanza.groups.size();
  if (const json::Value* threshold = rule.find("shamir_threshold");
      threshold != nullptr && threshold->is_number() && stanza.groups.size() > 1) {
    const int count = std::atoi(std::string(threshold->number_text()).c_str());
    const auto groups_max = static_cast<int>(stanza.groups.size());
    if (count < 0 || count == 1 || count > groups_max) {
      return error(Code::kInvalid,
                   "`shamir_threshold` is {}; it says how many of the {} key groups are needed, at "
                   "least 2 (default: all)",
                   threshold->number_text(), groups_max);
    }
    if (count > 0) stanza.shamir_threshold = static_cast<std::size_t>(count);
  }
  return stanza;
}

// The first rule whose path_regex matches the file, seen from the rules' folder.
Result<secrets::SopsStanza> from_rules(const std::string& rules, const std::string& file) {
  WEIR_TRY(const std::string text, io::read_file(rules, kSecretFileMax));
  json::Arena arena;
  const auto root = json::parse_yaml(text, arena);
  if (!root) {
    return error(Code::kInvalid, "{}:{}:{}: {}", rules, root.error().place.line,
                 root.error().place.column, root.error().message);
  }
  const std::string folder = io::folder_of(rules) + "/";
  const std::string seen = file.starts_with(folder) ? file.substr(folder.size()) : file;
  const json::Value* list = root->find("creation_rules");
  if (list == nullptr || !list->is_array()) {
    return error(Code::kInvalid, "{}: has no list `creation_rules`", rules);
  }
  for (const json::Value& rule : list->items()) {
    if (const json::Value* pattern = rule.find("path_regex");
        pattern != nullptr && pattern->is_string()) {
      const auto regex = json::re2_syntax_factory()(pattern->as_string());
      if (!regex) return tl::unexpected<Error>(with_context(rules, regex.error()));
      if (!(*regex)->search(seen)) continue;
    }
    auto stanza = stanza_of_rule(rule);
    if (!stanza) return tl::unexpected<Error>(with_context(rules, stanza.error()));
    return stanza;
  }
  return error(Code::kInvalid, "{}: none of its rules matches {}", rules, seen);
}

}  // namespace

OptionInfo recipient_option(std::string_view default_value) {
  return {.name = "--recipient",
          .kind = ValueKind::kText,
          .value = "KEY",
          .help = "For whom: an age public key (age1…), or several separated by commas",
          .default_value = default_value,
          .env = "WEIR_AGE_RECIPIENTS",
          .repeated = true};
}

Result<secrets::SopsStanza> given_recipients(const Arguments& arguments) {
  secrets::SopsStanza stanza;
  secrets::KeyGroup group;
  for (const std::string& text : arguments.texts("--recipient")) {
    auto added = add_recipients(text, &group);
    if (!added) return tl::unexpected<Error>(with_context("--recipient", added.error()));
  }
  if (!group.age.empty()) stanza.groups.push_back(std::move(group));
  return stanza;
}

Result<secrets::SopsStanza> find_recipients(const Arguments& arguments, const std::string& file) {
  WEIR_TRY(secrets::SopsStanza given, given_recipients(arguments));
  if (!given.groups.empty()) return given;
  WEIR_TRY(const std::string path, absolute_path(file));
  for (std::string folder = io::folder_of(path);; folder = io::folder_of(folder)) {
    const std::string rules = join_path(folder, kRulesFile);
    if (::access(rules.c_str(), F_OK) == 0) return from_rules(rules, path);
    if (folder == "/" || folder == "." || folder.empty()) break;
  }
  return error(Code::kInvalid,
               "nobody is named who could open it: write --recipient age1…, set "
               "WEIR_AGE_RECIPIENTS, or put a .sops.yaml beside the catalog; `weir secrets keygen` "
               "makes a key");
}

}  // namespace weir::app
