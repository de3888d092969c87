#include "catalog/triggers_json.h"

#include "base/secret.h"
#include "catalog/url.h"
#include "json/events.h"

namespace weir::catalog {
namespace {

bool holds_secrets(std::string_view member) {
  return member == "headers" || member == "secrets" || member == "env";
}

// Keeps names and kinds, so that the form of the block can still be seen.
void write_blank(const json::Value& value, std::string& out) {
  if (value.is_object()) {
    out += '{';
    bool first = true;
    for (const json::Member& member : value.members()) {
      if (!first) out += ',';
      first = false;
      json::write_string(member.name, out);
      out += ':';
      write_blank(member.value, out);
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      if (i > 0) out += ',';
      write_blank(value.items()[i], out);
    }
    out += ']';
  } else {
    out += "\"\"";
  }
}

bool is_secret_url(const json::Value& value) {
  if (!value.is_string()) return false;
  std::string why;
  const auto url = parse_url(value.as_string(), &why);
  return url && looks_like_a_credential(*url);
}

void write_trigger(const json::Value& trigger, std::string& out) {
  if (!trigger.is_object()) return write_blank(trigger, out);
  out += '{';
  bool first = true;
  for (const json::Member& member : trigger.members()) {
    if (!first) out += ',';
    first = false;
    json::write_string(member.name, out);
    out += ':';
    const bool blank = holds_secrets(member.name) || member.name == "signing" ||
                       (member.name == "url" && is_secret_url(member.value));
    if (blank) {
      write_blank(member.value, out);
    } else {
      json::write(member.value, out);
    }
  }
  out += '}';
}

std::optional<std::string_view> text_of(const json::Value* value) {
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->as_string();
}

std::optional<std::string_view> text_of(const Node& node, std::string_view name) {
  const auto found = node.child_of_kind(name, json::Kind::kString);
  if (!found) return std::nullopt;
  return found->tree().as_string();
}

int trigger_likeness(const Node& below, const json::Value& above) {
  if (!above.is_object()) return 0;
  constexpr int kSameName = 3, kSameMethod = 2, kSameUrl = 1;
  const auto name = text_of(below, "name");
  if (name) return name == text_of(above.find("name")) ? kSameName : 0;
  const auto url = text_of(below, "url");
  if (!url || url != text_of(above.find("url"))) return 0;
  const auto method = text_of(above.find("method"));
  if (method && *method != text_of(below, "method").value_or("POST")) return 0;
  return method ? kSameMethod : kSameUrl;
}

}  // namespace

Node config_of(Node config) {
  config.merge_items(trigger_likeness);
  return config;
}

std::string merged_triggers(const Node& node) {
  std::string out = "{";
  for (const auto& [name, member] : node.members()) {
    if (out.size() > 1) out += ',';
    json::write_string(name, out);
    out += ':';
    const bool config = name == "config" && member.tree().is_array();
    out += config ? config_of(member).json() : member.json();
  }
  return out + "}";
}

std::string triggers_json(const Node& node) {
  json::Arena arena;
  std::string merged = merged_triggers(node);
  const auto root = json::parse_text(merged, arena, json::Duplicates::kLastWins);
  if (!root || !root->is_object()) return "";
  std::string out = "{";
  for (const json::Member& member : root->members()) {
    if (member.name == "sops") continue;
    if (out.size() > 1) out += ',';
    json::write_string(member.name, out);
    out += ':';
    if (member.name != "config" || !member.value.is_array()) {
      json::write(member.value, out);
      continue;
    }
    out += '[';
    for (std::size_t i = 0; i < member.value.items().size(); ++i) {
      if (i > 0) out += ',';
      write_trigger(member.value.items()[i], out);
    }
    out += ']';
  }
  out += "}";
  wipe(merged);  // held the secrets in clear
  return out;
}

}  // namespace weir::catalog
