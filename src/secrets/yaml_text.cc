// Writing YAML scalars and blocks.
#include <algorithm>

#include "base/secret_text.h"
#include "base/text.h"
#include "secrets/text_document.h"

namespace weir::secrets {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Words that some reader takes for something else than a string.
bool is_word_of_yaml(std::string_view text) {
  constexpr std::string_view kWords[] = {"y",    "n",     "yes",  "no",  "on", "off",
                                         "true", "false", "null", "inf", "nan"};
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  const bool found = std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
  wipe(lower);
  return found;
}

bool is_plain(std::string_view text, bool flow) {
  if (text.empty() || text.size() > 4096) return false;
  if (looks_sealed(text)) return !flow;
  if (!is_letter_or_digit(text[0]) && text[0] != '_' && text[0] != '/') return false;
  for (const char c : text) {
    if (!is_letter_or_digit(c) && std::string_view("_./@+-").find(c) == std::string_view::npos) {
      return false;
    }
  }
  const auto typed = typed_yaml_scalar(text, BigIntegers::kExact);
  return typed && typed->type == SopsType::kString && !is_word_of_yaml(text);
}

bool fits_a_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.front() == ' ' || text.front() == '\n' ||
      text.front() == '\t' || text.ends_with("\n\n") || !valid_utf8(text)) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\n' && i > 0 && (text[i - 1] == ' ' || text[i - 1] == '\t')) return false;
    // Controls, and the line separators that YAML knows beside LF.
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) return false;
    if (text.substr(i).starts_with("\xc2\x85") || text.substr(i).starts_with("\xe2\x80\xa8") ||
        text.substr(i).starts_with("\xe2\x80\xa9") || text.substr(i).starts_with("\xef\xbb\xbf")) {
      return false;
    }
  }
  return !text.ends_with(' ') && !text.ends_with('\t');
}

void append_block(const json::Value& value, std::size_t indent, std::string& out) {
  const std::string margin(indent, ' ');
  if (value.is_object()) {
    for (const json::Member& member : value.members()) {
      out += margin;
      out += yaml_text(member.name, false, indent).reveal();
      out += ':';
      out += yaml_block(member.value, indent + 2);
    }
    return;
  }
  for (const json::Value& item : value.items()) {
    std::string block;
    if ((item.is_object() || item.is_array()) && item.size() > 0) {
      append_block(item, indent + 2, block);
      out += margin + "- " + block.substr(indent + 2);
    } else {
      out += margin + "-" + yaml_block(item, indent + 2);
    }
  }
}

}  // namespace

Secret yaml_text(std::string_view text, bool flow, std::size_t indent) {
  if (is_plain(text, flow)) return Secret(std::string(text));
  SecretText out(text.size() * 2 + 16);
  if (flow || !fits_a_block(text)) {
    out.append_quoted(text);
    return out.take();
  }
  const bool ended = text.ends_with('\n');
  out.append(ended ? "|" : "|-");
  for (const std::string_view line : split(ended ? text.substr(0, text.size() - 1) : text, '\n')) {
    out.append('\n');
    if (!line.empty()) out.append(std::string(indent, ' '));
    out.append(line);
  }
  return out.take();
}

std::string yaml_block(const json::Value& value, std::size_t indent) {
  std::string out;
  if (value.is_string()) {
    return " " + std::string(yaml_text(value.as_string(), false, indent).reveal()) + "\n";
  }
  const bool container = value.is_object() || value.is_array();
  if (!container || value.size() == 0) return " " + json::to_text(value) + "\n";
  out = "\n";
  append_block(value, indent, out);
  return out;
}

}  // namespace weir::secrets
