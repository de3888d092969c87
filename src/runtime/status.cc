#include "runtime/status.h"

#include <algorithm>

#include "json/events.h"
#include "json/number.h"

namespace weir::runtime {
namespace {

constexpr TaskState kStates[] = {TaskState::kStarting, TaskState::kRunning, TaskState::kBlocked,
                                 TaskState::kRetrying, TaskState::kStuck,   TaskState::kRefused,
                                 TaskState::kStopped};

// Writes `"name":value` members one after another.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  void text(std::string_view name, std::string_view value) {
    key(name);
    json::write_string(value, out_);
  }
  void time(std::string_view name, const std::optional<Timestamp>& value) {
    key(name);
    if (value) {
      json::write_string(format_timestamp(*value), out_);
    } else {
      out_ += "null";
    }
  }
  template <typename T>
  void number(std::string_view name, T value) {
    key(name);
    out_ += std::to_string(value);
  }
  void boolean(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
  }
  void key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    json::write_string(name, out_);
    out_ += ':';
  }
  void end() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

void write_pending(const PendingStatus& pending, std::string& out) {
  ObjectWriter writer(out);
  writer.text("trigger", pending.trigger);
  writer.text("identity", pending.identity);
  writer.text("request_id", pending.request_id);
  writer.number("after", pending.after);
  writer.number("through", pending.through);
  writer.text("state", pending.state);
  writer.number("attempts", pending.attempts);
  writer.time("next_attempt_at", pending.next_attempt_at);
  writer.time("since", pending.since);
  writer.text("note", pending.note);
  writer.end();
}

void write_attempts(const AttemptCounts& counts, std::string& out) {
  ObjectWriter writer(out);
  writer.text("trigger", counts.trigger);
  writer.text("identity", counts.identity);
  writer.number("delivered", counts.delivered);
  writer.number("retried", counts.retried);
  writer.number("failed", counts.failed);
  writer.number("cancelled", counts.cancelled);
  writer.end();
}

template <typename T>
void write_list(const std::vector<T>& list, void (*write)(const T&, std::string&),
                std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ',';
    write(list[i], out);
  }
  out += ']';
}

std::string text_of(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

std::int64_t number_of(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->is_number() ? json::to_int64(value->number_text()).value_or(0)
                                                : 0;
}

std::optional<Timestamp> time_of(const json::Value& object, std::string_view name) {
  Timestamp time;
  if (!parse_timestamp(text_of(object, name), &time)) return std::nullopt;
  return time;
}

PendingStatus read_pending(const json::Value& row) {
  PendingStatus pending;
  pending.trigger = text_of(row, "trigger");
  pending.identity = text_of(row, "identity");
  pending.request_id = text_of(row, "request_id");
  pending.after = static_cast<std::uint64_t>(number_of(row, "after"));
  pending.through = static_cast<std::uint64_t>(number_of(row, "through"));
  pending.state = text_of(row, "state");
  pending.attempts = static_cast<std::uint32_t>(number_of(row, "attempts"));
  pending.next_attempt_at = time_of(row, "next_attempt_at");
  pending.since = time_of(row, "since");
  pending.note = text_of(row, "note");
  return pending;
}

AttemptCounts read_attempts(const json::Value& row) {
  const auto count = [&](std::string_view name) {
    return static_cast<std::uint64_t>(number_of(row, name));
  };
  return {.trigger = text_of(row, "trigger"),
          .identity = text_of(row, "identity"),
          .delivered = count("delivered"),
          .retried = count("retried"),
          .failed = count("failed"),
          .cancelled = count("cancelled")};
}

}  // namespace

std::string_view name_of(TaskState state) {
  switch (state) {
    case TaskState::kStarting: return "starting";
    case TaskState::kRunning: return "running";
    case TaskState::kBlocked: return "blocked";
    case TaskState::kRetrying: return "retrying";
    case TaskState::kStuck: return "stuck";
    case TaskState::kRefused: return "refused";
    case TaskState::kStopped: return "stopped";
  }
  return "?";
}

void AttemptCounts::add(const AttemptCounts& other) {
  delivered += other.delivered;
  retried += other.retried;
  failed += other.failed;
  cancelled += other.cancelled;
}

bool TaskStatus::healthy() const {
  if (state == TaskState::kBlocked || state == TaskState::kRetrying || state == TaskState::kStuck ||
      state == TaskState::kRefused) {
    return false;
  }
  return std::none_of(pending.begin(), pending.end(), [](const PendingStatus& p) {
    return p.state == "parked" || (p.state == "cut" && p.attempts > 0);
  });
}

std::string to_json(const TaskStatus& status) {
  std::string out;
  ObjectWriter writer(out);
  writer.text("materialization", status.name);
  writer.text("state", name_of(status.state));
  writer.text("reason", status.reason);
  writer.text("remedy", status.remedy);
  writer.number("transaction", status.transaction);
  writer.time("committed_at", status.committed_at);
  writer.number("documents", status.documents);
  writer.number("rows", status.rows);
  writer.number("bytes_behind", status.bytes_behind);
  writer.boolean("caught_up", status.caught_up);
  writer.key("pending");
  write_list(status.pending, &write_pending, out);
  writer.key("attempts");
  write_list(status.attempts, &write_attempts, out);
  writer.end();
  return out;
}

Result<TaskStatus> status_from_json(std::string_view text) {
  WEIR_TRY(const json::Tree tree, json::parse_tree(text));
  TaskStatus status;
  status.name = text_of(tree.root, "materialization");
  const std::string state = text_of(tree.root, "state");
  const auto known = std::find_if(std::begin(kStates), std::end(kStates),
                                  [&](TaskState candidate) { return name_of(candidate) == state; });
  if (known == std::end(kStates)) return error(Code::kCorrupt, "a status copy of another version");
  status.state = *known;
  status.reason = text_of(tree.root, "reason");
  status.remedy = text_of(tree.root, "remedy");
  status.transaction = static_cast<std::uint64_t>(number_of(tree.root, "transaction"));
  status.committed_at = time_of(tree.root, "committed_at");
  status.documents = static_cast<std::uint64_t>(number_of(tree.root, "documents"));
  status.rows = static_cast<std::uint64_t>(number_of(tree.root, "rows"));
  status.bytes_behind = number_of(tree.root, "bytes_behind");
  const json::Value* caught_up = tree.root.find("caught_up");
  status.caught_up = caught_up != nullptr && caught_up->is_bool() && caught_up->as_bool();
  const json::Value* pending = tree.root.find("pending");
  if (pending != nullptr && pending->is_array()) {
    for (const json::Value& row : pending->items()) status.pending.push_back(read_pending(row));
  }
  const json::Value* attempts = tree.root.find("attempts");
  if (attempts != nullptr && attempts->is_array()) {
    for (const json::Value& row : attempts->items()) status.attempts.push_back(read_attempts(row));
  }
  return status;
}

}  // namespace weir::runtime
