#include "connectors/sqlite/rebuild.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/fault.h"
#include "connectors/sqlite/names.h"
#include "connectors/sqlite/shape.h"

namespace weir::sqlite {

namespace {

// A name that parse_resource() lets no table of a catalog have.
constexpr std::string_view kNewTable = "weir_rebuilt";

// The words of a CREATE TABLE outside of quotes and comments, in lower case.
std::set<std::string> words_of(std::string_view sql) {
  std::set<std::string> words;
  std::string word;
  for (std::size_t i = 0; i <= sql.size(); ++i) {
    const char c = i < sql.size() ? sql[i] : ' ';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (letter) {
      word += c;
      continue;
    }
    if (!word.empty()) words.insert(folded(std::exchange(word, {})));
    std::string_view end;
    if (c == '"' || c == '\'' || c == '`') end = sql.substr(i, 1);
    if (c == '[') end = "]";
    if (sql.substr(i).starts_with("--")) end = "\n";
    if (sql.substr(i).starts_with("/*")) end = "*/";
    if (!end.empty()) i = std::min(sql.find(end, i + 1), sql.size());
  }
  return words;
}

Result<std::vector<std::string>> dependents(Database& database, const std::string& table) {
  WEIR_TRY(Statement select,
           database.prepare("SELECT sql FROM sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE"
                            " AND type IN ('index', 'trigger') AND sql IS NOT NULL"));
  select.bind(1, std::string_view(table));
  std::vector<std::string> out;
  for (;;) {
    WEIR_TRY(const bool row, select.step("reading the schema"));
    if (!row) return out;
    out.emplace_back(select.text(0));
  }
}

}  // namespace

Status RebuildPlan::check_nothing_is_lost(Database& database, const ActualTable& table) const {
  const auto words = words_of(table.sql);
  constexpr std::array kLost = {"check",     "collate", "references", "foreign", "unique",
                                "generated", "as",      "without",    "strict",  "autoincrement"};
  for (const char* word : kLost) {
    if (!words.contains(word)) continue;
    return error(Code::kInvalid, "it must be rebuilt for that, which would lose its {} clause",
                 word);
  }
  WEIR_TRY(const std::string taken,
           database.query_text(
               fmt::format("SELECT 1 FROM sqlite_schema WHERE name = {}", quoted_text(kNewTable))));
  if (!taken.empty()) return error(Code::kInvalid, "table {} stands in the way", kNewTable);
  return {};
}

Status RebuildPlan::run(Database& database) const {
  WEIR_TRY(const auto now, read_actual(database, actual_.name));
  if (!now) return error(Code::kCorrupt, "table {} vanished while it was read", actual_.name);
  WEIR_RETURN_IF_ERROR(check_nothing_is_lost(database, *now));
  WEIR_TRY(const auto again, dependents(database, now->name));

  std::string create = fmt::format("CREATE TABLE {} (", quoted(kNewTable));
  std::string names, values, keys;
  for (const ActualColumn& column : now->columns) {
    const auto conversion = conversions_.find(column.name);
    const bool converted = conversion != conversions_.end();
    create += fmt::format(
        "{} {}{}{}, ", quoted(column.name),
        converted ? declared_type(conversion->second.to) : std::string_view(column.type),
        column.not_null && !nullable_.contains(column.name) ? " NOT NULL" : "",
        column.default_sql.empty() ? "" : " DEFAULT (" + column.default_sql + ")");
    names += (names.empty() ? "" : ", ") + quoted(column.name);
    values += (values.empty() ? "" : ", ");
    values += converted
                  ? fmt::format("weir_convert({}, '{}', '{}')", quoted(column.name),
                                name_of(conversion->second.from), name_of(conversion->second.to))
                  : quoted(column.name);
  }
  for (const std::string& key : now->key()) keys += (keys.empty() ? "" : ", ") + quoted(key);
  if (keys.empty()) {
    create.replace(create.size() - 2, 2, ")");
  } else {
    create += "PRIMARY KEY (" + keys + "))";
  }
  WEIR_RETURN_IF_ERROR(database.execute(create));
  WEIR_RETURN_IF_ERROR(
      database.execute(fmt::format("INSERT INTO {} ({}) SELECT {} FROM {}", quoted(kNewTable),
                                   names, values, quoted(now->name))));
  fault_point("sqlite.open.rebuilt");
  WEIR_RETURN_IF_ERROR(database.execute("DROP TABLE " + quoted(now->name)));
  WEIR_RETURN_IF_ERROR(database.execute(
      fmt::format("ALTER TABLE {} RENAME TO {}", quoted(kNewTable), quoted(now->name))));
  for (const std::string& sql : again) WEIR_RETURN_IF_ERROR(database.execute(sql));
  return {};
}

}  // namespace weir::sqlite
