// The steps of the protocol in the order of their numbers. Each fault point names the state that a
// crash right there leaves; docs/reliability.md lists them.
#include "runtime/session.h"

#include <algorithm>

#include "base/fault.h"
#include "base/log.h"
#include "base/planted.h"
#include "base/text.h"
#include "json/events.h"
#include "runtime/recovery.h"
#include "trigger/terms.h"

namespace weir::runtime {
namespace {

std::string draw_session_id(Random& random) {
  std::string bytes(16, '\0');
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    const std::uint64_t word = random.next();
    for (std::size_t k = 0; k < 8; ++k) bytes[i + k] = static_cast<char>(word >> (8 * k));
  }
  return hex_lower(bytes);
}

}  // namespace

Session::Session(const catalog::BuiltMaterialization& built, const ShardOptions& options,
                 const ShardDeps& deps, Random& random)
    : built_(built),
      options_(options),
      deps_(deps),
      random_(random),
      id_(draw_session_id(random)) {}

Session::~Session() = default;

// ------------------------------------------------------------------------------------------------
// stepping

View Session::look(bool stopping) const {
  View view;
  view.now = deps_.clock->monotonic();
  view.documents_waiting = sources_->maybe_more();
  view.at_boundary = sources_->at_boundary();
  view.bytes_combined = combiner_->memory_used() + combiner_->spilled_bytes();
  view.inline_owed = ledger_->inline_owed(deps_.clock->now());
  view.empty_commit_wanted = ledger_->wants_empty_commit();
  view.stopping = stopping;
  return view;
}

Result<Session::Progress> Session::step(bool stopping) {
  const bool early = planted(Bug::kAckBeforeDelivery);
  if (transaction_->tail() == TailState::kDone || early) {
    // Not before the recovered commit is acknowledged: its rows could not be seen yet.
    WEIR_TRY(const bool delivered, deliveries_->pump(stopping));
    progressed_ = progressed_ || delivered;
  }
  if (early && transaction_->tail() != TailState::kDone && !deliveries_->idle())
    return Progress{.worked = false, .wait_until = {}, .stopped = false};
  if (planted(Bug::kArrivalIsForgotten)) arrived_ = false;
  if (std::exchange(arrived_, false)) WEIR_RETURN_IF_ERROR(sources_->refresh());
  const Next next = transaction_->next(look(stopping));
  switch (next.step) {
    case Step::kStopped: return Progress{.worked = false, .wait_until = {}, .stopped = true};
    case Step::kWait: {
      Progress progress{.worked = false, .wait_until = next.until, .stopped = false};
      if (const auto wake = ledger_->next_wake(deps_.clock->now())) {
        const Instant at = deps_.clock->monotonic() + (*wake - deps_.clock->now());
        progress.wait_until = std::min(progress.wait_until.value_or(at), at);
      }
      return progress;
    }
    default: break;
  }
  WEIR_RETURN_IF_ERROR(carry_out(next.step));
  return Progress{.worked = true, .wait_until = {}, .stopped = false};
}

Status Session::carry_out(Step step) {
  const auto run = [&]() -> Status {
    switch (step) {
      case Step::kRead: return read();
      case Step::kFlush: return flush();
      case Step::kPersist: return persist();
      case Step::kStore: return store();
      case Step::kCompose: return compose();
      case Step::kStartCommit: return start_commit();
      case Step::kPersistCommit: return persist_commit();
      case Step::kAcknowledge: return acknowledge();
      case Step::kRelease: return release();
      case Step::kWait:
      case Step::kStopped: break;
    }
    return {};
  };
  WEIR_RETURN_IF_ERROR(run());
  if (step != Step::kRead) transaction_->done(step);
  return {};
}

// ------------------------------------------------------------------------------------------------
// the head

Status Session::read() {
  const auto add_one = [this](std::uint32_t binding, const journal::Document& document,
                              const document::Buffer& buffer, const journal::Document* next) {
    if (next != nullptr) combiner_->expect(binding, next->json);
    return add(binding, document, buffer);
  };
  if (transaction_->empty()) {
    started_ = deps_.clock->now();
    last_stored_ = started_;
  }
  WEIR_TRY(const std::size_t documents, sources_->read(add_one));
  transaction_->read(documents, deps_.clock->monotonic());
  return send_loads();
}

Status Session::add(std::uint32_t binding, const journal::Document& document,
                    const document::Buffer& buffer) {
  WEIR_TRY(const document::Added added, combiner_->add_right(binding, document.json, buffer));
  BindingActivity& activity = activity_[binding];
  ++activity.documents;
  ++documents_;
  if (document.clock != 0) {
    if (activity.clock_min == 0 || document.clock < activity.clock_min)
      activity.clock_min = document.clock;
    activity.clock_max = std::max(activity.clock_max, document.clock);
  }
  if (!added.first) return {};
  if (bounds_->need(binding, added.key_packed) == LoadNeed::kLoad)
    loads_.add(binding, added.key_packed);
  bounds_->seen(binding, added.key_packed);
  return {};
}

Status Session::send_loads() {
  if (!loads_.full()) return {};
  return loads_.send(*destination_);
}

Status Session::flush() {
  if (transaction_->empty()) started_ = last_stored_ = deps_.clock->now();  // one without documents
  WEIR_RETURN_IF_ERROR(loads_.send(*destination_));
  const auto loaded = [this](std::uint32_t binding, std::string_view doc_json) {
    return combiner_->add_front(binding, doc_json);
  };
  WEIR_TRY(const auto state, destination_->flush(loaded));
  WEIR_RETURN_IF_ERROR(state_->update(state));
  fault_point("transaction.flushed");
  return {};
}

Status Session::persist() {
  store::Batch batch;
  put_max_keys(batch, max_keys());
  if (state_->take_changed()) put_confirmed_state(batch, state_->json());
  WEIR_RETURN_IF_ERROR(deps_.store->write(batch, store::Sync::kYes));
  fault_point("transaction.persisted");
  return {};
}

Status Session::store() {
  for (;;) {
    const auto drained = combiner_->next();
    if (!drained) return tl::unexpected(located(drained.error()));
    if (!*drained) break;
    WEIR_RETURN_IF_ERROR(store_row(**drained));
  }
  combiner_->reset();
  WEIR_TRY(counts_, destination_->finish_store());
  last_stored_ = deps_.clock->now();
  fault_point("transaction.stored");
  return {};
}

// Reduced documents are checked as they drain, when nobody remembers where they came from. So the
// transaction's documents are read once more and checked one by one, for the place of the first
// that is wrong by itself.
Error Session::located(const Error& error) {
  if (error.code != Code::kInvalid) return error;
  Sources again(*deps_.journals, built_.spec.bindings, committed_sources_);
  if (!again.refresh()) return error;
  json::Arena arena;
  json::Outcome outcome;
  const auto check = [&](std::uint32_t binding, const journal::Document& document,
                         const document::Buffer&, const journal::Document*) -> Status {
    arena.reset();
    WEIR_TRY(const json::Value root,
             json::parse_text(document.json, arena, json::Duplicates::kLastWins));
    schemas_[binding]->validate(root, outcome);
    if (outcome.valid) return {};
    const json::SchemaProblem& problem = outcome.problems.front();
    return weir::error(Code::kInvalid,
                       "at {}: {} (for table {}); widen the schema if it is too narrow",
                       problem.instance_pointer.empty() ? "/" : problem.instance_pointer,
                       problem.message, built_.spec.bindings[binding].resource_path.back());
  };
  while (again.maybe_more()) {
    const auto read = again.read(check);
    if (!read) return read.error();
  }
  return error;
}

Status Session::store_row(const document::Drained& drained) {
  connector::StoreRow row;
  row.binding = drained.binding;
  row.key_packed = drained.key_packed;
  row.values_packed = drained.values_packed;
  row.doc_json = drained.doc_json;
  row.deleted = drained.deleted;
  row.exists = drained.front ? connector::Exists::kYes : connector::Exists::kNo;
  if (!drained.front && bounds_->need(drained.binding, drained.key_packed) == LoadNeed::kUnneeded &&
      !built_.spec.bindings[drained.binding].delta_updates) {
    row.exists = connector::Exists::kUnknown;
  }
  WEIR_RETURN_IF_ERROR(destination_->store({&row, 1}));
  ++activity_[drained.binding].stored;
  ++rows_;
  return {};
}

Status Session::compose() {
  WEIR_TRY(const delivery::Entry entry, ledger_->compose(id_, facts(), max_keys(), tables()));
  WEIR_TRY(std::string bytes, delivery::encode(entry));
  composed_ = protocol::Checkpoint{};
  composed_.sources = sources_->positions();
  if (planted(Bug::kPositionLags) && ledger_->n() > 0) composed_.sources = committed_sources_;
  composed_.ack_intents.emplace(std::string(delivery::kEntryKey), std::move(bytes));
  if (planted(Bug::kReleaseOnAck)) ledger_->release();
  fault_point("transaction.composed");
  return {};
}

Status Session::start_commit() {
  fault_point("transaction.committing");
  WEIR_TRY(const auto state, destination_->start_commit(composed_));
  fault_point("transaction.committed");
  return state_->update(state);
}

Status Session::persist_commit() {
  store::Batch batch;
  const delivery::Tid tid{id_, ledger_->n() + 1};
  if (planted(Bug::kDestinationDecides)) put_checkpoint(batch, composed_);
  if (runtime_holds_checkpoint_) {
    put_checkpoint(batch, composed_);
    if (state_->take_changed()) put_confirmed_state(batch, state_->json());
  } else if (state_->take_changed()) {
    put_state_in_doubt(batch, tid, state_->json());
    state_in_doubt_ = true;
  }
  // Without connector state, a destination that holds the checkpoint costs no local sync at all.
  const auto sync = planted(Bug::kSyncCommit) ? store::Sync::kNo : store::Sync::kYes;
  if (!batch.empty()) WEIR_RETURN_IF_ERROR(deps_.store->write(batch, sync));
  fault_point("transaction.remembered");
  return {};
}

// ------------------------------------------------------------------------------------------------
// the tail

Status Session::acknowledge() {
  WEIR_TRY(const auto state, destination_->acknowledge());
  WEIR_RETURN_IF_ERROR(state_->update(state));
  store::Batch batch;
  if (std::exchange(state_in_doubt_, false) || state_->take_changed()) {
    put_confirmed_state(batch, state_->json());
    WEIR_RETURN_IF_ERROR(deps_.store->write(batch, store::Sync::kNo));
  }
  fault_point("transaction.acknowledged");
  return {};
}

Status Session::release() {
  if (!planted(Bug::kReleaseOnAck)) ledger_->release();
  committed_sources_ = composed_.sources;
  if (!planted(Bug::kLoadAfterAck)) bounds_->next_transaction();
  activity_.assign(built_.spec.bindings.size(), {});
  committed_at_ = deps_.clock->now();
  progressed_ = true;
  WEIR_RETURN_IF_ERROR(deliveries_->committed());
  fault_point("transaction.released");
  return {};
}

// ------------------------------------------------------------------------------------------------
// facts

delivery::TransactionFacts Session::facts() const {
  delivery::TransactionFacts out;
  const Timestamp after_last = ledger_->committed().last_run_id + std::chrono::microseconds(1);
  out.run_id = planted(Bug::kRunIdStandsStill) ? started_ : std::max(started_, after_last);
  out.started = started_;
  out.ended = std::max(last_stored_, started_);
  for (std::uint32_t i = 0; i < activity_.size(); ++i) {
    const BindingActivity& activity = activity_[i];
    if (activity.documents == 0 && activity.stored == 0) continue;
    delivery::TableFacts table{
        .table = i, .documents = activity.documents, .stored = activity.stored};
    if (i < counts_.size()) {
      table.inserted = counts_[i].inserted;
      table.updated = counts_[i].updated;
      table.deleted = counts_[i].deleted;
      table.unchanged = counts_[i].unchanged;
    }
    out.tables.push_back(table);
    if (activity.clock_min == 0) continue;
    if (out.clock_min == 0 || activity.clock_min < out.clock_min)
      out.clock_min = activity.clock_min;
    out.clock_max = std::max(out.clock_max, activity.clock_max);
  }
  return out;
}

// Of inactive bindings too: their tables are still there.
std::map<std::string, std::string> Session::max_keys() const {
  std::map<std::string, std::string> out = ledger_->committed().max_keys;
  if (planted(Bug::kKeyInCheckpoint) && !out.empty()) return out;
  for (std::uint32_t i = 0; i < built_.spec.bindings.size(); ++i) {
    out[built_.spec.bindings[i].state_key] = bounds_->bound(i);
  }
  return out;
}

std::vector<delivery::TableRef> Session::tables() const {
  std::vector<delivery::TableRef> out;
  for (const protocol::Binding& binding : built_.spec.bindings) {
    out.push_back({binding.state_key, binding.resource_path, binding.collection.name});
  }
  return out;
}

// ------------------------------------------------------------------------------------------------
// ending

bool Session::caught_up() const {
  return transaction_->empty() && transaction_->tail() == TailState::kDone &&
         !sources_->maybe_more() && !arrived_ && !ledger_->wants_empty_commit();
}

bool Session::take_progressed() {
  return std::exchange(progressed_, false);
}

Result<std::string> Session::carry_out(const Command& command) {
  return deliveries_->carry_out(command);
}

Result<bool> Session::drain() {
  return deliveries_->drain();
}

Status Session::close() {
  if (deliveries_ != nullptr) deliveries_->cancel_all();
  // What an opening that failed left behind is closed too, so that the next opener need not wait
  // for it.
  return destination_ != nullptr ? destination_->close() : Status{};
}

Status Session::leave(bool discard) {
  if (ledger_->anything_owed() && !discard) {
    return error(
        Code::kInvalid,
        "{} still owes requests (weir triggers pending shows them); deliver or discard them "
        "first, or leave with --discard",
        built_.spec.name);
  }
  WEIR_RETURN_IF_ERROR(acknowledge());
  WEIR_RETURN_IF_ERROR(flush());
  WEIR_TRY(counts_, destination_->finish_store());
  protocol::Checkpoint checkpoint;
  checkpoint.sources = sources_->positions();
  if (checkpoint.empty()) {
    return error(Code::kInvalid, "{} has read nothing yet: there is no position to leave behind",
                 built_.spec.name);
  }
  WEIR_RETURN_IF_ERROR(destination_->start_commit(checkpoint));
  WEIR_RETURN_IF_ERROR(destination_->acknowledge());
  return destination_->release_ownership();
}

std::vector<AttemptCounts> Session::attempts() const {
  return deliveries_ != nullptr ? deliveries_->attempts() : std::vector<AttemptCounts>();
}

void Session::fill(TaskStatus* status) const {
  status->transaction = ledger_->n();
  status->committed_at = committed_at_;
  status->bytes_behind = sources_->bytes_behind();
  status->caught_up = caught_up();
  status->pending = deliveries_->pending();
  status->attempts = attempts();
  const bool blocked =
      transaction_->head() == HeadState::kInline && ledger_->inline_owed(deps_.clock->now());
  if (blocked) {
    status->state = TaskState::kBlocked;
    status->reason = deliveries_->inline_reason();
    status->remedy =
        "mend the receiver, or weir triggers discard; delivery: background would not block";
  }
}

}  // namespace weir::runtime
