#include "app/yaml_writer.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace weir::app {
namespace {

// Words that stand for something else than themselves in some YAML.
constexpr std::array<std::string_view, 14> kReserved = {
    "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "none", "~", ""};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_plain(std::string_view text) {
  if (text.empty() || !(is_letter(text[0]) || text[0] == '_' || text[0] == '/')) return false;
  std::string lower;
  for (const char c : text) {
    const bool good = is_letter(c) || (c >= '0' && c <= '9') ||
                      std::string_view("_-./+").find(c) != std::string_view::npos;
    if (!good) return false;
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return std::find(kReserved.begin(), kReserved.end(), lower) == kReserved.end();
}

std::string flow(const json::Value& value) {
  if (value.is_string()) return yaml_scalar(value.as_string());
  if (value.is_array()) {
    std::string out = "[";
    for (const json::Value& item : value.items()) {
      if (out.size() > 1) out += ", ";
      out += flow(item);
    }
    return out + "]";
  }
  if (!value.is_object()) return json::to_text(value);
  if (value.size() == 0) return "{}";
  std::string out = "{ ";
  for (const json::Member& member : value.members()) {
    if (out.size() > 2) out += ", ";
    out += yaml_scalar(member.name) + ": " + flow(member.value);
  }
  return out + " }";
}

bool is_small(const json::Value& value, std::size_t indent) {
  if (!value.is_object() && !value.is_array()) return true;
  if (value.size() == 0) return true;
  // A list of members reads better below each other.
  if (value.is_object()) {
    for (const json::Member& member : value.members()) {
      if (member.value.is_object()) return false;
    }
  }
  return indent + flow(value).size() <= kYamlFlowBytes + indent / 2;
}

}  // namespace

std::string yaml_scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string out;
  json::write_string(text, out);
  return out;
}

void write_yaml(const json::Value& value, std::size_t indent, std::string& out,
                std::string_view behind_empty) {
  const std::string space(indent, ' ');
  if (is_small(value, indent)) {
    out += space + flow(value) + "\n";
    return;
  }
  if (value.is_array()) {
    for (const json::Value& item : value.items()) {
      std::string block;
      write_yaml(item, indent + 2, block, behind_empty);
      block[indent] = '-';
      out += block;
    }
    return;
  }
  for (const json::Member& member : value.members()) {
    out += space + yaml_scalar(member.name) + ":";
    if (is_small(member.value, indent + member.name.size() + 2)) {
      out += " " + flow(member.value);
      const bool empty = member.value.is_object() && member.value.size() == 0;
      if (empty && !behind_empty.empty()) out += "  # " + std::string(behind_empty);
      out += "\n";
    } else {
      out += "\n";
      write_yaml(member.value, indent + 2, out, behind_empty);
    }
  }
}

}  // namespace weir::app
