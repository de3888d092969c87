// Random histories of a small world, and judges that see only what was committed and what receivers
// got. The world has crashes that lose unsynced marks, commits whose answer is lost or that are
// rolled back, a session beside a living one, a destination put back to an earlier commit, parking,
// the user's records, and edits of the spec.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "base/random.h"
#include "delivery/identity.h"
#include "delivery/ledger.h"

namespace weir::delivery {
namespace {

constexpr int kSteps = 300;
const std::vector<TableRef> kTables = {{.state_key = "x", .path = {"x"}, .collection = "c/x"},
                                       {.state_key = "y", .path = {"y"}, .collection = "c/y"}};

struct Faults {
  bool crashes = true;
  bool zombies = false;
  bool rewinds = false;
  bool edits = false;
  bool parks = true;
};

// What a receiver was sent: a range, and what the body tells.
struct Seen {
  Tid tid;
  std::uint64_t after, through;
  std::string body;
};

class World {
 public:
  World(std::uint64_t seed, Faults faults) : random_(seed), faults_(faults) {
    for (int i = 0; i < 3; ++i) {
      TriggerTerms trigger;
      trigger.identity = fmt::format("t{}", i);
      trigger.label = trigger.identity;
      trigger.merge_pending = i != 1;
      if (i == 2) trigger.interval = std::chrono::seconds(50);
      spec_.push_back(trigger);
    }
    all_ = spec_;
    open();
  }

  void run() {
    for (int i = 0; i < kSteps && !::testing::Test::HasFailure(); ++i) step();
    finish();
  }

 private:
  struct Session {
    Ledger ledger;
    std::string id;
    std::optional<Entry> composed;
    std::vector<RequestKey> flights;
  };

  void step() {
    now_ += std::chrono::seconds(random_.below(20));
    Session& session = *sessions_[random_.below(sessions_.size())];
    switch (random_.below(10)) {
      case 0:
      case 1:
      case 2: transact(session); break;
      case 3: compose(session, random_.below(4)); break;
      case 4:
      case 5:
      case 6: start(session); break;
      case 7: settle_one(session); break;
      case 8: fault(); break;
      default: user(session);
    }
    bounded();
  }

  bool rightful(const Session& session) const { return &session == sessions_.back().get(); }

  void transact(Session& session) {
    if (!session.composed) compose(session, random_.below(4));
    if (random_.one_in(3)) start(session);
    if (random_.one_in(3)) settle_one(session);
    if (!rightful(session)) return stop(session);  // refused by the fence
    if (random_.one_in(12) && faults_.crashes) {   // the answer is lost; it may have taken effect
      if (random_.one_in(2)) commit(*session.composed);
      return crash();
    }
    commit(*session.composed);
    session.ledger.release();
    session.composed.reset();
    for (const Mark& mark : session.ledger.take_prunable()) forget(mark);
  }

  void forget(const Mark& mark) {
    for (std::size_t i = 0; i < marks_.size(); ++i) {
      if (!(marks_[i] == mark)) continue;
      marks_.erase(marks_.begin() + static_cast<std::ptrdiff_t>(i));
      if (i < synced_) --synced_;
      return;
    }
  }

  void compose(Session& session, std::uint64_t touched) {
    if (session.composed) return;
    TransactionFacts facts;
    facts.run_id = facts.started = facts.ended = now_;
    for (std::uint32_t i = 0; i < 2; ++i) {
      if ((touched >> i & 1) == 0) continue;
      facts.tables.push_back({.table = i, .documents = ++documents_, .stored = 1});
    }
    auto entry = session.ledger.compose(session.id, facts, {}, kTables);
    ASSERT_TRUE(entry.has_value());
    session.composed = *std::move(entry);
    touched_[session.composed->tid()] = touched != 0;
  }

  void commit(const Entry& entry) {
    past_.push_back(entry_);
    entry_ = entry;
    if (random_.one_in(8)) {  // what is committed is bytes
      const auto bytes = encode(entry);
      ASSERT_TRUE(bytes.has_value());
      const auto decoded = decode_entry(*bytes);
      ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
      ASSERT_EQ(*decoded, entry);
    }
    history_.push_back(entry_.tid());
    ever_.insert(entry_.tid());
    for (const TriggerTerms& trigger : spec_) {
      if (touched_[entry_.tid()]) due_.insert({trigger.identity, entry_.tid()});
    }
  }

  void start(Session& session) {
    for (const Ready& ready : session.ledger.take_ready(now_)) {
      session.flights.push_back(ready.key);
      show(session, ready);
    }
  }

  // A receiver reads the request.
  void show(const Session& session, const Ready& ready) {
    Seen seen{ready.window.tid(), ready.key.after, ready.key.through, ""};
    seen.body = fmt::format("{} {} {}", ready.window.run_id.time_since_epoch().count(),
                            ready.window.ended.time_since_epoch().count(), ready.label);
    for (const TableFacts& facts : ready.window.tables) {
      seen.body += fmt::format(
          " {}={}", session.ledger.committed().tables.at(facts.table).state_key, facts.documents);
    }
    // Phantom: every transaction it tells of was committed, once.
    ASSERT_TRUE(ever_.count(seen.tid) != 0)
        << ready.key.trigger << " tells of a transaction that never was";
    const std::string id = request_id("m", ready.key.trigger, seen.tid, seen.after, seen.through);
    const auto known = bodies_.try_emplace(id, seen.body).first;
    ASSERT_EQ(known->second, seen.body) << "Words: two bodies under " << id;
    if (!lives(seen.tid)) return;
    for (const Seen& other : seen_[ready.key.trigger]) {
      if (!lives(other.tid)) continue;
      const bool same = other.after == seen.after && other.through == seen.through;
      ASSERT_TRUE(same || other.through <= seen.after || seen.through <= other.after)
          << fmt::format("Gapless: {} got ({},{}] and ({},{}]", ready.key.trigger, other.after,
                         other.through, seen.after, seen.through);
    }
    seen_[ready.key.trigger].push_back(seen);
  }

  bool lives(const Tid& tid) const {
    return tid.n >= 1 && tid.n <= history_.size() && history_[tid.n - 1] == tid;
  }

  void settle_one(Session& session) {
    if (session.flights.empty()) return;
    const std::size_t pick = random_.below(session.flights.size());
    const RequestKey key = session.flights[pick];
    session.flights.erase(session.flights.begin() + static_cast<std::ptrdiff_t>(pick));
    const std::uint64_t outcome = random_.below(6);
    if (outcome == 0 && faults_.parks) {
      session.ledger.parked(key);
    } else if (outcome == 1) {
      session.ledger.aborted(key);
    } else {
      accept(session.ledger.delivered(key, now_));
    }
  }

  void accept(const Mark& mark) {
    marks_.push_back(mark);
    cover(mark);
  }
  void cover(const Mark& mark) {
    if (!lives(mark.tid)) return;
    for (std::uint64_t n = mark.after + 1; n <= mark.through; ++n) {
      covered_.insert({mark.trigger, history_[n - 1]});
    }
  }

  void user(Session& session) {
    if (!faults_.parks || session.ledger.owed().empty()) return;
    for (const auto& [identity, owed] : session.ledger.owed()) {
      for (const Window& window : owed.cut) {
        if (!window.parked || !random_.one_in(3)) continue;
        const RequestKey key{identity, window.after, window.through};
        if (random_.one_in(4) && std::find(session.flights.begin(), session.flights.end(), key) ==
                                     session.flights.end()) {
          const Mark mark = session.ledger.discarded(key, now_);
          marks_.push_back(mark);
          synced_ = marks_.size();
          cover(mark);
        } else {
          static_cast<void>(session.ledger.redeliver(key, std::nullopt));
        }
        return;
      }
    }
  }

  void fault() {
    switch (random_.below(5)) {
      case 0:
        if (faults_.crashes) crash();
        break;
      case 1:
        if (faults_.zombies && sessions_.size() < 2) open();
        break;
      case 2:
        if (faults_.rewinds && !past_.empty() && sessions_.size() == 1) rewind();
        break;
      case 3:
        if (faults_.edits && sessions_.size() == 1) edit();
        break;
      default: break;
    }
  }

  void crash() {
    sessions_.clear();
    synced_ = std::min(synced_, marks_.size());
    marks_.resize(synced_ + random_.below(marks_.size() - synced_ + 1));
    synced_ = marks_.size();
    open();
  }

  void rewind() {
    for (int i = 0; i < 6; ++i) {  // so that there are marks of what is then undone
      start(*sessions_.back());
      settle_one(*sessions_.back());
    }
    synced_ = marks_.size();
    sessions_.clear();
    for (auto at = due_.begin(); at != due_.end();) {
      at = at->second == history_.back() ? due_.erase(at) : std::next(at);
    }
    history_.pop_back();
    entry_ = past_.back();
    past_.pop_back();
    open();
    if (!random_.one_in(2)) return;
    transact(*sessions_.back());  // done again, and a crash before anybody hears of it
    crash();
  }

  // A trigger goes, comes back, is switched off or on.
  void edit() {
    std::vector<TriggerTerms> next;
    for (TriggerTerms trigger : all_) {
      if (random_.one_in(4)) continue;
      trigger.enabled = !random_.one_in(4);
      if (trigger.identity == "t1") trigger.merge_pending = random_.one_in(2);
      next.push_back(trigger);
    }
    spec_ = next;
    sessions_.clear();
    open();
  }

  void stop(Session& session) {
    std::erase_if(sessions_, [&](const auto& other) { return other.get() == &session; });
    if (sessions_.empty()) open();
  }

  void open() {
    auto ledger = Ledger::recover(entry_, spec_, {.marks = marks_, .words = {}});
    ASSERT_TRUE(ledger.has_value()) << ledger.error().message;
    sessions_.push_back(std::make_unique<Session>(
        Session{*std::move(ledger), fmt::format("{:032x}", ++serial_), std::nullopt, {}}));
  }

  void bounded() {
    for (const auto& session : sessions_) {
      for (const auto& [identity, owed] : session->ledger.owed()) {
        // An edit that removes a full trigger cuts the window behind its requests as well.
        const bool more = identity == "t1" || faults_.edits;
        const std::size_t most = (more ? kCutMaxUnmerged : kCutMax) + 1;
        ASSERT_LE(owed.cut.size() + (owed.open ? 1 : 0), most) << "Bounded: " << identity;
      }
    }
  }

  // Faults are over: everything gets done.
  void finish() {
    if (::testing::Test::HasFailure()) return;
    sessions_.clear();
    spec_ = all_;
    open();
    Session& session = *sessions_.back();
    for (int round = 0; round < 500; ++round) {
      now_ += std::chrono::seconds(60);
      for (const auto& [identity, owed] : session.ledger.owed()) {
        for (const Window& window : owed.cut) {
          if (window.parked) {
            static_cast<void>(
                session.ledger.redeliver({identity, window.after, window.through}, std::nullopt));
            break;
          }
        }
      }
      for (const Ready& ready : session.ledger.take_ready(now_)) {
        show(session, ready);
        accept(session.ledger.delivered(ready.key, now_));
      }
      if (session.ledger.wants_empty_commit()) {
        compose(session, 0);
        commit(*session.composed);
        session.ledger.release();
        session.composed.reset();
      }
    }
    ASSERT_FALSE(session.ledger.anything_owed()) << "Stuck";
    for (const auto& due : due_) {
      ASSERT_TRUE(covered_.count(due) != 0)
          << "Lost: " << due.first << " was never told of transaction " << due.second.n;
    }
  }

  Random random_;
  const Faults faults_;
  Timestamp now_{std::chrono::seconds(1'795'366'800)};
  std::vector<TriggerTerms> spec_, all_;
  std::vector<std::unique_ptr<Session>> sessions_;  // the last one has the fence
  int serial_ = 0;
  std::uint64_t documents_ = 0;
  // What lasts.
  Entry entry_;
  std::vector<Mark> marks_;
  std::size_t synced_ = 0;
  // What only the judges know.
  std::vector<Entry> past_;
  std::vector<Tid> history_;
  std::set<Tid> ever_;
  std::map<Tid, bool> touched_;
  std::set<std::pair<std::string, Tid>> due_, covered_;
  std::map<std::string, std::vector<Seen>> seen_;
  std::map<std::string, std::string> bodies_;
};

// WEIR_SEEDS=n explores more of them.
void explore(Faults faults) {
  const char* more = std::getenv("WEIR_SEEDS");
  const std::uint64_t seeds = more != nullptr ? std::strtoull(more, nullptr, 10) : 12;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    World(seed, faults).run();
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(LedgerProperty, Crashes) {
  explore({});
}
TEST(LedgerProperty, Zombies) {
  explore({.zombies = true});
}
TEST(LedgerProperty, Rewinds) {
  explore({.rewinds = true});
}
TEST(LedgerProperty, Edits) {
  explore({.edits = true});
}
TEST(LedgerProperty, Everything) {
  explore({.zombies = true, .rewinds = true, .edits = true});
}
TEST(LedgerProperty, NeverParked) {
  explore({.zombies = true, .edits = true, .parks = false});
}

}  // namespace
}  // namespace weir::delivery
