#include "delivery/records.h"

#include <fmt/format.h>

#include <iterator>

#include "delivery/record_json.h"
#include "delivery/window_json.h"
#include "json/events.h"
#include "store/keys.h"

namespace weir::delivery {

namespace {

void append_facts(const Facts& facts, std::string& out) {
  out += R"("label":)";
  json::write_string(facts.label, out);
  out += R"(,"window":)";
  append_window(facts.window, out);
  out += R"(,"tables":)";
  append_tables(facts.tables, out);
}

Result<Facts> read_facts(ObjectReader& reader) {
  Facts out;
  out.label = reader.text("label");
  const json::Value* window = reader.member("window");
  const json::Value* tables = reader.member("tables");
  WEIR_RETURN_IF_ERROR(reader.finish());
  WEIR_TRY(out.tables, read_tables(*tables));
  WEIR_TRY(out.window, read_window(*window, out.tables.size()));
  return out;
}

template <typename T, typename Decode>
Result<std::vector<T>> read_all(const store::Store& store, std::string_view prefix,
                                std::size_t most, Decode decode) {
  WEIR_TRY(const auto rows, store.scan(prefix, most + 1));
  if (rows.size() > most) {
    return error(Code::kLimit, "the state holds more than {} records under {}", most, prefix);
  }
  std::vector<T> out;
  for (const auto& [key, value] : rows) {
    Result<T> record = decode(value);
    if (!record) return tl::unexpected(with_context(key, std::move(record).error()));
    out.push_back(*std::move(record));
  }
  return out;
}

std::string mark_key(const Mark& mark) {
  return store::mark_key(mark.trigger, mark.after, mark.through, mark.tid.session);
}

std::string key_under(std::string_view prefix, const RequestKey& key) {
  return store::request_key(prefix, key.trigger, key.after, key.through);
}

}  // namespace

Facts facts_of(std::string label, const Window& window, const std::vector<TableRef>& tables) {
  Facts out{.label = std::move(label), .window = window};
  for (TableFacts& facts : out.window.tables) {
    out.tables.push_back(tables.at(facts.table));
    facts.table = static_cast<std::uint32_t>(out.tables.size() - 1);
  }
  return out;
}

std::string encode(const Mark& mark) {
  std::string out = record_begin();
  out += R"(,"trigger":)";
  json::write_string(mark.trigger, out);
  fmt::format_to(std::back_inserter(out),
                 R"(,"after":{},"through":{},"session":"{}","n":{},"at":{},"discarded":{}}})",
                 mark.after, mark.through, mark.tid.session, mark.tid.n,
                 mark.at.time_since_epoch().count(), mark.discarded);
  return out;
}

Result<Mark> decode_mark(std::string_view text) {
  WEIR_TRY(const json::Tree tree, parse_record(text));
  ObjectReader reader(tree.root, "mark");
  Mark out;
  reader.number("version");
  out.trigger = reader.text("trigger");
  out.after = reader.number("after");
  out.through = reader.number("through");
  out.tid.session = reader.session("session");
  out.tid.n = reader.number("n");
  out.at = reader.time("at");
  out.discarded = reader.boolean("discarded");
  WEIR_RETURN_IF_ERROR(reader.finish());
  return out;
}

std::string encode(const Facts& facts) {
  std::string out = record_begin() + ",";
  append_facts(facts, out);
  out += '}';
  return out;
}

Result<Facts> decode_facts(std::string_view text) {
  WEIR_TRY(const json::Tree tree, parse_record(text));
  ObjectReader reader(tree.root, "facts");
  reader.number("version");
  return read_facts(reader);
}

std::string encode(const UserRecord& record) {
  std::string out = record_begin();
  out += R"(,"trigger":)";
  json::write_string(record.key.trigger, out);
  fmt::format_to(std::back_inserter(out), R"(,"after":{},"through":{},"request_id":)",
                 record.key.after, record.key.through);
  json::write_string(record.request_id, out);
  fmt::format_to(std::back_inserter(out), R"(,"at":{},"facts":)",
                 record.at.time_since_epoch().count());
  if (record.facts) {
    out += '{';
    append_facts(*record.facts, out);
    out += '}';
  } else {
    out += "null";
  }
  out += '}';
  return out;
}

Result<UserRecord> decode_user_record(std::string_view text) {
  WEIR_TRY(const json::Tree tree, parse_record(text));
  ObjectReader reader(tree.root, "record");
  UserRecord out;
  reader.number("version");
  out.key.trigger = reader.text("trigger");
  out.key.after = reader.number("after");
  out.key.through = reader.number("through");
  out.request_id = reader.text("request_id");
  out.at = reader.time("at");
  const json::Value* facts = reader.member("facts");
  WEIR_RETURN_IF_ERROR(reader.finish());
  if (!facts->is_null()) {
    ObjectReader inner(*facts, "facts");
    WEIR_TRY(out.facts, read_facts(inner));
  }
  return out;
}

void put_mark(store::Batch& batch, const Mark& mark) {
  batch.put(mark_key(mark), encode(mark));
}

void erase_mark(store::Batch& batch, const Mark& mark) {
  batch.erase(mark_key(mark));
}

void put_redelivery(store::Batch& batch, const UserRecord& record) {
  batch.put(key_under(store::kRedeliveries, record.key), encode(record));
}

void erase_redelivery(store::Batch& batch, const RequestKey& key) {
  batch.erase(key_under(store::kRedeliveries, key));
}

void put_discard(store::Batch& batch, const UserRecord& record) {
  batch.put(key_under(store::kDiscards, record.key), encode(record));
}

void erase_discard(store::Batch& batch, const RequestKey& key) {
  batch.erase(key_under(store::kDiscards, key));
}

Result<std::vector<Mark>> read_marks(const store::Store& store) {
  return read_all<Mark>(store, store::kMarks, kMarksMax, decode_mark);
}

Result<std::vector<UserRecord>> read_redeliveries(const store::Store& store) {
  return read_all<UserRecord>(store, store::kRedeliveries, kUserRecordsMax, decode_user_record);
}

Result<std::vector<UserRecord>> read_discards(const store::Store& store) {
  return read_all<UserRecord>(store, store::kDiscards, kUserRecordsMax, decode_user_record);
}

Result<std::map<std::string, std::string>> read_parked_words(const store::Store& store) {
  WEIR_TRY(const auto rows, store.scan(store::kParkedWords, kTriggerBindingsMax));
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : rows) out.emplace(key.substr(store::kParkedWords.size()), value);
  return out;
}

}  // namespace weir::delivery
