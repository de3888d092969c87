#include <algorithm>

#include "protocol/checkpoint.h"
#include "store/keys.h"
#include "testing/sim_run.h"

namespace weir::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kKeys = 6;

}  // namespace

// ------------------------------------------------------------------------------------------------
// steps

bool Simulation::append() {
  const std::uint64_t batches = 1 + random_.below(2);
  for (std::uint64_t i = 0; i < batches; ++i) {
    std::string_view table = "orders";
    if (catalog_.notes && random_.one_in(3)) table = "notes";
    if (catalog_.sales && random_.one_in(3)) table = "sales";
    std::vector<std::string> documents;
    for (std::uint64_t k = 1 + random_.below(3); k > 0; --k) {
      const auto id =
          static_cast<std::int64_t>(random_.below(kKeys)) + static_cast<std::int64_t>(done_ / 8);
      documents.push_back(table == "notes"
                              ? fmt::format(R"({{"id":{},"name":"n{}"}})", id, random_.below(100))
                              : fmt::format(R"({{"id":{},"total":{}}})", id, random_.below(100)));
    }
    world_->append(fmt::format("shop/{}", table), documents);
    say("append to {}: {}", table, fmt::join(documents, " "));
  }
  if (random_.one_in(3)) judge_isolation();
  return true;
}

bool Simulation::turns() {
  const std::uint64_t n = 1 + random_.below(12);
  say("{} turns", n);
  act([&] {
    for (std::uint64_t i = 0; i < n; ++i) {
      world_->turn();
      if (has(Fault::kReceiverHangs) && random_.one_in(6)) (void)release_held();
    }
  });
  return true;
}

bool Simulation::settle() {
  say("settle");
  act([&] { world_->settle(); });
  return true;
}

bool Simulation::wait() {
  constexpr std::array<milliseconds, 7> kWaits = {milliseconds(1), milliseconds(300), seconds(1),
                                                  seconds(4),      seconds(20),       minutes(6),
                                                  minutes(70)};
  const milliseconds by = kWaits[random_.below(kWaits.size())];
  say("wait {} ms", by.count());
  world_->clock().advance(by);
  act([&] { world_->settle(); });
  return true;
}

bool Simulation::start() {
  if (world_->running()) return false;
  const bool take_over = random_.one_in(2);
  say("machine {} starts{}; {}", world_->selected(), take_over ? " and takes over" : "",
      tell_ ? catalog_.describe() : "");
  start_process(take_over);
  return true;
}

// Drains; what does not end in time is killed.
bool Simulation::stop() {
  if (!world_->running()) return false;
  say("stop");
  act([&] {
    world_->freeze(false);
    const std::int64_t life = world_->lives();
    if (!world_->ended()) world_->shard().stop();
    for (int i = 0; i < 25 && !world_->ended(); ++i) {
      world_->settle();
      if (!world_->ended()) world_->clock().advance(seconds(1));
    }
    if (life != world_->lives()) return;
    world_->ended() ? world_->stop() : crash_process();
  });
  return true;
}

bool Simulation::crash() {
  if (!has(Fault::kCrash) || !world_->running()) return false;
  crash_process();
  return true;
}

bool Simulation::arm_death() {
  if (!has(Fault::kDeath) || !world_->running()) return false;
  die_in_ = 1 + static_cast<long>(random_.below(40));
  say("death {} fault points from now", die_in_);
  return true;
}

bool Simulation::commit_fault() {
  std::vector<CommitFault> possible;
  if (has(Fault::kCommitFails))
    possible.insert(possible.end(), {CommitFault::kFails, CommitFault::kLostBeforeApplied});
  if (has(Fault::kCommitAnswerLost)) possible.push_back(CommitFault::kAnswerLost);
  if (has(Fault::kCommitLate)) possible.push_back(CommitFault::kHeld);
  if (possible.empty()) return false;
  const CommitFault fault = possible[random_.below(possible.size())];
  say("the next commit: {}", fault == CommitFault::kFails        ? "fails"
                             : fault == CommitFault::kHeld       ? "late"
                             : fault == CommitFault::kAnswerLost ? "applied, no answer"
                                                                 : "lost");
  world_->server().fail_next_commit(fault);
  return true;
}

bool Simulation::late_commit() {
  if (!has(Fault::kCommitLate)) return false;
  const bool applied = world_->server().complete_held();
  if (applied) say("a late commit is applied");
  return applied;
}

bool Simulation::call_fault() {
  if (has(Fault::kCallFails) && random_.one_in(2)) {
    call_fails_in_ = 1 + static_cast<int>(random_.below(12));
    say("the connector dies before the {}. call from now", call_fails_in_);
    return true;
  }
  if (!has(Fault::kCallAnswerLost)) return false;
  call_lost_in_ = 1 + static_cast<int>(random_.below(6));
  say("the connector dies after the {}. answer from now", call_lost_in_);
  return true;
}

bool Simulation::sicken() {
  const char letter = static_cast<char>('a' + random_.below(3));
  sickness_[letter] = random_.one_in(3) ? 0 : random_.below(17);
  say("receiver {} is sick {}/16", letter, sickness_[letter]);
  return true;
}

bool Simulation::release_held() {
  const auto id = world_->http().oldest_held();
  if (!id) return false;
  const Reply out = healed_ || random_.one_in(2) ? reply(200) : lost();
  const bool good = out.kind == Reply::Kind::kAnswer;
  say("a receiver that hung answers {}", good ? "200" : "nothing");
  if (good) history_->accepted(held_[*id]);
  return world_->http().release(out.answer);
}

bool Simulation::disk_fault() {
  if (has(Fault::kDiskFull) && random_.one_in(2)) {
    const bool full = random_.one_in(2);
    say("the disk {}", full ? "is full" : "has room");
    world_->disk().set_full(full);
    return true;
  }
  if (!has(Fault::kWriteAnswerLost)) return false;
  const std::size_t n = 1 + random_.below(6);
  say("the answer of the {}. write from now is lost", n);
  world_->disk().lose_answer_of_write(n);
  return true;
}

bool Simulation::clock_jump() {
  if (!has(Fault::kClockJumps)) return false;
  constexpr std::array<seconds, 6> kJumps = {seconds(-86'400), seconds(-700), seconds(-1),
                                             seconds(1),       seconds(700),  seconds(86'400)};
  const seconds by = kJumps[random_.below(kJumps.size())];
  say("the clock jumps by {} s", by.count());
  world_->clock().set_wall(world_->clock().now() + by);
  return true;
}

// Freezes the process at work and goes on at the other machine, or lets a frozen one wake up.
bool Simulation::zombie() {
  if (!has(Fault::kZombie) || !holds()) return false;
  if (random_.one_in(3)) {
    const bool frozen = !world_->frozen();
    say("machine {} {}", world_->selected(), frozen ? "freezes" : "wakes up");
    world_->freeze(frozen);
    return true;
  }
  const std::size_t other = 1 - world_->selected();
  say("on to machine {}", other);
  world_->select_machine(other);
  watch(other);
  return true;
}

bool Simulation::restore_store() {
  if (!has(Fault::kStoreRestored)) return false;
  Machine& machine = machines_[world_->selected()];
  if (random_.one_in(2) || world_->running()) {
    say("backup of the store");
    machine.backup = world_->disk().durable();
    return true;
  }
  say("the store is put back, or lost");
  world_->disk().restore(random_.one_in(3) && holds() ? FakeDisk::Rows{} : machine.backup);
  if (holds()) return true;
  rewound_ = true;
  world_->server().set_upserts_only(true);
  const auto found = world_->disk().durable().find(std::string(store::kCheckpoint));
  store_checkpoint_ = found == world_->disk().durable().end() ? "" : found->second;
  history_->restored(store_checkpoint_);
  return true;
}

// With every session of it dead.
bool Simulation::restore_table() {
  if (!has(Fault::kTableRestored) || !holds()) return false;
  if (!has_table_backup_ || random_.one_in(2)) {
    say("backup of the table");
    table_backup_ = world_->server().data();
    return has_table_backup_ = true;
  }
  const std::size_t selected = world_->selected();
  for (const auto& [number, machine] : machines_) {
    world_->select_machine(number);
    if (world_->running()) crash_process();
  }
  world_->select_machine(selected);
  say("the table is put back");
  world_->server().set_data(table_backup_);
  history_->restored(table_backup_.checkpoint.value_or(""));
  return true;
}

bool Simulation::edit() {
  if (!has(Fault::kEdits)) return false;
  edit_catalog(catalog_, random_, has(Fault::kBackfills));
  if (world_->running()) random_.one_in(2) || !has(Fault::kCrash) ? (void)stop() : crash_process();
  if (world_->running()) return true;
  say("the catalog is edited: {}", tell_ ? catalog_.describe() : "");
  machines_[world_->selected()].built = build(catalog_, endpoint_);
  start_process(true);
  return true;
}

bool Simulation::user_word() {
  if (!has(Fault::kUserWords) || !world_->running() || world_->ended()) return false;
  const std::vector<runtime::PendingStatus> pending = world_->status().pending;
  if (pending.empty()) return false;
  const runtime::PendingStatus& one = pending[random_.below(pending.size())];
  runtime::Command command;
  const bool discard = random_.one_in(2);
  command.kind = discard ? runtime::Command::Kind::kDiscard : runtime::Command::Kind::kRedeliver;
  command.trigger = one.identity;
  command.request_id = one.request_id;
  const std::string url = fmt::format("http://{}.test/hook", letter_of(one.trigger));
  command.answer = [this, discard, url, one](const Result<std::string>& said) {
    // Also where nobody knows whether the word was kept.
    const bool kept = said.has_value() || said.error().code == Code::kUnknown;
    if (discard && kept) history_->discarded(url, one.after, one.through);
  };
  say("the user {} {} ({}, {}] of {}", discard ? "discards" : "redelivers", one.request_id,
      one.after, one.through, one.trigger);
  (void)world_->shard().post(std::move(command));
  act([&] { world_->turn(); });
  return true;
}

bool Simulation::step() {
  ++done_;
  const std::uint64_t kind = random_.below(40);
  if (!world_->running() && random_.below(3) > 0) return start();
  if (kind < 10) return append();
  if (kind < 14) return turns();
  if (kind < 17) return settle();
  if (kind < 21) return wait();
  if (kind < 23) return crash();
  if (kind < 25) return arm_death();
  switch (kind) {
    case 25: return stop();
    case 26:
    case 27: return commit_fault();
    case 28: return late_commit();
    case 29: return call_fault();
    case 30: return sicken();
    case 31: return release_held();
    case 32: return disk_fault();
    case 33: return clock_jump();
    case 34: return zombie();
    case 35: return restore_store();
    case 36: return restore_table();
    case 37:
    case 38: return edit();
    default: return user_word();
  }
}

}  // namespace weir::testing
