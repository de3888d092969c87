// The server of the fake endpoint: what outlives the sessions.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "testing/fake_destination.h"

namespace weir::testing {

using connector::Opened;
using connector::OpenedBinding;
using connector::OpenRequest;

Result<FakeResource> read_resource(const std::string& config_json) {
  const auto config = nlohmann::json::parse(config_json, nullptr, /*allow_exceptions=*/false);
  if (!config.is_object() || !config.contains("table") || !config["table"].is_string()) {
    return error(Code::kInvalid, "fake resource: `table` is missing");
  }
  return FakeResource{.table = config["table"],
                      .delta_updates = config.value("delta_updates", false)};
}

namespace {

// Brings one table into shape, as an opening does.
Result<OpenedBinding> shape_table(FakeData& data, const OpenRequest& request,
                                  const protocol::Binding& binding) {
  WEIR_TRY(const FakeResource resource, read_resource(binding.resource_config_json));
  const FakeTable fresh{.materialization = request.spec.name,
                        .state_key = binding.state_key,
                        .backfill = binding.backfill,
                        .keys = binding.field_selection.keys,
                        .rows = {},
                        .appended = {}};
  const auto [it, created] = data.tables.try_emplace(resource.table, fresh);
  FakeTable& table = it->second;
  if (created) return OpenedBinding{.created = true};
  if (table.materialization != request.spec.name) {
    if (!request.take_over) {
      return error(Code::kRefused, "table {} belongs to {}", resource.table,
                   table.materialization.empty() ? "somebody else" : table.materialization);
    }
    table.materialization = fresh.materialization;
    table.state_key = fresh.state_key;
    table.backfill = fresh.backfill;
    return OpenedBinding{};
  }
  if (binding.backfill < table.backfill) {
    return error(Code::kInvalid, "table {}: write `backfill: {}`", resource.table, table.backfill);
  }
  if (binding.backfill > table.backfill) {
    table = fresh;
    return OpenedBinding{.replaced = true};
  }
  if (table.keys != fresh.keys || table.state_key != fresh.state_key) {
    return error(Code::kInvalid, "table {}: its key changed; write `backfill: {}`", resource.table,
                 table.backfill + 1);
  }
  return OpenedBinding{};
}

}  // namespace

FakeData FakeServer::data() const {
  std::lock_guard lock(mutex_);
  return data_;
}

// Commits under way end with the endpoint that they were for.
void FakeServer::set_data(FakeData data) {
  std::lock_guard lock(mutex_);
  held_.reset();
  data_ = std::move(data);
}

std::map<std::string, std::string> FakeServer::rows(const std::string& table) const {
  std::lock_guard lock(mutex_);
  std::map<std::string, std::string> out;
  const auto it = data_.tables.find(table);
  if (it == data_.tables.end()) return out;
  for (const auto& [key, row] : it->second.rows) out[hex_lower(key)] = row.doc_json;
  return out;
}

void FakeServer::fail_next_commit(CommitFault fault) {
  std::lock_guard lock(mutex_);
  next_commit_ = fault;
}

bool FakeServer::complete_held() {
  std::lock_guard lock(mutex_);
  if (!held_) return false;
  HeldCommit commit = *std::exchange(held_, std::nullopt);
  if (commit.fence != data_.fence) return false;
  apply_commit(std::move(commit));
  return true;
}

void FakeServer::apply_commit(HeldCommit commit) {
  apply(commit.changes);
  data_.checkpoint = std::move(commit.checkpoint);
  if (commit.state != 0) states_.insert(commit.state);
  if (on_commit_) on_commit_(*data_.checkpoint, commit.pid);
}

void FakeServer::hold(HeldCommit commit) {
  std::lock_guard lock(mutex_);
  held_ = std::move(commit);
}

std::uint64_t FakeServer::next_state() {
  std::lock_guard lock(mutex_);
  return ++last_state_;
}

std::optional<std::string> FakeServer::document(const std::string& table,
                                                const std::string& key_packed) const {
  std::lock_guard lock(mutex_);
  const auto found = data_.tables.find(table);
  if (found == data_.tables.end()) return std::nullopt;
  const auto row = found->second.rows.find(key_packed);
  if (row == found->second.rows.end()) return std::nullopt;
  return row->second.doc_json;
}

void FakeServer::set_after_call(std::function<Status(std::string_view call)> hook) {
  std::lock_guard lock(mutex_);
  after_call_ = std::move(hook);
}

void FakeServer::set_on_commit(OnCommit observer) {
  std::lock_guard lock(mutex_);
  on_commit_ = std::move(observer);
}

bool FakeServer::staged(std::uint64_t batch) const {
  std::lock_guard lock(mutex_);
  return data_.staged.count(batch) != 0;
}

std::size_t FakeServer::openings() const {
  std::lock_guard lock(mutex_);
  return openings_;
}

std::vector<std::string> FakeServer::violations() const {
  std::lock_guard lock(mutex_);
  return violations_;
}

void FakeServer::violated(std::string words) {
  std::lock_guard lock(mutex_);
  violations_.push_back(std::move(words));
}

Status FakeServer::after(std::string_view call) {
  std::function<Status(std::string_view)> hook;
  {
    std::lock_guard lock(mutex_);
    hook = after_call_;
  }
  return hook ? hook(call) : Status{};
}

void FakeServer::set_before_call(std::function<Status(std::string_view call)> hook) {
  std::lock_guard lock(mutex_);
  before_call_ = std::move(hook);
}

std::vector<std::string> FakeServer::take_calls() {
  std::lock_guard lock(mutex_);
  return std::exchange(calls_, {});
}

Status FakeServer::before(std::string_view call) {
  std::function<Status(std::string_view)> hook;
  {
    std::lock_guard lock(mutex_);
    hook = before_call_;
    if (call != "load" && call != "store" && call != "start_commit") calls_.emplace_back(call);
  }
  return hook ? hook(call) : Status{};
}

void FakeServer::note(std::string line) {
  std::lock_guard lock(mutex_);
  calls_.push_back(std::move(line));
}

Result<Opened> FakeServer::open(const OpenRequest& request, std::uint64_t* fence) {
  std::lock_guard lock(mutex_);
  ++openings_;
  FakeData next = data_;  // all or nothing
  Opened opened;
  const bool holds = holds_checkpoint(kind_);
  if (holds) {
    connector::Claimed found{.fenced = next.fence != 0, .owner = {}, .closed = next.closed};
    if (next.owner && next.owner_fence == next.fence) found.owner = next.owner;
    WEIR_TRY(const connector::Claim claim, connector::claim(found, request));
    opened.foreign = claim.foreign;
    next.owner_fence = ++next.fence;
    next.owner = request.owner;
    next.closed = false;
    if (!next.checkpoint) next.checkpoint = "";
    WEIR_TRY(opened.checkpoint, protocol::decode_checkpoint(*next.checkpoint));
  }
  for (const protocol::Binding& binding : request.spec.bindings) {
    WEIR_TRY(opened.bindings.emplace_back(), shape_table(next, request, binding));
  }
  data_ = std::move(next);
  *fence = data_.fence;
  return opened;
}

Status FakeServer::check_fence(const std::string& materialization, std::uint64_t fence) const {
  if (!holds_checkpoint(kind_) || data_.fence == fence) return {};
  const bool ours = data_.owner && data_.owner_fence == data_.fence;
  return tl::unexpected<Error>(
      connector::fenced_off(materialization, ours ? data_.owner : std::nullopt));
}

Status FakeServer::commit(const std::string& materialization, HeldCommit commit) {
  std::lock_guard lock(mutex_);
  const CommitFault fault = take_fault();
  if (fault == CommitFault::kFails) return error(Code::kUnavailable, "fake: the commit failed");
  if (fault == CommitFault::kLostBeforeApplied) {
    return error(Code::kUnknown, "fake: the connection was lost during the commit");
  }
  if (fault == CommitFault::kHeld) {
    held_ = std::move(commit);
    return error(Code::kUnknown, "fake: the commit did not answer");
  }
  WEIR_RETURN_IF_ERROR(check_fence(materialization, commit.fence));
  apply_commit(std::move(commit));
  if (fault == CommitFault::kAnswerLost) {
    return error(Code::kUnknown, "fake: the answer of the commit was lost");
  }
  return {};
}

Status FakeServer::commit_staged() {
  std::lock_guard lock(mutex_);
  switch (take_fault()) {
    case CommitFault::kNone: return {};
    case CommitFault::kFails: return error(Code::kUnavailable, "fake: the commit failed");
    case CommitFault::kAnswerLost:
    case CommitFault::kLostBeforeApplied:
    case CommitFault::kHeld: return error(Code::kUnknown, "fake: the answer was lost");
  }
  return {};
}

Status FakeServer::release(const std::string& materialization, std::uint64_t fence,
                           bool drop_marks) {
  std::lock_guard lock(mutex_);
  WEIR_RETURN_IF_ERROR(check_fence(materialization, fence));
  if (!drop_marks) {
    data_.closed = true;
    return {};
  }
  data_.owner.reset();
  for (auto& [name, table] : data_.tables) {
    if (table.materialization == materialization) table.materialization.clear();
  }
  return {};
}

void FakeServer::apply(const std::vector<FakeChange>& changes) {
  for (const FakeChange& change : changes) {
    FakeTable& table = data_.tables[change.table];
    if (change.state_key != table.state_key) continue;  // replaced since it was staged
    if (change.append) {
      table.appended.emplace_back(change.key_packed, change.row);
    } else if (change.remove) {
      table.rows.erase(change.key_packed);
    } else {
      table.rows[change.key_packed] = change.row;
    }
  }
}

}  // namespace weir::testing
