#include "app/init_catalog.h"

#include <utility>

#include "app/yaml_writer.h"
#include "base/check.h"
#include "base/text.h"
#include "json/events.h"

namespace weir::app {
namespace {

constexpr std::string_view kPrefix = "my/";
constexpr std::string_view kHead =
    R"(# Collections are documents of one schema and one key; documents of one key become one row.
collections:
)";

constexpr std::string_view kFilesComment =
    R"(    # Read where they lie: lines that are added, and new files, are followed. A pattern such as
    # data/*.jsonl names many. Paths are relative to this file.
)";

constexpr std::string_view kSchemaComment =
    R"(    # What the documents had in common. One that does not match stops the table, and says where:
    # widen a type, or take out of `required` what may be absent.
)";

constexpr std::string_view kAppendComment =
    R"(    # Documents come in by `weir append`; they are kept in journals beside this file.
)";

constexpr std::string_view kTriggers =
    R"(    # After commits, tell a webhook. To try it, take the # away from the lines below, and run
    # `weir listen --port 8417` in another terminal; `weir triggers new` writes others.
    # triggers:
    #   config:
    #     - name: changed
    #       url: http://127.0.0.1:8417/changed
    #       delivery: background    # the tables go on, whatever the receiver does
    #       interval: 1m            # at most one request a minute; 0s: one per transaction
    #       payloadTemplate: |
    #         {"id": "{{request_id}}", "tables": {{json tables}}}
)";

// What comments have said already: the first collection has them all.
struct Told {
  bool files = false;
  bool append = false;
  bool key = false;
  bool schema = false;
};

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

void write_files(const InitCollection& collection, Told& told, std::string& out) {
  if (collection.files.empty()) {
    if (!std::exchange(told.append, true)) out += kAppendComment;
    return;
  }
  if (!std::exchange(told.files, true)) out += kFilesComment;
  if (collection.files.size() == 1) {
    out += fmt::format("    files: {}\n", list_of(collection.files));
    return;
  }
  out += "    files:\n";
  for (const std::string& file : collection.files)
    out += fmt::format("      - {}\n", yaml_scalar(file));
}

void write_key(const InitCollection& collection, Told& told, std::string& out) {
  std::string names;
  for (const std::string& pointer : collection.key)
    names += (names.empty() ? "" : " and ") + pointer;
  if (!std::exchange(told.key, true))
    out += "    # By these values documents are one; the latest of them is the row.\n";
  if (!collection.key_given && collection.documents < 2) {
    out += fmt::format("    # {} was taken by its name: one document tells little.\n", names);
  } else if (!collection.key_given) {
    out += fmt::format("    # {} differ{} in all of {}; check that this holds for those to come.\n",
                       names, collection.key.size() == 1 ? "s" : " together",
                       counted(collection.compared, "document"));
  }
  out += fmt::format("    key: {}\n", list_of(collection.key));
}

void write_collection(const InitCollection& collection, Told& told, std::string& out) {
  out += fmt::format("  {}:\n", yaml_scalar(collection.name));
  write_files(collection, told, out);
  write_key(collection, told, out);
  if (!std::exchange(told.schema, true)) out += kSchemaComment;
  const auto schema = json::parse_tree(collection.schema_json);
  WEIR_CHECK(schema.has_value());
  out += "    schema:\n";
  write_yaml(schema->root, 6, out, "null so far, so anything: a type makes a better column");
}

}  // namespace

std::string init_catalog_text(const InitCatalog& catalog) {
  std::string out(kHead);
  Told told;
  for (const InitCollection& collection : catalog.collections) {
    if (told.key) out += '\n';
    write_collection(collection, told, out);
  }
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

}  // namespace weir::app
