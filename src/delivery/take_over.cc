#include "delivery/take_over.h"

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "delivery/identity.h"
#include "json/events.h"
#include "json/value.h"

namespace weir::delivery {

namespace {

constexpr std::size_t kSessionBytes = 16;

// 100 ns intervals between 1582-10-15 and the Unix epoch.
constexpr std::uint64_t kUnixOffset = 122'192'928'000'000'000;
constexpr std::uint64_t kTicksPerMicrosecond = 10;
constexpr std::uint64_t kCounterNanoseconds = 4;

struct Variables {
  std::set<std::string> collections;
  Timestamp run_id{};
  std::uint64_t clock_min = 0;
  std::uint64_t clock_max = 0;
};

// Nanoseconds below the microsecond: digits 7 to 9 of the fraction.
std::uint64_t nanoseconds_below(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return 0;
  std::uint64_t out = 0;
  for (std::size_t digit = 7; digit <= 9; ++digit) {
    const std::size_t at = dot + digit;
    const bool is_digit = at < text.size() && text[at] >= '0' && text[at] <= '9';
    if (!is_digit && digit == 7) return 0;
    out = out * 10 + (is_digit ? static_cast<std::uint64_t>(text[at] - '0') : 0);
    if (!is_digit) text = text.substr(0, at);
  }
  return out;
}

// A document clock counts 100 ns and, in its low 4 bits, steps that are shown as 4 ns each.
Result<std::uint64_t> clock_of(std::string_view text) {
  if (text.empty()) return 0;
  Timestamp time;
  if (!parse_timestamp(text, &time) || time.time_since_epoch().count() < 0) {
    return error(Code::kCorrupt, "a time of trigger-params cannot be read");
  }
  const auto micros = static_cast<std::uint64_t>(time.time_since_epoch().count());
  const std::uint64_t below = nanoseconds_below(text);
  const std::uint64_t ticks = kUnixOffset + micros * kTicksPerMicrosecond + below / 100;
  return (ticks << 4) | (below % 100 / kCounterNanoseconds & 0xf);
}

std::string_view text_of(const json::Value& object, std::string_view name) {
  const json::Value* found = object.find(name);
  return found != nullptr && found->is_string() ? found->as_string() : std::string_view();
}

Result<Variables> read_variables(const json::Value& value) {
  Variables out;
  const json::Value* collections = value.find("collection_names");
  if (collections == nullptr || !collections->is_array()) {
    return error(Code::kCorrupt, "trigger-params name no collections");
  }
  for (const json::Value& item : collections->items()) {
    if (!item.is_string()) return error(Code::kCorrupt, "trigger-params name no collections");
    out.collections.emplace(item.as_string());
  }
  WEIR_TRY(out.clock_min, clock_of(text_of(value, "flow_published_at_min")));
  WEIR_TRY(out.clock_max, clock_of(text_of(value, "flow_published_at_max")));
  if (!parse_timestamp(text_of(value, "run_id"), &out.run_id)) {
    return error(Code::kCorrupt, "trigger-params have no run_id");
  }
  return out;
}

TableRef table_of(const std::string& collection, const std::vector<TableRef>& tables) {
  for (const TableRef& table : tables) {
    if (table.collection == collection) return table;
  }
  const std::size_t slash = collection.rfind('/');
  const std::string name = slash == std::string::npos ? collection : collection.substr(slash + 1);
  return {.state_key = "", .path = {name}, .collection = collection};
}

Window window_of(const Variables& variables, const std::vector<TableRef>& tables, Entry& entry) {
  Window out{.after = 0, .through = 1, .session = entry.session, .due = true, .parked = false};
  out.run_id = out.started = out.ended = variables.run_id;
  out.clock_min = variables.clock_min;
  out.clock_max = variables.clock_max;
  for (const std::string& collection : variables.collections) {
    out.tables.push_back({.table = table_index(entry.tables, table_of(collection, tables))});
  }
  std::sort(out.tables.begin(), out.tables.end(),
            [](const TableFacts& a, const TableFacts& b) { return a.table < b.table; });
  return out;
}

// The set of a trigger: the only one, or the one under its "METHOD URL".
const json::Value* set_of(const json::Value& root, const TriggerTerms& trigger) {
  if (root.find("collection_names") != nullptr) return &root;
  for (const json::Member& member : root.members()) {
    const std::size_t space = member.name.find(' ');
    if (space == std::string_view::npos) continue;
    const std::string identity =
        trigger_identity_unnamed(member.name.substr(0, space), member.name.substr(space + 1), 1);
    if (identity == trigger.identity || identity == trigger.former_identity) return &member.value;
  }
  return nullptr;
}

}  // namespace

Result<Entry> take_over_trigger_params(std::string_view bytes,
                                       const std::vector<TriggerTerms>& triggers,
                                       const std::vector<TableRef>& tables) {
  const auto tree = json::parse_tree(bytes, json::Duplicates::kLastWins);
  if (!tree || !tree->root.is_object()) {
    return error(Code::kCorrupt, "trigger-params are no JSON object");
  }
  Entry out;
  out.n = 1;
  out.session = hex_lower(sha256(bytes).substr(0, kSessionBytes));
  for (const TriggerTerms& trigger : triggers) {
    const json::Value* set = set_of(tree->root, trigger);
    if (set == nullptr) continue;
    WEIR_TRY(const Variables variables, read_variables(*set));
    if (variables.collections.empty()) continue;
    Owed owed{.label = trigger.label};
    owed.cut.push_back(window_of(variables, tables, out));
    out.last_run_id = std::max(out.last_run_id, variables.run_id);
    out.triggers[trigger.identity] = std::move(owed);
  }
  return out;
}

}  // namespace weir::delivery
