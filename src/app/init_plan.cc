#include "app/init_plan.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "app/folders.h"
#include "base/glob.h"
#include "base/text.h"
#include "io/file.h"
#include "journal/find_files.h"

namespace weir::app {
namespace {

constexpr std::string_view kPrefix = "my/";
constexpr std::string_view kCompressed[] = {".gz", ".zst"};
constexpr std::string_view kDocuments[] = {".jsonl", ".ndjson", ".json", ".csv", ".tsv"};
constexpr std::string_view kEndings[] = {".gz",   ".zst", ".jsonl", ".ndjson",
                                         ".json", ".csv", ".tsv",   ".txt"};
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kDigitsAndSeparators = "0123456789-_.";

bool is_name_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
         c == '_' || c == '+' || c == '.';
}

std::string lower_of(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// Takes one of the endings away, whatever its case.
template <std::size_t kCount>
bool drop_ending(std::string_view& name, const std::string_view (&endings)[kCount]) {
  const std::string lower = lower_of(name);
  for (const std::string_view ending : endings) {
    if (name.size() <= ending.size() || !lower.ends_with(ending)) continue;
    name.remove_suffix(ending.size());
    return true;
  }
  return false;
}

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// Files of one text here differ in digits only: "data/#-#-#.json".
std::string kind_of(const std::string& file) {
  std::string_view name = file_name(file);
  drop_ending(name, kCompressed);
  std::string out = io::folder_of(file) + "/";
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t end = std::min(name.find_first_not_of(kDigits, at), name.size());
    out += end > at ? '#' : name[at];
    at = std::max(end, at + 1);
  }
  return out;
}

// What the names of several files have in common: theirs without digits, or else their folder's.
std::string name_of_all(const std::vector<std::string>& files) {
  std::string_view name = file_name(files.front());
  while (drop_ending(name, kEndings)) continue;
  std::string common;
  for (std::size_t at = 0; at < name.size();) {
    std::size_t end = std::min(name.find_first_not_of(kDigitsAndSeparators, at), name.size());
    const std::string_view run = name.substr(at, end - at);
    if (run.find_first_of(kDigits) != std::string_view::npos) {
      if (!common.empty() && end < name.size()) common += '_';
    } else {
      end = std::max(end, at + 1);
      common += name.substr(at, end - at);
    }
    at = end;
  }
  if (!common.empty()) return collection_name_of(common);
  const auto folder = absolute_path(io::folder_of(files.front()));
  return collection_name_of(folder ? file_name(*folder) : std::string_view());
}

// Folders as the files in them.
Result<std::vector<std::string>> expand(const std::vector<std::string>& arguments) {
  std::vector<std::string> out;
  for (const std::string& argument : arguments) {
    std::error_code none;
    if (argument == "-" || !std::filesystem::is_directory(argument, none)) {
      out.push_back(argument);
      continue;
    }
    WEIR_TRY(const auto entries, io::list_folder(argument));
    std::vector<std::string> names;
    for (const io::FolderEntry& entry : entries) {
      if (entry.kind == io::FileKind::kFile && is_document_file(entry.name))
        names.push_back(entry.name);
    }
    if (names.empty())
      return error(Code::kInvalid,
                   "the folder {} has no files of documents: .json, .jsonl, .ndjson, .csv or .tsv, "
                   "also with .gz or .zst behind",
                   argument);
    std::sort(names.begin(), names.end());
    std::string folder = argument;
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    for (const std::string& name : names)
      out.push_back(folder == "." ? name : folder == "/" ? "/" + name : folder + "/" + name);
  }
  // A folder, and one of its files beside it: its documents are there once.
  std::set<std::string> seen;
  std::erase_if(out, [&](const std::string& file) { return !seen.insert(file).second; });
  return out;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                                  a.begin());
}

// What all names begin and end with, without digits that they happen to share: of "a-2024-01.csv"
// and "a-2024-02.csv", "a-" and ".csv".
std::pair<std::string, std::string> common_ends(const std::vector<std::string>& files) {
  const std::string_view first = file_name(files.front());
  const std::string backwards(first.rbegin(), first.rend());
  std::size_t begin = first.size(), end = first.size();
  for (const std::string& file : files)
    begin = std::min(begin, common_prefix(first, file_name(file)));
  for (const std::string& file : files) {
    const std::string_view name = file_name(file);
    end = std::min({end, name.size() - begin,
                    common_prefix(backwards, std::string(name.rbegin(), name.rend()))});
  }
  std::string_view head = first.substr(0, begin);
  std::string_view tail = first.substr(first.size() - end);
  const std::size_t kept = head.find_last_not_of(kDigitsAndSeparators) + 1;
  const bool separated = kept < head.size() && kDigits.find(head[kept]) == std::string_view::npos;
  head = head.substr(0, kept + (separated ? 1 : 0));
  std::size_t from = std::min(tail.find_first_not_of(kDigitsAndSeparators), tail.size());
  if (from > 0 && kDigits.find(tail[from - 1]) == std::string_view::npos) --from;
  return {std::string(head), std::string(tail.substr(from))};
}

// Does the pattern name these files and no other?
bool names_exactly(const std::string& folder, const std::string& pattern,
                   const std::vector<std::string>& files) {
  const auto found = journal::find_files({folder, {pattern}});
  if (!found || found->files.size() != files.size()) return false;
  std::set<std::pair<std::uint64_t, std::uint64_t>> wanted;
  for (const std::string& file : files) {
    const auto info = io::file_info(file);
    if (!info) return false;
    wanted.emplace(info->device, info->inode);
  }
  return std::all_of(found->files.begin(), found->files.end(), [&](const auto& each) {
    return wanted.contains({each.info.device, each.info.inode});
  });
}

}  // namespace

bool is_document_file(std::string_view name) {
  if (name.starts_with('.')) return false;
  drop_ending(name, kCompressed);
  return drop_ending(name, kDocuments);
}

Result<std::vector<PlannedCollection>> plan_collections(const std::vector<std::string>& arguments,
                                                        const std::string& together) {
  if (std::count(arguments.begin(), arguments.end(), "-") > 1)
    return error(Code::kInvalid, "- stands for standard input, which can be read once only");
  WEIR_TRY(const std::vector<std::string> files, expand(arguments));
  if (!together.empty()) return std::vector<PlannedCollection>{{together, files}};
  std::vector<PlannedCollection> out;
  std::map<std::string, std::size_t> place_of;  // of a kind in `out`
  for (const std::string& file : files) {
    const auto [known, added] = place_of.emplace(file == "-" ? file : kind_of(file), out.size());
    if (added) out.push_back({});
    out[known->second].inputs.push_back(file);
  }
  std::map<std::string, std::string> first_of;
  for (PlannedCollection& each : out) {
    const std::string& first = each.inputs.front();
    each.name = each.inputs.size() > 1 ? name_of_all(each.inputs)
                                       : collection_name_of(first == "-" ? "" : first);
    const auto [known, added] = first_of.emplace(each.name, first);
    if (added) continue;
    return error(Code::kInvalid,
                 "{} and {} would both be the collection {}; --collection {} puts all files into "
                 "one, or call weir init for each",
                 known->second, first, each.name, each.name);
  }
  return out;
}

Result<std::vector<std::string>> patterns_for(const std::vector<std::string>& files,
                                              const std::string& output) {
  WEIR_TRY(const std::string catalog, absolute_path(output == "-" ? "flow.yaml" : output));
  const std::string base = io::folder_of(catalog);
  const auto named = [&](const std::string& path) -> Result<std::string> {
    const std::filesystem::path given(path);
    if (given.is_absolute() || output == "-") return given.lexically_normal().string();
    WEIR_TRY(const std::string absolute, absolute_path(path));
    return std::filesystem::path(absolute).lexically_relative(base).string();
  };
  const std::string folder = io::folder_of(files.front());
  const bool one_folder = std::all_of(files.begin(), files.end(), [&](const std::string& each) {
    return io::folder_of(each) == folder;
  });
  if (files.size() > 1 && one_folder) {
    const auto [head, tail] = common_ends(files);
    WEIR_TRY(const std::string place, named(folder));
    const std::string_view slash = place.empty() || place.ends_with('/') ? "" : "/";
    const std::string before = place == "." ? "" : fmt::format("{}{}", place, slash);
    std::string pattern = pattern_of(before + head) + "*" + pattern_of(tail);
    if (names_exactly(base, pattern, files)) return std::vector<std::string>{std::move(pattern)};
  }
  std::vector<std::string> out;
  for (const std::string& file : files) {
    WEIR_TRY(const std::string name, named(file));
    out.push_back(pattern_of(name));
  }
  return out;
}

std::string collection_name_of(std::string_view file) {
  const std::size_t slash = file.rfind('/');
  if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
  while (drop_ending(file, kEndings)) continue;
  const bool text = valid_utf8(file);
  const auto beyond_ascii = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  std::string name;
  for (const char c : file) name += is_name_byte(c) || (text && beyond_ascii(c)) ? c : '_';
  while (name.starts_with('.')) name.erase(0, 1);
  constexpr std::size_t kNameBytes = 200;
  if (name.size() > kNameBytes) name.resize(kNameBytes);
  while (text && !valid_utf8(name)) name.pop_back();  // a character that was cut in two
  return std::string(kPrefix) + (name.empty() ? "documents" : name);
}

std::string table_name_of(std::string_view collection) {
  const std::size_t slash = collection.rfind('/');
  if (slash != std::string_view::npos) collection.remove_prefix(slash + 1);
  std::string name;
  for (const char c : collection) {
    const bool good = is_name_byte(c) && c != '-' && c != '+' && c != '.';
    name += good || static_cast<unsigned char>(c) >= 0x80 ? c : '_';
  }
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name.insert(0, 1, '_');
  return name;
}

std::string pattern_of(std::string_view path) {
  std::string pattern = escaped_pattern(path);
  if (valid_utf8(pattern)) return pattern;
  for (char& c : pattern) c = static_cast<unsigned char>(c) >= 0x80 ? '?' : c;
  return pattern;
}

}  // namespace weir::app
