// The entry's JSON. Deterministic: maps in order of key, members in a fixed order, times as whole
// microseconds, packed keys as base64 (they are bytes).
#include <fmt/format.h>

#include <iterator>

#include "base/text.h"
#include "delivery/window.h"
#include "delivery/window_json.h"
#include "json/events.h"

namespace weir::delivery {

namespace {

constexpr std::string_view kOwnKeys = "weir/";
// Of transactions: what follows can still be counted.
constexpr std::uint64_t kNumberMax = std::uint64_t{1} << 62;

void append_owed(const Owed& owed, std::string& out) {
  out += R"({"label":)";
  json::write_string(owed.label, out);
  out += owed.orphaned ? R"(,"orphaned":true,"cut":[)" : R"(,"orphaned":false,"cut":[)";
  for (std::size_t i = 0; i < owed.cut.size(); ++i) {
    if (i > 0) out += ',';
    append_window(owed.cut[i], out);
  }
  out += R"(],"open":)";
  if (owed.open) {
    append_window(*owed.open, out);
  } else {
    out += "null";
  }
  out += '}';
}

Status corrupt(std::string_view what) {
  return error(Code::kCorrupt, "{}", what);
}

// Ranges ascend, do not overlap and stay within what was committed.
Status check_ranges(const Owed& owed, std::uint64_t n) {
  std::uint64_t at = 0;
  for (const Window& window : owed.cut) {
    if (window.after < at) return corrupt("requests of a trigger overlap");
    at = window.through;
  }
  if (owed.open && owed.open->after < at) return corrupt("windows of a trigger overlap");
  if (at > n) return corrupt("a request tells of a transaction later than its own");
  if (owed.open && owed.open->through != n)
    return corrupt("an open window does not reach to the end");
  return {};
}

Result<Owed> read_owed(const json::Value& value, std::size_t tables, std::uint64_t n) {
  ObjectReader reader(value, "trigger");
  Owed out;
  out.label = reader.text("label");
  out.orphaned = reader.boolean("orphaned");
  const json::Value* cut = reader.member("cut");
  const json::Value* open = reader.member("open");
  WEIR_RETURN_IF_ERROR(reader.finish());
  if (!cut->is_array()) return error(Code::kCorrupt, "requests of a trigger are no list");
  for (const json::Value& item : cut->items()) {
    WEIR_TRY(Window window, read_window(item, tables));
    out.cut.push_back(std::move(window));
  }
  if (!open->is_null()) {
    WEIR_TRY(out.open, read_window(*open, tables));
  }
  WEIR_RETURN_IF_ERROR(check_ranges(out, n));
  return out;
}

Status read_max_keys(const json::Value& value, Entry* out) {
  if (!value.is_object()) return corrupt("largest keys are no object");
  for (const json::Member& member : value.members()) {
    std::optional<std::string> key;
    if (member.value.is_string()) key = from_base64(member.value.as_string());
    if (!key || key->size() > kMaxKeyBytes) return corrupt("a largest key is not one");
    out->max_keys.emplace(member.name, std::move(*key));
  }
  return {};
}

Status read_triggers(const json::Value& value, Entry* out) {
  if (!value.is_object()) return corrupt("triggers are no object");
  for (const json::Member& member : value.members()) {
    WEIR_TRY(Owed owed, read_owed(member.value, out->tables.size(), out->n));
    out->triggers.emplace(member.name, std::move(owed));
  }
  return {};
}

Result<Entry> decode_strictly(std::string_view bytes) {
  if (bytes.size() > kEntryBytesMax)
    return error(Code::kCorrupt, "more than {} bytes", kEntryBytesMax);
  WEIR_TRY(const json::Tree tree, json::parse_tree(bytes));
  ObjectReader reader(tree.root, "entry");
  Entry out;
  out.n = reader.number("n", kNumberMax);
  out.session = reader.session("session");
  out.last_run_id = reader.time("last_run_id");
  const json::Value* max_keys = reader.member("max_keys");
  const json::Value* tables = reader.member("tables");
  const json::Value* triggers = reader.member("triggers");
  WEIR_RETURN_IF_ERROR(reader.finish());
  WEIR_RETURN_IF_ERROR(read_max_keys(*max_keys, &out));
  WEIR_TRY(out.tables, read_tables(*tables));
  WEIR_RETURN_IF_ERROR(read_triggers(*triggers, &out));
  return out;
}

}  // namespace

Result<std::string> encode(const Entry& entry) {
  std::string out;
  fmt::format_to(std::back_inserter(out),
                 R"({{"n":{},"session":"{}","last_run_id":{},"max_keys":{{)", entry.n,
                 entry.session, entry.last_run_id.time_since_epoch().count());
  bool first = true;
  for (const auto& [state_key, packed] : entry.max_keys) {
    if (!first) out += ',';
    first = false;
    json::write_string(state_key, out);
    out += fmt::format(R"(:"{}")", base64(packed));
  }
  out += R"(},"tables":)";
  append_tables(entry.tables, out);
  out += R"(,"triggers":{)";
  first = true;
  for (const auto& [identity, owed] : entry.triggers) {
    if (!first) out += ',';
    first = false;
    json::write_string(identity, out);
    out += ':';
    append_owed(owed, out);
  }
  out += "}}";
  if (out.size() <= kEntryBytesMax) return out;
  return error(
      Code::kLimit,
      "what the triggers owe takes {} bytes, more than the {} that a checkpoint may carry: "
      "deliver or discard some of it, or split the materialization",
      out.size(), kEntryBytesMax);
}

Result<Entry> decode_entry(std::string_view bytes) {
  auto entry = decode_strictly(bytes);
  if (entry) return entry;
  return error(Code::kRefused,
               "the checkpoint's entry {} cannot be read ({}): it was written by a newer weir; run "
               "that version",
               kEntryKey, entry.error().message);
}

Result<std::optional<Entry>> entry_of(const std::map<std::string, std::string>& ack_intents) {
  for (auto at = ack_intents.lower_bound(std::string(kOwnKeys)); at != ack_intents.end(); ++at) {
    if (at->first.rfind(kOwnKeys, 0) != 0) break;
    if (at->first != kEntryKey) {
      return error(
          Code::kRefused,
          "the checkpoint has an entry {}, which this weir does not know: it was written by "
          "a newer weir; run that version",
          at->first);
    }
  }
  const auto found = ack_intents.find(std::string(kEntryKey));
  if (found == ack_intents.end()) return std::optional<Entry>();
  WEIR_TRY(Entry entry, decode_entry(found->second));
  return std::optional<Entry>(std::move(entry));
}

}  // namespace weir::delivery
