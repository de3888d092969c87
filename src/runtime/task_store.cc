#include "runtime/task_store.h"

#include <algorithm>

#include "base/text.h"
#include "delivery/history.h"
#include "json/events.h"
#include "json/number.h"
#include "protocol/spec_json.h"
#include "runtime/shard.h"
#include "runtime/status.h"
#include "store/keys.h"

namespace weir::runtime {
namespace {

constexpr std::string_view kClassA = "destination";
constexpr std::string_view kClassB = "runtime";
constexpr std::size_t kMaxKeysMax = 65'536;
constexpr std::size_t kParkedMax = 65'536;
constexpr std::string_view kEmptyState = "{}";

// {"session":…,"n":…,"state":…}
std::string encode_state_in_doubt(const delivery::Tid& tid, std::string_view json) {
  return fmt::format(R"({{"session":"{}","n":{},"state":{}}})", tid.session, tid.n, json);
}

Result<std::pair<delivery::Tid, std::string>> decode_state_in_doubt(std::string_view text) {
  WEIR_TRY(const json::Tree tree, json::parse_tree(text, json::Duplicates::kLastWins));
  const json::Value* session = tree.root.find("session");
  const json::Value* n = tree.root.find("n");
  const json::Value* state = tree.root.find("state");
  const bool whole = session != nullptr && session->is_string() && n != nullptr && n->is_number() &&
                     state != nullptr;
  const auto number = whole ? json::to_uint64(n->number_text()) : std::nullopt;
  if (!number)
    return error(Code::kCorrupt, "the record of a connector state in doubt cannot be read");
  return std::pair(delivery::Tid{std::string(session->as_string()), *number},
                   json::to_text(*state));
}

std::string text_of(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

std::uint64_t number_of(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->is_number() ? json::to_uint64(value->number_text()).value_or(0)
                                                : 0;
}

// A record that cannot be read is as good as lost: one more attempt.
Result<std::vector<Parked>> read_parked(const store::Store& store) {
  WEIR_TRY(const auto rows, store.scan(store::kParked, kParkedMax));
  std::vector<Parked> out;
  for (const auto& [key, text] : rows) {
    const auto tree = json::parse_tree(text, json::Duplicates::kLastWins);
    if (!tree || !tree->root.is_object()) continue;
    out.push_back({.key = {text_of(tree->root, "trigger"), number_of(tree->root, "after"),
                           number_of(tree->root, "through")},
                   .session = text_of(tree->root, "session"),
                   .words = text_of(tree->root, "words")});
  }
  return out;
}

Status read_class(const store::Store& store, Remembered* out) {
  WEIR_TRY(const auto text, store.get(store::kClass));
  if (!text) return {};
  if (*text != kClassA && *text != kClassB) {
    return error(Code::kCorrupt, "the state folder names an unknown class of destination");
  }
  out->runtime_holds_checkpoint = *text == kClassB;
  return {};
}

Status read_remembered(const store::Store& store, Remembered* out) {
  WEIR_RETURN_IF_ERROR(read_class(store, out));
  WEIR_TRY(const auto checkpoint, store.get(store::kCheckpoint));
  if (checkpoint) {
    WEIR_TRY(out->checkpoint, protocol::decode_checkpoint(*checkpoint));
  }
  WEIR_TRY(const auto max_keys, store.scan(store::kMaxKeys, kMaxKeysMax));
  for (const auto& [key, packed] : max_keys)
    out->max_keys[key.substr(store::kMaxKeys.size())] = packed;
  WEIR_TRY(out->marks, delivery::read_marks(store));
  WEIR_TRY(const auto state, store.get(store::kConnectorState));
  out->confirmed_state = state.value_or(std::string(kEmptyState));
  WEIR_TRY(const auto doubt, store.get(store::kConnectorStateInDoubt));
  if (doubt) {
    WEIR_TRY(out->state_in_doubt, decode_state_in_doubt(*doubt));
  }
  WEIR_TRY(out->trigger_params, store.get(store::kEstuaryTriggerParams));
  return {};
}

}  // namespace

Result<StoreContents> read_contents(store::Store& store) {
  WEIR_RETURN_IF_ERROR(store::check_format(store));
  StoreContents out;
  WEIR_RETURN_IF_ERROR(read_remembered(store, &out.remembered));
  WEIR_TRY(out.parked_words, delivery::read_parked_words(store));
  WEIR_TRY(out.parked, read_parked(store));
  WEIR_TRY(out.redeliveries, delivery::read_redeliveries(store));
  WEIR_TRY(out.discards, delivery::read_discards(store));
  return out;
}

void put_parked(store::Batch& batch, const Parked& parked) {
  const delivery::RequestKey& key = parked.key;
  std::string json = R"({"trigger":)";
  json::write_string(key.trigger, json);
  json += fmt::format(R"(,"after":{},"through":{},"session":"{}","words":)", key.after, key.through,
                      parked.session);
  json::write_string(parked.words, json);
  batch.put(store::request_key(store::kParked, key.trigger, key.after, key.through), json + "}");
  batch.put(store::parked_words_key(key.trigger), parked.words);
}

void erase_parked(store::Batch& batch, const delivery::RequestKey& key) {
  batch.erase(store::request_key(store::kParked, key.trigger, key.after, key.through));
}

void put_checkpoint(store::Batch& batch, const protocol::Checkpoint& checkpoint) {
  batch.put(std::string(store::kCheckpoint), protocol::encode(checkpoint));
}

void put_max_keys(store::Batch& batch, const std::map<std::string, std::string>& max_keys) {
  for (const auto& [state_key, packed] : max_keys) batch.put(store::max_key_key(state_key), packed);
}

void put_confirmed_state(store::Batch& batch, std::string_view json) {
  batch.put(std::string(store::kConnectorState), std::string(json));
  batch.erase(std::string(store::kConnectorStateInDoubt));
}

void put_state_in_doubt(store::Batch& batch, const delivery::Tid& tid, std::string_view json) {
  batch.put(std::string(store::kConnectorStateInDoubt), encode_state_in_doubt(tid, json));
}

Status remember_applied(store::Store& store, const protocol::MaterializationSpec& spec) {
  const std::string json = protocol::to_json(spec);
  WEIR_TRY(const auto before, store.get(store::kApplied));
  if (before == json) return {};
  store::Batch batch;
  batch.put(std::string(store::kApplied), json);
  return store.write(batch, store::Sync::kNo);
}

std::vector<protocol::Binding> inactive_bindings(const store::Store& store,
                                                 const protocol::MaterializationSpec& spec) {
  const auto text = store.get(store::kApplied);
  if (!text || !*text) return {};
  const auto applied = protocol::spec_from_json(**text);
  if (!applied) return {};
  std::map<std::string, protocol::Binding> out;
  for (const auto* bindings : {&applied->bindings, &applied->inactive_bindings}) {
    for (const protocol::Binding& binding : *bindings) {
      const bool active = std::any_of(
          spec.bindings.begin(), spec.bindings.end(),
          [&](const auto& other) { return other.resource_path == binding.resource_path; });
      if (!active) out.try_emplace(binding.state_key, binding);
    }
  }
  std::vector<protocol::Binding> list;
  for (auto& [state_key, binding] : out) list.push_back(std::move(binding));
  return list;
}

Status remember_class(store::Store& store, bool runtime_holds_checkpoint) {
  const std::string_view name = runtime_holds_checkpoint ? kClassB : kClassA;
  WEIR_TRY(const auto before, store.get(store::kClass));
  if (before == name) return {};
  store::Batch batch;
  batch.put(std::string(store::kClass), std::string(name));
  return store.write(batch, store::Sync::kNo);
}

Status put_status_copy(store::Store& store, std::string_view json) {
  store::Batch batch;
  batch.put(std::string(store::kStatus), std::string(json));
  return store.write(batch, store::Sync::kNo);
}

Result<std::optional<std::string>> read_status_copy(const store::Store& store) {
  return store.get(store::kStatus);
}

Result<std::string> leave_word(store::Store& store, const Command& command, Timestamp now) {
  const bool discard = command.kind == Command::Kind::kDiscard;
  std::vector<delivery::UserRecord> records;
  WEIR_TRY(const auto copy, read_status_copy(store));
  if (copy) {
    WEIR_TRY(const TaskStatus status, status_from_json(*copy));
    for (const PendingStatus& pending : status.pending) {
      if (pending.trigger != command.trigger && pending.identity != command.trigger) continue;
      const bool wanted = command.request_id.empty() ? discard || pending.state == "parked"
                                                     : pending.request_id == command.request_id;
      if (wanted)
        records.push_back({.key = {pending.identity, pending.after, pending.through},
                           .request_id = pending.request_id,
                           .at = now});
    }
  }
  if (records.empty() && !discard && !command.request_id.empty()) {
    WEIR_TRY(const auto history, delivery::read_history(store));
    for (const delivery::HistoryRecord& row : history) {
      if (row.request_id != command.request_id) continue;
      WEIR_TRY(auto facts, delivery::read_facts(store, row.request_id));
      if (!facts) break;
      records.push_back(
          {.key = row.key, .request_id = row.request_id, .at = now, .facts = std::move(facts)});
      break;
    }
  }
  if (records.empty()) {
    return error(Code::kNotFound,
                 "{} owes no such request; weir triggers pending shows what is owed, weir triggers "
                 "history what was "
                 "delivered",
                 command.trigger);
  }
  store::Batch batch;
  for (const delivery::UserRecord& record : records) {
    discard ? delivery::put_discard(batch, record) : delivery::put_redelivery(batch, record);
  }
  WEIR_RETURN_IF_ERROR(store.write(batch, store::Sync::kYes));
  return fmt::format("noted; the next session {} it", discard ? "discards" : "sends");
}

}  // namespace weir::runtime
