// Jobs wait in order of the moment their next attempt is due. Everything but the inbox and the
// events belongs to the thread that calls step().
#include "delivery/dispatcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "base/check.h"
#include "base/fault.h"
#include "delivery/redact.h"

namespace weir::delivery {

namespace {

constexpr std::size_t kReasonResponseMax = 200;

struct Task {
  Job job;
  std::uint32_t attempts = 0;  // begun
  std::optional<Timestamp> since;
  Instant due{};
  bool hurried = false;    // a pause of the endpoint does not hold it
  bool cancelled = false;  // ends after the attempt in flight
  bool in_flight = false;
  Timestamp began{};
  std::vector<Secret> hidden;
};

// What one failed attempt was, in words that may be shown.
std::string describe(const Task& task, const io::HttpAnswer& answer, const AttemptRecord& record) {
  if (answer.status == 0) {
    return fmt::format("{}: {}{}", task.job.label,
                       answer.refused ? "" : "no answer: ", record.error);
  }
  std::string out =
      fmt::format("{}: {} answered {}", task.job.label, task.job.endpoint, answer.status);
  if (answer.status >= 300 && answer.status < 400) {
    out += answer.location.empty() ? std::string(", a redirect")
                                   : fmt::format(", a redirect to {}", answer.location);
    out += "; redirects are not followed: write the address that it leads to";
  }
  if (!record.response.empty()) {
    out += fmt::format(": {}", printable(record.response, kReasonResponseMax));
  }
  return out;
}

}  // namespace

Outgoing::Outgoing(io::HttpRequest http) : request(std::move(http)) {
  for (const auto& [name, value] : request.headers) hidden.push_back(value);
  std::string_view url = request.url.reveal();
  const std::string origin = io::origin_of(url);
  if (url.substr(0, origin.size()) == origin) url.remove_prefix(origin.size());
  if (!url.empty()) hidden.emplace_back(std::string(url));
}

struct Dispatcher::Impl {
  Impl(io::HttpClient& http, const Clock& time, Random chance, std::function<void()> notify)
      : client(http), clock(time), random(chance), changed(std::move(notify)) {}

  struct Cancel {
    std::uint64_t job;
    bool await;
  };

  void take_inbox();
  void enlist(Job job);
  void cancel_now(const Cancel& cancel);
  void hurry_now(std::uint64_t id);
  bool start_due();
  void start(Task& task);
  void finish(const io::Exchanged& exchanged);
  void settle(Task& task, const io::HttpAnswer& answer);
  void failed(Task& task, AttemptRecord record, const std::string& what,
              std::optional<milliseconds> retry_after);
  std::optional<Instant> pause_of(const Task& task) const;
  void wait_until(Task& task, Instant due);
  void tell(const Task& task, Event::Kind kind, AttemptRecord record, std::string reason);
  void end(Task& task, Event::Kind kind, AttemptRecord record, std::string reason);
  std::optional<Instant> next_due() const;

  io::HttpClient& client;
  const Clock& clock;
  Random random;
  const std::function<void()> changed;

  mutable std::mutex mutex;
  std::set<std::uint64_t> ids;         // guarded by mutex: of every job that has no last event yet
  std::vector<Job> submitted;          // guarded by mutex
  std::vector<Cancel> cancelled;       // guarded by mutex
  std::vector<std::uint64_t> hurried;  // guarded by mutex
  std::vector<Event> events;           // guarded by mutex

  std::map<std::uint64_t, Task> tasks;
  std::set<std::pair<Instant, std::uint64_t>> waiting;
  std::map<std::string, Instant> paused;  // endpoint → until
  std::size_t in_flight = 0;
};

void Dispatcher::Impl::take_inbox() {
  std::vector<Job> jobs;
  std::vector<Cancel> cancels;
  std::vector<std::uint64_t> hurries;
  {
    std::lock_guard lock(mutex);
    jobs.swap(submitted);
    cancels.swap(cancelled);
    hurries.swap(hurried);
  }
  for (Job& job : jobs) enlist(std::move(job));
  for (const std::uint64_t id : hurries) hurry_now(id);
  for (const Cancel& cancel : cancels) cancel_now(cancel);
}

void Dispatcher::Impl::enlist(Job job) {
  const Instant now = clock.monotonic();
  Instant due = now;
  if (job.not_before) due += std::max(*job.not_before - clock.now(), std::chrono::microseconds(0));
  const std::uint64_t id = job.id;
  Task& task = tasks[id];
  task.since = job.since;
  task.job = std::move(job);
  wait_until(task, due);
}

void Dispatcher::Impl::cancel_now(const Cancel& cancel) {
  const auto found = tasks.find(cancel.job);
  if (found == tasks.end()) return;
  Task& task = found->second;
  if (task.in_flight && cancel.await) {
    task.cancelled = true;
    return;
  }
  if (task.in_flight) {
    client.cancel(cancel.job);
    task.in_flight = false;
    --in_flight;
  }
  end(task, Event::Kind::kCancelled, {.attempt = task.attempts, .at = clock.now()}, "");
}

void Dispatcher::Impl::hurry_now(std::uint64_t id) {
  const auto found = tasks.find(id);
  if (found == tasks.end() || found->second.in_flight) return;
  found->second.hurried = true;
  wait_until(found->second, clock.monotonic());
}

void Dispatcher::Impl::wait_until(Task& task, Instant due) {
  waiting.erase({task.due, task.job.id});
  task.due = due;
  waiting.insert({due, task.job.id});
}

std::optional<Instant> Dispatcher::Impl::pause_of(const Task& task) const {
  const auto found = paused.find(task.job.endpoint);
  if (task.hurried || found == paused.end() || found->second <= clock.monotonic())
    return std::nullopt;
  return found->second;
}

// Starts what is due; false where something due had to be left for lack of room.
bool Dispatcher::Impl::start_due() {
  const Instant now = clock.monotonic();
  std::erase_if(paused, [&](const auto& item) { return item.second <= now; });
  while (!waiting.empty() && waiting.begin()->first <= now) {
    std::size_t untaken = 0;
    {
      std::lock_guard lock(mutex);
      untaken = events.size();
    }
    if (in_flight >= kInFlightMax || untaken + 2 * in_flight >= kEventsMax) return false;
    Task& task = tasks.at(waiting.begin()->second);
    if (const auto until = pause_of(task)) {
      wait_until(task, *until);
    } else {
      waiting.erase(waiting.begin());
      start(task);
    }
  }
  return true;
}

void Dispatcher::Impl::start(Task& task) {
  task.hurried = false;
  task.began = clock.now();
  if (!task.since) task.since = task.began;
  ++task.attempts;
  fault_point("delivery.before_attempt");
  Result<Outgoing> made = task.job.make();
  if (!made) {
    const AttemptRecord record{
        .attempt = task.attempts, .at = task.began, .error = made.error().message};
    const std::string what = fmt::format("{}: {}", task.job.label, made.error().message);
    if (made.error().code == Code::kInvalid)
      return end(task, Event::Kind::kPermanent, record, what);
    return failed(task, record, what, std::nullopt);
  }
  task.hidden = std::move(made->hidden);
  // Where a reference gives the address, only the request knows it.
  task.job.endpoint = io::origin_of(made->request.url.reveal());
  task.in_flight = true;
  ++in_flight;
  client.start(task.job.id, std::move(made->request));
}

void Dispatcher::Impl::finish(const io::Exchanged& exchanged) {
  const auto found = tasks.find(exchanged.id);
  if (found == tasks.end() || !found->second.in_flight) return;
  found->second.in_flight = false;
  --in_flight;
  fault_point("delivery.after_attempt");
  settle(found->second, exchanged.answer);
}

void Dispatcher::Impl::settle(Task& task, const io::HttpAnswer& answer) {
  const Verdict verdict = verdict_of(answer);
  AttemptRecord record{.attempt = task.attempts, .at = task.began, .status = answer.status};
  record.took = std::chrono::ceil<milliseconds>(answer.total);
  record.bytes = answer.bytes;
  record.resolved = answer.resolved;
  record.connected = answer.connected;
  record.secured = answer.secured;
  record.first_byte = answer.first_byte;
  {
    // Nothing of a request stays behind between its attempts, or once one is told of.
    const std::vector<Secret> hidden = std::exchange(task.hidden, {});
    if (verdict != Verdict::kDelivered) {
      record.error = printable(without_secrets(answer.error, hidden, false), kResponseKept);
      record.response =
          printable(without_secrets(answer.body, hidden, answer.body_cut), kResponseKept);
    }
  }
  if (verdict == Verdict::kDelivered)
    return end(task, Event::Kind::kDelivered, std::move(record), "");
  std::string what = describe(task, answer, record);
  if (verdict == Verdict::kPermanent) {
    return end(task, Event::Kind::kPermanent, std::move(record), std::move(what));
  }
  failed(task, std::move(record), what, parse_retry_after(answer.retry_after, clock.now()));
}

void Dispatcher::Impl::failed(Task& task, AttemptRecord record, const std::string& what,
                              std::optional<milliseconds> retry_after) {
  const Instant now = clock.monotonic();
  if (retry_after && retry_after->count() > 0) {
    Instant& until = paused[task.job.endpoint];
    until = std::max(until, now + *retry_after);
  }
  if (task.cancelled) return end(task, Event::Kind::kCancelled, std::move(record), what);
  const RetryPolicy& policy = task.job.retry;
  if (policy.attempts_max > 0 && task.attempts >= policy.attempts_max) {
    return end(task, Event::Kind::kExhausted, std::move(record),
               fmt::format("{}; gave up after {} attempt{}", what, task.attempts,
                           task.attempts == 1 ? "" : "s"));
  }
  milliseconds wait = backoff(policy, task.attempts + 1, random.next());
  if (retry_after) wait = std::max(wait, *retry_after);
  const Timestamp next_at = clock.now() + wait;
  if (policy.give_up_after && next_at > *task.since + *policy.give_up_after) {
    return end(
        task, Event::Kind::kExhausted, std::move(record),
        fmt::format(
            "{}; gave up after {} attempts in {} s", what, task.attempts,
            std::chrono::duration_cast<std::chrono::seconds>(clock.now() - *task.since).count()));
  }
  record.next_at = next_at;
  wait_until(task, now + wait);
  tell(task, Event::Kind::kAttempt, std::move(record), what);
}

void Dispatcher::Impl::tell(const Task& task, Event::Kind kind, AttemptRecord record,
                            std::string reason) {
  {
    std::lock_guard lock(mutex);
    if (kind != Event::Kind::kAttempt) ids.erase(task.job.id);
    events.push_back({kind, task.job.id, task.job.key, std::move(record), std::move(reason)});
  }
  changed();
}

void Dispatcher::Impl::end(Task& task, Event::Kind kind, AttemptRecord record, std::string reason) {
  waiting.erase({task.due, task.job.id});
  tell(task, kind, std::move(record), std::move(reason));
  tasks.erase(task.job.id);
}

std::optional<Instant> Dispatcher::Impl::next_due() const {
  if (waiting.empty()) return std::nullopt;
  return waiting.begin()->first;
}

Dispatcher::Dispatcher(io::HttpClient& client, const Clock& clock, Random random,
                       std::function<void()> changed)
    : impl_(std::make_unique<Impl>(client, clock, random, std::move(changed))) {}

Dispatcher::~Dispatcher() {
  for (const auto& [id, task] : impl_->tasks) {
    if (task.in_flight) impl_->client.cancel(id);
  }
}

Status Dispatcher::submit(Job job) {
  {
    std::lock_guard lock(impl_->mutex);
    if (impl_->ids.size() >= kJobsMax) {
      return error(Code::kLimit, "{} requests are being delivered already", kJobsMax);
    }
    const bool is_new = impl_->ids.insert(job.id).second;
    WEIR_CHECK(is_new);
    impl_->submitted.push_back(std::move(job));
  }
  impl_->client.wake();
  return {};
}

void Dispatcher::cancel(std::uint64_t job, bool await) {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->cancelled.push_back({job, await});
  }
  impl_->client.wake();
}

void Dispatcher::hurry(std::uint64_t job) {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->hurried.push_back(job);
  }
  impl_->client.wake();
}

std::vector<Event> Dispatcher::take_events() {
  std::lock_guard lock(impl_->mutex);
  return std::exchange(impl_->events, {});
}

void Dispatcher::step(std::chrono::milliseconds wait) {
  impl_->take_inbox();
  // What found no room is started when an answer makes some, or when events were taken: look again
  // soon.
  constexpr milliseconds kCrowdedWait{50};
  if (!impl_->start_due()) {
    wait = std::min(wait, kCrowdedWait);
  } else if (const auto due = impl_->next_due()) {
    const auto until = std::chrono::ceil<milliseconds>(*due - impl_->clock.monotonic());
    wait = std::clamp(until, milliseconds(0), wait);
  }
  for (const io::Exchanged& exchanged : impl_->client.poll(wait)) impl_->finish(exchanged);
}

bool Dispatcher::idle() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->ids.empty();
}

}  // namespace weir::delivery
