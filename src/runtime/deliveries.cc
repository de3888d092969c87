#include "runtime/deliveries.h"

#include <algorithm>
#include <set>

#include "base/fault.h"
#include "base/log.h"
#include "delivery/identity.h"
#include "runtime/flight.h"
#include "trigger/terms.h"

namespace weir::runtime {
namespace {

void count(delivery::Event::Kind kind, AttemptCounts& counts) {
  switch (kind) {
    case delivery::Event::Kind::kDelivered: ++counts.delivered; return;
    case delivery::Event::Kind::kAttempt: ++counts.retried; return;
    case delivery::Event::Kind::kPermanent:
    case delivery::Event::Kind::kExhausted: ++counts.failed; return;
    case delivery::Event::Kind::kCancelled: ++counts.cancelled; return;
  }
}

}  // namespace

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
  WEIR_RETURN_IF_ERROR(note_begun(contents.redeliveries));
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
  return act_on_words(contents);
}

// A delivery goes on over sessions, and ends with an outcome; the user's word begins a new one. So
// what is sent again after it was parked has all its time anew.
Status Deliveries::note_begun(const std::vector<delivery::UserRecord>& redeliveries) {
  std::map<std::string_view, Timestamp> asked;
  for (const delivery::UserRecord& word : redeliveries) asked[word.request_id] = word.at;
  WEIR_TRY(const auto rows, delivery::read_history(*deps_.store));
  for (const delivery::HistoryRecord& row : rows) {
    const auto word = asked.find(row.request_id);
    if (word != asked.end() && row.attempt.at < word->second) continue;
    const bool goes_on = row.outcome == delivery::Event::Kind::kAttempt ||
                         row.outcome == delivery::Event::Kind::kCancelled;
    if (goes_on) {
      begun_.try_emplace(row.request_id, row.attempt.at);
    } else {
      begun_.erase(row.request_id);
    }
  }
  return {};
}

// Unless it was delivered, done again under another session, or its trigger was edited since.
void Deliveries::park_again(const Parked& parked) {
  const delivery::TriggerTerms* terms = ledger_.terms(parked.key.trigger);
  if (terms == nullptr || terms->words != parked.words) return;
  const delivery::Window* window = owed_over(parked.key);
  if (window != nullptr && window->session == parked.session) ledger_.parked(parked.key);
}

// ------------------------------------------------------------------------------------------------
// attempts

Result<bool> Deliveries::pump(bool stopping) {
  bool delivered = false;
  if (unwritten_) return tl::unexpected(*unwritten_);
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
  const auto begun = begun_.find(flight->request_id);
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
  // What is known of an attempt and what follows from it are one batch.
  store::Batch batch;
  if (event.kind == delivery::Event::Kind::kAttempt) {
    note(*found->second, event, batch);
    WEIR_RETURN_IF_ERROR(deps_.store->write(batch, store::Sync::kNo));
    return false;
  }
  const std::unique_ptr<Flight> ended = std::move(found->second);
  flights_.erase(found);
  switch (event.kind) {
    case delivery::Event::Kind::kDelivered:
      note(*ended, event, batch);
      WEIR_RETURN_IF_ERROR(note_delivered(*ended, batch));
      return true;
    case delivery::Event::Kind::kPermanent:
    case delivery::Event::Kind::kExhausted:
      note(*ended, event, batch);
      WEIR_RETURN_IF_ERROR(gave_up(*ended, event, batch));
      return false;
    case delivery::Event::Kind::kAttempt:
    case delivery::Event::Kind::kCancelled: break;
  }
  ledger_.aborted(event.key);
  if (event.reason.empty()) return false;  // It was waiting.
  note(*ended, event, batch);
  WEIR_RETURN_IF_ERROR(deps_.store->write(batch, store::Sync::kNo));
  return false;
}

void Deliveries::note(Flight& flight, const delivery::Event& event, store::Batch& batch) {
  const delivery::AttemptRecord& record = event.record;
  flight.attempts = record.attempt;
  flight.last = record;
  fault_point("delivery.answered");
  count(event.kind, counts_[flight.ready.key.trigger]);
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
}

Status Deliveries::note_delivered(const Flight& flight, store::Batch& batch) {
  const Timestamp now = deps_.clock->now();
  const delivery::Mark mark = ledger_.delivered(flight.ready.key, now);
  log(LogLevel::kInfo, "delivered",
      {{"task", built_.spec.name},
       {"trigger", flight.active->prepared->label()},
       {"request", flight.request_id},
       {"after", mark.after},
       {"through", mark.through},
       {"attempts", flight.attempts}});
  begun_.erase(flight.request_id);
  delivery::put_mark(batch, mark);
  delivery::erase_redelivery(batch, flight.ready.key);
  erase_parked(batch, flight.ready.key);
  // Not synced: losing it means sending again under the same id.
  const Status written = deps_.store->write(batch, store::Sync::kNo);
  fault_point("delivery.marked");
  return written;
}

Status Deliveries::gave_up(const Flight& flight, const delivery::Event& event,
                           store::Batch& batch) {
  const delivery::RequestKey& key = flight.ready.key;
  begun_.erase(flight.request_id);
  delivery::erase_redelivery(batch, key);
  const auto& fields = {LogField{"task", built_.spec.name}, LogField{"request", flight.request_id}};
  const delivery::Window* owed = owed_over(key);
  if (owed == nullptr || owed->tid() != flight.ready.window.tid()) {
    // Discarded meanwhile, or a request of long ago that the user had sent again: nothing waits for
    // it.
    ledger_.dropped(key);
    log(LogLevel::kError, "not sent again: " + event.reason, fields);
    return deps_.store->write(batch, store::Sync::kNo);
  }
  switch (flight.active->trigger->on_exhausted) {
    case catalog::OnExhausted::kFailTask: {
      ledger_.aborted(key);
      WEIR_RETURN_IF_ERROR(deps_.store->write(batch, store::Sync::kNo));
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
  out.since = window.started;
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

std::vector<AttemptCounts> Deliveries::attempts() const {
  std::vector<AttemptCounts> out;
  for (const delivery::TriggerTerms& terms : ledger_.triggers()) {
    const auto counted = counts_.find(terms.identity);
    AttemptCounts row = counted == counts_.end() ? AttemptCounts() : counted->second;
    row.trigger = terms.label;
    row.identity = terms.identity;
    out.push_back(std::move(row));
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
  for (const delivery::Mark& mark : ledger_.discards_pending()) {
    const delivery::TriggerTerms* terms = ledger_.terms(mark.trigger);
    PendingStatus row;
    row.trigger = terms == nullptr ? mark.trigger : terms->label;
    row.identity = mark.trigger;
    row.request_id =
        delivery::request_id(built_.spec.name, mark.trigger, mark.tid, mark.after, mark.through);
    row.after = mark.after;
    row.through = mark.through;
    row.state = terms == nullptr ? "orphaned" : "cut";
    row.note = "discarded; the next commit makes it final";
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace weir::runtime
