#include "delivery/history.h"

#include <fmt/format.h>

#include <iterator>

#include "delivery/record_json.h"
#include "delivery/window_json.h"
#include "json/number.h"
#include "json/value.h"
#include "store/keys.h"

namespace weir::delivery {

namespace {

constexpr std::pair<Event::Kind, std::string_view> kOutcomes[] = {
    {Event::Kind::kAttempt, "retry"},       {Event::Kind::kDelivered, "delivered"},
    {Event::Kind::kPermanent, "failed"},    {Event::Kind::kExhausted, "exhausted"},
    {Event::Kind::kCancelled, "cancelled"},
};

constexpr std::uint64_t kStatusMax = 65'535;

std::optional<Event::Kind> outcome_of(std::string_view name) {
  for (const auto& [kind, known] : kOutcomes) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

void append_text(std::string_view name, std::string_view text, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"(,"{}":)", name);
  json::write_string(text, out);
}

}  // namespace

std::string_view name_of(Event::Kind kind) {
  for (const auto& [known, name] : kOutcomes) {
    if (known == kind) return name;
  }
  return "?";
}

std::string encode(const HistoryRecord& record) {
  const AttemptRecord& attempt = record.attempt;
  std::string out = record_begin();
  append_text("trigger", record.key.trigger, out);
  fmt::format_to(std::back_inserter(out), R"(,"after":{},"through":{})", record.key.after,
                 record.key.through);
  append_text("label", record.label, out);
  append_text("request_id", record.request_id, out);
  append_text("revision", record.revision, out);
  append_text("outcome", name_of(record.outcome), out);
  fmt::format_to(std::back_inserter(out), R"(,"attempt":{},"at":{},"status":{})", attempt.attempt,
                 attempt.at.time_since_epoch().count(), attempt.status);
  append_text("error", attempt.error, out);
  append_text("response", attempt.response, out);
  fmt::format_to(std::back_inserter(out), R"(,"milliseconds":{},"bytes":{},"phases":[{},{},{},{}])",
                 attempt.took.count(), attempt.bytes, attempt.resolved.count(),
                 attempt.connected.count(), attempt.secured.count(), attempt.first_byte.count());
  out += attempt.next_at
             ? fmt::format(R"(,"next_at":{})", attempt.next_at->time_since_epoch().count())
             : R"(,"next_at":null)";
  append_text("reason", record.reason, out);
  out += '}';
  return out;
}

namespace {

Status read_phases(const json::Value* list, AttemptRecord* out) {
  std::chrono::microseconds* const phases[] = {&out->resolved, &out->connected, &out->secured,
                                               &out->first_byte};
  if (list == nullptr || !list->is_array() || list->size() != std::size(phases)) {
    return error(Code::kCorrupt, "phases of an attempt are not a list of 4");
  }
  for (std::size_t i = 0; i < std::size(phases); ++i) {
    const json::Value& item = list->items()[i];
    const auto number = item.is_number() ? json::to_int64(item.number_text()) : std::nullopt;
    if (!number) return error(Code::kCorrupt, "a phase of an attempt is no whole number");
    *phases[i] = std::chrono::microseconds(*number);
  }
  return {};
}

}  // namespace

Result<HistoryRecord> decode_history_record(std::string_view text) {
  WEIR_TRY(const json::Tree tree, parse_record(text));
  ObjectReader reader(tree.root, "attempt");
  HistoryRecord out;
  AttemptRecord& attempt = out.attempt;
  reader.number("version");
  out.key.trigger = reader.text("trigger");
  out.key.after = reader.number("after");
  out.key.through = reader.number("through");
  out.label = reader.text("label");
  out.request_id = reader.text("request_id");
  out.revision = reader.text("revision");
  const std::optional<Event::Kind> outcome = outcome_of(reader.text("outcome"));
  if (!outcome) reader.fail("outcome", "is none");
  out.outcome = outcome.value_or(Event::Kind::kAttempt);
  attempt.attempt = static_cast<std::uint32_t>(reader.number("attempt", UINT32_MAX));
  attempt.at = reader.time("at");
  attempt.status = static_cast<int>(reader.number("status", kStatusMax));
  attempt.error = reader.text("error");
  attempt.response = reader.text("response");
  attempt.took = milliseconds(static_cast<std::int64_t>(reader.number("milliseconds", INT64_MAX)));
  attempt.bytes = reader.number("bytes");
  const json::Value* phases = reader.member("phases");
  if (const json::Value* next = tree.root.find("next_at"); next != nullptr && next->is_null()) {
    reader.member("next_at");
  } else {
    attempt.next_at = reader.time("next_at");
  }
  out.reason = reader.text("reason");
  WEIR_RETURN_IF_ERROR(reader.finish());
  WEIR_RETURN_IF_ERROR(read_phases(phases, &attempt));
  return out;
}

Result<History> History::load(const store::Store& store, HistoryBounds bounds) {
  History out(bounds);
  // More than the bound can stand there if it was lowered; the rest goes with the batches to come.
  WEIR_TRY(const auto rows, store.scan(store::kHistory, bounds.records * 2));
  for (const auto& [key, value] : rows) {
    ++out.sequence_;
    const auto record = decode_history_record(value);
    if (!record) {
      out.unreadable_.push_back(key);
      continue;
    }
    const std::size_t bytes = key.size() + value.size();
    out.rows_.push_back({key, record->attempt.at, bytes, record->request_id});
    ++out.requests_[record->request_id].records;
    out.bytes_ += bytes;
  }
  for (auto& [request_id, request] : out.requests_) {
    const std::string stored = store::facts_key(request_id);
    WEIR_TRY(const auto facts, store.get(stored));
    if (!facts) continue;
    request.bytes = stored.size() + facts->size();
    out.bytes_ += request.bytes;
  }
  return out;
}

void History::add(const HistoryRecord& record, const Facts& facts, Timestamp now,
                  store::Batch& batch) {
  std::string key = store::history_key(record.attempt.at, ++sequence_);
  std::string value = encode(record);
  const std::size_t bytes = key.size() + value.size();
  rows_.push_back({key, record.attempt.at, bytes, record.request_id});
  bytes_ += bytes;
  batch.put(std::move(key), std::move(value));
  Request& request = requests_[record.request_id];
  ++request.records;
  if (request.bytes == 0) {
    std::string facts_at = store::facts_key(record.request_id);
    std::string text = encode(facts);
    request.bytes = facts_at.size() + text.size();
    bytes_ += request.bytes;
    batch.put(std::move(facts_at), std::move(text));
  }
  prune(now, batch);
}

void History::prune(Timestamp now, store::Batch& batch) {
  for (std::string& key : unreadable_) batch.erase(std::move(key));
  unreadable_.clear();
  while (!rows_.empty() && (rows_.size() > bounds_.records || bytes_ > bounds_.bytes ||
                            rows_.front().at + bounds_.age < now)) {
    drop_oldest(batch);
  }
}

void History::drop_oldest(store::Batch& batch) {
  Row row = std::move(rows_.front());
  rows_.pop_front();
  bytes_ -= row.bytes;
  batch.erase(std::move(row.key));
  const auto request = requests_.find(row.request_id);
  if (--request->second.records > 0) return;
  bytes_ -= request->second.bytes;
  batch.erase(store::facts_key(row.request_id));
  requests_.erase(request);
}

Result<std::vector<HistoryRecord>> read_history(const store::Store& store,
                                                const HistoryBounds& bounds) {
  WEIR_TRY(const auto rows, store.scan(store::kHistory, bounds.records * 2));
  std::vector<HistoryRecord> out;
  for (const auto& [key, value] : rows) {
    if (auto record = decode_history_record(value)) out.push_back(*std::move(record));
  }
  return out;
}

Result<std::optional<Facts>> read_facts(const store::Store& store, const std::string& request_id) {
  WEIR_TRY(const auto text, store.get(store::facts_key(request_id)));
  if (!text) return std::optional<Facts>();
  WEIR_TRY(Facts facts, decode_facts(*text));
  return std::optional<Facts>(std::move(facts));
}

}  // namespace weir::delivery
