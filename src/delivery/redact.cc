#include "delivery/redact.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/planted.h"
#include "base/text.h"
#include "json/value.h"

namespace weir::delivery {

namespace {

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

void add_spellings(std::string_view text, std::vector<Secret>& out) {
  if (text.size() < kHiddenMin) return;
  out.emplace_back(std::string(text));
  std::string json;
  json::write_string_inside(text, json);
  if (json != text) out.emplace_back(std::move(json));
  std::string url = percent_encoded(text);
  if (url != text) out.emplace_back(std::move(url));
}

// Longest first: a part must not blank the middle of the whole.
std::vector<Secret> spellings_of(const std::vector<Secret>& hidden) {
  std::vector<Secret> out;
  for (const Secret& secret : hidden) {
    add_spellings(secret.reveal(), out);
    const auto words = split(secret.reveal(), ' ');
    if (words.size() < 2) continue;
    for (const std::string_view word : words) add_spellings(word, out);
  }
  std::stable_sort(out.begin(), out.end(), [](const Secret& a, const Secret& b) {
    return a.reveal().size() > b.reveal().size();
  });
  return out;
}

// Bytes of the UTF-8 character that starts at `at`; 0 where none does.
std::size_t character_at(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (at + size > text.size() || !valid_utf8(text.substr(at, size))) return 0;
  return size;
}

}  // namespace

std::string without_secrets(std::string_view text, const std::vector<Secret>& hidden, bool cut) {
  const std::vector<Secret> spellings = spellings_of(hidden);
  if (spellings.empty() || planted(Bug::kEchoIsKept)) return std::string(text);
  if (cut)
    text =
        text.substr(0, text.size() - std::min(text.size(), spellings.front().reveal().size() - 1));
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const auto found = std::find_if(spellings.begin(), spellings.end(), [&](const Secret& secret) {
      return rest.substr(0, secret.reveal().size()) == secret.reveal();
    });
    if (found == spellings.end()) {
      out += text[at++];
    } else {
      out += kHiddenMark;
      at += found->reveal().size();
    }
  }
  return out;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character_at(text, at);
    const bool control =
        size == 1 && (static_cast<unsigned char>(text[at]) < 0x20 || text[at] == 0x7f);
    const std::string_view next = size == 0 ? "?" : control ? " " : text.substr(at, size);
    if (out.size() + next.size() > limit) break;
    out += next;
    at += std::max<std::size_t>(size, 1);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace weir::delivery
