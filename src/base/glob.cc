#include "base/glob.h"

#include <algorithm>

#include "base/text.h"

namespace weir {
namespace {

constexpr std::string_view kWild = "*?[";
constexpr std::string_view kSpecial = "*?[]\\";

// Behind the bracket that closes a set; npos if none does. `at` is behind the opening one.
std::size_t end_of_set(std::string_view part, std::size_t at) {
  if (at < part.size() && part[at] == '!') ++at;
  if (at < part.size() && part[at] == ']') ++at;  // a member, as first
  while (at < part.size() && part[at] != ']') at += part[at] == '\\' ? 2 : 1;
  return at < part.size() ? at + 1 : std::string_view::npos;
}

bool in_set(std::string_view set, char c) {
  const bool negated = set.starts_with('!');
  if (negated) set.remove_prefix(1);
  bool found = false;
  const auto take = [&set] {
    if (set.size() > 1 && set[0] == '\\') set.remove_prefix(1);
    const char first = set[0];
    set.remove_prefix(1);
    return static_cast<unsigned char>(first);
  };
  const auto byte = static_cast<unsigned char>(c);
  while (!set.empty()) {
    const unsigned char low = take();
    unsigned char high = low;
    if (set.size() > 1 && set[0] == '-') {
      set.remove_prefix(1);
      high = take();
    }
    found = found || (low <= byte && byte <= high);
  }
  return found != negated;
}

Status check_part(std::string_view part) {
  if (part == "**") return {};
  if (part.find("**") != std::string_view::npos)
    return error(Code::kInvalid, "** stands for folders, and only between slashes");
  for (std::size_t at = 0; at < part.size();) {
    if (part[at] == '\\') {
      if (at + 1 == part.size()) return error(Code::kInvalid, "a backslash with nothing behind it");
      at += 2;
    } else if (part[at] == '[') {
      at = end_of_set(part, at + 1);
      if (at == std::string_view::npos)
        return error(Code::kInvalid, "a [ without its ]; write \\[ for the character itself");
    } else {
      ++at;
    }
  }
  return {};
}

// Steps over one element of the pattern if it matches the character.
bool matches_one(std::string_view part, std::size_t& at, char c) {
  if (at == part.size()) return false;
  std::size_t next = at + 1;
  bool good = false;
  if (part[at] == '?') {
    good = true;
  } else if (part[at] == '[') {
    next = end_of_set(part, at + 1);
    good = in_set(part.substr(at + 1, next - at - 2), c);
  } else if (part[at] == '\\') {
    good = part[at + 1] == c;
    next = at + 2;
  } else {
    good = part[at] == c;
  }
  if (good) at = next;
  return good;
}

}  // namespace

Status check_file_pattern(std::string_view pattern) {
  if (pattern.empty()) return error(Code::kInvalid, "the pattern is empty");
  if (pattern.size() > kPatternBytesMax)
    return error(Code::kInvalid, "a pattern of {} bytes, where {} are possible", pattern.size(),
                 kPatternBytesMax);
  if (pattern.find('\0') != std::string_view::npos)
    return error(Code::kInvalid, "no file name has a byte of zero");
  const std::vector<std::string> parts = pattern_parts(pattern);
  if (parts.size() > kPatternPartsMax)
    return error(Code::kInvalid, "more than {} folders deep", kPatternPartsMax);
  for (const std::string& part : parts) WEIR_RETURN_IF_ERROR(check_part(part));
  if (pattern.ends_with('/') || parts.empty() || parts.back() == ".." || parts.back() == "**" ||
      parts.back() == "/")
    return error(Code::kInvalid, "it ends in a folder, not in the name of files; write …/*.jsonl");
  return {};
}

// The usual walk with one place to return to: the last star takes one byte more.
bool matches_name(std::string_view part, std::string_view name) {
  if (name.starts_with('.') && !part.starts_with('.') && !part.starts_with("\\.")) return false;
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_name = 0;
  for (std::size_t i = 0; i < name.size();) {
    if (at < part.size() && part[at] == '*') {
      star = at++;
      star_name = i;
    } else if (matches_one(part, at, name[i])) {
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++star_name;
    } else {
      return false;
    }
  }
  while (at < part.size() && part[at] == '*') ++at;
  return at == part.size();
}

bool is_wild(std::string_view part) {
  for (std::size_t at = 0; at < part.size(); at += part[at] == '\\' ? 2 : 1) {
    if (kWild.find(part[at]) != std::string_view::npos) return true;
  }
  return false;
}

std::string unescaped_part(std::string_view part) {
  std::string out;
  for (std::size_t at = 0; at < part.size(); ++at) {
    if (part[at] == '\\' && at + 1 < part.size()) ++at;
    out += part[at];
  }
  return out;
}

std::string escaped_pattern(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::vector<std::string> pattern_parts(std::string_view pattern) {
  std::vector<std::string> parts;
  if (pattern.starts_with('/')) parts.emplace_back("/");
  for (const std::string_view part : split(pattern, '/')) {
    if (!part.empty() && part != ".") parts.emplace_back(part);
  }
  return parts;
}

}  // namespace weir
