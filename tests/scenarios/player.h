// Plays a scenario in a world, in one of the modes in which every scenario must hold.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "testing/world.h"
#include "tests/scenarios/script.h"

namespace weir::scenarios {

struct Mode {
  std::string name;
  testing::Endpoint endpoint = testing::Endpoint::kFakeA;
  bool restarts = false;     // the process is stopped and started after each command
  bool crashes = false;      // … and killed instead, losing what was not synced
  bool first_fails = false;  // the first attempt of each request is answered 503
};
const std::vector<Mode>& modes();

// Where this scenario cannot be played: why, or empty.
std::string skipped(const Script& script, const Mode& mode);

class Player {
 public:
  // `folder` holds the scenario's catalogs; `scratch` is empty.
  Player(const Mode& mode, std::string folder, std::string scratch);

  // What went wrong, line by line; empty: all as expected.
  std::vector<std::string> play(const Script& script);

  // For sweeps: one command after the other, whatever it prints; `live` runs what it is given and
  // may cut it short. Commands that would start what runs already are left out.
  using Live = std::function<void(const Command& command, const std::function<void()>& run)>;
  void play_disturbed(const Script& script, const Live& live);
  // What a receiver's answer becomes.
  using OnAnswer = std::function<testing::Reply(const testing::SeenRequest&, testing::Reply)>;
  void set_on_answer(OnAnswer hook) { on_answer_ = std::move(hook); }
  // Called when a discard was granted, or nobody knows whether it was.
  using OnDiscard = std::function<void(const runtime::PendingStatus&)>;
  void set_on_discard(OnDiscard hook) { on_discard_ = std::move(hook); }
  // From now on every receiver answers 200, and nothing that was scripted is left.
  void heal();
  testing::World& world() { return world_; }

 private:
  std::vector<std::string> run(const Command& command);
  std::vector<std::string> requests(bool every_attempt);
  std::vector<std::string> pending();
  std::vector<std::string> status() const;
  std::vector<std::string> command_words(const Command& command);
  std::vector<std::string> users_word(const Command& command,
                                      const std::vector<std::string>& words);
  std::vector<std::string> load_catalog(const std::string& name, bool restart);
  std::string label_of(const std::string& request_id);
  void interrupt(const Command& command);
  void settle();

  const Mode mode_;
  const std::string folder_;
  testing::World world_;
  std::map<std::string, std::string> labels_;  // request id → "#1"
  std::map<std::string, std::string> bodies_;  // id and revision → body: same words
  struct Attempt {
    Timestamp at;
    testing::SeenRequest request;
    testing::Reply reply;
  };
  testing::Reply answer(const testing::SeenRequest& request);
  OnAnswer on_answer_;
  OnDiscard on_discard_;
  std::vector<Attempt> attempts_;
  std::size_t told_ = 0;  // of them
  testing::Reply always_ = testing::reply(200);
  std::deque<testing::Reply> next_;
  std::map<std::string, testing::Reply> by_host_;
  std::set<std::string> failed_;
  testing::FakeDisk::Rows store_backup_;
  testing::FakeData table_backup_;
  std::vector<std::string> broken_;  // promises found broken on the way
};

}  // namespace weir::scenarios
