#include "runtime/deliveries.h"

#include <algorithm>
#include <set>

#include "base/fault.h"
#include "base/log.h"
#include "delivery/identity.h"
#include "trigger/prepared.h"
#include "trigger/terms.h"

namespace weir::runtime {
namespace {

bool same_range(const delivery::Window& window, const delivery::RequestKey& key) {
  return window.after == key.after && window.through == key.through;
}

}  // namespace

struct Deliveries::Active {
  const catalog::Trigger* trigger = nullptr;
  std::shared_ptr<const trigger::Prepared> prepared;
};

struct Deliveries::Flight {
  delivery::Ready ready;
  std::shared_ptr<const Active> active;
  std::string request_id;
  std::uint32_t attempts = 0;
  delivery::AttemptRecord last;
  bool cancelled = false;
};

Deliveries::Deliveries(const catalog::BuiltMaterialization& built, const ShardOptions& options,
                       const ShardDeps& deps, delivery::Ledger& ledger, std::uint64_t first_job)
    : built_(built), options_(options), deps_(deps), ledger_(ledger), next_job_(first_job) {}

Deliveries::~Deliveries() = default;

std::string Deliveries::request_id_of(const std::string& identity,
                                      const delivery::Window& window) const {
  return delivery::request_id(built_.spec.name, identity, window.tid(), window.after,
                              window.through);
}

Status Deliveries::start(const StoreContents& contents) {
  WEIR_TRY(history_, delivery::History::load(*deps_.store));
  WEIR_TRY(const auto rows, delivery::read_history(*deps_.store));
  for (const delivery::HistoryRecord& row : rows) begun_.try_emplace(row.key, row.attempt.at);
  const trigger::TaskFacts task{
      .materialization = built_.spec.name,
      .connector_image = trigger::connector_image_of(built_.spec),
      .endpoint = std::string(trigger::endpoint_name(built_.spec.endpoint)),
      .environment = options_.environment,
      .product_version = options_.product_version};
  const std::vector<delivery::TriggerTerms>& terms = ledger_.triggers();
  for (std::size_t i = 0; i < built_.triggers.size(); ++i) {
    const catalog::Trigger& trigger = built_.triggers[i];
    WEIR_TRY(auto prepared,
             trigger::Prepared::make(trigger, task,
                                     trigger::revision_of(trigger, built_, options_.environment)));
    if (trigger.enabled) WEIR_RETURN_IF_ERROR(prepared->check(deps_.surroundings));
    active_[terms[i].identity] =
        std::make_shared<const Active>(Active{&trigger, std::move(prepared)});
  }
  for (const Parked& parked : contents.parked) park_again(parked);
  const auto say = [&](const Result<std::string>& done) {
    if (!done) log(LogLevel::kWarn, done.error().message, {{"task", built_.spec.name}});
  };
  for (const delivery::UserRecord& word : contents.discards) {
    store::Batch batch;
    delivery::erase_discard(batch, word.key);
    say(discard(word.key));
    WEIR_RETURN_IF_ERROR(deps_.store->write(batch, store::Sync::kNo));
  }
  for (const delivery::UserRecord& word : contents.redeliveries)
    say(redeliver(word.key, word.facts));
  return {};
}

// Unless it was delivered, done again under another session, or its trigger was edited since.
void Deliveries::park_again(const Parked& parked) {
  const delivery::TriggerTerms* terms = ledger_.terms(parked.key.trigger);
  const auto owed = ledger_.owed().find(parked.key.trigger);
  if (terms == nullptr || terms->words != parked.words || owed == ledger_.owed().end()) return;
  const auto& cut = owed->second.cut;
  const bool still = std::any_of(cut.begin(), cut.end(), [&](const delivery::Window& window) {
    return same_range(window, parked.key) && window.session == parked.session;
  });
  if (still) ledger_.parked(parked.key);
}

// ------------------------------------------------------------------------------------------------
// attempts

Result<bool> Deliveries::pump(bool stopping) {
  bool delivered = false;
  for (const delivery::Event& event : deps_.dispatcher->take_events()) {
    WEIR_TRY(const bool done, took(event));
    delivered = delivered || done;
  }
  if (stopping || draining_) return delivered;
  for (const delivery::Ready& ready : ledger_.take_ready(deps_.clock->now()))
    WEIR_RETURN_IF_ERROR(begin(ready));
  return delivered;
}

Status Deliveries::begin(const delivery::Ready& ready) {
  const delivery::TriggerTerms* terms = ledger_.terms(ready.key.trigger);
  auto flight = std::make_unique<Flight>();
  flight->ready = ready;
  flight->active = active_.at(terms->identity);
  flight->request_id = request_id_of(ready.key.trigger, ready.window);
  delivery::Job job;
  job.id = next_job_++;
  job.key = ready.key;
  job.label = terms->label;
  job.endpoint = flight->active->prepared->origin();
  job.retry = trigger::retry_of(*flight->active->trigger);
  const auto begun = begun_.find(ready.key);
  if (begun != begun_.end()) job.since = begun->second;
  job.make = [prepared = flight->active->prepared, surroundings = deps_.surroundings,
              facts = trigger::RequestFacts{flight->request_id, ready.window,
                                            ledger_.committed().tables, ready.label}] {
    return prepared->request(facts, surroundings);
  };
  fault_point("delivery.begin");
  const std::uint64_t id = job.id;
  flights_[id] = std::move(flight);
  return deps_.dispatcher->submit(std::move(job));
}

Result<bool> Deliveries::took(const delivery::Event& event) {
  const auto found = flights_.find(event.job);
  if (found == flights_.end()) return false;  // of an earlier session
  Flight& flight = *found->second;
  switch (event.kind) {
    case delivery::Event::Kind::kAttempt: WEIR_RETURN_IF_ERROR(note(flight, event)); return false;
    case delivery::Event::Kind::kDelivered:
      WEIR_RETURN_IF_ERROR(note(flight, event));
      WEIR_RETURN_IF_ERROR(note_delivered(flight));
      flights_.erase(event.job);
      return true;
    case delivery::Event::Kind::kPermanent:
    case delivery::Event::Kind::kExhausted: {
      WEIR_RETURN_IF_ERROR(note(flight, event));
      const std::unique_ptr<Flight> ended = std::move(found->second);
      flights_.erase(found);
      WEIR_RETURN_IF_ERROR(gave_up(*ended, event));
      return false;
    }
    case delivery::Event::Kind::kCancelled:
      ledger_.aborted(event.key);
      flights_.erase(found);
      return false;
  }
  return false;
}

Status Deliveries::note(Flight& flight, const delivery::Event& event) {
  const delivery::AttemptRecord& record = event.record;
  flight.attempts = record.attempt;
  flight.last = record;
  fault_point("delivery.answered");
  const std::string& label = flight.active->prepared->label();
  if (event.kind != delivery::Event::Kind::kDelivered) {
    log(LogLevel::kWarn, "attempt failed",
        {{"task", built_.spec.name},
         {"trigger", label},
         {"request", flight.request_id},
         {"attempt", record.attempt},
         {"status", record.status},
         {"error", record.error},
         {"next_at", record.next_at ? format_timestamp(*record.next_at) : std::string("-")}});
  }
  store::Batch batch;
  history_->add(
      {.key = flight.ready.key,
       .label = label,
       .request_id = flight.request_id,
       .revision = flight.active->prepared->revision(),
       .outcome = event.kind,
       .attempt = record,
       .reason = event.reason},
      delivery::facts_of(flight.ready.label, flight.ready.window, ledger_.committed().tables),
      deps_.clock->now(), batch);
  return deps_.store->write(batch, store::Sync::kNo);
}

Status Deliveries::note_delivered(const Flight& flight) {
  const Timestamp now = deps_.clock->now();
  const delivery::Mark mark = ledger_.delivered(flight.ready.key, now);
  log(LogLevel::kInfo, "delivered",
      {{"task", built_.spec.name},
       {"trigger", flight.active->prepared->label()},
       {"request", flight.request_id},
       {"after", mark.after},
       {"through", mark.through},
       {"attempts", flight.attempts}});
  store::Batch batch;
  delivery::put_mark(batch, mark);
  delivery::erase_redelivery(batch, flight.ready.key);
  erase_parked(batch, flight.ready.key);
  // Not synced: losing it means sending again under the same id.
  const Status written = deps_.store->write(batch, store::Sync::kNo);
  fault_point("delivery.marked");
  return written;
}

Status Deliveries::gave_up(const Flight& flight, const delivery::Event& event) {
  const delivery::RequestKey& key = flight.ready.key;
  store::Batch batch;
  delivery::erase_redelivery(batch, key);
  const auto& fields = {LogField{"task", built_.spec.name}, LogField{"request", flight.request_id}};
  switch (flight.active->trigger->on_exhausted) {
    case catalog::OnExhausted::kFailTask: {
      ledger_.aborted(key);
      const bool permanent = event.kind == delivery::Event::Kind::kPermanent;
      return error(permanent ? Code::kInvalid : Code::kUnavailable, "{}", event.reason);
    }
    case catalog::OnExhausted::kPark: {
      ledger_.parked(key);
      const delivery::TriggerTerms* terms = ledger_.terms(key.trigger);
      put_parked(batch, {key, flight.ready.window.session, terms->words});
      log(LogLevel::kError, "parked: " + event.reason, fields);
      return deps_.store->write(batch, store::Sync::kNo);
    }
    case catalog::OnExhausted::kDiscard: {
      ledger_.aborted(key);
      log(LogLevel::kError, "discarded: " + event.reason, fields);
      if (const Status can = ledger_.can_discard(key); !can)
        return deps_.store->write(batch, store::Sync::kNo);
      delivery::put_mark(batch, ledger_.discarded(key, deps_.clock->now()));
      return deps_.store->write(batch, store::Sync::kYes);
    }
  }
  return {};
}

Status Deliveries::committed() {
  store::Batch batch;
  for (const delivery::Mark& mark : ledger_.take_prunable()) delivery::erase_mark(batch, mark);
  history_->prune(deps_.clock->now(), batch);
  if (batch.empty()) return {};
  return deps_.store->write(batch, store::Sync::kNo);
}

Result<bool> Deliveries::drain() {
  if (!std::exchange(draining_, true)) {
    for (const auto& [job, flight] : flights_) deps_.dispatcher->cancel(job, true);
  }
  WEIR_RETURN_IF_ERROR(pump(true));
  return flights_.empty();
}

void Deliveries::cancel_all() {
  for (const auto& [job, flight] : flights_) deps_.dispatcher->cancel(job, false);
  flights_.clear();
}

// ------------------------------------------------------------------------------------------------
// the user's words

Result<std::optional<delivery::RequestKey>> Deliveries::key_in_history(
    const std::string& request_id) const {
  WEIR_TRY(const auto rows, delivery::read_history(*deps_.store));
  for (const delivery::HistoryRecord& row : rows) {
    if (row.request_id == request_id) return row.key;
  }
  return std::nullopt;
}

// The requests that a command names: one by its id, or all of the trigger's in the state that the
// word is about.
std::vector<delivery::RequestKey> Deliveries::named(const Command& command) const {
  std::vector<delivery::RequestKey> out;
  for (const auto& [identity, owed] : ledger_.owed()) {
    if (identity != command.trigger && owed.label != command.trigger) continue;
    const auto consider = [&](const delivery::Window& window, bool by_default) {
      const bool wanted = command.request_id.empty()
                              ? by_default
                              : request_id_of(identity, window) == command.request_id;
      if (wanted) out.push_back({identity, window.after, window.through});
    };
    const bool discard = command.kind == Command::Kind::kDiscard;
    for (const delivery::Window& window : owed.cut) consider(window, discard || window.parked);
    if (owed.open && owed.open->due) consider(*owed.open, discard);
  }
  return out;
}

Result<std::string> Deliveries::carry_out(const Command& command) {
  std::vector<delivery::RequestKey> keys = named(command);
  std::optional<delivery::Facts> facts;
  if (keys.empty() && !command.request_id.empty() && command.kind == Command::Kind::kRedeliver) {
    WEIR_TRY(const auto key, key_in_history(command.request_id));
    if (key) {
      WEIR_TRY(facts, delivery::read_facts(*deps_.store, *key));
      keys.push_back(*key);
    }
  }
  if (keys.empty()) {
    return error(Code::kNotFound,
                 "{} owes no such request; weir triggers pending shows what is owed, weir triggers "
                 "history what was delivered",
                 command.trigger);
  }
  std::string said;
  for (const delivery::RequestKey& key : keys) {
    WEIR_TRY(const std::string one,
             command.kind == Command::Kind::kDiscard ? discard(key) : redeliver(key, facts));
    said += (said.empty() ? "" : "\n") + one;
  }
  return said;
}

Result<std::string> Deliveries::discard(const delivery::RequestKey& key) {
  WEIR_RETURN_IF_ERROR(ledger_.can_discard(key));
  for (auto& [job, flight] : flights_) {
    if (flight->ready.key == key) deps_.dispatcher->cancel(job, false);
  }
  store::Batch batch;
  delivery::put_mark(batch, ledger_.discarded(key, deps_.clock->now()));
  delivery::erase_redelivery(batch, key);
  erase_parked(batch, key);
  WEIR_RETURN_IF_ERROR(deps_.store->write(batch, store::Sync::kYes));
  return fmt::format("({}, {}] is discarded; the next commit makes it final", key.after,
                     key.through);
}

Result<std::string> Deliveries::redeliver(const delivery::RequestKey& key,
                                          const std::optional<delivery::Facts>& facts) {
  for (auto& [job, flight] : flights_) {
    if (flight->ready.key != key) continue;
    deps_.dispatcher->hurry(job);
    return fmt::format("({}, {}] is attempted now", key.after, key.through);
  }
  store::Batch batch;
  delivery::put_redelivery(batch, {.key = key, .at = deps_.clock->now(), .facts = facts});
  erase_parked(batch, key);
  WEIR_RETURN_IF_ERROR(deps_.store->write(batch, store::Sync::kYes));
  std::optional<delivery::Window> window;
  if (facts) window = ledger_.adopt(facts->window, facts->tables);
  const std::string label = facts ? facts->label : "";
  if (const Status noted = ledger_.redeliver(key, std::move(window), label); !noted) {
    store::Batch undo;
    delivery::erase_redelivery(undo, key);
    WEIR_RETURN_IF_ERROR(deps_.store->write(undo, store::Sync::kYes));
    return tl::unexpected(noted.error());
  }
  return fmt::format("({}, {}] is sent again", key.after, key.through);
}

// ------------------------------------------------------------------------------------------------
// looking

bool Deliveries::waits() const {
  const bool parked =
      std::any_of(ledger_.owed().begin(), ledger_.owed().end(), [](const auto& item) {
        return std::any_of(item.second.cut.begin(), item.second.cut.end(),
                           [](const delivery::Window& window) { return window.parked; });
      });
  return parked || std::any_of(flights_.begin(), flights_.end(),
                               [](const auto& item) { return item.second->attempts > 0; });
}

bool Deliveries::idle() const {
  if (!flights_.empty()) return false;
  const Timestamp now = deps_.clock->now();
  const auto wake = ledger_.next_wake(now);
  return !wake || *wake > now;
}

std::vector<std::string> Deliveries::held_back() const {
  std::vector<std::string> out;
  for (const delivery::TriggerTerms& terms : ledger_.triggers()) {
    const auto owed = ledger_.owed().find(terms.identity);
    if (owed == ledger_.owed().end() || !terms.enabled) continue;
    const bool due = !owed->second.cut.empty() || (owed->second.open && owed->second.open->due);
    if (due && ledger_.held_until(terms, deps_.clock->now())) out.push_back(terms.label);
  }
  return out;
}

std::string Deliveries::inline_reason() const {
  for (const auto& [job, flight] : flights_) {
    if (flight->active->trigger->delivery != catalog::DeliveryMode::kInline) continue;
    const std::string& label = flight->active->prepared->label();
    if (flight->attempts == 0) return label + ": waiting for its answer";
    return label + ": " +
           (flight->last.status == 0 ? flight->last.error
                                     : fmt::format("answered {}", flight->last.status));
  }
  return "an inline trigger owes a request";
}

PendingStatus Deliveries::pending_of(const std::string& identity, const delivery::Owed& owed,
                                     const delivery::Window& window, bool open) const {
  PendingStatus out;
  out.trigger = owed.label;
  out.identity = identity;
  out.request_id = request_id_of(identity, window);
  out.after = window.after;
  out.through = window.through;
  const delivery::TriggerTerms* terms = ledger_.terms(identity);
  out.state = terms == nullptr ? "orphaned" : open ? "open" : window.parked ? "parked" : "cut";
  for (const auto& [job, flight] : flights_) {
    if (flight->ready.key.trigger != identity || !same_range(window, flight->ready.key)) continue;
    out.attempts = flight->attempts;
    out.next_attempt_at = flight->last.next_at;
    if (flight->attempts > 0) {
      out.note = flight->last.status == 0 ? flight->last.error
                                          : fmt::format("answered {}", flight->last.status);
    }
    return out;
  }
  if (terms == nullptr) {
    out.note = "its trigger is not in the catalog";
  } else if (!terms->enabled) {
    out.note = "the trigger is switched off";
  } else if (const auto until = ledger_.held_until(*terms, deps_.clock->now())) {
    out.next_attempt_at = until;
    out.note = "waits for its interval";
  }
  return out;
}

std::vector<PendingStatus> Deliveries::pending() const {
  std::vector<PendingStatus> out;
  for (const auto& [identity, owed] : ledger_.owed()) {
    for (const delivery::Window& window : owed.cut)
      out.push_back(pending_of(identity, owed, window, false));
    if (owed.open && owed.open->due) out.push_back(pending_of(identity, owed, *owed.open, true));
  }
  return out;
}

}  // namespace weir::runtime
