// The insides of one simulated history, in two files: sim.cc has its setting, the outside world and
// the end; sim_steps.cc what can happen in between.
#pragma once

#include <fmt/format.h>

#include <array>
#include <deque>
#include <map>
#include <memory>

#include "base/random.h"
#include "testing/sim.h"
#include "testing/sim_catalog.h"

namespace weir::testing {

inline constexpr std::size_t kStepsKept = 60;
inline constexpr std::array<std::string_view, 3> kTables = {"orders", "notes", "sales"};

// Unwinds like a death; product code never catches it.
struct Death {};

// Which receiver a label means: a label is a name, or method and origin.
char letter_of(const std::string& label);

class Simulation {
 public:
  Simulation(std::uint64_t seed, const SimProfile& profile, bool tell);
  ~Simulation();
  SimResult run();

 private:
  // Where a process of that machine keeps what judges ask for.
  struct Machine {
    std::shared_ptr<const catalog::BuiltMaterialization> built;
    FakeDisk::Rows backup;
  };

  void draw_setting(const SimProfile& profile);
  bool has(Fault fault) const { return faults_[static_cast<std::size_t>(fault)]; }
  bool holds() const { return holds_checkpoint(world_->server().kind()); }
  template <typename... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    if (!tell_) return;
    if (steps_.size() == kStepsKept) steps_.pop_front();
    steps_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }
  template <typename Fn>
  void act(Fn&& fn);
  void die();

  // Steps; each says whether it could be done now.
  bool step();
  bool append();
  bool turns();
  bool settle();
  bool wait();
  bool start();
  bool stop();
  bool crash();
  bool arm_death();
  bool commit_fault();
  bool late_commit();
  bool call_fault();
  bool sicken();
  bool release_held();
  bool disk_fault();
  bool clock_jump();
  bool zombie();
  bool restore_store();
  bool restore_table();
  bool edit();
  bool user_word();

  void start_process(bool take_over);
  void crash_process();
  void watch(std::size_t machine);
  void store_changed(const FakeDisk::Rows& rows);
  Reply answer(const SeenRequest& request);
  Status before_call(std::string_view call);
  Status after_call(std::string_view call);

  bool bound(std::string_view table) const {
    return table == "orders" || (table == "notes" ? catalog_.notes : catalog_.sales);
  }
  void heal();
  bool quiet();
  void judge_isolation();
  void judge_rows();
  void judge_secrets();
  std::string put_together() const;

  const std::uint64_t seed_;
  const bool tell_;
  Random random_;
  Endpoint endpoint_ = Endpoint::kFakeA;
  std::array<bool, static_cast<std::size_t>(Fault::kCount)> faults_{};
  std::unique_ptr<World> world_;
  std::unique_ptr<History> history_;
  SimCatalog catalog_;
  std::map<std::size_t, Machine> machines_;
  std::map<char, std::uint64_t> sickness_;  // by receiver: of 16 answers so many are bad
  std::map<io::ExchangeId, SeenRequest> held_;
  std::uint64_t steps_max_ = 0;
  std::string store_checkpoint_;  // class B: durable
  FakeData table_backup_;
  bool has_table_backup_ = false;
  bool rewound_ = false;  // class B, whose store went back: rows are done again
  long die_in_ = 0;       // fault points; 0: not armed
  std::string died_at_;
  int call_fails_in_ = 0, call_lost_in_ = 0;
  bool healed_ = false;
  std::uint64_t deaths_ = 0, done_ = 0;
  std::string log_;
  std::deque<std::string> steps_;
};

template <typename Fn>
void Simulation::act(Fn&& fn) {
  try {
    fn();
  } catch (const Death&) {
    die();
  }
}

}  // namespace weir::testing
