#include "app/status_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/output.h"
#include "app/screen_text.h"
#include "app/watch_view.h"

namespace weir::app {
namespace {

constexpr std::string_view kPage = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="5">
<title>weir</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff; }}
table {{ border-collapse: collapse; }}
th, td {{ text-align: left; padding: .3rem 1.2rem .3rem 0; border-bottom: 1px solid #ddd; }}
.ill td:nth-child(2) {{ color: #b00; font-weight: bold; }}
.well td:nth-child(2) {{ color: #070; }}
footer {{ margin-top: 1.5rem; color: #666; }}
</style>
</head>
<body>
<h1>weir {}</h1>
<p>{}</p>
<table>
<tr><th>Materialization</th><th>State</th><th>Transaction</th><th>Committed</th><th>Behind</th><th>Owes</th></tr>
{}</table>
<footer><a href="status">status</a> · <a href="metrics">metrics</a> · <a href="healthz">healthz</a></footer>
</body>
</html>
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string_view state_of(const TaskView& view) {
  if (!view.ever_ran) return "never ran";
  return runtime::name_of(view.status.state);
}

std::size_t parked(const runtime::TaskStatus& status) {
  return static_cast<std::size_t>(
      std::count_if(status.pending.begin(), status.pending.end(),
                    [](const auto& pending) { return pending.state == "parked"; }));
}

// What is wrong, and what repairs it: of the task itself, or else of the first delivery that fails.
struct Trouble {
  std::string reason;
  std::string remedy;
};

Trouble trouble_of(const runtime::TaskStatus& status) {
  using runtime::TaskState;
  const bool delivers = status.state == TaskState::kStarting ||
                        status.state == TaskState::kRunning || status.state == TaskState::kStopped;
  if (status.healthy() || !delivers) return {status.reason, status.remedy};
  for (const runtime::PendingStatus& pending : status.pending) {
    const std::string why = pending.note.empty() ? "" : ": " + pending.note;
    if (pending.state == "parked") {
      return {fmt::format("a request of trigger {} is parked{}", pending.trigger, why),
              "mend the receiver or the trigger, then weir triggers redeliver; or weir triggers "
              "discard"};
    }
    if (pending.state == "cut" && pending.attempts > 0) {
      return {fmt::format("trigger {} does not reach its receiver{}", pending.trigger, why),
              "it is tried again by itself; weir triggers pending shows when"};
    }
  }
  return {status.reason, status.remedy};
}

}  // namespace

std::string status_as_json(const std::vector<TaskView>& views) {
  JsonRows rows;
  for (const TaskView& view : views) {
    const runtime::TaskStatus& status = view.status;
    rows.begin();
    rows.text("materialization", status.name);
    rows.flag("running", view.running);
    rows.text("state", state_of(view));
    rows.flag("healthy", status.healthy());
    const Trouble trouble = trouble_of(status);
    rows.text("reason", trouble.reason);
    rows.text("remedy", trouble.remedy);
    rows.number("transaction", status.transaction);
    if (status.committed_at) {
      rows.text("committed_at", format_timestamp(*status.committed_at));
    } else {
      rows.null("committed_at");
    }
    rows.number("documents", status.documents);
    rows.number("rows", status.rows);
    rows.number("bytes_behind", status.bytes_behind);
    rows.flag("caught_up", status.caught_up);
    rows.number("pending", static_cast<std::uint64_t>(status.pending.size()));
    rows.number("parked", static_cast<std::uint64_t>(parked(status)));
  }
  return rows.finish();
}

std::string status_as_text(const std::vector<TaskView>& views) {
  std::vector<std::vector<std::string>> rows{
      {"MATERIALIZATION", "STATE", "TRANSACTION", "COMMITTED", "BEHIND", "OWES"}};
  std::string reasons;
  for (const TaskView& view : views) {
    const runtime::TaskStatus& status = view.status;
    const std::string owes = count_pending(status);
    std::string state(state_of(view));
    if (view.ever_ran && !view.running) {
      const bool ended_well = status.state == runtime::TaskState::kStopped;
      state = ended_well ? "not running" : fmt::format("{} (not running)", state);
    }
    rows.push_back({status.name, state, std::to_string(status.transaction),
                    status.committed_at ? short_timestamp(*status.committed_at) : "-",
                    view.running ? short_bytes(static_cast<std::uint64_t>(
                                       std::max<std::int64_t>(0, status.bytes_behind)))
                                 : "-",
                    owes.empty() ? "-" : owes});
    const Trouble trouble = trouble_of(status);
    if (trouble.reason.empty() || status.healthy()) continue;
    reasons += fmt::format("\n{}: {}\n", status.name, trouble.reason);
    if (!trouble.remedy.empty()) reasons += fmt::format("    {}\n", trouble.remedy);
  }
  return text_table(rows) + reasons;
}

std::string status_as_page(const std::vector<TaskView>& views, std::string_view version,
                           Timestamp now) {
  std::string rows;
  for (const TaskView& view : views) {
    const runtime::TaskStatus& status = view.status;
    const std::string owes = count_pending(status);
    rows += fmt::format(
        "<tr class=\"{}\"><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{} bytes</td>"
        "<td>{}</td></tr>\n",
        status.healthy() ? "well" : "ill", escaped(status.name), state_of(view), status.transaction,
        status.committed_at ? format_timestamp(*status.committed_at) : "-", status.bytes_behind,
        owes.empty() ? "-" : owes);
    const Trouble trouble = trouble_of(status);
    if (!status.healthy() && !trouble.reason.empty()) {
      rows += fmt::format("<tr><td></td><td colspan=\"5\">{}<br>{}</td></tr>\n",
                          escaped(trouble.reason), escaped(trouble.remedy));
    }
  }
  return fmt::format(kPage, escaped(version), format_timestamp(now), rows);
}

bool all_healthy(const std::vector<TaskView>& views) {
  return std::all_of(views.begin(), views.end(),
                     [](const TaskView& view) { return view.status.healthy(); });
}

}  // namespace weir::app
