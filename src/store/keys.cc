#include "store/keys.h"

#include <fmt/format.h>

#include <charconv>

namespace weir::store {

namespace {

constexpr KeyRow kTable[] = {
    {"weir/format", "decimal number of the store's format", "once, synced"},
    {"weir/class", "destination or runtime: who holds the checkpoint", "once, not synced"},
    {"weir/checkpoint", "class B: protobuf consumer.Checkpoint, the entry inside",
     "the commit batch, synced"},
    {"weir/max-key/{state key}", "class B: upper bound of the packed keys ever stored",
     "before the first store of a transaction, synced"},
    {"weir/state", "connector state of the last confirmed commit, JSON",
     "with the next commit's batch"},
    {"weir/state-in-doubt",
     "connector state of a commit whose outcome is unknown, JSON with its tid",
     "after StartedCommit, synced"},
    {"weir/applied", "last applied specification, secret locations blank",
     "after opening, not synced"},
    {"weir/status", "what `weir status` shows, JSON", "now and then, not synced"},
    {"weir/mark/{trigger}/{through}/{after}/{session}", "mark, JSON",
     "delivered: not synced; discarded: synced"},
    {"weir/parked/{trigger}/{through}/{after}", "a parked request: session and words, JSON",
     "when parked, unsynced"},
    {"weir/parked-words/{trigger}", "digest of the trigger's words, text",
     "on parking, not synced"},
    {"weir/redeliver/{trigger}/{through}/{after}", "request with its facts, JSON",
     "by the user, synced"},
    {"weir/discard/{trigger}/{through}/{after}", "request, JSON", "by the user, synced"},
    {"weir/history/{time}/{sequence}", "attempt, JSON", "after each attempt, not synced"},
    {"weir/facts/{request id}", "facts of an attempted request, JSON",
     "after its first attempt, not synced"},
    {"trigger-params", "Estuary's: variables of the triggers of the last commit, JSON", "never"},
    {"connector-state", "Estuary's: connector state, JSON with merge patches", "never"},
    {"checkpoint", "Estuary's: protobuf consumer.Checkpoint", "never"},
    {"MK-v2:{state key}", "Estuary's: largest packed key", "never"},
};

}  // namespace

std::string hex16(std::uint64_t number) {
  return fmt::format("{:016x}", number);
}

std::string max_key_key(std::string_view state_key) {
  return fmt::format("{}{}", kMaxKeys, state_key);
}

std::string request_key(std::string_view prefix, std::string_view trigger, std::uint64_t after,
                        std::uint64_t through) {
  return fmt::format("{}{}/{}/{}", prefix, trigger, hex16(through), hex16(after));
}

std::string mark_key(std::string_view trigger, std::uint64_t after, std::uint64_t through,
                     std::string_view session) {
  return fmt::format("{}/{}", request_key(kMarks, trigger, after, through), session);
}

std::string parked_words_key(std::string_view trigger) {
  return fmt::format("{}{}", kParkedWords, trigger);
}

std::string facts_key(std::string_view request_id) {
  return fmt::format("{}{}", kFacts, request_id);
}

std::string history_key(Timestamp at, std::uint64_t sequence) {
  const auto micros = static_cast<std::uint64_t>(at.time_since_epoch().count());
  return fmt::format("{}{}/{}", kHistory, hex16(micros), hex16(sequence));
}

std::span<const KeyRow> key_table() {
  return kTable;
}

Status check_format(Store& store) {
  WEIR_TRY(const auto text, store.get(kFormat));
  if (!text) {
    Batch batch;
    batch.put(std::string(kFormat), fmt::format("{}", kFormatNumber));
    return store.write(batch, Sync::kYes);
  }
  std::uint32_t number = 0;
  const char* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number == 0) {
    return error(Code::kCorrupt, "the state's format number cannot be read");
  }
  if (number <= kFormatNumber) return {};
  return error(
      Code::kRefused,
      "the state has format {}, and this weir knows formats up to {}: run the newer version "
      "that wrote it",
      number, kFormatNumber);
}

}  // namespace weir::store
