// What a session starts from: the committed entry, the current spec, and what the local store
// knows. The entry decides (destination_decides); the store only subtracts.
#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "base/planted.h"
#include "delivery/ledger.h"

namespace weir::delivery {

namespace {

// Keeps the tables that something refers to, in their order.
void drop_unused_tables(Entry& entry) {
  std::vector<bool> used(entry.tables.size(), false);
  const auto look = [&](const Window& window) {
    for (const TableFacts& facts : window.tables) used.at(facts.table) = true;
  };
  for (const auto& [identity, owed] : entry.triggers) {
    for (const Window& window : owed.cut) look(window);
    if (owed.open) look(*owed.open);
  }
  std::vector<TableRef> kept;
  std::vector<std::uint32_t> to(entry.tables.size(), 0);
  for (std::size_t i = 0; i < entry.tables.size(); ++i) {
    if (used[i]) to[i] = table_index(kept, entry.tables[i]);
  }
  for (auto& [identity, owed] : entry.triggers) {
    for (Window& window : owed.cut) window = renumbered(std::move(window), to);
    if (owed.open) owed.open = renumbered(*std::move(owed.open), to);
  }
  entry.tables = std::move(kept);
}

bool committed_covers(const Entry& entry, const Mark& mark) {
  const auto found = entry.triggers.find(mark.trigger);
  if (found == entry.triggers.end()) return false;
  const auto covered = [&](const Window& window) { return covers(mark, mark.trigger, window); };
  const Owed& owed = found->second;
  return (owed.open && covered(*owed.open)) ||
         std::any_of(owed.cut.begin(), owed.cut.end(), covered);
}

}  // namespace

Result<Ledger> Ledger::recover(Entry base, std::vector<TriggerTerms> triggers, const Known& known) {
  Ledger out;
  out.base_ = std::move(base);
  drop_unused_tables(out.base_);
  out.terms_ = std::move(triggers);
  out.serve_former_names();
  out.note_full();
  for (const TriggerTerms& trigger : out.terms_) out.take_over(trigger);
  out.orphan_the_rest();
  out.forget_marked(known.marks);
  WEIR_RETURN_IF_ERROR(out.check_orphans());
  out.clear_park(known.words);
  out.note_marks(known.marks);
  return out;
}

// Also of those that owe nothing any more: the history can send what they sent once more.
void Ledger::serve_former_names() {
  for (const TriggerTerms& trigger : terms_) {
    const std::string& former = trigger.former_identity;
    if (former.empty()) continue;
    const bool has_owner =
        std::any_of(terms_.begin(), terms_.end(),
                    [&](const TriggerTerms& other) { return other.identity == former; });
    if (!has_owner) former_.try_emplace(former, trigger.identity);
  }
}

// no_cut_when_full. It looks at the entry alone, never at the spec's `mergePending`: whether a
// window may be cut outside of the entry has to be the same for every session that finds this
// entry, whatever was edited in between.
void Ledger::note_full() {
  full_.clear();
  for (const TriggerTerms& trigger : terms_) {
    std::size_t cut = 0;
    for (const std::string& identity : identities_of(trigger)) {
      const auto found = base_.triggers.find(identity);
      if (found != base_.triggers.end()) cut += found->second.cut.size();
    }
    if (cut >= kCutMax && !planted(Bug::kNoCutWhenFull)) full_.insert(trigger.identity);
  }
}

void Ledger::take_over(const TriggerTerms& trigger) {
  Owed mine{.label = trigger.label};
  const auto found = base_.triggers.find(trigger.identity);
  const bool known = found != base_.triggers.end();
  if (known) {
    mine.cut = found->second.cut;
    mine.open = found->second.open;
  }
  const std::string former = former_of(trigger);
  if (const auto found_former = base_.triggers.find(former); found_former != base_.triggers.end()) {
    const Owed& before = found_former->second;
    Owed served{.label = before.label, .cut = before.cut};
    if (before.open && before.open->due && (!full(trigger) || known)) {
      served.cut.push_back(
          *before.open);  // cut_on_open, under the identity it may have been sent with
    } else if (before.open && !known) {
      mine.open = before.open;
    }
    if (!served.cut.empty()) owed_[former] = std::move(served);
  }
  const bool cuts = !planted(Bug::kCutOnOpen);
  if (mine.open && mine.open->due && !full(trigger) && cuts) {  // cut_on_open
    mine.cut.push_back(*std::exchange(mine.open, std::nullopt));
  }
  owed_[trigger.identity] = std::move(mine);
}

// keep_orphans: what a removed trigger owes rests, and is its own again when it returns.
void Ledger::orphan_the_rest() {
  for (const auto& [identity, owed] : base_.triggers) {
    if (terms(identity) != nullptr || planted(Bug::kKeepOrphans)) continue;
    Owed rest{.label = owed.label, .orphaned = true, .cut = owed.cut};
    if (owed.open && owed.open->due) rest.cut.push_back(*owed.open);
    if (!rest.cut.empty()) owed_[identity] = std::move(rest);
  }
}

// mark_per_trigger, tid_in_mark.
void Ledger::forget_marked(const std::vector<Mark>& marks) {
  std::set<std::tuple<std::string, std::uint64_t, std::uint64_t, Tid>> done;
  const auto tid = [](const Tid& full) { return planted(Bug::kTidInMark) ? Tid{} : full; };
  const auto name = [](const std::string& own) {
    return planted(Bug::kMarkPerTrigger) ? std::string() : own;
  };
  for (const Mark& mark : marks)
    done.insert({name(mark.trigger), mark.after, mark.through, tid(mark.tid)});
  for (auto at = owed_.begin(); at != owed_.end();) {
    std::erase_if(at->second.cut, [&](const Window& w) {
      return done.count({name(at->first), w.after, w.through, tid(w.tid())}) != 0;
    });
    const bool rests = at->second.orphaned || former_.count(at->first) != 0;
    at = rests && at->second.cut.empty() ? owed_.erase(at) : std::next(at);
  }
  for (const Mark& mark : marks) {
    if (mark.discarded && committed_covers(base_, mark)) {
      discards_.insert({mark.trigger, mark.after, mark.through});
    }
  }
}

Status Ledger::check_orphans() const {
  std::size_t requests = 0;
  std::string labels;
  for (const auto& [identity, owed] : owed_) {
    if (!owed.orphaned) continue;
    requests += owed.cut.size();
    labels += (labels.empty() ? "" : ", ") + owed.label;
  }
  if (requests <= kOrphanedMax) return {};
  return error(
      Code::kInvalid,
      "triggers that left the catalog owe {} requests, more than the {} that may rest ({}): "
      "put them back, let them deliver (`weir triggers redeliver`), or give their requests up "
      "(`weir triggers discard`) before removing them",
      requests, kOrphanedMax, labels);
}

// Editing a trigger takes its requests out of park. Unknown words leave them there: an operator
// sees them.
void Ledger::clear_park(const std::map<std::string, std::string>& words) {
  for (auto& [identity, owed] : owed_) {
    const TriggerTerms* trigger = terms(identity);
    const auto before = words.find(identity);
    if (trigger == nullptr || before == words.end() || before->second == trigger->words) continue;
    for (Window& window : owed.cut) window.parked = false;
  }
}

void Ledger::note_marks(const std::vector<Mark>& marks) {
  for (const Mark& mark : marks) {
    marks_.push_back({mark, std::nullopt, false});
    const TriggerTerms* trigger = terms(mark.trigger);
    if (mark.discarded || trigger == nullptr) continue;
    const auto at = last_delivery_.try_emplace(trigger->identity, mark.at).first;
    at->second = std::max(at->second, mark.at);
  }
}

}  // namespace weir::delivery
