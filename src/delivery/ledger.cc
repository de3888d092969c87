// The rules of the protocol, each named where it acts. One observation carries most of them: a
// range can be sent only if every later session, knowing nothing but the committed entry, would cut
// that same range. So a window is cut either by the entry itself (mergePending: false, when
// composing), or outside of it in a way that the entry implies: "exactly as found", unless the
// entry is full.
#include "delivery/ledger.h"

#include <algorithm>

#include "base/check.h"
#include "base/planted.h"

namespace weir::delivery {

namespace {

RequestKey key_of(const std::string& identity, const Window& window) {
  return {identity, window.after, window.through};
}

bool same_range(const Window& window, const RequestKey& key) {
  return window.after == key.after && window.through == key.through;
}

// Where each of `wanted` stands in `known`, appended where it is new. Between commits of a session
// they stand one after the other, so the place behind the last one is looked at first.
std::vector<std::uint32_t> places_in(std::vector<TableRef>& known,
                                     const std::vector<TableRef>& wanted) {
  std::vector<std::uint32_t> out;
  for (const TableRef& table : wanted) {
    const std::size_t next = out.empty() ? 0 : out.back() + std::size_t{1};
    const bool here = next < known.size() && known[next] == table;
    out.push_back(here ? static_cast<std::uint32_t>(next) : table_index(known, table));
  }
  return out;
}

bool within(const Window& window, std::uint64_t after, std::uint64_t through) {
  return window.after < through && after < window.through;
}

std::size_t cut_in(const Entry& entry, const std::string& identity) {
  const auto found = entry.triggers.find(identity);
  return found == entry.triggers.end() ? 0 : found->second.cut.size();
}

}  // namespace

// --- the commit ---

Result<Entry> Ledger::compose(const std::string& session, const TransactionFacts& facts,
                              std::map<std::string, std::string> max_keys,
                              std::vector<TableRef> tables) {
  WEIR_CHECK(!pending_.has_value());
  const std::vector<std::uint32_t> to = places_in(base_.tables, tables);
  Window added{.after = base_.n, .through = base_.n + 1, .session = session, .due = false};
  added.due = !facts.tables.empty();  // due_at_compose: decided here and stored
  added.run_id = std::max(facts.run_id, base_.last_run_id + std::chrono::microseconds(1));
  if (planted(Bug::kRunIdStandsStill)) added.run_id = facts.run_id;
  added.started = facts.started;
  added.ended = facts.ended;
  added.clock_min = facts.clock_min;
  added.clock_max = facts.clock_max;
  added.tables = facts.tables;
  added = renumbered(std::move(added), to);

  Entry next{.n = base_.n + 1, .session = session, .last_run_id = added.run_id};
  next.max_keys = std::move(max_keys);
  next.tables = base_.tables;
  for (const auto& [identity, owed] : owed_) {  // carry_all
    if (!owed.cut.empty() && !planted(Bug::kCarryAll)) next.triggers[identity] = owed;
  }
  bool merge_all = true;
  for (const TriggerTerms& trigger : terms_) {
    Owed& owed = next.triggers[trigger.identity];
    const Owed& working = owed_.at(trigger.identity);
    owed = working;
    owed.label = trigger.label;
    owed.open = working.open ? merge(*working.open, added) : added;
    if (planted(Bug::kCarryAll)) owed = {.label = trigger.label, .open = added};
    merge_all = merge_all && trigger.merge_pending;
  }
  if (!merge_all) WEIR_RETURN_IF_ERROR(cut_unmerged(next));
  pending_ = next;
  return next;
}

// mergePending: false cuts each due transaction in the entry itself, until the last committed one
// is full.
Status Ledger::cut_unmerged(Entry& next) const {
  const auto encoded = encode(next);
  if (!encoded || encoded->size() >= kEntryBytesMerge) return {};
  for (const TriggerTerms& trigger : terms_) {
    Owed& owed = next.triggers[trigger.identity];
    if (trigger.merge_pending || !trigger.enabled || !owed.open->due) continue;
    if (cut_in(base_, trigger.identity) >= kCutMaxUnmerged) continue;
    if (owed.cut.size() >= kCutMaxUnmerged) continue;
    owed.cut.push_back(*std::exchange(owed.open, std::nullopt));
  }
  return {};
}

void Ledger::release() {
  WEIR_CHECK(pending_.has_value());
  const std::uint64_t n = pending_->n;
  for (auto& [identity, carried] : pending_->triggers) {
    Owed& live = owed_[identity];
    std::vector<Window> cut;
    for (const Window& window : carried.cut) {
      // Deliveries and parking went on meanwhile; cuts did not (no_cut_in_commit).
      const Window* still = find_cut(key_of(identity, window));
      if (still != nullptr) {
        cut.push_back(*still);
      } else if (window.through == n) {
        cut.push_back(window);
      }
    }
    live.label = carried.label;
    live.cut = std::move(cut);
    live.open = carried.open;
  }
  std::vector<TableRef> tables = std::move(base_.tables);
  base_ = *std::exchange(pending_, std::nullopt);
  base_.tables = std::move(tables);  // what adopt() added meanwhile stands behind what was composed
  std::erase_if(owed_, [&](const auto& item) {
    return item.second.cut.empty() && !item.second.open && terms(item.first) == nullptr;
  });
  note_full();
  std::erase_if(discards_, [&](const RequestKey& key) { return !carries_request(key); });
  for (KnownMark& known : marks_) {
    if (!known.left && known.mark.through <= n &&
        !carries({known.mark.trigger, known.mark.after, known.mark.through})) {
      known.left = n;
    }
  }
}

bool Ledger::wants_empty_commit() const {
  if (pending_) return false;
  if (!discards_.empty()) return true;
  return std::any_of(terms_.begin(), terms_.end(), [&](const TriggerTerms& trigger) {
    if (!trigger.enabled || !full(trigger)) return false;
    const std::optional<Window>& open = owed_.at(trigger.identity).open;
    return open && open->due && !owes_requests(trigger);
  });
}

// --- cutting and attempts ---

// A window is cut when it is due, its trigger has no other request (in flight, waiting or parked:
// hold_when_parked), no commit is under way (no_cut_in_commit) and the entry is not full
// (no_cut_when_full). Timers are the caller's.
bool Ledger::may_cut(const TriggerTerms& trigger) const {
  const bool committing = pending_ && !planted(Bug::kNoCutInCommit);
  if (committing || full(trigger) || !trigger.enabled || owes_requests(trigger)) return false;
  const std::optional<Window>& open = owed_.at(trigger.identity).open;
  return open && open->due;
}

std::optional<RequestKey> Ledger::next_cut(const TriggerTerms& trigger) const {
  for (const std::string& identity : identities_of(trigger)) {
    const auto found = owed_.find(identity);
    if (found == owed_.end()) continue;
    for (const Window& window : found->second.cut) {
      if (!window.parked) return key_of(identity, window);
    }
  }
  return std::nullopt;
}

const Ready* Ledger::next_redelivery(const TriggerTerms& trigger) const {
  for (const Ready& ready : redeliveries_) {
    if (terms(ready.key.trigger) == &trigger) return &ready;
  }
  return nullptr;
}

std::optional<Timestamp> Ledger::held_until(const TriggerTerms& trigger, Timestamp now) const {
  const auto last = last_delivery_.find(trigger.identity);
  if (!trigger.interval || last == last_delivery_.end()) return std::nullopt;
  // A clock that was set back must not hold a request for longer than its interval.
  const Timestamp until = std::min(last->second, now) + *trigger.interval;
  return until > now ? std::optional(until) : std::nullopt;
}

Ready Ledger::start(const TriggerTerms& trigger, Ready ready) {
  flight_[trigger.identity] = {ready.key, ready.window, ready.label, ready.redelivery};
  return ready;
}

std::optional<Ready> Ledger::start_next(const TriggerTerms& trigger, Timestamp now) {
  if (const Ready* again = next_redelivery(trigger)) {
    Ready ready = *again;
    std::erase_if(redeliveries_, [&](const Ready& other) { return other.key == ready.key; });
    return start(trigger, std::move(ready));
  }
  if (const auto last = last_delivery_.find(trigger.identity); last != last_delivery_.end()) {
    last->second = std::min(last->second, now);
  }
  if (held_until(trigger, now)) return std::nullopt;
  if (may_cut(trigger)) {
    Owed& owed = owed_.at(trigger.identity);
    owed.cut.push_back(*std::exchange(owed.open, std::nullopt));
  }
  const std::optional<RequestKey> key = next_cut(trigger);
  if (!key) return std::nullopt;
  return start(trigger,
               {*key, *find_cut(*key), owed_.at(key->trigger).label, /*redelivery=*/false, {}});
}

std::vector<Ready> Ledger::take_ready(Timestamp now) {
  std::vector<Ready> out;
  for (const TriggerTerms& trigger : terms_) {
    const bool busy = flight_.count(trigger.identity) != 0 && !planted(Bug::kTwoInFlight);
    if (!trigger.enabled || busy) continue;
    if (auto ready = start_next(trigger, now)) out.push_back(*std::move(ready));
  }
  return out;
}

std::optional<Timestamp> Ledger::next_wake(Timestamp now) const {
  std::optional<Timestamp> out;
  for (const TriggerTerms& trigger : terms_) {
    if (!trigger.enabled || flight_.count(trigger.identity) != 0) continue;
    std::optional<Timestamp> at;
    if (next_redelivery(trigger) != nullptr) {
      at = now;
    } else if (next_cut(trigger) || may_cut(trigger)) {
      at = held_until(trigger, now).value_or(now);
    }
    if (at && (!out || *at < *out)) out = at;
  }
  return out;
}

bool Ledger::inline_owed(Timestamp now) const {
  return std::any_of(terms_.begin(), terms_.end(), [&](const TriggerTerms& trigger) {
    if (planted(Bug::kInlineIsNotAwaited)) return false;
    const bool awaited = trigger.inline_delivery || planted(Bug::kBackgroundIsAwaited);
    if (!trigger.enabled || !awaited) return false;
    if (!next_cut(trigger) && !may_cut(trigger)) return false;
    return flight_.count(trigger.identity) != 0 || !held_until(trigger, now);
  });
}

// --- outcomes ---

std::optional<Ledger::Flight> Ledger::land(const RequestKey& key) {
  for (auto at = flight_.begin(); at != flight_.end(); ++at) {
    if (at->second.key != key) continue;
    Flight out = std::move(at->second);
    flight_.erase(at);
    return out;
  }
  return std::nullopt;
}

Mark Ledger::remember(Mark mark) {
  std::erase_if(marks_, [&](const KnownMark& known) {
    return known.mark.trigger == mark.trigger && known.mark.after == mark.after &&
           known.mark.through == mark.through && known.mark.tid == mark.tid;
  });
  marks_.push_back({mark, std::nullopt, false});
  // Of a redelivery the range left the entry long ago.
  if (!carries({mark.trigger, mark.after, mark.through})) marks_.back().left = base_.n;
  return mark;
}

Mark Ledger::delivered(const RequestKey& key, Timestamp now) {
  const std::optional<Flight> flight = land(key);
  WEIR_CHECK(flight.has_value());
  std::erase_if(owed_[key.trigger].cut, [&](const Window& w) { return same_range(w, key); });
  if (const TriggerTerms* trigger = terms(key.trigger)) last_delivery_[trigger->identity] = now;
  return remember({.trigger = key.trigger,
                   .after = key.after,
                   .through = key.through,
                   .tid = flight->window.tid(),
                   .at = now,
                   .discarded = false});
}

void Ledger::parked(const RequestKey& key) {
  land(key);
  if (Window* window = find_cut(key)) window->parked = true;
}

void Ledger::aborted(const RequestKey& key) {
  std::optional<Flight> flight = land(key);
  if (!flight || !flight->redelivery) return;
  redeliveries_.push_back({key, std::move(flight->window), std::move(flight->label), true, {}});
}

Status Ledger::can_discard(const RequestKey& key) const {
  const auto found = owed_.find(key.trigger);
  if (found == owed_.end()) return error(Code::kNotFound, "nothing is owed under this request id");
  const Owed& owed = found->second;
  if (std::any_of(owed.cut.begin(), owed.cut.end(),
                  [&](const Window& w) { return same_range(w, key); })) {
    return {};
  }
  if (!owed.open || !owed.open->due || !same_range(*owed.open, key)) {
    return error(Code::kNotFound, "nothing is owed under this request id");
  }
  if (pending_) {
    return error(Code::kUnavailable,
                 "a commit that carries this window is under way: say it again in a moment");
  }
  if (const TriggerTerms* trigger = terms(key.trigger); trigger != nullptr && full(*trigger)) {
    return error(
        Code::kUnavailable,
        "{} owes {} earlier requests: discard or deliver these first, this window is not a "
        "request of its own yet",
        trigger->label, owed.cut.size());
  }
  return {};
}

Mark Ledger::discarded(const RequestKey& key, Timestamp now) {
  WEIR_CHECK(can_discard(key).has_value());
  Owed& owed = owed_.at(key.trigger);
  Tid tid;
  if (const Window* window = find_cut(key)) {
    tid = window->tid();
    std::erase_if(owed.cut, [&](const Window& w) { return same_range(w, key); });
  } else {
    tid = std::exchange(owed.open, std::nullopt)->tid();
  }
  std::erase_if(redeliveries_, [&](const Ready& ready) { return ready.key == key; });
  if (carries_request(key) || pending_) discards_.insert(key);
  return remember({.trigger = key.trigger,
                   .after = key.after,
                   .through = key.through,
                   .tid = tid,
                   .at = now,
                   .discarded = true});
}

Status Ledger::redeliver(const RequestKey& key, std::optional<Window> facts, std::string label) {
  const TriggerTerms* trigger = terms(key.trigger);
  if (trigger == nullptr) {
    return error(
        Code::kInvalid,
        "the trigger of this request is not in the catalog, and it is never sent to another "
        "address: put the trigger back, or discard the request");
  }
  if (Window* window = find_cut(key)) {
    window->parked = false;
    return {};
  }
  const auto same = [&](const Ready& ready) { return ready.key == key; };
  const auto flight = flight_.find(trigger->identity);
  if (flight != flight_.end() && flight->second.key == key) return {};
  if (std::any_of(redeliveries_.begin(), redeliveries_.end(), same)) return {};
  if (!facts || !same_range(*facts, key)) {
    return error(Code::kNotFound, "this request is neither owed nor in the history any more");
  }
  if (redeliveries_.size() >= kRedeliveriesMax) {
    return error(Code::kLimit, "{} requests wait to be sent again already", kRedeliveriesMax);
  }
  if (label.empty()) label = trigger->label;
  redeliveries_.push_back({key, *std::move(facts), std::move(label), true, {}});
  return {};
}

Window Ledger::adopt(const Window& facts, const std::vector<TableRef>& tables) {
  return renumbered(facts, places_in(base_.tables, tables));
}

std::vector<Mark> Ledger::take_prunable() {
  constexpr std::uint64_t kCommits = 2;
  std::map<std::string, Timestamp> newest, newest_delivery;
  for (const KnownMark& known : marks_) {
    const Mark& mark = known.mark;
    Timestamp& at = newest.try_emplace(mark.trigger, mark.at).first->second;
    at = std::max(at, mark.at);
    if (mark.discarded) continue;
    Timestamp& delivery = newest_delivery.try_emplace(mark.trigger, mark.at).first->second;
    delivery = std::max(delivery, mark.at);
  }
  std::vector<Mark> out;
  std::erase_if(marks_, [&](const KnownMark& known) {
    const Mark& mark = known.mark;
    if (!known.left || base_.n < *known.left + kCommits) return false;
    if (mark.at == newest.at(mark.trigger)) return false;
    if (!mark.discarded && mark.at == newest_delivery.at(mark.trigger)) return false;
    out.push_back(mark);
    return true;
  });
  return out;
}

// --- looking ---

std::vector<Mark> Ledger::discards_pending() const {
  std::vector<Mark> out;
  for (const KnownMark& known : marks_) {
    const Mark& mark = known.mark;
    const bool waits = mark.discarded && discard_pending({mark.trigger, mark.after, mark.through});
    if (waits) out.push_back(mark);
  }
  return out;
}

bool Ledger::anything_owed() const {
  if (!redeliveries_.empty() || !flight_.empty()) return true;
  return std::any_of(owed_.begin(), owed_.end(), [](const auto& item) {
    return !item.second.cut.empty() || (item.second.open && item.second.open->due);
  });
}

const TriggerTerms* Ledger::terms(std::string_view identity) const {
  const auto served = former_.find(std::string(identity));
  const std::string_view own =
      served == former_.end() ? identity : std::string_view(served->second);
  for (const TriggerTerms& trigger : terms_) {
    if (trigger.identity == own) return &trigger;
  }
  return nullptr;
}

bool Ledger::in_flight(std::string_view identity) const {
  const TriggerTerms* trigger = terms(identity);
  return trigger != nullptr && flight_.count(trigger->identity) != 0;
}

std::string Ledger::former_of(const TriggerTerms& trigger) const {
  const auto found = former_.find(trigger.former_identity);
  return found != former_.end() && found->second == trigger.identity ? found->first : std::string();
}

// In the order in which their requests came to be.
std::vector<std::string> Ledger::identities_of(const TriggerTerms& trigger) const {
  std::vector<std::string> out;
  if (std::string former = former_of(trigger); !former.empty()) out.push_back(std::move(former));
  out.push_back(trigger.identity);
  return out;
}

Window* Ledger::find_cut(const RequestKey& key) {
  const auto found = owed_.find(key.trigger);
  if (found == owed_.end()) return nullptr;
  for (Window& window : found->second.cut) {
    if (same_range(window, key)) return &window;
  }
  return nullptr;
}

bool Ledger::owes_requests(const TriggerTerms& trigger) const {
  for (const std::string& identity : identities_of(trigger)) {
    const auto found = owed_.find(identity);
    if (found == owed_.end()) continue;
    const auto counts = [](const Window& w) { return !w.parked || !planted(Bug::kHoldWhenParked); };
    const auto& cut = found->second.cut;
    if (std::any_of(cut.begin(), cut.end(), counts)) return true;
  }
  return false;
}

bool Ledger::carries_request(const RequestKey& key) const {
  const auto found = base_.triggers.find(key.trigger);
  if (found == base_.triggers.end()) return false;
  const Owed& owed = found->second;
  if (owed.open && same_range(*owed.open, key)) return true;
  return std::any_of(owed.cut.begin(), owed.cut.end(),
                     [&](const Window& w) { return same_range(w, key); });
}

bool Ledger::carries(const RequestKey& key) const {
  const auto found = base_.triggers.find(key.trigger);
  if (found == base_.triggers.end()) return false;
  const Owed& owed = found->second;
  if (owed.open && within(*owed.open, key.after, key.through)) return true;
  return std::any_of(owed.cut.begin(), owed.cut.end(),
                     [&](const Window& w) { return within(w, key.after, key.through); });
}

}  // namespace weir::delivery
