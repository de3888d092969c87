#include "delivery/window_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "json/number.h"

namespace weir::delivery {

namespace {

std::int64_t micros(Timestamp time) {
  return time.time_since_epoch().count();
}

void append_count(const std::optional<std::uint64_t>& count, std::string& out) {
  out += count ? fmt::format(",{}", *count) : ",null";
}

void append_facts(const TableFacts& facts, std::string& out) {
  fmt::format_to(std::back_inserter(out), "[{},{},{}", facts.table, facts.documents, facts.stored);
  append_count(facts.inserted, out);
  append_count(facts.updated, out);
  append_count(facts.deleted, out);
  append_count(facts.unchanged, out);
  out += ']';
}

Status corrupt(std::string_view what) {
  return error(Code::kCorrupt, "{}", what);
}

// [index, documents, stored, inserted, updated, deleted, unchanged]
Result<TableFacts> read_facts(const json::Value& value, std::size_t tables) {
  constexpr std::size_t kItems = 7;
  if (!value.is_array() || value.size() != kItems) {
    return error(Code::kCorrupt, "facts of a table are not a list of 7");
  }
  std::optional<std::uint64_t> numbers[kItems];
  for (std::size_t i = 0; i < kItems; ++i) {
    const json::Value& item = value.items()[i];
    if (item.is_null() && i >= 3) continue;
    if (item.is_number()) numbers[i] = json::to_uint64(item.number_text());
    if (!numbers[i]) return error(Code::kCorrupt, "a count of a table is no whole number");
  }
  if (*numbers[0] >= tables) return error(Code::kCorrupt, "facts of a table that is not listed");
  return TableFacts{.table = static_cast<std::uint32_t>(*numbers[0]),
                    .documents = *numbers[1],
                    .stored = *numbers[2],
                    .inserted = numbers[3],
                    .updated = numbers[4],
                    .deleted = numbers[5],
                    .unchanged = numbers[6]};
}

Status read_window_facts(const json::Value* list, std::size_t tables, Window* out) {
  if (list == nullptr || !list->is_array()) return corrupt("facts of a window are not a list");
  for (const json::Value& item : list->items()) {
    WEIR_TRY(const TableFacts facts, read_facts(item, tables));
    if (!out->tables.empty() && out->tables.back().table >= facts.table) {
      return corrupt("facts of a window are not in order");
    }
    out->tables.push_back(facts);
  }
  return {};
}

Status read_clocks(const json::Value* clocks, Window* out) {
  if (clocks == nullptr || !clocks->is_array() || clocks->size() != 2) {
    return corrupt("clocks of a window are not a pair");
  }
  std::optional<std::uint64_t> pair[2];
  for (std::size_t i = 0; i < 2; ++i) {
    const json::Value& item = clocks->items()[i];
    if (item.is_number()) pair[i] = json::to_uint64(item.number_text());
    if (!pair[i]) return corrupt("a clock of a window is no whole number");
  }
  out->clock_min = *pair[0];
  out->clock_max = *pair[1];
  return {};
}

}  // namespace

void append_window(const Window& window, std::string& out) {
  fmt::format_to(std::back_inserter(out),
                 R"({{"after":{},"through":{},"session":"{}","due":{},"parked":{},"run_id":{},)"
                 R"("started":{},"ended":{},"clocks":[{},{}],"tables":[)",
                 window.after, window.through, window.session, window.due, window.parked,
                 micros(window.run_id), micros(window.started), micros(window.ended),
                 window.clock_min, window.clock_max);
  for (std::size_t i = 0; i < window.tables.size(); ++i) {
    if (i > 0) out += ',';
    append_facts(window.tables[i], out);
  }
  out += "]}";
}

void append_table(const TableRef& table, std::string& out) {
  out += R"({"state_key":)";
  json::write_string(table.state_key, out);
  out += R"(,"path":[)";
  for (std::size_t i = 0; i < table.path.size(); ++i) {
    if (i > 0) out += ',';
    json::write_string(table.path[i], out);
  }
  out += R"(],"collection":)";
  json::write_string(table.collection, out);
  out += '}';
}

void append_tables(const std::vector<TableRef>& tables, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (i > 0) out += ',';
    append_table(tables[i], out);
  }
  out += ']';
}

ObjectReader::ObjectReader(const json::Value& value, std::string_view what)
    : value_(value), what_(what) {
  if (!value.is_object()) failure_ = fmt::format("{} is no object", what);
}

void ObjectReader::fail(std::string_view name, std::string_view why) {
  if (failure_.empty()) failure_ = fmt::format("{}: {} {}", what_, name, why);
}

const json::Value* ObjectReader::member(std::string_view name) {
  if (!failure_.empty()) return nullptr;
  const json::Value* found = value_.find(name);
  if (found == nullptr) {
    fail(name, "is missing");
  } else {
    ++asked_;
  }
  return found;
}

std::uint64_t ObjectReader::number(std::string_view name, std::uint64_t most) {
  const json::Value* found = member(name);
  if (found == nullptr) return 0;
  std::optional<std::uint64_t> read;
  if (found->is_number()) read = json::to_uint64(found->number_text());
  if (!read || *read > most) fail(name, "is no whole number within bounds");
  return failure_.empty() ? *read : 0;
}

Timestamp ObjectReader::time(std::string_view name) {
  const json::Value* found = member(name);
  if (found == nullptr) return {};
  std::optional<std::int64_t> read;
  if (found->is_number()) read = json::to_int64(found->number_text());
  constexpr std::int64_t kFirst = -62'135'596'800'000'000, kEnd = 253'402'300'800'000'000;
  if (!read || *read < kFirst || *read >= kEnd) fail(name, "is no time");
  return failure_.empty() ? Timestamp(std::chrono::microseconds(*read)) : Timestamp();
}

bool ObjectReader::boolean(std::string_view name) {
  const json::Value* found = member(name);
  if (found == nullptr) return false;
  if (!found->is_bool()) {
    fail(name, "is neither true nor false");
    return false;
  }
  return found->as_bool();
}

std::string ObjectReader::text(std::string_view name) {
  const json::Value* found = member(name);
  if (found == nullptr) return {};
  if (!found->is_string()) {
    fail(name, "is no text");
    return {};
  }
  return std::string(found->as_string());
}

std::string ObjectReader::session(std::string_view name) {
  std::string read = text(name);
  const bool hex = std::all_of(read.begin(), read.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  constexpr std::size_t kSessionDigits = 32;
  if (!read.empty() && (read.size() != kSessionDigits || !hex)) fail(name, "is no session");
  return read;
}

std::vector<std::string> ObjectReader::texts(std::string_view name) {
  const json::Value* found = member(name);
  if (found == nullptr) return {};
  std::vector<std::string> out;
  if (!found->is_array()) {
    fail(name, "is no list");
    return out;
  }
  for (const json::Value& item : found->items()) {
    if (!item.is_string()) {
      fail(name, "is no list of texts");
      return out;
    }
    out.emplace_back(item.as_string());
  }
  return out;
}

Status ObjectReader::finish() {
  if (failure_.empty() && asked_ != value_.size()) {
    failure_ = fmt::format("{} has a member that this version does not know", what_);
  }
  if (!failure_.empty()) return error(Code::kCorrupt, "{}", failure_);
  return {};
}

Result<Window> read_window(const json::Value& value, std::size_t tables) {
  ObjectReader reader(value, "window");
  Window out;
  out.after = reader.number("after");
  out.through = reader.number("through");
  out.session = reader.session("session");
  out.due = reader.boolean("due");
  out.parked = reader.boolean("parked");
  out.run_id = reader.time("run_id");
  out.started = reader.time("started");
  out.ended = reader.time("ended");
  const json::Value* clocks = reader.member("clocks");
  const json::Value* facts = reader.member("tables");
  WEIR_RETURN_IF_ERROR(reader.finish());
  WEIR_RETURN_IF_ERROR(read_clocks(clocks, &out));
  WEIR_RETURN_IF_ERROR(read_window_facts(facts, tables, &out));
  if (out.after >= out.through) return error(Code::kCorrupt, "a window's range is empty");
  return out;
}

Result<TableRef> read_table(const json::Value& value) {
  ObjectReader reader(value, "table");
  TableRef out;
  out.state_key = reader.text("state_key");
  out.path = reader.texts("path");
  out.collection = reader.text("collection");
  WEIR_RETURN_IF_ERROR(reader.finish());
  return out;
}

Result<std::vector<TableRef>> read_tables(const json::Value& value) {
  if (!value.is_array()) return error(Code::kCorrupt, "tables are no list");
  std::vector<TableRef> out;
  for (const json::Value& item : value.items()) {
    WEIR_TRY(TableRef table, read_table(item));
    out.push_back(std::move(table));
  }
  return out;
}

}  // namespace weir::delivery
