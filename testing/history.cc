#include "testing/history.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/check.h"
#include "delivery/identity.h"
#include "delivery/window.h"
#include "json/events.h"
#include "json/number.h"
#include "protocol/checkpoint.h"
#include "trigger/terms.h"

namespace weir::testing {
namespace {

constexpr std::size_t kFindingsMax = 20;
// Protocol, "Windows": two records per trigger, and one more for each opening, up to nine.
constexpr std::size_t kOwedMax = 9;
constexpr std::size_t kOwedMaxUnmerged = 65;

std::uint64_t number(const json::Value& value, std::string_view name) {
  const json::Value* found = value.find(name);
  return found == nullptr || !found->is_number()
             ? 0
             : json::to_uint64(found->number_text()).value_or(0);
}

std::string text(const json::Value& value, std::string_view name) {
  const json::Value* found = value.find(name);
  return found == nullptr || !found->is_string() ? "" : std::string(found->as_string());
}

bool flag(const json::Value& value, std::string_view name) {
  const json::Value* found = value.find(name);
  return found != nullptr && found->is_bool() && found->as_bool();
}

std::int64_t integer_behind(std::string_view document, std::string_view name) {
  const auto at = document.find(name);
  if (at == std::string_view::npos) return 0;
  const char* begin = document.data() + at + name.size();
  std::int64_t out = 0;
  std::from_chars(begin, document.data() + document.size(), out);
  return out;
}

// Bodies of the simulator's catalogs end with "docs":[1,2].
std::optional<std::uint64_t> documents_in(std::string_view body) {
  constexpr std::string_view kName = "\"docs\":[";
  auto at = body.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  std::uint64_t sum = 0;
  for (at += kName.size(); at < body.size() && body[at] != ']';) {
    std::uint64_t one = 0;
    const auto [end, problem] = std::from_chars(body.data() + at, body.data() + body.size(), one);
    if (problem != std::errc()) return std::nullopt;
    sum += one;
    at = static_cast<std::size_t>(end - body.data());
    if (at < body.size() && body[at] == ',') ++at;
  }
  return sum;
}

}  // namespace

std::string_view name_of(Judge judge) {
  switch (judge) {
    case Judge::kRows: return "Rows";
    case Judge::kLost: return "Lost";
    case Judge::kPhantom: return "Phantom";
    case Judge::kWords: return "Words";
    case Judge::kGapless: return "Gapless";
    case Judge::kBounded: return "Bounded";
    case Judge::kOrder: return "Order";
    case Judge::kSecrets: return "Secrets";
    case Judge::kLive: return "Live";
    case Judge::kEarly: return "Early";
    case Judge::kState: return "State";
    case Judge::kInline: return "Inline";
    case Judge::kIsolated: return "Isolated";
    case Judge::kFacts: return "Facts";
    case Judge::kContract: return "Contract";
  }
  return "?";
}

void History::report(Judge judge, std::string words) {
  if (findings_.size() < kFindingsMax) findings_.push_back({judge, std::move(words)});
}

int History::add_catalog(const catalog::BuiltMaterialization& built) {
  Catalog out;
  for (const catalog::Trigger& trigger : built.triggers) {
    const bool fails = trigger.on_exhausted == catalog::OnExhausted::kFailTask;
    catalog::Trigger unnamed = trigger;
    unnamed.name.clear();
    Trigger one{.url = std::string(trigger.url.reveal()),
                .label = trigger::label_of(trigger),
                .former_label = trigger::label_of(unnamed),
                .enabled = trigger.enabled,
                .awaited = trigger.enabled && fails && !trigger.interval &&
                           trigger.delivery == catalog::DeliveryMode::kInline,
                .discards = trigger.on_exhausted == catalog::OnExhausted::kDiscard,
                .unmerged = !trigger.merge_pending};
    unmerged_ = unmerged_ || one.unmerged;
    if (one.discards) gives_up_.insert(one.url);
    out.triggers[one.url] = std::move(one);
  }
  catalogs_.push_back(std::move(out));
  return static_cast<int>(catalogs_.size()) - 1;
}

const History::Trigger* History::trigger_of(int commit, const std::string& url) const {
  const Catalog& catalog =
      catalogs_[static_cast<std::size_t>(commits_[static_cast<std::size_t>(commit)].catalog)];
  const auto found = catalog.triggers.find(url);
  return found == catalog.triggers.end() ? nullptr : &found->second;
}

// ------------------------------------------------------------------------------------------------
// commits

// Of each source: how far it was read; returns how many documents that is beyond the parent's.
std::uint64_t History::read_positions(const std::string& checkpoint, Commit& commit) {
  const auto decoded = protocol::decode_checkpoint(checkpoint);
  WEIR_CHECK(decoded.has_value());
  std::uint64_t documents = 0;
  for (const auto& [key, source] : decoded->sources) {
    commit.positions[key] = source.read_through;
    std::int64_t before = 0;
    if (commit.parent >= 0) {
      const auto& positions = commits_[static_cast<std::size_t>(commit.parent)].positions;
      const auto found = positions.find(key);
      if (found != positions.end()) before = found->second;
    }
    const std::string journal = key.substr(0, key.rfind(';'));
    documents += journals_.documents_before(journal, source.read_through) -
                 journals_.documents_before(journal, std::min(before, source.read_through));
    if (source.read_through < before) {
      report(Judge::kOrder, fmt::format("transaction {} goes back in {}", commit.n, key));
    }
  }
  return documents;
}

void History::judge_order(const Commit& commit) {
  const Commit* parent =
      commit.parent < 0 ? nullptr : &commits_[static_cast<std::size_t>(commit.parent)];
  if (commit.n != (parent == nullptr ? 0 : parent->n) + 1) {
    report(Judge::kOrder,
           fmt::format("transaction {} follows {}", commit.n, parent == nullptr ? 0 : parent->n));
  }
  if (parent != nullptr && commit.last_run_id <= parent->last_run_id) {
    report(Judge::kOrder, fmt::format("the run id of transaction {} does not rise", commit.n));
  }
}

void History::judge_bounds(const json::Value& owed, const std::string& label,
                           std::size_t openings) {
  const json::Value* cut = owed.find("cut");
  const json::Value* open = owed.find("open");
  const std::size_t records =
      (cut == nullptr ? 0 : cut->size()) + (open != nullptr && open->is_object() ? 1 : 0);
  const std::size_t bound =
      unmerged_ ? kOwedMaxUnmerged : std::min(kOwedMax, 1 + std::max<std::size_t>(1, openings));
  if (records > bound) {
    report(Judge::kBounded,
           fmt::format("{} owes {} records after {} openings", label, records, openings));
  }
}

void History::read_entry(const json::Value& entry, std::size_t openings, Commit& commit,
                         int index) {
  by_tid_.emplace(std::pair(text(entry, "session"), commit.n), index);
  const json::Value* triggers = entry.find("triggers");
  if (triggers == nullptr || !triggers->is_object()) return;
  for (const json::Member& member : triggers->members()) {
    const std::string identity(member.name);
    const std::string label = text(member.value, "label");
    judge_bounds(member.value, label, openings);
    const auto learn = [&](const json::Value& window) {
      Known known;
      known.after = number(window, "after");
      known.through = number(window, "through");
      known.label = label;
      const std::string session = text(window, "session");
      const auto tid = by_tid_.find({session, known.through});
      if (tid == by_tid_.end()) return;
      known.commit = tid->second;
      known_.emplace(delivery::request_id("shop/tables", identity, {session, known.through},
                                          known.after, known.through),
                     known);
    };
    const json::Value* cut = member.value.find("cut");
    if (cut != nullptr && cut->is_array()) {
      for (const json::Value& window : cut->items()) {
        learn(window);
        if (flag(window, "parked")) commit.parked.insert(label);
      }
      if (cut->size() >= delivery::kCutMax) commit.parked.insert(label);
    }
    const json::Value* open = member.value.find("open");
    if (open != nullptr && open->is_object()) learn(*open);
  }
}

void History::committed(const std::string& checkpoint, std::int64_t pid, std::size_t openings,
                        std::vector<std::uint64_t> staged) {
  const auto decoded = protocol::decode_checkpoint(checkpoint);
  WEIR_CHECK(decoded.has_value());
  const auto found = decoded->ack_intents.find(std::string(delivery::kEntryKey));
  if (found == decoded->ack_intents.end()) return;
  if (found->second.size() > delivery::kEntryBytesMax)
    report(Judge::kBounded, "the entry is larger than it may be");
  const auto entry = json::parse_tree(found->second, json::Duplicates::kLastWins);
  WEIR_CHECK(entry.has_value());
  Commit commit;
  commit.n = number(entry->root, "n");
  commit.parent = head_;
  commit.catalog = catalog_of_.at(pid);
  commit.last_run_id = static_cast<std::int64_t>(number(entry->root, "last_run_id"));
  commit.staged = std::move(staged);
  commit.documents = read_positions(checkpoint, commit);
  judge_order(commit);
  head_ = static_cast<int>(commits_.size());
  read_entry(entry->root, openings, commit, head_);
  commits_.push_back(std::move(commit));
  for (auto at = early_.begin(); at != early_.end();) {
    const auto known = known_.find(at->second);
    if (known != known_.end()) done(at->first, at->second, known->second);
    at = known == known_.end() ? std::next(at) : early_.erase(at);
  }
  judge_inline(commits_.back());
}

void History::restored(const std::string& checkpoint) {
  head_ = -1;
  const auto decoded = protocol::decode_checkpoint(checkpoint);
  if (!decoded) return;
  const auto found = decoded->ack_intents.find(std::string(delivery::kEntryKey));
  if (found == decoded->ack_intents.end()) return;
  const auto entry = json::parse_tree(found->second, json::Duplicates::kLastWins);
  WEIR_CHECK(entry.has_value());
  const auto tid = by_tid_.find({text(entry->root, "session"), number(entry->root, "n")});
  if (tid != by_tid_.end()) head_ = tid->second;
}

bool History::read_to_end(const std::string& journal) const {
  const std::size_t all =
      journals_.documents_before(journal, std::numeric_limits<std::int64_t>::max());
  if (all == 0) return true;
  if (head_ < 0) return false;
  const auto& positions = commits_[static_cast<std::size_t>(head_)].positions;
  return std::any_of(positions.begin(), positions.end(), [&](const auto& position) {
    return position.first.rfind(journal + ";", 0) == 0 &&
           journals_.documents_before(journal, position.second) == all;
  });
}

// No row of a transaction is stored before the inline requests of the one before are through, but
// for those that are held behind a parked one.
void History::judge_inline(const Commit& commit) {
  if (commit.parent < 0) return;
  const Commit& parent = commits_[static_cast<std::size_t>(commit.parent)];
  if (parent.documents == 0) return;
  const Catalog& catalog = catalogs_[static_cast<std::size_t>(commit.catalog)];
  for (const auto& [url, trigger] : catalog.triggers) {
    const bool held =
        parent.parked.count(trigger.label) + parent.parked.count(trigger.former_label);
    if (!trigger.awaited || held) continue;
    const Trigger* before = trigger_of(commit.parent, url);
    if (before == nullptr || before->label != trigger.label) continue;
    if (satisfied(url, commit.parent)) continue;
    report(Judge::kInline, fmt::format("transaction {} is committed before {} was told of {}",
                                       commit.n, trigger.label, parent.n));
  }
}

// ------------------------------------------------------------------------------------------------
// requests

bool History::ancestor(int older, int younger) const {
  while (younger > older) younger = commits_[static_cast<std::size_t>(younger)].parent;
  return younger == older;
}

std::vector<int> History::chain() const {
  std::vector<int> out;
  for (int at = head_; at >= 0; at = commits_[static_cast<std::size_t>(at)].parent)
    out.push_back(at);
  std::reverse(out.begin(), out.end());
  return out;
}

bool History::satisfied(const std::string& url, int commit) const {
  return done_.count({url, commit}) != 0 || gives_up_.count(url) != 0;
}

void History::seen(const SeenRequest& request,
                   const std::function<bool(std::uint64_t)>& still_staged) {
  ++requests_;
  const std::string id = request.header("webhook-id");
  const auto [words, fresh] = words_.try_emplace(request.header("Idempotency-Key"),
                                                 request.method + request.url + request.body);
  if (!fresh && words->second != request.method + request.url + request.body) {
    report(Judge::kWords, fmt::format("{} was sent as {} and as {}", words->first, words->second,
                                      request.url + request.body));
  }
  const auto known = known_.find(id);
  if (known == known_.end()) {
    report(Judge::kPhantom,
           fmt::format("{} got {}, of no committed window", request.url, request.body));
    return;
  }
  const Known& window = known->second;
  const Commit& commit = commits_[static_cast<std::size_t>(window.commit)];
  for (const std::uint64_t batch : commit.staged) {
    if (!still_staged(batch)) continue;
    report(Judge::kEarly, fmt::format("{} was told of ({}, {}] before its rows could be seen",
                                      request.url, window.after, window.through));
  }
  if (const auto documents = documents_in(request.body)) {
    std::uint64_t want = 0;
    for (int at = window.commit; at >= 0; at = commits_[static_cast<std::size_t>(at)].parent) {
      if (commits_[static_cast<std::size_t>(at)].n <= window.after) break;
      want += commits_[static_cast<std::size_t>(at)].documents;
    }
    if (*documents != want) {
      report(Judge::kFacts, fmt::format("({}, {}] had {} documents, but was told as {}",
                                        window.after, window.through, want, request.body));
    }
  }
  auto& told = told_[request.url];
  const auto same = [&](const Told& one) { return one.id == id; };
  if (std::any_of(told.begin(), told.end(), same)) return;
  for (const Told& one : told) {
    const bool apart = one.window.through <= window.after || window.through <= one.window.after;
    const auto [older, younger] = std::minmax(one.window.commit, window.commit);
    // After a restored backup a range may begin anew where another branch went on.
    if (apart || !ancestor(older, younger) || !ancestor(younger, head_)) continue;
    report(Judge::kGapless,
           fmt::format("{} got ({}, {}] and ({}, {}]", request.url, one.window.after,
                       one.window.through, window.after, window.through));
  }
  told.push_back({id, window});
}

void History::accepted(const SeenRequest& request) {
  const std::string id = request.header("webhook-id");
  const auto known = known_.find(id);
  if (known == known_.end()) {
    early_.insert({request.url, id});
  } else {
    done(request.url, id, known->second);
  }
}

void History::done(const std::string& url, const std::string& id, const Known& known) {
  for (int at = known.commit; at >= 0; at = commits_[static_cast<std::size_t>(at)].parent) {
    if (commits_[static_cast<std::size_t>(at)].n <= known.after) break;
    done_.insert({url, at});
  }
  for (Told& one : told_[url]) {
    if (one.id == id) one.accepted = true;
  }
}

void History::discarded(const std::string& url, std::uint64_t after, std::uint64_t through) {
  for (const int at : chain()) {
    const std::uint64_t n = commits_[static_cast<std::size_t>(at)].n;
    if (n > after && n <= through) done_.insert({url, at});
  }
}

// ------------------------------------------------------------------------------------------------
// the end

// Ranges that were accepted tile, as long as the trigger was in the catalog and nothing was
// discarded.
void History::judge_gaps(const std::string& url,
                         const std::vector<runtime::PendingStatus>& pending) {
  std::vector<const Told*> ranges;
  for (const Told& one : told_[url]) {
    if (one.accepted && ancestor(one.window.commit, head_)) ranges.push_back(&one);
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const Told* a, const Told* b) { return a->window.after < b->window.after; });
  const std::vector<int> commits = chain();
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    const std::uint64_t from = ranges[i - 1]->window.through;
    const std::uint64_t to = ranges[i]->window.after;
    if (from >= to) continue;
    const bool waits = std::any_of(pending.begin(), pending.end(), [&](const auto& one) {
      return one.after < to && from < one.through;
    });
    bool explained = waits || ranges[i - 1]->window.label != ranges[i]->window.label;
    for (const int at : commits) {
      const std::uint64_t n = commits_[static_cast<std::size_t>(at)].n;
      if (n <= ranges[i - 1]->window.after || n > to + 1) continue;
      const Trigger* trigger = trigger_of(at, url);
      explained = explained || trigger == nullptr || trigger->label != ranges[i]->window.label ||
                  (n > from && n <= to && done_.count({url, at}) != 0);
    }
    if (!explained && gives_up_.count(url) == 0) {
      report(Judge::kGapless, fmt::format("{} got up to {} and then from {}", url, from, to));
    }
  }
}

void History::judge_end(const std::vector<runtime::PendingStatus>& pending) {
  std::set<std::string> urls;
  for (const Catalog& catalog : catalogs_) {
    for (const auto& [url, trigger] : catalog.triggers) urls.insert(url);
  }
  for (const std::string& url : urls) {
    std::set<std::string> labels;
    for (const Catalog& catalog : catalogs_) {
      const auto found = catalog.triggers.find(url);
      if (found != catalog.triggers.end()) labels.insert(found->second.label);
    }
    std::vector<runtime::PendingStatus> owed;
    for (const runtime::PendingStatus& one : pending) {
      if (labels.count(one.trigger) != 0) owed.push_back(one);
    }
    for (const int at : chain()) {
      const Commit& commit = commits_[static_cast<std::size_t>(at)];
      if (commit.documents == 0 || trigger_of(at, url) == nullptr || satisfied(url, at)) continue;
      const bool visible = std::any_of(owed.begin(), owed.end(), [&](const auto& one) {
        return one.after < commit.n && commit.n <= one.through;
      });
      if (!visible) {
        report(Judge::kLost, fmt::format("{} was never told of transaction {}", url, commit.n));
      }
    }
    judge_gaps(url, owed);
  }
}

void History::judge_text(std::string_view where, std::string_view text, std::string_view canary) {
  const auto at = text.find(canary);
  if (at == std::string_view::npos) return;
  const std::size_t begin = at < 60 ? 0 : at - 60;
  report(Judge::kSecrets, fmt::format("{} shows a secret: …{}", where, text.substr(begin, 140)));
}

// ------------------------------------------------------------------------------------------------
// rows

void reduce(std::string_view document, Reduction& into) {
  Reduced& row = into[integer_behind(document, "\"id\":")];
  row.total += integer_behind(document, "\"total\":");
  constexpr std::string_view kName = "\"name\":\"";
  const auto at = document.find(kName);
  if (at == std::string_view::npos) return;
  const auto rest = document.substr(at + kName.size());
  row.last = rest.substr(0, rest.find('"'));
}

}  // namespace weir::testing
