// One folder, one SQLite file, one receiver, and many processes of the built program that are
// killed in it. What a story does is drawn from its seed; when exactly a process dies "at a random
// moment" is up to the machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/cli/program.h"
#include "tests/kill/witness.h"

namespace weir::kill {

struct Tally {
  std::uint64_t kills = 0;
  std::uint64_t zombies = 0;  // frozen, and woken up behind another owner
  std::uint64_t transactions = 0;
  std::uint64_t requests = 0;
  std::uint64_t duplicates = 0;  // requests whose id was seen before
  std::uint64_t lost = 0;        // findings of the judges: rows, and ranges never told
  std::uint64_t phantom = 0;
  Tally& operator+=(const Tally& other);
  std::string text() const;
};

class Story {
 public:
  // `prepare` is called with the folder's path before anything is in it.
  explicit Story(std::uint64_t seed,
                 const std::function<void(const std::string& folder)>& prepare = {});
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  const cli::Folder& folder() const { return folder_; }
  Witness& witness() { return witness_; }

  // One of the ways to die below, as drawn.
  void step();

  // A batch, by a process with that WEIR_FAULT ("0": none). A killed one is repeated under its
  // batch id, or left as it is. True: it was killed.
  bool append(const std::string& fault = "0");
  // weir run --until-caught-up, or another command; true: it was killed.
  bool run(const std::string& fault = "0", cli::Words words = {"run", "--until-caught-up"});
  // Kills weir run at a moment: after a while, at a request, at a line of its log.
  void kill_at_a_moment();
  // Stops a process that waits for an inline request, has another one take over, and wakes it up.
  void zombie();
  // The receiver dies, a process runs without it, and it comes back.
  void receiver_dies();
  // On a disk that is as good as full: what is refused counts as not acknowledged.
  void append_without_room();
  void run_without_room();
  // Edits the catalog: a further column, one of another type, a backfill, and so on.
  void edit();
  // The journal's last fragment ends in the middle of a line, as after a write that was cut short.
  void tear_journal();

  // Runs to the end, and gives what the judges need.
  Record finish();
  // finish(), judged: broken promises fail the test. Adds to the tally.
  void judge_it();

  const Tally& tally() const { return tally_; }
  static const std::set<std::string>& triggers();

 private:
  void write_catalog();
  std::string input_of(Record::Batch& batch);
  // Counts a kill; fails the test if the process ended otherwise than by one of these codes.
  bool ended(const cli::Ran& ran, const std::set<int>& codes);
  void note(std::string step);
  std::string told() const;

  const std::uint64_t seed_;
  Random random_;
  cli::Folder folder_;
  Witness witness_;
  Record record_;
  Tally tally_;
  std::uint64_t edits_ = 0;
  bool left_ = false;  // the next opening has to take over
  std::vector<std::string> steps_;
};

}  // namespace weir::kill
