// The user's words: send again, give up; said now, or left behind while nothing ran.
#include <algorithm>

#include "base/log.h"
#include "runtime/flight.h"

namespace weir::runtime {
Status Deliveries::act_on_words(const StoreContents& contents) {
  const auto say = [&](const Result<std::string>& done) {
    if (!done) log(LogLevel::kWarn, done.error().message, {{"task", built_.spec.name}});
  };
  for (const delivery::UserRecord& word : contents.discards) {
    const auto done = discard(word);
    say(done);
    // What cannot be discarded yet is so at a later opening.
    if (!done && done.error().code == Code::kUnavailable) continue;
    store::Batch batch;
    delivery::erase_discard(batch, word.key);
    WEIR_RETURN_IF_ERROR(deps_.store->write(batch, store::Sync::kNo));
  }
  for (const delivery::UserRecord& word : contents.redeliveries) say(redeliver(word, true));
  return {};
}

Result<std::optional<delivery::UserRecord>> Deliveries::in_history(
    const std::string& request_id) const {
  WEIR_TRY(const auto rows, delivery::read_history(*deps_.store));
  for (const delivery::HistoryRecord& row : rows) {
    if (row.request_id != request_id) continue;
    WEIR_TRY(auto facts, delivery::read_facts(*deps_.store, request_id));
    return delivery::UserRecord{
        .key = row.key, .request_id = request_id, .at = {}, .facts = std::move(facts)};
  }
  return std::nullopt;
}

const delivery::Window* Deliveries::owed_over(const delivery::RequestKey& key) const {
  const auto found = ledger_.owed().find(key.trigger);
  if (found == ledger_.owed().end()) return nullptr;
  for (const delivery::Window& window : found->second.cut) {
    if (same_range(window, key)) return &window;
  }
  const auto& open = found->second.open;
  return open && open->due && same_range(*open, key) ? &*open : nullptr;
}

bool Deliveries::owes(const delivery::UserRecord& word) const {
  const delivery::Window* window = owed_over(word.key);
  return window != nullptr && request_id_of(word.key.trigger, *window) == word.request_id;
}

// The requests that a command names: one by its id, or all of the trigger's in the state that the
// word is about.
std::vector<delivery::UserRecord> Deliveries::named(const Command& command) const {
  std::vector<delivery::UserRecord> out;
  for (const auto& each : ledger_.owed()) {
    const std::string& identity = each.first;
    const delivery::Owed& owed = each.second;
    // A trigger that has gained a name answers for what it owed without one.
    const delivery::TriggerTerms* terms = ledger_.terms(identity);
    const bool meant = identity == command.trigger || owed.label == command.trigger ||
                       (terms != nullptr && terms->label == command.trigger);
    if (!meant) continue;
    const auto consider = [&](const delivery::Window& window, bool by_default) {
      std::string id = request_id_of(identity, window);
      const bool wanted = command.request_id.empty() ? by_default : id == command.request_id;
      if (!wanted) return;
      out.push_back({.key = {identity, window.after, window.through},
                     .request_id = std::move(id),
                     .at = deps_.clock->now()});
    };
    const bool discard = command.kind == Command::Kind::kDiscard;
    for (const delivery::Window& window : owed.cut) consider(window, discard || window.parked);
    if (owed.open && owed.open->due) consider(*owed.open, discard);
  }
  return out;
}

Result<std::string> Deliveries::carry_out(const Command& command) {
  std::vector<delivery::UserRecord> words = named(command);
  if (words.empty() && !command.request_id.empty() && command.kind == Command::Kind::kRedeliver) {
    WEIR_TRY(auto word, in_history(command.request_id));
    if (word) {
      word->at = deps_.clock->now();
      words.push_back(*std::move(word));
    }
  }
  if (words.empty()) {
    return error(Code::kNotFound,
                 "{} owes no such request; weir triggers pending shows what is owed, weir triggers "
                 "history what was delivered",
                 command.trigger);
  }
  std::string said;
  for (const delivery::UserRecord& word : words) {
    WEIR_TRY(const std::string one,
             command.kind == Command::Kind::kDiscard ? discard(word) : redeliver(word, false));
    said += (said.empty() ? "" : "\n") + one;
  }
  return said;
}

Result<std::string> Deliveries::discard(const delivery::UserRecord& word) {
  const delivery::RequestKey& key = word.key;
  if (!owes(word)) {
    return error(Code::kNotFound, "request {} is not owed any more: nothing to discard",
                 word.request_id);
  }
  WEIR_RETURN_IF_ERROR(ledger_.can_discard(key));
  for (auto& [job, flight] : flights_) {
    if (flight->request_id == word.request_id) deps_.dispatcher->cancel(job, false);
  }
  store::Batch batch;
  delivery::put_mark(batch, ledger_.discarded(key, word.at));
  delivery::erase_redelivery(batch, key);
  erase_parked(batch, key);
  if (Status written = deps_.store->write(batch, store::Sync::kYes); !written) {
    // The books are ahead of the store: the next session begins with what is written.
    unwritten_ = written.error();
    return tl::unexpected(std::move(written).error());
  }
  return fmt::format("({}, {}] is discarded; the next commit makes it final", key.after,
                     key.through);
}

Result<std::string> Deliveries::redeliver(const delivery::UserRecord& word, bool kept) {
  const delivery::RequestKey& key = word.key;
  for (auto& [job, flight] : flights_) {
    if (flight->request_id != word.request_id) continue;
    deps_.dispatcher->hurry(job);
    return fmt::format("({}, {}] is attempted now", key.after, key.through);
  }
  store::Batch batch;
  const Status noted = note_redelivery(word);
  if (noted && !kept) {
    begun_.erase(word.request_id);
    delivery::put_redelivery(batch, word);
  }
  if (noted) erase_parked(batch, key);
  if (!noted && kept) delivery::erase_redelivery(batch, key);
  if (!batch.empty())
    WEIR_RETURN_IF_ERROR(deps_.store->write(batch, kept ? store::Sync::kNo : store::Sync::kYes));
  if (!noted) return tl::unexpected(noted.error());
  return fmt::format("({}, {}] is sent again", key.after, key.through);
}

Status Deliveries::note_redelivery(const delivery::UserRecord& word) {
  if (owes(word)) {
    const auto& open = ledger_.owed().at(word.key.trigger).open;
    if (open && same_range(*open, word.key)) {
      return error(
          Code::kInvalid,
          "({}, {}] was not sent yet: it gathers transactions, and goes out by itself once "
          "earlier requests are through and the trigger's interval allows it",
          word.key.after, word.key.through);
    }
    return ledger_.redeliver(word.key, std::nullopt);
  }
  if (owed_over(word.key) != nullptr) {
    return error(Code::kInvalid,
                 "the endpoint was put back, and another transaction did ({}, {}] again, which is "
                 "owed: deliver or discard that request first",
                 word.key.after, word.key.through);
  }
  if (!word.facts) {
    return error(Code::kNotFound, "request {} is neither owed nor in the history any more",
                 word.request_id);
  }
  return ledger_.redeliver(word.key, ledger_.adopt(word.facts->window, word.facts->tables),
                           word.facts->label);
}

}  // namespace weir::runtime
