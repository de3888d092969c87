#include "tests/kill/story.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>

namespace weir::kill {
namespace {

using std::chrono::milliseconds;

constexpr int kKilled = 128 + SIGKILL;
constexpr int kOwned = 4;
constexpr milliseconds kPatience{60'000};
constexpr std::int64_t kKeys = 8;
constexpr std::int64_t kFirstMark = 1000;
constexpr std::size_t kStepsTold = 30;
// More than an append, and a run, have.
constexpr std::uint64_t kPointsOfAppend = 9;
constexpr std::uint64_t kPointsOfRun = 42;

constexpr const char* kMaterialization = "shop/tables";

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  kills += other.kills;
  zombies += other.zombies;
  transactions += other.transactions;
  requests += other.requests;
  duplicates += other.duplicates;
  lost += other.lost;
  phantom += other.phantom;
  return *this;
}

std::string Tally::text() const {
  return fmt::format(
      "{} kills, {} zombies, {} transactions, {} requests: {} lost, {} phantom, {} duplicates",
      kills, zombies, transactions, requests, lost, phantom, duplicates);
}

const std::set<std::string>& Story::triggers() {
  static const std::set<std::string> names{"background", "inline"};
  return names;
}

Story::Story(std::uint64_t seed, const std::function<void(const std::string& folder)>& prepare)
    : seed_(seed), random_(seed), witness_(folder_.file("shop.sqlite"), kMaterialization) {
  if (prepare) prepare(folder_.path());
  write_catalog();
}

void Story::note(std::string step) {
  steps_.push_back(std::move(step));
}

std::string Story::told() const {
  std::string out = fmt::format("seed {}, the last steps:\n", seed_);
  const std::size_t from = steps_.size() > kStepsTold ? steps_.size() - kStepsTold : 0;
  for (std::size_t i = from; i < steps_.size(); ++i) out += "  " + steps_[i] + "\n";
  return out;
}

// ------------------------------------------------------------------------------------------------
// the catalog

void Story::write_catalog() {
  // Each third edit has a further column, the next one widens it, and then all is filled anew.
  const std::uint64_t columns = (edits_ + 2) / 3;
  const bool narrow = edits_ % 3 == 1;
  std::string properties;
  for (std::uint64_t i = 0; i < columns; ++i) {
    properties += fmt::format(", note{}: {{ type: {} }}", i,
                              narrow && i + 1 == columns ? "integer" : "number");
  }
  std::string text = fmt::format(R"(
collections:
  shop/sales:
    key: [/id]
    schema:
      type: object
      required: [id, total]
      reduce: {{ strategy: merge }}
      properties: {{ id: {{ type: integer }}, total: {{ type: integer, reduce: {{ strategy: sum }} }}{} }}
materializations:
  {}:
    endpoint: {{ sqlite: {{ path: shop.sqlite }} }}
    bindings: [{{ resource: {{ table: sales }}, source: shop/sales, backfill: {} }}]
    triggers:
      config:
)",
                                 properties, kMaterialization, edits_ / 3);
  for (const std::string& trigger : triggers()) {
    text += fmt::format(R"(        - name: {0}
          url: {1}
          delivery: {0}
          interval: 0s
          headers: {{ Authorization: Bearer canary-kill }}
          payloadTemplate: '{{"range": [{{{{transactions.after}}}}, {{{{transactions.through}}}}], "trigger": "{{{{trigger}}}}", "documents": [{{{{#each tables}}}}{{{{documents}}}}{{{{#unless @last}}}}, {{{{/unless}}}}{{{{/each}}}}]}}'
)",
                        trigger, witness_.url());
    if (trigger == "inline") text += "          onExhausted: failTask\n";
  }
  folder_.write("flow.yaml", text);
}

void Story::edit() {
  ++edits_;
  note(fmt::format("edit {}", edits_));
  write_catalog();
}

// ------------------------------------------------------------------------------------------------
// appending

std::string Story::input_of(Record::Batch& batch) {
  batch.mark = kFirstMark + static_cast<std::int64_t>(record_.batches.size());
  batch.documents.push_back(fmt::format("{{\"id\":{},\"total\":1}}", batch.mark));
  for (std::uint64_t i = random_.below(4); i > 0; --i) {
    batch.documents.push_back(
        fmt::format("{{\"id\":{},\"total\":{}}}", random_.below(kKeys), 1 + random_.below(100)));
  }
  std::string input;
  for (const std::string& document : batch.documents) input += document + "\n";
  return input;
}

bool Story::append(const std::string& fault) {
  Record::Batch batch;
  const std::string input = input_of(batch);
  const std::string id = std::to_string(batch.mark);
  note(fmt::format("append {}, fault {}", id, fault));
  folder_.set("WEIR_FAULT", fault);
  bool killed = ended(folder_.run({"append", "shop/sales", "--batch-id", id}, input), {0});
  const bool died = killed;
  // Again under its id; some deaths later, or never.
  while (killed && !random_.one_in(3)) {
    const bool again = random_.one_in(2);
    folder_.set("WEIR_FAULT", again ? std::to_string(1 + random_.below(kPointsOfAppend)) : "0");
    killed = ended(folder_.run({"append", "shop/sales", "--batch-id", id}, input), {0});
  }
  batch.acknowledged = !killed;
  record_.batches.push_back(std::move(batch));
  return died;
}

void Story::tear_journal() {
  const std::string end = ".open";
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder_.file("journals"))) {
    if (entry.path().extension() == end)
      std::ofstream(entry.path(), std::ios::app) << "{\"_meta\":{\"uu";
  }
}

// ------------------------------------------------------------------------------------------------
// running

bool Story::ended(const cli::Ran& ran, const std::set<int>& codes) {
  if (ran.code == kKilled) {
    ++tally_.kills;
    return true;
  }
  EXPECT_TRUE(codes.count(ran.code) != 0) << "ended with " << ran.code << ":\n"
                                          << ran.err << told();
  return false;
}

bool Story::run(const std::string& fault, cli::Words words) {
  note(fmt::format("{}, fault {}", words[0], fault));
  if (words[0] == "run" && left_) words.push_back("--take-over");
  folder_.set("WEIR_FAULT", fault);
  const bool killed = ended(folder_.run(words), {0});
  left_ = words[0] == "leave" ? true : left_ && killed;
  return killed;
}

void Story::kill_at_a_moment() {
  append();
  folder_.set("WEIR_FAULT", "0");
  const auto running = folder_.start({"run"});
  const std::size_t before = witness_.requests();
  const std::uint64_t way = random_.below(3);
  if (way == 0) {
    const milliseconds moment(random_.below(150));
    note(fmt::format("run, killed after {} ms", moment.count()));
    witness_.wait_for(before + 1000, moment);
  } else if (way == 1) {
    const std::size_t at = 1 + random_.below(4);
    const auto answer = static_cast<Answer>(random_.below(3));
    note(fmt::format("run, killed by request {} with answer {}", at, static_cast<int>(answer)));
    witness_.set_on_request(
        [&running, at, answer, count = std::size_t{0}](const judges::Seen&) mutable {
          if (++count < at) return Answer::kAccept;
          running->signal(SIGKILL);
          return answer;
        });
    for (std::size_t i = 1; i < at; i += triggers().size()) append();
    // More requests than are owed may have been asked for.
    witness_.wait_for(before + at, milliseconds(1000));
  } else {
    const char* const lines[] = {"opened", "delivered", "committed"};
    const char* const line = lines[random_.below(std::size(lines))];
    note(fmt::format("run, killed when {}", line));
    running->wait_for_log(line);
  }
  running->signal(SIGKILL);
  witness_.set_on_request({});  // nobody signals a process that was waited for
  ended(running->wait(), {});
}

void Story::zombie() {
  note("zombie");
  append();
  folder_.set("WEIR_FAULT", "0");
  const auto frozen = folder_.start({"run"});
  const std::size_t before = witness_.requests();
  std::atomic<bool> stopped{false};
  witness_.set_on_request([&](const judges::Seen& request) {
    if (stopped || request.trigger != "inline") return Answer::kAccept;
    frozen->signal(SIGSTOP);
    stopped = true;
    return Answer::kAccept;
  });
  for (std::size_t i = 1; !stopped; ++i) {
    if (!witness_.wait_for(before + i, kPatience)) break;
  }
  EXPECT_TRUE(stopped) << told();
  witness_.set_on_request({});
  append();
  if (witness_.locked()) {
    // It went on storing, as it may while a request waits for its next attempt: nobody else can
    // write before it wakes up.
    note("froze with the lock of the file");
    frozen->signal(SIGKILL);
    ended(frozen->wait(), {});
    return;
  }
  ended(folder_.run({"run", "--until-caught-up", "--take-over", "--state", "other"}), {0});
  append();
  if (random_.one_in(4)) {
    frozen->signal(SIGKILL);
    ended(frozen->wait(), {});
    return;
  }
  ++tally_.zombies;
  frozen->signal(SIGCONT);
  ended(frozen->wait(), {kOwned});
}

void Story::receiver_dies() {
  append();
  folder_.set("WEIR_FAULT", "0");
  witness_.down();
  const auto running = folder_.start({"run"});
  running->wait_for_log("opened");
  const bool returns = random_.one_in(2);
  note(returns ? "receiver dead for a while" : "receiver dead as long as a process");
  witness_.wait_for(witness_.requests() + 1, milliseconds(random_.below(200)));
  const std::size_t before = witness_.requests();
  if (returns) {
    witness_.up();
    EXPECT_TRUE(witness_.wait_for(before + 1, kPatience)) << told();
  }
  running->signal(SIGKILL);
  ended(running->wait(), {});
  witness_.up();
}

void Story::append_without_room() {
  note("append without room");
  Record::Batch batch;
  const std::string input = input_of(batch);
  folder_.set("WEIR_FAULT", "0");
  const cli::Ran ran = folder_.run({"append", "shop/sales"}, input);
  ended(ran, {0, 1});
  batch.acknowledged = ran.code == 0;
  record_.batches.push_back(std::move(batch));
}

void Story::run_without_room() {
  note("run without room");
  folder_.set("WEIR_FAULT", "0");
  const auto running = folder_.start({"run"});
  witness_.wait_for(witness_.requests() + 1, milliseconds(300));
  running->signal(SIGKILL);
  // Where the log of SQLite finds no room, the endpoint cannot even be looked at.
  ended(running->wait(), {1, 3});
}

void Story::step() {
  const std::uint64_t way = random_.below(100);
  if (way < 8) {
    append();
  } else if (way < 45) {
    append(std::to_string(1 + random_.below(kPointsOfAppend)));
  } else if (way < 72) {
    run(std::to_string(1 + random_.below(kPointsOfRun)));
  } else if (way < 92) {
    kill_at_a_moment();
  } else if (way < 95) {
    zombie();
  } else if (way < 97) {
    receiver_dies();
  } else {
    edit();
  }
}

// ------------------------------------------------------------------------------------------------
// judging

Record Story::finish() {
  append();
  EXPECT_FALSE(run());
  witness_.look();
  witness_.fill(record_);
  record_.rows = cli::rows(folder_.file("shop.sqlite"),
                           "SELECT printf('{\"id\":%d,\"total\":%d}', id, total) FROM sales");
  return record_;
}

void Story::judge_it() {
  const Record record = finish();
  const Verdict verdict = judge(record, triggers());
  EXPECT_EQ(verdict.text(), "") << told();
  std::set<std::string> ids;
  for (const judges::Seen& seen : record.seen) ids.insert(seen.id);
  tally_.transactions += record.committed;
  tally_.requests += record.seen.size();
  tally_.duplicates += record.seen.size() - ids.size();
  tally_.lost += verdict.lost.size() + verdict.rows.size();
  tally_.phantom += verdict.phantom.size();
}

}  // namespace weir::kill
