#include "app/init_catalog.h"

#include <algorithm>

#include "app/yaml_writer.h"
#include "base/check.h"
#include "base/glob.h"
#include "base/text.h"
#include "json/events.h"

namespace weir::app {
namespace {

constexpr std::string_view kPrefix = "my/";
constexpr std::string_view kEndings[] = {".gz",   ".zst", ".jsonl", ".ndjson",
                                         ".json", ".csv", ".tsv",   ".txt"};

constexpr std::string_view kHead =
    R"(# Collections are documents of one schema and one key; documents of one key become one row.
collections:
)";

constexpr std::string_view kFilesComment =
    R"(    # Read where they lie: lines that are added, and new files, are followed. A pattern such as
    # data/*.jsonl names many. Paths are relative to this file.
)";

constexpr std::string_view kAppendComment =
    R"(    # Documents come in by `weir append`; they are kept in journals beside this file.
)";

constexpr std::string_view kTriggers =
    R"(    # After each commit, tell a webhook. To try it, take the # away from these lines, and run
    # `weir listen --port 8417` in another terminal.
    # triggers:
    #   config:
    #     - name: changed
    #       url: http://127.0.0.1:8417/changed
    #       delivery: background    # the tables go on, whatever the receiver does
    #       interval: 1m            # at most one request a minute; 0s: one per transaction
    #       payloadTemplate: |
    #         {"id": "{{request_id}}", "tables": {{json tables}}}
)";

bool is_name_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
         c == '_' || c == '+' || c == '.';
}

std::string list_of(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ", ";
    out += yaml_scalar(text);
  }
  return out + "]";
}

std::string counted(std::uint64_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

void write_files(const InitCollection& collection, std::string& out) {
  if (collection.files.empty()) {
    out += kAppendComment;
    return;
  }
  out += kFilesComment;
  if (collection.files.size() == 1) {
    out += fmt::format("    files: {}\n", list_of(collection.files));
    return;
  }
  out += "    files:\n";
  for (const std::string& file : collection.files)
    out += fmt::format("      - {}\n", yaml_scalar(file));
}

void write_key(const InitCollection& collection, std::string& out) {
  std::string names;
  for (const std::string& pointer : collection.key)
    names += (names.empty() ? "" : " and ") + pointer;
  if (collection.key_given) {
    out += "    # By these values documents are one; the latest of them is the row.\n";
  } else if (collection.documents < 2) {
    out += fmt::format(
        "    # By these values documents are one. {} was taken by its name: one "
        "document tells little.\n",
        names);
  } else {
    out += fmt::format(
        "    # By these values documents are one. {} differ{} in all of {};\n    # check that this "
        "holds for those to come.\n",
        names, collection.key.size() == 1 ? "s" : " together",
        counted(collection.compared, "document"));
  }
  out += fmt::format("    key: {}\n", list_of(collection.key));
}

void write_collection(const InitCollection& collection, std::string& out) {
  out += fmt::format("  {}:\n", yaml_scalar(collection.name));
  write_files(collection, out);
  write_key(collection, out);
  out += fmt::format(
      "    # What {} had in common. A document that does not match stops the table, and says "
      "where:\n"
      "    # widen a type, or take out of `required` what may be absent.\n",
      counted(collection.documents, "document"));
  const auto schema = json::parse_tree(collection.schema_json);
  WEIR_CHECK(schema.has_value());
  out += "    schema:\n";
  write_yaml(schema->root, 6, out);
}

}  // namespace

std::string init_catalog_text(const InitCatalog& catalog) {
  std::string out(kHead);
  for (const InitCollection& collection : catalog.collections) write_collection(collection, out);
  out += fmt::format(
      "\n# Materializations keep tables of an endpoint up to date.\nmaterializations:\n"
      "  {}tables:\n    endpoint:\n      sqlite: {{ path: {} }}\n    bindings:\n",
      kPrefix, yaml_scalar(catalog.database));
  for (const InitCollection& collection : catalog.collections) {
    out += fmt::format("      - source: {}\n        resource: {{ table: {} }}\n",
                       yaml_scalar(collection.name), yaml_scalar(collection.table));
  }
  return out + std::string(kTriggers);
}

std::string collection_name_of(std::string_view file) {
  const std::size_t slash = file.rfind('/');
  if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
  std::string lower(file);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view ending : kEndings) {
      if (file.size() <= ending.size() || !lower.ends_with(ending)) continue;
      file.remove_suffix(ending.size());
      lower.resize(file.size());
      again = true;
    }
  }
  std::string name;
  for (const char c : file) name += is_name_byte(c) ? c : '_';
  while (name.starts_with('.')) name.erase(0, 1);
  constexpr std::size_t kNameBytes = 200;
  if (name.size() > kNameBytes) name.resize(kNameBytes);
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
