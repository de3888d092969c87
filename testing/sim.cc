#include <algorithm>

#include "base/fault.h"
#include "base/log.h"
#include "json/events.h"
#include "json/number.h"
#include "store/keys.h"
#include "testing/sim_run.h"

namespace weir::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

void on_point(void* context, std::string_view) {
  long& die_in = *static_cast<long*>(context);
  if (die_in > 0 && --die_in == 0) throw Death{};
}

}  // namespace

char letter_of(const std::string& label) {
  const auto origin = label.find("//");
  return label[origin == std::string::npos ? 0 : origin + 2];
}

// ------------------------------------------------------------------------------------------------
// the setting

Simulation::Simulation(std::uint64_t seed, const SimProfile& profile, bool tell)
    : seed_(seed), tell_(tell), random_(seed) {
  draw_setting(profile);
  world_ = std::make_unique<World>(
      WorldOptions{.endpoint = endpoint_, .folder = "", .seed = random_.next()});
  history_ = std::make_unique<History>(world_->journals());
  world_->journals().set_batch(1 + random_.below(3));
  world_->set_receiver([this](const SeenRequest& request) { return answer(request); });
  world_->server().set_before_call([this](std::string_view call) { return before_call(call); });
  world_->server().set_after_call([this](std::string_view call) { return after_call(call); });
  world_->server().set_on_commit([this](const std::string& checkpoint, std::int64_t pid) {
    history_->committed(checkpoint, pid, world_->server().openings());
  });
  watch(0);
  set_log_level(random_.one_in(8) ? LogLevel::kInfo : LogLevel::kWarn);
  set_log_sink([this](std::string_view line) { log_.append(line).append("\n"); });
}

Simulation::~Simulation() {
#ifdef WEIR_FAULT_POINTS
  set_fault_handler(nullptr, nullptr);
#endif
  for (const auto& [number, machine] : machines_) {
    world_->select_machine(number);
    world_->disk().set_on_durable(nullptr);
  }
  world_.reset();
  set_log_sink(nullptr);
}

void Simulation::draw_setting(const SimProfile& profile) {
  constexpr std::array kEndpoints = {Endpoint::kFakeA,    Endpoint::kFakeA, Endpoint::kFakeLate,
                                     Endpoint::kFakeLate, Endpoint::kFakeB, Endpoint::kFakeP};
  endpoint_ = kEndpoints[random_.below(kEndpoints.size())];
  if (profile.endpoint) endpoint_ = *profile.endpoint;
  const std::uint64_t share = 2 + random_.below(4);
  for (bool& fault : faults_) fault = random_.one_in(share);
  if (profile.faults) {
    faults_.fill(false);
    for (const Fault fault : *profile.faults) faults_[static_cast<std::size_t>(fault)] = true;
  }
  catalog_ = draw_catalog(random_);
  for (const char letter : {'a', 'b', 'c'}) sickness_[letter] = random_.below(17);
  steps_max_ = 5 + random_.below(static_cast<std::uint64_t>(profile.steps));
}

std::string Simulation::put_together() const {
  std::string out = fmt::format("{};", name_of(endpoint_));
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    if (faults_[i]) out += fmt::format(" {}", name_of(static_cast<Fault>(i)));
  }
  return out;
}

void Simulation::watch(std::size_t machine) {
  if (!machines_.try_emplace(machine).second || holds()) return;
  world_->disk().set_on_durable([this](const FakeDisk::Rows& rows) { store_changed(rows); });
}

// Class B: what is durable in the store is the commit.
void Simulation::store_changed(const FakeDisk::Rows& rows) {
  const auto found = rows.find(std::string(store::kCheckpoint));
  if (found == rows.end() || found->second == store_checkpoint_) return;
  store_checkpoint_ = found->second;
  std::vector<std::uint64_t> staged;
  const auto state = rows.find(std::string(store::kConnectorState));
  const auto tree = json::parse_tree(state == rows.end() ? "{}" : state->second);
  const json::Value* batches = tree ? tree->root.find("staged") : nullptr;
  if (batches != nullptr) {
    for (const json::Value& batch : batches->items())
      staged.push_back(json::to_uint64(batch.number_text()).value_or(0));
  }
  history_->committed(store_checkpoint_, world_->lives(), world_->server().openings(),
                      std::move(staged));
}

// ------------------------------------------------------------------------------------------------
// life and death

void Simulation::die() {
  const std::size_t selected = world_->selected();
  world_->select_machine(world_->stepping());
  ++deaths_;
  crash_process();
  world_->select_machine(selected);
}

void Simulation::crash_process() {
  die_in_ = 0;
  // Half of the time the system lives on and keeps it all, or the power goes and takes it all.
  const std::size_t unsynced = world_->disk().unsynced();
  std::size_t kept = random_.below(unsynced + 1);
  if (random_.one_in(4)) kept = 0;
  if (random_.one_in(4)) kept = unsynced;
  say("  machine {} dies; {} of {} unsynced batches survive", world_->selected(), kept, unsynced);
  world_->crash(kept);
}

void Simulation::start_process(bool take_over) {
  Machine& machine = machines_[world_->selected()];
  if (machine.built == nullptr || healed_ || random_.one_in(2)) {
    machine.built = build(catalog_, endpoint_);
  }
  world_->set_built(machine.built);
  runtime::ShardOptions options;
  options.take_over = take_over;
  world_->start(std::move(options));
  history_->started(world_->lives(), history_->add_catalog(*machine.built));
}

// ------------------------------------------------------------------------------------------------
// the outside

Reply Simulation::answer(const SeenRequest& request) {
  const char letter = request.url.size() > 7 ? request.url[7] : '?';
  Reply out = reply(200);
  if (!healed_ && random_.below(16) < sickness_[letter]) {
    std::vector<Reply> bad;
    const std::string echo = request.header("Authorization") + request.body;
    if (has(Fault::kReceiverFails)) {
      bad.push_back(reply(503, echo));
      bad.push_back(retry_later(429, "7"));
    }
    if (has(Fault::kReceiverLost)) bad.insert(bad.end(), {lost(), unseen()});
    if (has(Fault::kReceiverHangs)) bad.push_back(held());
    if (has(Fault::kReceiverRefuses)) bad.push_back(reply(400, echo));
    if (!bad.empty()) out = bad[random_.below(bad.size())];
  }
  const bool good = out.kind == Reply::Kind::kAnswer && out.answer.status == 200;
  say("    {} gets {} {}: {}", letter, request.header("webhook-id"), request.body,
      out.kind == Reply::Kind::kAnswer ? std::to_string(out.answer.status)
      : out.kind == Reply::Kind::kHold ? "hangs"
                                       : out.answer.error);
  if (out.kind == Reply::Kind::kUnseen) return out;
  history_->seen(request, [this](std::uint64_t batch) { return world_->server().staged(batch); });
  if (good) history_->accepted(request);
  if (out.kind == Reply::Kind::kHold) held_[request.exchange] = request;
  return out;
}

Status Simulation::before_call(std::string_view call) {
  if (call == "validate" || call_fails_in_ == 0 || --call_fails_in_ > 0) return {};
  say("    the connector dies before {}", call);
  return error(Code::kUnavailable, "fake: the connector died before {}", call);
}

Status Simulation::after_call(std::string_view call) {
  if (call_lost_in_ == 0 || --call_lost_in_ > 0) return {};
  say("    the connector dies after {}", call);
  return error(Code::kUnknown, "fake: the answer of {} was lost", call);
}

// ------------------------------------------------------------------------------------------------
// the end

// Nothing fails any more; one process is left.
void Simulation::heal() {
  say("everything heals");
  healed_ = true;
  die_in_ = 0;
  call_fails_in_ = call_lost_in_ = 0;
  world_->server().fail_next_commit(CommitFault::kNone);
  for (const auto& [number, machine] : machines_) {
    world_->select_machine(number);
    world_->disk().set_full(false);
    world_->disk().lose_answer_of_write(0);
    if (world_->running()) crash_process();
  }
  if (random_.one_in(2)) (void)world_->server().complete_held();
  world_->select_machine(random_.below(machines_.size()));
  say("machine {} starts and takes over; {}", world_->selected(), tell_ ? catalog_.describe() : "");
  start_process(true);
  // Work that comes while it runs is done, too.
  world_->settle();
  world_->append("shop/orders", {R"({"id":1,"total":1})"});
  world_->settle();
}

bool Simulation::quiet() {
  if (world_->ended()) return false;
  const runtime::TaskStatus status = world_->status();
  if (!status.caught_up || status.state != runtime::TaskState::kRunning) return false;
  for (const std::string_view table : kTables) {
    if (bound(table) && !history_->read_to_end(fmt::format("shop/{}/pivot=00", table)))
      return false;
  }
  std::set<char> parked;  // nothing is cut behind a parked request
  for (const runtime::PendingStatus& one : status.pending) {
    if (one.state == "parked") parked.insert(letter_of(one.trigger));
  }
  return std::all_of(status.pending.begin(), status.pending.end(), [&](const auto& one) {
    return one.state == "parked" || one.state == "orphaned" ||
           one.note == "the trigger is switched off" ||
           (one.state == "open" && parked.count(letter_of(one.trigger)) != 0);
  });
}

// With background delivery alone, rows never wait for a receiver.
void Simulation::judge_isolation() {
  static constexpr Fault kOthers[] = {
      Fault::kCommitFails,    Fault::kCommitAnswerLost, Fault::kCommitLate,      Fault::kCallFails,
      Fault::kCallAnswerLost, Fault::kDiskFull,         Fault::kWriteAnswerLost, Fault::kDeath,
      Fault::kZombie};
  if (std::any_of(std::begin(kOthers), std::end(kOthers), [&](Fault one) { return has(one); }))
    return;
  const auto& built = machines_[world_->selected()].built;
  if (!world_->running() || world_->ended() || built == nullptr) return;
  world_->settle();
  const runtime::TaskState state = world_->status().state;
  if (state != runtime::TaskState::kRunning && state != runtime::TaskState::kBlocked) return;
  if (std::any_of(built->triggers.begin(), built->triggers.end(), [](const auto& trigger) {
        return trigger.delivery != catalog::DeliveryMode::kBackground;
      })) {
    return;
  }
  say("rows must be there at once");
  if (!world_->status().caught_up)
    history_->report(Judge::kIsolated, "rows wait although no trigger is inline");
}

void Simulation::judge_rows() {
  const FakeData data = world_->server().data();
  const bool exactly = data.pushed.empty() && !rewound_;
  for (const std::string_view table : kTables) {
    if (!bound(table)) continue;
    Reduction want, have;
    for (const std::string& document :
         world_->journals().documents(fmt::format("shop/{}", table))) {
      reduce(document, want);
    }
    const auto found = data.tables.find(std::string(table));
    if (found != data.tables.end()) {
      for (const auto& [key, row] : found->second.rows) reduce(row.doc_json, have);
      for (const auto& [key, row] : found->second.appended) reduce(row.doc_json, have);
    }
    for (const FakeChange& change : data.pushed) {
      if (change.table == table) reduce(change.row.doc_json, have);
    }
    for (const auto& [id, row] : want) {
      const auto at = have.find(id);
      if (at == have.end()) {
        history_->report(Judge::kRows, fmt::format("{} has no row {}", table, id));
      } else if (exactly && !(at->second == row)) {
        history_->report(Judge::kRows,
                         fmt::format("{}: row {} has {} {}, want {} {}", table, id,
                                     at->second.total, at->second.last, row.total, row.last));
      }
    }
    if (have.size() > want.size())
      history_->report(Judge::kRows, fmt::format("{} has rows of no document", table));
  }
}

// Nothing but the receivers may ever see the canary.
void Simulation::judge_secrets() {
  history_->judge_text("the log", log_, kCanary);
  const FakeData data = world_->server().data();
  history_->judge_text("the checkpoint", data.checkpoint.value_or(""), kCanary);
  for (const auto& [number, machine] : machines_) {
    world_->select_machine(number);
    for (const auto& [key, value] : world_->disk().current())
      history_->judge_text("the store, " + key, value, kCanary);
  }
}

SimResult Simulation::run() {
#ifdef WEIR_FAULT_POINTS
  set_fault_handler(on_point, &die_in_);
#endif
  SimResult out;
  if (tell_) out.setting = put_together();
  start();
  while (done_ < steps_max_) step();
  heal();
  constexpr std::array<milliseconds, 5> kWaits = {seconds(2), seconds(40), minutes(6), minutes(70),
                                                  minutes(6)};
  for (int i = 0; i < 40 && !quiet(); ++i) {
    while (world_->http().oldest_held()) release_held();
    world_->settle();
    if (quiet()) break;
    world_->clock().advance(kWaits[static_cast<std::size_t>(i) % kWaits.size()]);
    world_->settle();
  }
  if (quiet()) {
    history_->judge_end(world_->status().pending);
    judge_rows();
  } else {
    const runtime::TaskStatus status = world_->status();
    history_->report(Judge::kLive,
                     fmt::format("no rest: {} {}; caught up: {}; ended: {}; {} requests wait",
                                 runtime::name_of(status.state), status.reason, status.caught_up,
                                 world_->ended().has_value(), status.pending.size()));
  }
  for (const std::string& words : world_->server().violations()) {
    history_->report(words.rfind("state", 0) == 0 ? Judge::kState : Judge::kContract, words);
  }
  for (const auto& [number, machine] : machines_) {
    world_->select_machine(number);
    if (world_->http().most_together() > 1)
      history_->report(Judge::kBounded, "two attempts of one trigger at once");
  }
  judge_secrets();
  out.findings = history_->findings();
  out.steps.assign(steps_.begin(), steps_.end());
  out.steps_done = done_;
  out.transactions = history_->transactions();
  out.requests = history_->requests();
  out.deaths = deaths_;
  return out;
}

std::string_view name_of(Fault fault) {
  static constexpr std::string_view kNames[] = {"crash",
                                                "death",
                                                "commit-fails",
                                                "commit-answer-lost",
                                                "commit-late",
                                                "call-fails",
                                                "call-answer-lost",
                                                "receiver-fails",
                                                "receiver-lost",
                                                "receiver-hangs",
                                                "receiver-refuses",
                                                "disk-full",
                                                "write-answer-lost",
                                                "clock-jumps",
                                                "zombie",
                                                "store-restored",
                                                "table-restored",
                                                "edits",
                                                "backfills",
                                                "user-words"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(Fault::kCount));
  return kNames[static_cast<std::size_t>(fault)];
}

SimResult simulate(std::uint64_t seed, const SimProfile& profile, bool tell) {
  return Simulation(seed, profile, tell).run();
}

}  // namespace weir::testing
