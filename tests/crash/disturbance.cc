#include "tests/crash/disturbance.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/fault.h"
#include "protocol/checkpoint.h"
#include "store/keys.h"
#include "testing/history.h"

namespace weir::sweep {
namespace {

using testing::Endpoint;
using testing::FakeDisk;
using testing::History;
using testing::Reply;
using testing::SeenRequest;
using testing::World;

// Unwinds like a death; product code never catches it.
struct Death {};

class Play {
 public:
  Play(const scenarios::Mode& mode, const std::string& scratch, const Disturbance& disturbance)
      : disturbance_(disturbance),
        player_(mode, "tests/scenarios", scratch),
        world_(player_.world()),
        history_(world_.journals()) {
    watch();
  }
  ~Play() { world_.disk().set_on_durable(nullptr); }

  Outcome run(const scenarios::Script& script) {
    set_fault_handler(&Play::on_point, this);
    player_.play_disturbed(script, [this](const auto& command, const auto& step) {
      live(step);
      // An edit that was cut short is made again.
      if (died_ && (command.word == "catalog" || command.word == "edit")) live(step);
      if (std::exchange(died_, false) && !world_.running() && built_) start();
    });
    set_fault_handler(nullptr, nullptr);
    heal();
    rest();
    judge();
    return std::move(out_);
  }

 private:
  // Is this the chance? Counts it.
  bool strikes(Kind kind) {
    if (healed_) return false;
    const long chance = ++out_.chances[static_cast<std::size_t>(kind)];
    if (kind != disturbance_.kind || disturbance_.at == 0) return false;
    const bool now = chance == disturbance_.at;
    out_.reached = out_.reached || now;
    return now || (disturbance_.lasting && chance > disturbance_.at);
  }

  static void on_point(void* context, std::string_view name) {
    Play& play = *static_cast<Play*>(context);
    if (!play.strikes(Kind::kDeath)) return;
    play.out_.where = name;
    throw Death{};
  }

  template <typename Fn>
  void live(Fn&& fn) {
    try {
      fn();
    } catch (const Death&) {
      died_ = true;
      const std::size_t selected = world_.selected();
      world_.select_machine(world_.stepping());
      world_.crash(disturbance_.at % 2 == 0 ? 0 : world_.disk().unsynced());
      world_.select_machine(selected);
    }
  }

  void start() {
    runtime::ShardOptions options;
    options.take_over = true;
    world_.start(std::move(options));
    world_.settle();
  }

  void watch() {
    player_.set_on_answer([this](const SeenRequest& request, Reply reply) {
      return answer(request, std::move(reply));
    });
    player_.set_on_discard([this](const runtime::PendingStatus& one) {
      for (const std::string& url : urls_[one.trigger])
        history_.discarded(url, one.after, one.through);
    });
    world_.set_on_start([this](std::int64_t pid, const catalog::BuiltMaterialization& built) {
      built_ = true;
      for (const catalog::Trigger& trigger : built.triggers) {
        const std::string url(trigger.url.reveal());
        const std::string label =
            trigger.name.empty() ? "POST " + url.substr(0, url.rfind('/')) : trigger.name;
        urls_[label].insert(url);
      }
      history_.started(pid, history_.add_catalog(built));
    });
    world_.set_hooks({.before_call = [this](std::string_view call) -> Status {
                        if (call == "validate" || !strikes(Kind::kCallFails)) return {};
                        return error(Code::kUnavailable, "the connector died before {}", call);
                      },
                      .after_call = [this](std::string_view call) -> Status {
                        if (!strikes(Kind::kCallAnswerLost)) return {};
                        return error(Code::kUnknown, "the answer of {} was lost", call);
                      },
                      .on_commit =
                          [this](const std::string& checkpoint, std::int64_t pid) {
                            history_.committed(checkpoint, pid, world_.openings());
                          }});
    world_.disk().set_before_write([this](store::Sync) -> Status {
      if (strikes(Kind::kWriteAnswerLost)) world_.disk().lose_answer_of_write(1);
      if (!strikes(Kind::kWriteFails)) return {};
      return error(Code::kFull, "the disk is full");
    });
    if (testing::holds_checkpoint(world_.server().kind())) return;
    world_.disk().set_on_durable([this](const FakeDisk::Rows& rows) {
      const auto found = rows.find(std::string(store::kCheckpoint));
      if (found == rows.end() || found->second == checkpoint_) return;
      checkpoint_ = found->second;
      history_.committed(checkpoint_, world_.lives(), world_.openings());
    });
  }

  Reply answer(const SeenRequest& request, Reply reply) {
    if (strikes(Kind::kAnswerLost)) reply = testing::lost();
    if (strikes(Kind::kUnseen)) reply = testing::unseen();
    if (reply.kind == Reply::Kind::kUnseen) return reply;
    history_.seen(request, [](std::uint64_t) { return false; });
    const int status = reply.answer.status;
    const bool good = status >= 200 && status < 300;
    // What hangs is answered in the end, if only by the script.
    if (good || reply.kind == Reply::Kind::kHold) history_.accepted(request);
    return reply;
  }

  // One process is left, and nothing fails any more.
  void heal() {
    healed_ = true;
    player_.heal();
    const std::size_t selected = world_.selected();
    for (std::size_t i = 0; i < world_.machines(); ++i) {
      world_.select_machine(i);
      world_.disk().lose_answer_of_write(0);
      world_.crash(world_.disk().unsynced());
    }
    world_.select_machine(selected);
    if (built_) start();
  }

  bool quiet() {
    if (!world_.running() || world_.ended()) return false;
    const runtime::TaskStatus status = world_.status();
    if (!status.caught_up || status.state != runtime::TaskState::kRunning) return false;
    const auto rests = [&](const runtime::PendingStatus& one) {
      const bool behind = std::any_of(status.pending.begin(), status.pending.end(),
                                      [](const auto& other) { return other.state == "parked"; });
      return one.state == "parked" || one.state == "orphaned" || (one.state == "open" && behind) ||
             one.note == "the trigger is switched off";
    };
    return std::all_of(status.pending.begin(), status.pending.end(), rests);
  }

  void rest() {
    constexpr std::chrono::seconds kWaits[] = {std::chrono::seconds(2), std::chrono::seconds(60),
                                               std::chrono::minutes(6), std::chrono::minutes(70)};
    for (std::size_t i = 0; i < 24 && !quiet(); ++i) {
      world_.clock().advance(kWaits[i % std::size(kWaits)]);
      world_.settle();
    }
    out_.quiet = quiet();
  }

  void judge() {
    if (world_.running() && !world_.ended()) history_.judge_end(world_.status().pending);
    for (const testing::Finding& finding : history_.findings())
      out_.broken.push_back(fmt::format("{}: {}", name_of(finding.judge), finding.words));
    for (const std::string& words : world_.server().violations()) out_.broken.push_back(words);
    for (const char* table : {"orders", "users"}) {
      for (std::string& row : world_.rows(table)) out_.rows.push_back(std::move(row));
    }
  }

  const Disturbance disturbance_;
  scenarios::Player player_;
  World& world_;
  History history_;
  std::map<std::string, std::set<std::string>> urls_;  // by label
  std::string checkpoint_;                             // class B: durable
  bool died_ = false, built_ = false, healed_ = false;
  Outcome out_;
};

}  // namespace

std::string_view name_of(Kind kind) {
  static constexpr std::string_view kNames[] = {"death",
                                                "write fails",
                                                "write's answer lost",
                                                "call fails",
                                                "call's answer lost",
                                                "receiver's answer lost",
                                                "request never arrives"};
  return kNames[static_cast<std::size_t>(kind)];
}

Outcome play(const scenarios::Script& script, Endpoint endpoint, const std::string& scratch,
             const Disturbance& disturbance) {
  const scenarios::Mode mode{.name = std::string(testing::name_of(endpoint)), .endpoint = endpoint};
  return Play(mode, scratch, disturbance).run(script);
}

}  // namespace weir::sweep
