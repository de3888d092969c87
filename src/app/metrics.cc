#include "app/metrics.h"

#include <algorithm>

#include "app/open_metrics.h"

namespace weir::app {
namespace {

using Type = OpenMetrics::Type;
constexpr runtime::TaskState kStates[] = {
    runtime::TaskState::kStarting, runtime::TaskState::kRunning, runtime::TaskState::kBlocked,
    runtime::TaskState::kRetrying, runtime::TaskState::kStuck,   runtime::TaskState::kRefused,
    runtime::TaskState::kStopped};
constexpr std::string_view kPendingStates[] = {"open", "cut", "parked", "orphaned"};

double seconds_of(Timestamp time) {
  return static_cast<double>(time.time_since_epoch().count()) / 1e6;
}

// One family with one number per task.
void per_task(OpenMetrics& out, const std::vector<TaskView>& views, std::string_view name,
              Type type, std::string_view unit, std::string_view help,
              std::uint64_t (*value)(const runtime::TaskStatus&)) {
  out.family(name, type, unit, help);
  for (const TaskView& view : views)
    out.sample({{"materialization", view.status.name}}, value(view.status));
}

void write_tasks(OpenMetrics& out, const std::vector<TaskView>& views) {
  using runtime::TaskStatus;
  per_task(out, views, "weir_documents", Type::kCounter, "",
           "Documents that were read and combined since the process started.",
           [](const TaskStatus& status) { return status.documents; });
  per_task(out, views, "weir_rows", Type::kCounter, "",
           "Rows that were stored since the process started.",
           [](const TaskStatus& status) { return status.rows; });
  per_task(out, views, "weir_transactions", Type::kCounter, "",
           "The number of the last committed transaction.",
           [](const TaskStatus& status) { return status.transaction; });
  per_task(out, views, "weir_lag_bytes", Type::kGauge, "bytes",
           "Bytes of the journals that were not read yet.", [](const TaskStatus& status) {
             return static_cast<std::uint64_t>(std::max<std::int64_t>(0, status.bytes_behind));
           });
  per_task(out, views, "weir_caught_up", Type::kGauge, "",
           "1 if everything in the journals is committed.",
           [](const TaskStatus& status) { return std::uint64_t{status.caught_up}; });
  per_task(out, views, "weir_healthy", Type::kGauge, "",
           "1 if nothing is blocked, failing, stuck, refused or parked.",
           [](const TaskStatus& status) { return std::uint64_t{status.healthy()}; });
  out.family("weir_last_commit_timestamp_seconds", Type::kGauge, "seconds",
             "When the last transaction was committed; no sample before the first.");
  for (const TaskView& view : views) {
    if (view.status.committed_at)
      out.sample({{"materialization", view.status.name}}, seconds_of(*view.status.committed_at));
  }
  out.family("weir_state", Type::kStateSet, "", "The state of a materialization.");
  for (const TaskView& view : views) {
    for (const runtime::TaskState state : kStates) {
      out.sample({{"materialization", view.status.name}, {"weir_state", name_of(state)}},
                 std::uint64_t{view.status.state == state});
    }
  }
}

void write_triggers(OpenMetrics& out, const std::vector<TaskView>& views, Timestamp now) {
  out.family("weir_trigger_attempts", Type::kCounter, "",
             "Attempts to deliver since the process started, by what came of them.");
  // Triggers without names can share a label, and are one series then.
  using Key = std::pair<std::string_view, std::string_view>;  // materialization, label
  std::map<Key, runtime::AttemptCounts> attempts;
  for (const TaskView& view : views) {
    for (const runtime::AttemptCounts& counts : view.status.attempts)
      attempts[{view.status.name, counts.trigger}].add(counts);
  }
  for (const auto& [key, counts] : attempts) {
    const std::pair<std::string_view, std::uint64_t> outcomes[] = {{"delivered", counts.delivered},
                                                                   {"retried", counts.retried},
                                                                   {"failed", counts.failed},
                                                                   {"cancelled", counts.cancelled}};
    for (const auto& [outcome, count] : outcomes) {
      out.sample({{"materialization", key.first}, {"trigger", key.second}, {"outcome", outcome}},
                 count);
    }
  }
  // What is owed, and since when; also by triggers that left the catalog.
  struct Owed {
    std::map<std::string_view, std::uint64_t> windows;  // by state
    std::optional<Timestamp> since;
  };
  std::map<Key, Owed> owed;
  for (const TaskView& view : views) {
    for (const runtime::AttemptCounts& counts : view.status.attempts)
      owed[{view.status.name, counts.trigger}];
    for (const runtime::PendingStatus& pending : view.status.pending) {
      Owed& row = owed[{view.status.name, pending.trigger}];
      ++row.windows[pending.state];
      if (pending.since && (!row.since || *pending.since < *row.since)) row.since = pending.since;
    }
  }
  out.family("weir_trigger_owed", Type::kGauge, "", "Windows and requests that a trigger owes.");
  for (const auto& [key, row] : owed) {
    for (const std::string_view state : kPendingStates) {
      const auto count = row.windows.find(state);
      out.sample({{"materialization", key.first}, {"trigger", key.second}, {"state", state}},
                 count == row.windows.end() ? std::uint64_t{0} : count->second);
    }
  }
  out.family("weir_trigger_oldest_owed_age_seconds", Type::kGauge, "seconds",
             "How long ago the oldest transaction began that a trigger still owes; 0: none.");
  for (const auto& [key, row] : owed) {
    const double age = row.since ? std::max(0.0, seconds_of(now) - seconds_of(*row.since)) : 0.0;
    out.sample({{"materialization", key.first}, {"trigger", key.second}}, age);
  }
}

void write_http(OpenMetrics& out, const HttpCounts& http) {
  out.family("weir_http_requests", Type::kCounter, "", "HTTP requests that were answered.");
  for (const auto& [key, count] : http.requests)
    out.sample({{"path", key.first}, {"status", std::to_string(key.second)}}, count);
  out.family("weir_http_connections", Type::kGauge, "", "HTTP connections that are open.");
  out.sample({}, http.connections);
  out.family("weir_http_bodies_bytes", Type::kGauge, "bytes",
             "Bytes of bodies that were received and are not appended yet.");
  out.sample({}, http.bytes_of_bodies);
  out.family("weir_ingest_posts_waiting", Type::kGauge, "",
             "Posts that were received and are not appended yet.");
  out.sample({}, http.posts_waiting);
  out.family("weir_ingest_batches", Type::kCounter, "",
             "Batches that were appended over HTTP, or were there already.");
  for (const auto& [name, counts] : http.collections) {
    out.sample({{"collection", name}, {"outcome", "appended"}}, counts.batches);
    out.sample({{"collection", name}, {"outcome", "already_there"}}, counts.repeated);
  }
  out.family("weir_ingest_documents", Type::kCounter, "", "Documents appended over HTTP.");
  for (const auto& [name, counts] : http.collections)
    out.sample({{"collection", name}}, counts.documents);
}

}  // namespace

std::string metrics_text(const std::vector<TaskView>& views, const HttpCounts& http,
                         std::string_view version, Timestamp started, Timestamp now) {
  OpenMetrics out;
  out.family("weir_build", Type::kInfo, "", "The version of the program.");
  out.sample({{"version", version}}, std::uint64_t{1});
  out.family("weir_start_time_seconds", Type::kGauge, "seconds", "When the process started.");
  out.sample({}, seconds_of(started));
  write_tasks(out, views);
  write_triggers(out, views, now);
  write_http(out, http);
  return out.finish();
}

}  // namespace weir::app
