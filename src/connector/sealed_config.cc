#include "connector/sealed_config.h"

#include <algorithm>

#include "base/secret_text.h"
#include "json/events.h"
#include "json/write_secret.h"
#include "secrets/sealed_part.h"
#include "secrets/suffix.h"

namespace weir::connector {
namespace {

constexpr std::string_view kInner = "config";

// The member that holds the connector's config, if that is what is encrypted.
const json::Value* sealed_inner(const json::Value& root) {
  const json::Value* inner = root.find(kInner);
  return inner != nullptr && secrets::is_sealed(*inner) ? inner : nullptr;
}

// Something of the type that the envelope says.
void write_stand_in(const json::Value& value, std::string& out) {
  const auto envelope = secrets::parse_envelope(value.as_string());
  if (envelope && envelope->type == secrets::SopsType::kBool) {
    out += "true";
  } else if (envelope && (envelope->type == secrets::SopsType::kInteger ||
                          envelope->type == secrets::SopsType::kFloat)) {
    out += '0';
  } else {
    out += "\"sealed\"";
  }
}

void write_unsealed(const json::Value& value, std::string_view suffix, bool root,
                    std::string& out) {
  if (value.is_object()) {
    out += '{';
    bool first = true;
    for (const json::Member& member : value.members()) {
      if (root && member.name == secrets::kStanzaName) continue;
      if (!first) out += ',';
      first = false;
      json::write_string(secrets::without_suffix(member.name, suffix), out);
      out += ':';
      write_unsealed(member.value, suffix, false, out);
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      if (i > 0) out += ',';
      write_unsealed(value.items()[i], suffix, false, out);
    }
    out += ']';
  } else if (value.is_string() && secrets::looks_sealed(value.as_string())) {
    write_stand_in(value, out);
  } else {
    json::write(value, out);
  }
}

void write_part(const json::Value& part, std::string& out) {
  const json::Value* suffix = part.find(secrets::kStanzaName)->find("encrypted_suffix");
  write_unsealed(
      part, suffix != nullptr && suffix->is_string() ? suffix->as_string() : std::string_view(),
      true, out);
}

}  // namespace

bool is_sealed(const std::string& config_json) {
  if (config_json.find("\"sops\"") == std::string::npos) return false;
  const auto tree = json::parse_tree(config_json);
  return tree && (secrets::is_sealed(tree->root) || sealed_inner(tree->root) != nullptr);
}

Result<Secret> open_config(std::string_view place, const std::string& config_json,
                           const secrets::Keyring& keyring) {
  const auto tree = json::parse_tree(config_json);
  if (!tree) return error(Code::kInvalid, "{}: the config is no valid JSON", place);
  const json::Value* inner = sealed_inner(tree->root);
  if (inner == nullptr && !secrets::is_sealed(tree->root)) return Secret(config_json);
  const auto part = secrets::open_part(inner != nullptr ? *inner : tree->root,
                                       secrets::PartKind::kConfig, keyring);
  if (!part) return tl::unexpected<Error>(with_context(place, part.error()));
  auto opened = (*part)->json();
  if (!opened) return tl::unexpected<Error>(with_context(place, opened.error()));
  if (inner == nullptr) return opened;
  SecretText out(config_json.size() * 2);
  for (const json::Member& member : tree->root.members()) {
    out.append(out.view().empty() ? '{' : ',');
    out.append_quoted(member.name);
    out.append(':');
    if (&member.value == inner) {
      out.append(opened->reveal());
    } else {
      json::append(member.value, out);
    }
  }
  out.append('}');
  return out.take();
}

std::string without_seal(const std::string& config_json) {
  const auto tree = json::parse_tree(config_json);
  if (!tree || !tree->root.is_object()) return config_json;
  std::string out;
  const json::Value* inner = sealed_inner(tree->root);
  if (secrets::is_sealed(tree->root)) {
    write_part(tree->root, out);
    return out;
  }
  if (inner == nullptr) return config_json;
  for (const json::Member& member : tree->root.members()) {
    out += out.empty() ? '{' : ',';
    json::write_string(member.name, out);
    out += ':';
    if (&member.value == inner) {
      write_part(member.value, out);
    } else {
      json::write(member.value, out);
    }
  }
  return out + "}";
}

}  // namespace weir::connector
