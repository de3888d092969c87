#include "app/process.h"

#include <unistd.h>

#include <algorithm>
#include <future>

#include "app/output.h"
#include "base/log.h"
#include "catalog/load.h"

namespace weir::app {
namespace {

// How long the second signal waits for threads before the process ends without them; nothing is
// lost by that.
constexpr std::chrono::seconds kHaste{2};
constexpr std::chrono::milliseconds kSignalsEvery{50};
// Documents that came since may not fit the schema that was inferred then.
constexpr std::chrono::minutes kInferAgainEvery{1};
// A destination that gives no answer is asked again after the first pause, then twice as long, up
// to the last.
constexpr std::chrono::seconds kAskFirstPause{2}, kAskPauseMax{60};

bool same_secrets(const std::map<std::string, Secret>& a, const std::map<std::string, Secret>& b) {
  if (a.size() != b.size()) return false;
  for (auto left = a.begin(), right = b.begin(); left != a.end(); ++left, ++right) {
    if (left->first != right->first || left->second.reveal() != right->second.reveal())
      return false;
  }
  return true;
}

bool same(const catalog::Trigger& a, const catalog::Trigger& b) {
  return a.name == b.name && a.method == b.method && a.url.reveal() == b.url.reveal() &&
         same_secrets(a.headers, b.headers) && a.payload_template == b.payload_template &&
         a.timeout == b.timeout && a.max_attempts == b.max_attempts &&
         a.max_attempts_written == b.max_attempts_written && a.enabled == b.enabled &&
         a.delivery == b.delivery && a.on_exhausted == b.on_exhausted && a.interval == b.interval &&
         a.merge_pending == b.merge_pending && same_secrets(a.secrets, b.secrets) &&
         a.base_dir == b.base_dir;
}

}  // namespace

ExitCode exit_code_of(runtime::TaskEnd end) {
  switch (end) {
    case runtime::TaskEnd::kDone: return ExitCode::kDone;
    case runtime::TaskEnd::kFailed: return ExitCode::kFailed;
    case runtime::TaskEnd::kCatalog: return ExitCode::kCatalog;
    case runtime::TaskEnd::kOwned: return ExitCode::kOwned;
    case runtime::TaskEnd::kSealed: return ExitCode::kSealed;
    case runtime::TaskEnd::kDeliveryWaits: return ExitCode::kDeliveryWaits;
  }
  return ExitCode::kFailed;
}

bool same(const catalog::BuiltMaterialization& a, const catalog::BuiltMaterialization& b) {
  return a.spec == b.spec && a.files == b.files && a.sealed_triggers == b.sealed_triggers &&
         a.shards.min_txn_duration == b.shards.min_txn_duration &&
         a.shards.max_txn_duration == b.shards.max_txn_duration &&
         a.shards.log_level == b.shards.log_level &&
         std::equal(
             a.triggers.begin(), a.triggers.end(), b.triggers.begin(), b.triggers.end(),
             [](const catalog::Trigger& x, const catalog::Trigger& y) { return same(x, y); });
}

Process::Process(Signals& signals, ProcessOptions options)
    : signals_(signals),
      options_(std::move(options)),
      reporter_(options_.view),
      notifier_(Notifier::from_environment()) {}

Process::~Process() = default;

ExitCode Process::run(Duties duties) {
  Status started = start_control();
  if (started) started = start_http(std::move(duties.collections));
  if (!started) {
    print_error(started.error().message);
    return exit_code_of(started.error().code);
  }
  arrivals_ = std::make_unique<Arrivals>(options_.folders.journals, [this] {
    const std::lock_guard lock(mutex_);
    for (auto& [name, task] : tasks_) task->shard().arrived();
  });
  for (const catalog::BuiltMaterialization& built : duties.materializations) start(built);
  wait_for(duties.unasked);
  notifier_.ready(status_of(all_statuses()));
  Instant next_look = system_clock().monotonic();
  while (!tasks_.empty() || !waiting_.empty()) {
    const Instant now = system_clock().monotonic();
    if (now >= next_look) {
      look();
      infer_again(now);
      ask_destinations(now);
      next_look =
          now + (options_.view == Reporter::View::kTerminal ? kRedrawEvery : kCommitLineEvery);
    }
    // Looking takes each task's lock: a task that holds it for ever stops this, and is noticed.
    notifier_.alive(now);
    const Instant next = std::min(next_look, notifier_.next_alive().value_or(next_look));
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - now);
    if (const auto signal = signals_.wait(wait)) handle(*signal);
    take_ended();
  }
  if (stop_signals_ == 0) notifier_.stopping(options_.task.shard.drain + kHaste);
  drain_http();
  arrivals_.reset();
  control_.reset();
  return interrupted_ ? ExitCode::kInterrupted : worst_;
}

Status Process::start_control() {
  ControlHandlers handlers;
  handlers.status = [this] { return statuses(); };
  handlers.runs = [this](const std::string& materialization) {
    const std::lock_guard lock(mutex_);
    return tasks_.contains(materialization);
  };
  handlers.carry_out = [this](const std::string& materialization, runtime::Command command) {
    return carry_out(materialization, std::move(command));
  };
  WEIR_TRY(control_,
           ControlServer::start(control_folder(options_.folders.state), std::move(handlers)));
  return {};
}

Status Process::start_http(Collections collections) {
  if (!options_.http) return {};
  HttpService::Deps deps;
  deps.views = [this] { return views(); };
  deps.bytes_behind = [this](const std::string& collection) { return bytes_behind(collection); };
  WEIR_TRY(http_, HttpService::start(*options_.http, std::move(deps), std::move(collections)));
  log(LogLevel::kInfo, "listening", {{"http", http_->origin()}});
  return {};
}

// Posts that were begun are finished, as long as the drain may take.
void Process::drain_http() {
  if (http_ == nullptr) return;
  http_->begin_drain();
  const Instant deadline = system_clock().monotonic() + options_.task.shard.drain;
  while (stop_signals_ < 2 && system_clock().monotonic() < deadline &&
         !http_->drained(kSignalsEvery)) {
    notifier_.alive(system_clock().monotonic());
    if (const auto signal = signals_.wait(std::chrono::milliseconds(0))) handle(*signal);
  }
  // A post under way is as good as one that a crash cuts off.
  if (stop_signals_ > 1) ::_exit(static_cast<int>(ExitCode::kInterrupted));
  http_.reset();
}

void Process::start(const catalog::BuiltMaterialization& built) {
  TaskOptions options = options_.task;
  if (const auto last = last_.find(built.spec.name); last != last_.end())
    options.shard.before = last->second;
  auto task = Task::start(built, options_.folders, options_.owner, options);
  if (!task) {
    log(LogLevel::kError, task.error().message, {{"task", built.spec.name}});
    worst_ = worse(worst_, exit_code_of(task.error().code));
    TaskResult result;
    result.status.name = built.spec.name;
    result.status.state = runtime::TaskState::kRefused;
    result.status.reason = task.error().message;
    result.end =
        task.error().code == Code::kRefused ? runtime::TaskEnd::kOwned : runtime::TaskEnd::kFailed;
    const std::lock_guard lock(mutex_);
    results_[built.spec.name] = std::move(result);
    return;
  }
  for (const protocol::Binding& binding : built.spec.bindings) {
    const auto files = built.files.find(binding.collection.name);
    if (files == built.files.end()) {
      arrivals_->watch(binding.collection.name);
    } else {
      arrivals_->watch(files->first, {files->second.folder, files->second.patterns});
    }
  }
  const std::lock_guard lock(mutex_);
  tasks_[built.spec.name] = std::move(*task);
}

void Process::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  results_.erase(name);
}

void Process::take_ended() {
  std::vector<std::string> names;
  for (const auto& [name, task] : tasks_) {
    if (task->ended()) names.push_back(name);
  }
  for (const std::string& name : names) ended(name);
}

void Process::ended(const std::string& name) {
  std::unique_ptr<Task> task;
  {
    const std::lock_guard lock(mutex_);
    task = std::move(tasks_.at(name));
    tasks_.erase(name);
  }
  const runtime::TaskEnd end = *task->ended();
  last_[name] = task->shard().status();
  {
    const std::lock_guard lock(mutex_);
    results_[name] = {last_[name], end};
  }
  look();
  const auto next = next_.find(name);
  if (next == next_.end() || stop_signals_ > 0) {
    worst_ = worse(worst_, exit_code_of(end));
    return;
  }
  const catalog::BuiltMaterialization built = std::move(next->second);
  next_.erase(next);
  forget(name);
  task.reset();  // its state must be free before it is opened again
  start(built);
}

void Process::handle(Signal signal) {
  switch (signal) {
    case Signal::kChanged: return;
    case Signal::kHangUp:
      if (stop_signals_ > 0) return;
      notifier_.reloading(system_clock().monotonic());
      reload();
      notifier_.ready(status_of(all_statuses()));
      return;
    case Signal::kInterrupt: interrupted_ = true; break;
    case Signal::kTerminate: break;
  }
  ++stop_signals_;
  next_.clear();
  end_waiting();
  if (stop_signals_ == 1) {
    log(LogLevel::kInfo, "draining; a second signal stops at once");
    if (http_ != nullptr) http_->begin_drain();
    notifier_.stopping(options_.task.shard.drain + kHaste);
    stop_all();
    return;
  }
  log(LogLevel::kWarn, "stopping at once; what was not finished is done again at the next start");
  stop_all();
  const Instant deadline = system_clock().monotonic() + kHaste;
  while (!tasks_.empty() && system_clock().monotonic() < deadline) {
    signals_.wait(std::chrono::milliseconds(50));
    take_ended();
  }
  // Whatever state this leaves is one that a crash could leave.
  if (!tasks_.empty()) ::_exit(static_cast<int>(ExitCode::kInterrupted));
  interrupted_ = true;
}

void Process::stop_all() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, task] : tasks_) task->shard().stop();
}

void Process::reload() {
  auto fresh = options_.reload();
  if (!fresh) {
    log(LogLevel::kError, "the changed catalog has errors; everything goes on as it was");
    ask_next_ = {};
    return;
  }
  wait_for({});
  std::map<std::string, const catalog::BuiltMaterialization*> wanted;
  for (const catalog::BuiltMaterialization& built : fresh->materializations)
    wanted[built.spec.name] = &built;
  std::size_t changed = 0;
  next_.clear();
  for (auto& [name, task] : tasks_) {
    const auto found = wanted.find(name);
    if (found != wanted.end() && same(task->built(), *found->second)) {
      task->shard().retry_now();
      continue;
    }
    ++changed;
    if (found != wanted.end()) next_.emplace(name, *found->second);
    task->shard().stop();
  }
  for (const auto& [name, built] : wanted) {
    if (tasks_.contains(name)) continue;
    ++changed;
    forget(name);
    start(*built);
  }
  if (http_ != nullptr) http_->set_collections(std::move(fresh->collections));
  log(LogLevel::kInfo, "catalog read again", {{"changed", changed}});
}

// For tasks that fail, and have a schema that was inferred: perhaps it is that. The others go on,
// and those that ended stay so.
void Process::infer_again(Instant now) {
  if (now < infer_next_ || stop_signals_ > 0 || !next_.empty()) return;
  const auto perhaps = [](Task& task) {
    const runtime::TaskState state = task.shard().status().state;
    const auto& bindings = task.built().spec.bindings;
    return (state == runtime::TaskState::kRetrying || state == runtime::TaskState::kStuck) &&
           std::any_of(bindings.begin(), bindings.end(), [](const protocol::Binding& binding) {
             return catalog::is_inferred(binding.collection);
           });
  };
  const bool any = std::any_of(tasks_.begin(), tasks_.end(),
                               [&](const auto& each) { return perhaps(*each.second); });
  if (!any) return;
  infer_next_ = now + kInferAgainEvery;
  const auto fresh = options_.ask_again();
  if (!fresh) return;
  for (const catalog::BuiltMaterialization& built : fresh->materializations) {
    const auto task = tasks_.find(built.spec.name);
    if (task == tasks_.end() || !perhaps(*task->second) || same(task->second->built(), built))
      continue;
    log(LogLevel::kInfo, "schemas inferred again from the documents", {{"task", task->first}});
    next_.emplace(task->first, built);
    task->second->shard().stop();
  }
}

// Of these, and no others.
void Process::wait_for(const std::map<std::string, std::string>& unasked) {
  if (waiting_.empty()) {
    ask_pause_ = kAskFirstPause;
    ask_next_ = system_clock().monotonic() + ask_pause_;
  }
  std::map<std::string, runtime::TaskStatus> waiting;
  for (const auto& [name, why] : unasked) {
    runtime::TaskStatus& status = waiting[name];
    status.name = name;
    status.state = runtime::TaskState::kRetrying;
    status.reason = why;
    if (!waiting_.contains(name))
      log(LogLevel::kWarn, "waiting for the destination to answer",
          {{"task", name}, {"error", why}});
  }
  const std::lock_guard lock(mutex_);
  waiting_ = std::move(waiting);
}

void Process::end_waiting() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, status] : waiting_) results_[name] = {status, runtime::TaskEnd::kFailed};
  waiting_.clear();
}

void Process::ask_destinations(Instant now) {
  if (waiting_.empty() || now < ask_next_) return;
  const auto fresh = options_.ask_again();
  ask_pause_ = std::min<milliseconds>(2 * ask_pause_, kAskPauseMax);
  ask_next_ = system_clock().monotonic() + ask_pause_;
  if (!fresh) return;
  std::vector<const catalog::BuiltMaterialization*> answered;
  for (const catalog::BuiltMaterialization& built : fresh->materializations) {
    if (waiting_.contains(built.spec.name)) answered.push_back(&built);
  }
  std::map<std::string, std::string> still = fresh->unasked;
  // Those that run already were asked too.
  std::erase_if(still, [&](const auto& each) { return !waiting_.contains(each.first); });
  wait_for(still);
  for (const catalog::BuiltMaterialization* built : answered) start(*built);
}

void Process::look() {
  const std::vector<runtime::TaskStatus> all = all_statuses();
  reporter_.look(all, system_clock().monotonic());
  if (stop_signals_ == 0) notifier_.status(status_of(all));
}

std::vector<runtime::TaskStatus> Process::all_statuses() const {
  std::vector<runtime::TaskStatus> all = statuses();
  for (const auto& [name, result] : results_) {
    if (!tasks_.contains(name)) all.push_back(result.status);
  }
  return all;
}

std::vector<runtime::TaskStatus> Process::statuses() const {
  const std::lock_guard lock(mutex_);
  std::vector<runtime::TaskStatus> all;
  for (const auto& [name, task] : tasks_) all.push_back(task->shard().status());
  for (const auto& [name, status] : waiting_) all.push_back(status);
  return all;
}

std::vector<TaskView> Process::views() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, TaskView> all;
  for (const auto& [name, result] : results_) all[name] = {result.status, false, true};
  for (const auto& [name, status] : waiting_) all[name] = {status, true, true};
  for (const auto& [name, task] : tasks_) all[name] = {task->shard().status(), true, true};
  std::vector<TaskView> out;
  for (auto& [name, view] : all) out.push_back(std::move(view));
  return out;
}

std::uint64_t Process::bytes_behind(const std::string& collection) const {
  const std::lock_guard lock(mutex_);
  std::int64_t most = 0;
  for (const auto& [name, task] : tasks_) {
    const auto& bindings = task->built().spec.bindings;
    const bool reads = std::any_of(bindings.begin(), bindings.end(), [&](const auto& binding) {
      return binding.collection.name == collection;
    });
    if (reads) most = std::max(most, task->shard().status().bytes_behind);
  }
  return static_cast<std::uint64_t>(most);
}

Result<std::string> Process::carry_out(const std::string& materialization,
                                       runtime::Command command) {
  const auto promise = std::make_shared<std::promise<Result<std::string>>>();
  std::future<Result<std::string>> answer = promise->get_future();
  command.answer = [promise](Result<std::string> sentence) {
    promise->set_value(std::move(sentence));
  };
  {
    const std::lock_guard lock(mutex_);
    const auto task = tasks_.find(materialization);
    if (task == tasks_.end())
      return error(Code::kUnavailable, "{} has just ended", materialization);
    WEIR_RETURN_IF_ERROR(task->second->shard().post(std::move(command)));
  }
  if (answer.wait_for(kControlWait) != std::future_status::ready) {
    return error(Code::kUnavailable, "{} is busy and will do it later", materialization);
  }
  return answer.get();
}

}  // namespace weir::app
