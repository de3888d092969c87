#include "tests/scenarios/player.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/check.h"
#include "base/duration.h"

namespace weir::scenarios {
namespace {

using testing::Endpoint;

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

// "refuse", "lost", "hang", "ok", a status, or a status with a Retry-After as "429+7".
testing::Reply reply_of(const std::string& word) {
  if (word == "refuse") return testing::unseen();
  if (word == "lost") return testing::lost();
  if (word == "hang") return testing::held();
  if (word == "ok") return testing::reply(200);
  const auto plus = word.find('+');
  const int status = std::stoi(word);
  return plus == std::string::npos ? testing::reply(status)
                                   : testing::retry_later(status, word.substr(plus + 1));
}

}  // namespace

const std::vector<Mode>& modes() {
  static const std::vector<Mode> kModes = {
      {.name = "plain", .endpoint = Endpoint::kFakeA},
      {.name = "fake-b", .endpoint = Endpoint::kFakeB},
      {.name = "sqlite", .endpoint = Endpoint::kSqlite},
      {.name = "restarts", .endpoint = Endpoint::kFakeA, .restarts = true},
      {.name = "sqlite restarts", .endpoint = Endpoint::kSqlite, .restarts = true},
      {.name = "fake-b restarts", .endpoint = Endpoint::kFakeB, .restarts = true},
      {.name = "crashes", .endpoint = Endpoint::kFakeA, .crashes = true},
      {.name = "fake-b crashes", .endpoint = Endpoint::kFakeB, .crashes = true},
      {.name = "sqlite crashes", .endpoint = Endpoint::kSqlite, .crashes = true},
      {.name = "first-fails", .endpoint = Endpoint::kFakeA, .first_fails = true},
  };
  return kModes;
}

std::string skipped(const Script& script, const Mode& mode) {
  if (!script.only.empty() && script.only.count(mode.name) == 0) return script.only_why;
  for (const std::string& part : words_of(mode.name)) {
    const auto found = script.skips.find(part);
    if (found != script.skips.end()) return found->second;
  }
  return "";
}

Player::Player(const Mode& mode, std::string folder, std::string scratch)
    : mode_(mode),
      folder_(std::move(folder)),
      world_({.endpoint = mode.endpoint, .folder = std::move(scratch), .seed = 7}) {
  world_.set_receiver([this](const testing::SeenRequest& request) { return answer(request); });
}

testing::Reply Player::answer(const testing::SeenRequest& request) {
  testing::Reply reply = always_;
  const std::string key = request.header("Idempotency-Key");
  if (mode_.first_fails && failed_.insert(key).second) {
    reply = testing::reply(503);
  } else if (!next_.empty()) {
    reply = next_.front();
    next_.pop_front();
  }
  for (const auto& [host, answer] : by_host_) {
    if (request.url.find("//" + host) != std::string::npos) reply = answer;
  }
  if (on_answer_) reply = on_answer_(request, std::move(reply));
  attempts_.push_back({world_.clock().now(), request, reply});
  return reply;
}

void Player::play_disturbed(const Script& script, const Live& live) {
  static const std::set<std::string> kStarts = {"start", "catalog"};
  for (const Command& command : script.commands) {
    const bool goes_on = world_.running() && !world_.ended();
    if (goes_on && kStarts.count(command.word) != 0) continue;
    live(command, [&] { run(command); });
  }
}

void Player::heal() {
  always_ = testing::reply(200);
  next_.clear();
  by_host_.clear();
}

std::vector<std::string> Player::play(const Script& script) {
  std::vector<std::string> wrong;
  for (const Command& command : script.commands) {
    const std::string at =
        script.name + ":" + std::to_string(command.line) + " [" + mode_.name + "] ";
    const std::vector<std::string> printed = run(command);
    for (const std::string& broken : std::exchange(broken_, {})) wrong.push_back(at + broken);
    if (!command.judged && !printed.empty()) {
      for (const std::string& line : printed) wrong.push_back(at + command.word + " says: " + line);
    } else if (command.judged && printed != command.expected) {
      wrong.push_back(at + command.word + " " + command.rest);
      for (const std::string& line : command.expected) wrong.push_back("    expected  " + line);
      for (const std::string& line : printed) wrong.push_back("    printed   " + line);
    }
    interrupt(command);
  }
  return wrong;
}

// The mode's disturbance, after each command that leaves a task at work.
void Player::interrupt(const Command& command) {
  static const std::set<std::string> kDisturb = {
      "append",  "append-together", "advance", "rows",    "requests", "edit",
      "catalog", "restart",         "crash",   "pending", "status",   "redeliver"};
  if (!world_.running() || kDisturb.count(command.word) == 0) return;
  if (mode_.restarts) {
    world_.stop();
    world_.start();
    settle();
  } else if (mode_.crashes) {
    world_.crash();
    world_.start();
    settle();
  }
}

void Player::settle() {
  // The first attempt's failure is healed by the second, a second later.
  if (mode_.first_fails) {
    world_.advance(std::chrono::seconds(5));
  } else {
    world_.settle();
  }
}

std::vector<std::string> Player::run(const Command& command) {
  const std::string& word = command.word;
  static const std::set<std::string> kNeedATask = {"advance", "pending", "status", "redeliver",
                                                   "discard"};
  if (!world_.running() && kNeedATask.count(word) != 0) return {"nothing is running"};
  if (word == "catalog") return load_catalog(command.rest, false);
  if (word == "edit") return load_catalog(command.rest, true);
  if (word == "append") {
    world_.append(command.rest, command.body);
    settle();
    return {};
  }
  if (word == "append-together") {
    for (const std::string& line : command.body) {
      const auto space = line.find(' ');
      world_.journals().append(line.substr(0, space), {line.substr(space + 1)});
    }
    world_.arrived();
    settle();
    return {};
  }
  if (word == "advance") {
    const auto by = parse_duration(command.rest);
    if (!by) return {by.error().message};
    world_.advance(*by);
    return {};
  }
  if (word == "machine") {
    world_.select_machine(std::stoul(command.rest));
    return {};
  }
  if (word == "freeze" || word == "thaw") {
    world_.freeze(word == "freeze");
    settle();
    return {};
  }
  if (word == "kill") {
    // How many of the batches that were not synced survive; none, unless said.
    world_.crash(command.rest.empty() ? 0 : std::stoul(command.rest));
    return {};
  }
  if (word == "start") {
    runtime::ShardOptions options;
    options.take_over = command.rest == "take-over";
    if (world_.ended()) world_.stop();
    world_.start(std::move(options));
    settle();
    return {};
  }
  if (word == "ended") {
    return {world_.ended() ? std::to_string(static_cast<int>(*world_.ended())) : "running"};
  }
  if (word == "restart" || word == "crash") {
    word == "restart" ? world_.stop() : world_.crash();
    world_.start();
    settle();
    return {};
  }
  if (word == "rows") return world_.rows(command.rest);
  if (word == "sql") return world_.query(command.rest);
  if (word == "requests") return requests(false);
  if (word == "attempts") return requests(true);
  if (word == "pending") return pending();
  if (word == "status") return status();
  return command_words(command);
}

std::vector<std::string> Player::command_words(const Command& command) {
  const std::vector<std::string> words = words_of(command.rest);
  if (command.word == "answer") {
    for (const std::string& word : words) next_.push_back(reply_of(word));
    return {};
  }
  if (command.word == "answer-always") {
    next_.clear();
    always_ = reply_of(words.at(0));
    return {};
  }
  if (command.word == "answer-host") {
    by_host_[words.at(0)] = reply_of(words.at(1));
    return {};
  }
  if (command.word == "release") {
    const bool held = world_.http().release(reply_of(words.at(0)).answer);
    settle();
    return held ? std::vector<std::string>{} : std::vector<std::string>{"nothing is held"};
  }
  if (command.word == "disk") {
    world_.disk().set_full(words.at(0) == "full");
    return {};
  }
  if (command.word == "receiver") return {"answer, answer-always or answer-host"};
  if (command.word == "late-commit") {
    const bool applied = world_.server().complete_held();
    return {applied ? "applied" : "refused"};
  }
  if (command.word == "backup") {
    (words.at(0) == "store" ? (void)(store_backup_ = world_.disk().durable())
                            : (void)(table_backup_ = world_.server().data()));
    return {};
  }
  if (command.word == "restore") {
    (words.at(0) == "store" ? world_.disk().restore(store_backup_)
                            : world_.server().set_data(table_backup_));
    return {};
  }
  if (command.word == "commit") {
    static const std::map<std::string, testing::CommitFault> kFaults = {
        {"fails", testing::CommitFault::kFails},
        {"answer-lost", testing::CommitFault::kAnswerLost},
        {"unapplied", testing::CommitFault::kLostBeforeApplied},
        {"held", testing::CommitFault::kHeld}};
    const auto fault = kFaults.find(command.rest);
    if (fault == kFaults.end()) return {"unknown fault " + command.rest};
    world_.server().fail_next_commit(fault->second);
    return {};
  }
  if (command.word == "redeliver" || command.word == "discard") return users_word(command, words);
  return {"unknown command " + command.word};
}

std::vector<std::string> Player::users_word(const Command& command,
                                            const std::vector<std::string>& words) {
  std::string id;
  for (const auto& [request_id, label] : labels_) {
    if (words.size() > 1 && label == words[1]) id = request_id;
  }
  std::string problem;
  std::vector<runtime::PendingStatus> owed = world_.status().pending;
  runtime::Command words_of_user;
  words_of_user.kind = command.word == "discard" ? runtime::Command::Kind::kDiscard
                                                 : runtime::Command::Kind::kRedeliver;
  words_of_user.trigger = words.at(0);
  words_of_user.request_id = id;
  words_of_user.answer = [&](const Result<std::string>& answer) {
    if (!answer) problem = answer.error().message;
    if (!on_discard_ || words_of_user.kind != runtime::Command::Kind::kDiscard) return;
    for (const runtime::PendingStatus& one : owed) {
      if (id.empty() ? one.trigger == words.at(0) : one.request_id == id) on_discard_(one);
    }
  };
  WEIR_CHECK(world_.shard().post(words_of_user).has_value());
  settle();
  return problem.empty() ? std::vector<std::string>{} : std::vector<std::string>{problem};
}

std::vector<std::string> Player::load_catalog(const std::string& name, bool restart) {
  if (restart) world_.stop();
  const Status set = world_.set_catalog(read_file(folder_ + "/catalogs/" + name + ".yaml"));
  if (!set) return {set.error().message};
  world_.start();
  settle();
  return {};
}

std::string Player::label_of(const std::string& request_id) {
  const auto [found, added] = labels_.try_emplace(request_id, "");
  if (added) found->second = "#" + std::to_string(labels_.size());
  return found->second;
}

// What receivers saw since the last time; each request once, unless every attempt is asked for.
std::vector<std::string> Player::requests(bool every_attempt) {
  std::vector<std::string> out;
  for (; told_ < attempts_.size(); ++told_) {
    const Attempt& attempt = attempts_[told_];
    const bool seen = attempt.reply.kind != testing::Reply::Kind::kUnseen;
    if (!seen && !every_attempt) continue;
    const std::string label = label_of(attempt.request.header("webhook-id"));
    const auto [words, added] =
        bodies_.try_emplace(attempt.request.header("Idempotency-Key"), attempt.request.body);
    if (words->second != attempt.request.body) {
      broken_.push_back("the same words: " + label + " was sent with two bodies");
    }
    if (every_attempt) {
      const io::HttpAnswer& answer = attempt.reply.answer;
      out.push_back(format_timestamp(attempt.at).substr(11, 12) + " " + label + " " +
                    (answer.status == 0 ? answer.error : std::to_string(answer.status)));
    } else if (added) {
      out.push_back(attempt.request.method + " " + attempt.request.url + " " + label + " " +
                    attempt.request.body);
    }
  }
  if (!every_attempt) std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> Player::pending() {
  std::vector<std::string> out;
  for (const runtime::PendingStatus& pending : world_.status().pending) {
    out.push_back(pending.trigger + " " + label_of(pending.request_id) + " (" +
                  std::to_string(pending.after) + ", " + std::to_string(pending.through) + "] " +
                  pending.state);
  }
  return out;
}

std::vector<std::string> Player::status() const {
  const runtime::TaskStatus status = world_.status();
  const std::string state(runtime::name_of(status.state));
  return {status.reason.empty() ? state : state + ": " + status.reason};
}

}  // namespace weir::scenarios
