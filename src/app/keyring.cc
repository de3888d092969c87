#include "app/keyring.h"

#include <unistd.h>

#include <cstdlib>

#include "app/folders.h"
#include "app/sops_program.h"
#include "app/wiring.h"
#include "connector/sealed_config.h"
#include "io/secret_file.h"
#include "json/host/re2_regex.h"
#include "trigger/open_sealed.h"
#include "trigger/terms.h"

namespace weir::app {
namespace {

// Empty where it is not set.
Secret variable(const char* name) {
  const char* value = std::getenv(name);
  return Secret(std::string(value == nullptr ? "" : value));
}
std::string path_variable(const char* name) {
  return std::string(variable(name).reveal());
}

Status add_text(secrets::Keyring& keyring, std::string source, const Secret& text) {
  auto identities = secrets::parse_identities(text.reveal());
  if (!identities) return error(Code::kSealed, "{}: {}", source, identities.error().message);
  for (secrets::Identity& identity : *identities) {
    keyring.identities.push_back(std::move(identity));
  }
  keyring.sources.push_back(std::move(source));
  return {};
}

Status add_file(secrets::Keyring& keyring, const std::string& path) {
  auto text = io::read_secret_file(path, secrets::kIdentityFileBytesMax);
  if (!text) {
    return error(Code::kSealed, "the identities of {} cannot be read: {}", path,
                 text.error().message);
  }
  return add_text(keyring, path, *text);
}

std::string user_file() {
  const std::string config = path_variable("XDG_CONFIG_HOME");
  if (!config.empty()) return join_path(config, "sops/age/keys.txt");
  const std::string home = path_variable("HOME");
  return home.empty() ? "" : join_path(home, ".config/sops/age/keys.txt");
}

}  // namespace

Error with_advice(Error error, const secrets::Keyring& keyring) {
  if (error.code != Code::kSealed || !keyring.identities.empty()) return error;
  error.message +=
      "; name a file of identities by --identity or SOPS_AGE_KEY_FILE, or set SOPS_AGE_KEY";
  return error;
}

Result<secrets::Keyring> find_keyring(const std::vector<std::string>& identity_files) {
  secrets::Keyring keyring;
  keyring.regex = json::re2_syntax_factory();
  for (const std::string& file : identity_files) WEIR_RETURN_IF_ERROR(add_file(keyring, file));
  if (const Secret text = variable("SOPS_AGE_KEY"); !text.empty()) {
    WEIR_RETURN_IF_ERROR(add_text(keyring, "SOPS_AGE_KEY", text));
  }
  if (const std::string file = path_variable("SOPS_AGE_KEY_FILE"); !file.empty()) {
    WEIR_RETURN_IF_ERROR(add_file(keyring, file));
  }
  if (const std::string file = user_file(); !file.empty() && ::access(file.c_str(), F_OK) == 0) {
    WEIR_RETURN_IF_ERROR(add_file(keyring, file));
  }
  if (sops_is_there()) {
    keyring.sops = [](std::string_view document) {
      return decrypt_by_sops(document, "json", system_clock());
    };
  }
  return keyring;
}

Result<Secret> open_config(const catalog::BuiltMaterialization& built,
                           const std::vector<std::string>& identity_files) {
  const std::string& config = built.spec.config_json;
  if (!connector::is_sealed(config)) return Secret(config);
  WEIR_TRY(const secrets::Keyring keyring, find_keyring(identity_files));
  const std::string place = fmt::format(
      "endpoint.{} of {}", trigger::endpoint_name(built.spec.endpoint), built.spec.name);
  auto opened = connector::open_config(place, config, keyring);
  if (!opened) return tl::unexpected<Error>(with_advice(std::move(opened).error(), keyring));
  return with_absolute_paths(built.spec.endpoint, *opened, built.base_dir);
}

Result<std::vector<catalog::Trigger>> open_triggers(
    const catalog::BuiltMaterialization& built, const std::vector<std::string>& identity_files) {
  if (built.sealed_triggers.empty()) return built.triggers;
  WEIR_TRY(const secrets::Keyring keyring, find_keyring(identity_files));
  auto opened = trigger::open_triggers(built, keyring);
  if (!opened) return tl::unexpected<Error>(with_advice(std::move(opened).error(), keyring));
  return opened;
}

bool has_secrets(const catalog::BuiltMaterialization& built) {
  return !built.sealed_triggers.empty() || connector::is_sealed(built.spec.config_json);
}

}  // namespace weir::app
