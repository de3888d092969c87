#include "runtime/shard.h"

#include "base/log.h"
#include "runtime/session.h"

namespace weir::runtime {
namespace {

// Nothing is lost by looking now and then although nobody notified: the watcher may have missed an
// arrival.
constexpr std::chrono::seconds kIdleLook{5};
constexpr std::chrono::milliseconds kStatusEvery{250};
constexpr std::chrono::nanoseconds kNow{0};

TaskEnd end_of(Code code) {
  switch (code) {
    case Code::kRefused: return TaskEnd::kOwned;
    case Code::kSealed: return TaskEnd::kSealed;
    default: return TaskEnd::kFailed;
  }
}

// With --until-caught-up, what the user must mend ends the run instead of being tried again.
bool hopeless(const Error& error) {
  switch (error.code) {
    case Code::kUnavailable:
    case Code::kUnknown:
    case Code::kCancelled: return false;
    default: return true;
  }
}

std::string_view remedy_of(const Error& error) {
  switch (error.code) {
    case Code::kRefused: return "stop the other owner, or run with --take-over";
    case Code::kFull: return "make room; the task goes on by itself, at once after SIGHUP";
    case Code::kSealed:
      return "give the missing secret, or mend what the message names; the task goes on by itself, "
             "at once after SIGHUP";
    case Code::kUnavailable: return "it is tried again by itself";
    case Code::kUnknown: return "the endpoint is asked at the next opening, by itself";
    default: return "mend what the message names; the task goes on by itself, at once after SIGHUP";
  }
}

}  // namespace

Shard::Shard(catalog::BuiltMaterialization built, ShardOptions options, ShardDeps deps)
    : built_(std::move(built)),
      options_(std::move(options)),
      deps_(std::move(deps)),
      random_(deps_.seed) {
  // What was known when the last process ended is shown until a session knows better.
  const auto copy = read_status_copy(*deps_.store);
  if (copy && *copy) {
    if (auto last = status_from_json(**copy)) status_ = *std::move(last);
  }
  status_.name = built_.spec.name;
  status_.state = TaskState::kStarting;
  const TaskStatus before = options_.before.value_or(TaskStatus());
  status_.documents = documents_before_ = before.documents;
  status_.rows = rows_before_ = before.rows;
  status_.attempts = before.attempts;
  for (const AttemptCounts& counts : before.attempts)
    attempts_before_.emplace(counts.identity, counts);
  status_.caught_up = false;
}

Shard::~Shard() = default;

TaskEnd Shard::run() {
  while (const auto wait = step()) {
    if (*wait > kNow) deps_.wake->wait(*wait);
  }
  return end_;
}

Shard::Wait Shard::step() {
  carry_out_commands();
  if (session_ != nullptr) return step_session();
  if (stop_requests_ > 0) return finish(TaskEnd::kDone, "stopped");
  const Instant now = deps_.clock->monotonic();
  if (reopen_at_ && now < *reopen_at_ && !retry_now_.exchange(false)) {
    if (!look_at_ || now >= *look_at_) {
      look_behind();
      look_at_ = now + kIdleLook;
    }
    return std::min(*reopen_at_, *look_at_) - now;
  }
  return open_session();
}

Shard::Wait Shard::open_session() {
  reopen_at_.reset();
  if (!restarts_.stuck()) publish(TaskState::kStarting, "", "");
  opened_ = built_;
  if (deps_.open_triggers) {
    auto triggers = deps_.open_triggers(built_);
    if (!triggers) return failed(triggers.error());
    opened_.triggers = *std::move(triggers);
  }
  session_ = std::make_unique<Session>(opened_, options_, deps_, random_);
  if (const Status opened = session_->open(); !opened) return failed(opened.error());
  log(LogLevel::kInfo, "opened", {{"task", built_.spec.name}});
  return kNow;
}

Shard::Wait Shard::step_session() {
  const Instant now = deps_.clock->monotonic();
  const bool look = look_at_ && now >= *look_at_;
  if (arrived_.exchange(false) || look) session_->arrived();
  if (look) look_at_.reset();
  const int stops = stop_requests_;
  if (stops > 0 && !drain_until_) drain_until_ = now + options_.drain;
  if (stops > 1 || (drain_until_ && now >= *drain_until_)) {
    return finish(TaskEnd::kDone,
                  "stopped without waiting; what was not finished is done again at the next start");
  }
  const auto progress = session_->step(stops > 0);
  if (!progress) return failed(progress.error());
  if (session_->take_progressed()) restarts_.progressed();
  refresh_status(!progress->worked);
  if (progress->worked) return kNow;
  if (progress->stopped) return drain_session();
  return idle_session(progress->wait_until);
}

Shard::Wait Shard::idle_session(std::optional<Instant> wake) {
  const Instant now = deps_.clock->monotonic();
  std::chrono::nanoseconds wait = kIdleLook;
  if (options_.until_caught_up && session_->caught_up()) {
    if (!caught_up_at_) caught_up_at_ = now;
    if (const auto end = caught_up_end()) return finish(*end, "caught up");
    wait = std::min<std::chrono::nanoseconds>(wait, *caught_up_at_ + options_.wait - now);
  }
  if (wake) wait = std::min(wait, *wake - now);
  if (drain_until_) wait = std::min(wait, *drain_until_ - now);
  if (!look_at_) look_at_ = now + kIdleLook;
  wait = std::min(wait, *look_at_ - now);
  return std::max(wait, std::chrono::nanoseconds(1));
}

std::optional<TaskEnd> Shard::caught_up_end() {
  const Deliveries& deliveries = session_->deliveries();
  if (deliveries.idle()) {
    for (const std::string& held : deliveries.held_back()) {
      log(LogLevel::kInfo, "a window is held back by its timers",
          {{"task", built_.spec.name}, {"trigger", held}});
    }
    return deliveries.waits() ? TaskEnd::kDeliveryWaits : TaskEnd::kDone;
  }
  if (deps_.clock->monotonic() - *caught_up_at_ < options_.wait) return std::nullopt;
  return TaskEnd::kDeliveryWaits;
}

// The transaction in hand is finished; attempts under way may still end.
Shard::Wait Shard::drain_session() {
  const auto drained = session_->drain();
  if (!drained) return failed(drained.error());
  if (*drained) return finish(TaskEnd::kDone, "stopped");
  return std::max<std::chrono::nanoseconds>(*drain_until_ - deps_.clock->monotonic(),
                                            std::chrono::nanoseconds(1));
}

Shard::Wait Shard::failed(const Error& error) {
  end_session();
  const RestartVerdict verdict = restarts_.failed(error, random_.next());
  const std::string remedy(remedy_of(error));
  const bool ends =
      verdict.final || (options_.until_caught_up && (hopeless(error) || verdict.stuck));
  const TaskState state = verdict.final   ? TaskState::kRefused
                          : verdict.stuck ? TaskState::kStuck
                                          : TaskState::kRetrying;
  if (verdict.say || ends) {
    log(ends || verdict.stuck ? LogLevel::kError : LogLevel::kWarn, error.message,
        {{"task", built_.spec.name}, {"state", name_of(state)}, {"remedy", remedy}});
  }
  look_behind();
  publish(state, error.message, remedy);
  if (ends) {
    end_commands();
    end_ = end_of(error.code);
    return std::nullopt;
  }
  const Instant now = deps_.clock->monotonic();
  reopen_at_ = now + verdict.wait;
  look_at_ = now + kIdleLook;
  return std::min<std::chrono::nanoseconds>(verdict.wait, kIdleLook);
}

void Shard::look_behind() {
  std::optional<std::int64_t> behind;
  if (committed_) {
    Sources sources(*deps_.journals, built_.spec.bindings, *committed_);
    if (sources.refresh()) behind = sources.bytes_behind();
  }
  const std::lock_guard lock(mutex_);
  status_.caught_up = false;
  if (behind) status_.bytes_behind = *behind;
}

Shard::Wait Shard::finish(TaskEnd end, const std::string& reason) {
  if (session_ != nullptr) refresh_status(true);
  end_session();
  publish(TaskState::kStopped, reason, "");
  log(LogLevel::kInfo, reason, {{"task", built_.spec.name}});
  end_commands();
  end_ = end;
  return std::nullopt;
}

void Shard::end_session() {
  if (session_ == nullptr) return;
  if (session_->opened()) committed_ = session_->committed_sources();
  documents_before_ += session_->documents();
  rows_before_ += session_->rows();
  for (const AttemptCounts& counts : session_->attempts())
    attempts_before_[counts.identity].add(counts);
  if (const Status closed = session_->close(); !closed) {
    log(LogLevel::kWarn, closed.error().message, {{"task", built_.spec.name}});
  }
  session_.reset();
  opened_ = {};
  std::lock_guard lock(mutex_);
  status_.documents = documents_before_;
  status_.rows = rows_before_;
}

void Shard::carry_out_commands() {
  for (;;) {
    Command command;
    {
      std::lock_guard lock(mutex_);
      if (commands_.empty()) return;
      command = std::move(commands_.front());
      commands_.pop_front();
    }
    // Without a session the words are kept for the next one.
    command.answer(session_ != nullptr ? session_->carry_out(command)
                                       : leave_word(*deps_.store, command, deps_.clock->now()));
  }
}

// Those that came too late for the session are kept for the next run.
void Shard::end_commands() {
  std::deque<Command> left;
  {
    std::lock_guard lock(mutex_);
    over_ = true;
    left.swap(commands_);
  }
  for (const Command& command : left)
    command.answer(leave_word(*deps_.store, command, deps_.clock->now()));
}

void Shard::stop() {
  ++stop_requests_;
  deps_.wake->notify();
}

Status Shard::post(Command command) {
  std::lock_guard lock(mutex_);
  if (over_) return error(Code::kUnavailable, "{} has just ended", built_.spec.name);
  if (commands_.size() >= kCommandsMax)
    return error(Code::kLimit, "too many commands wait for {}", built_.spec.name);
  commands_.push_back(std::move(command));
  deps_.wake->notify();
  return {};
}

void Shard::retry_now() {
  retry_now_ = true;
  deps_.wake->notify();
}

void Shard::arrived() {
  arrived_ = true;
  deps_.wake->notify();
}

TaskStatus Shard::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

void Shard::refresh_status(bool now) {
  const Instant time = deps_.clock->monotonic();
  if (!now && refreshed_at_ && time - *refreshed_at_ < kStatusEvery) return;
  refreshed_at_ = time;
  TaskStatus fresh;
  fresh.name = built_.spec.name;
  fresh.state = TaskState::kRunning;
  fresh.documents = documents_before_ + session_->documents();
  fresh.rows = rows_before_ + session_->rows();
  fill(fresh);
  // Only a session that committed knows when; the time of that same commit was said before.
  if (!fresh.committed_at && fresh.transaction == status_.transaction)
    fresh.committed_at = status_.committed_at;
  // The copy in the store serves `weir status` when nothing runs; a failure to write it must not
  // stop the tables.
  const std::string copy = to_json(fresh);
  if (copy != status_copy_) (void)put_status_copy(*deps_.store, copy);
  status_copy_ = copy;
  std::lock_guard lock(mutex_);
  status_ = std::move(fresh);
}

// Attempts with those of earlier sessions.
void Shard::fill(TaskStatus& status) const {
  session_->fill(&status);
  for (AttemptCounts& counts : status.attempts) {
    const auto before = attempts_before_.find(counts.identity);
    if (before != attempts_before_.end()) counts.add(before->second);
  }
}

void Shard::publish(TaskState state, std::string reason, std::string remedy) {
  {
    std::lock_guard lock(mutex_);
    status_.state = state;
    status_.reason = std::move(reason);
    status_.remedy = std::move(remedy);
    status_copy_ = to_json(status_);
  }
  (void)put_status_copy(*deps_.store, status_copy_);
}

}  // namespace weir::runtime
