// Books of one task for tests: a ledger with what survives a session (the committed entry and the
// marks), and short texts for what it owes.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "delivery/ledger.h"

namespace weir::delivery::ledger_fixture {

using std::chrono::minutes;
using std::chrono::seconds;

inline Timestamp at(std::int64_t s) {
  return Timestamp(seconds(1'795'366'800 + s));
}
inline const Timestamp kNow = at(0);
inline std::string session(int k) {
  return fmt::format("{:032x}", k);
}
inline TableRef table(const std::string& name) {
  return {.state_key = name, .path = {name}, .collection = "acme/" + name};
}

inline TriggerTerms terms(const std::string& identity) {
  TriggerTerms out;
  out.identity = identity;
  out.label = identity;
  out.words = "1";
  return out;
}

// "(0,1] (1,3]parked open (3,4]due"
inline std::string show(const Ledger& ledger, const std::string& identity) {
  const auto found = ledger.owed().find(identity);
  if (found == ledger.owed().end()) return "nothing";
  std::string out = found->second.orphaned ? "orphaned " : "";
  for (const Window& w : found->second.cut) {
    out += fmt::format("({},{}]{} ", w.after, w.through, w.parked ? "parked" : "");
  }
  if (const auto& open = found->second.open) {
    out += fmt::format("open ({},{}]{} ", open->after, open->through, open->due ? "due" : "");
  }
  if (!out.empty()) out.pop_back();
  return out.empty() ? "nothing" : out;
}

inline std::string show(const std::vector<Ready>& ready) {
  std::string out;
  for (const Ready& r : ready) {
    out += fmt::format("{}{} ({},{}]{}", out.empty() ? "" : " ", r.key.trigger, r.key.after,
                       r.key.through, r.redelivery ? " again" : "");
  }
  return out;
}

// A task's books with what survives a session: the committed entry and the marks.
class Books {
 public:
  explicit Books(std::vector<TriggerTerms> triggers) : triggers_(std::move(triggers)) { open(); }

  Status open() {
    ++sessions_;
    auto recovered = Ledger::recover(entry_, triggers_, known_);
    if (!recovered) return tl::unexpected(recovered.error());
    ledger_ = std::make_unique<Ledger>(*std::move(recovered));
    return {};
  }
  Status open(std::vector<TriggerTerms> triggers) {
    triggers_ = std::move(triggers);
    return open();
  }

  void compose(bool touched = true) {
    TransactionFacts facts;
    facts.run_id = facts.started = facts.ended = kNow;
    if (touched) facts.tables = {{.table = 0, .documents = 1, .stored = 1}};
    const auto entry = ledger_->compose(session(sessions_), facts, {}, {table("orders")});
    ASSERT_TRUE(entry.has_value());
    // What is committed went through its bytes.
    const auto bytes = encode(*entry);
    ASSERT_TRUE(bytes.has_value());
    const auto decoded = decode_entry(*bytes);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    ASSERT_EQ(*decoded, *entry);
    composed_ = *entry;
  }
  void commit() {
    entry_ = composed_;
    ledger_->release();
  }
  void transact(bool touched = true) {
    compose(touched);
    commit();
  }
  // The commit took effect, and nobody heard of it.
  void commit_unheard() { entry_ = composed_; }

  std::string start(Timestamp now = kNow) { return show(ledger_->take_ready(now)); }
  void deliver(const std::string& trigger, std::uint64_t after, std::uint64_t through,
               Timestamp now = kNow) {
    known_.marks.push_back(ledger_->delivered({trigger, after, through}, now));
  }
  void discard(const std::string& trigger, std::uint64_t after, std::uint64_t through) {
    known_.marks.push_back(ledger_->discarded({trigger, after, through}, kNow));
  }
  // Unsynced, hence lost with a crash.
  void lose_marks() { known_.marks.clear(); }

  Ledger& operator*() { return *ledger_; }
  Ledger* operator->() { return ledger_.get(); }
  Entry entry_;
  Known known_;

 private:
  std::vector<TriggerTerms> triggers_;
  std::unique_ptr<Ledger> ledger_;
  Entry composed_;
  int sessions_ = 0;
};

// An entry with kCutMax requests, and a window behind them.
inline void fill(Books& books) {
  for (std::size_t i = 0; i < kCutMax; ++i) {
    books.transact();
    ASSERT_TRUE(books.open().has_value());
  }
  books.transact();
}

}  // namespace weir::delivery::ledger_fixture
