#include "testing/fake_destination.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"

namespace weir::testing {

using connector::Counts;
using connector::Exists;
using connector::LoadKey;
using connector::Opened;
using connector::OpenedBinding;
using connector::OpenRequest;
using connector::StateUpdate;
using connector::StoreRow;
using protocol::ConstraintType;

namespace {

bool hard_delete(const std::string& config_json) {
  const auto config = nlohmann::json::parse(config_json, nullptr, false);
  return config.is_object() && config.value("hardDelete", false);
}

ConstraintType constraint_of(const protocol::Projection& projection, bool delta_updates) {
  if (projection.ptr.empty()) {
    return delta_updates ? ConstraintType::kFieldOptional : ConstraintType::kLocationRequired;
  }
  if (projection.is_primary_key) {
    return delta_updates ? ConstraintType::kLocationRecommended : ConstraintType::kFieldRequired;
  }
  const auto& types = projection.inference.types;
  const bool scalar = std::none_of(types.begin(), types.end(), [](const std::string& type) {
    return type == "array" || type == "object";
  });
  return scalar ? ConstraintType::kLocationRecommended : ConstraintType::kFieldOptional;
}

}  // namespace

// One session. Rows rest here until the commit (class A), go to the server as a staged batch at the
// commit (B), or go out at once (P).
class FakeDestination : public connector::Destination {
 public:
  explicit FakeDestination(FakeServer& server) : server_(server) {}
  ~FakeDestination() override;

  Result<std::vector<protocol::ValidatedBinding>> validate(
      const std::string& config_json, std::span<const protocol::ValidateBinding> bindings) override;
  Result<Opened> open(const OpenRequest& request) override;
  bool can_upsert() const override { return server_.kind() != FakeClass::kPushes; }
  Result<std::optional<StateUpdate>> acknowledge() override;
  Status load(std::span<const LoadKey> keys) override;
  Result<std::optional<StateUpdate>> flush(const connector::LoadedSink& loaded) override;
  Status store(std::span<const StoreRow> rows) override;
  Result<std::vector<Counts>> finish_store() override;
  Result<std::optional<StateUpdate>> start_commit(const protocol::Checkpoint& checkpoint) override;
  Status release_ownership() override;
  Status close() override;
  void interrupt() override {}

 private:
  enum class Phase { kNew, kOpened, kLoading, kStoring, kStored, kCommitted, kSpent };

  Status enter(std::string_view call, std::initializer_list<Phase> legal);
  tl::unexpected<Error> spent(Error error) {
    phase_ = Phase::kSpent;
    return tl::unexpected<Error>(std::move(error));
  }
  tl::unexpected<Error> broken(std::string message) {
    server_.violated("contract: " + message);
    return spent({Code::kInvalid, "contract broken: " + std::move(message)});
  }
  Status settle_commit();
  Status check_row(const StoreRow& row, const FakeRow* stored);
  void count(const StoreRow& row, const FakeRow* stored, const FakeRow& next);

  FakeServer& server_;
  Phase phase_ = Phase::kNew;
  OpenRequest request_;
  std::vector<FakeResource> resources_;
  bool hard_delete_ = false;
  std::uint64_t fence_ = 0;
  std::set<std::pair<std::uint32_t, std::string>> asked_;
  std::vector<FakeChange> changes_;
  std::optional<std::pair<std::uint32_t, std::string>> last_stored_;
  std::vector<Counts> counts_;
  std::vector<std::uint64_t> staged_;              // batches to apply at the next Acknowledge
  std::optional<FakeServer::HeldCommit> started_;  // of kCommitsLate
};

Status FakeDestination::enter(std::string_view call, std::initializer_list<Phase> legal) {
  if (phase_ == Phase::kSpent) {
    return error(Code::kUnavailable, "fake: the session is spent ({})", call);
  }
  if (std::find(legal.begin(), legal.end(), phase_) == legal.end()) {
    return broken(fmt::format("{} out of order", call));
  }
  if (auto status = server_.before(call); !status) return spent(std::move(status).error());
  return {};
}

Result<std::vector<protocol::ValidatedBinding>> FakeDestination::validate(
    const std::string&, std::span<const protocol::ValidateBinding> bindings) {
  WEIR_RETURN_IF_ERROR(server_.before("validate"));
  std::vector<protocol::ValidatedBinding> out;
  for (const protocol::ValidateBinding& binding : bindings) {
    WEIR_TRY(const FakeResource resource, read_resource(binding.resource_config_json));
    protocol::ValidatedBinding validated;
    validated.resource_path = {resource.table};
    validated.delta_updates = resource.delta_updates || server_.kind() == FakeClass::kPushes;
    for (const protocol::Projection& projection : binding.collection.projections) {
      validated.constraints.push_back({.field = projection.field,
                                       .type = constraint_of(projection, validated.delta_updates),
                                       .reason = "fake",
                                       .folded_field = {}});
    }
    out.push_back(std::move(validated));
  }
  return out;
}

Result<Opened> FakeDestination::open(const OpenRequest& request) {
  WEIR_RETURN_IF_ERROR(enter("open", {Phase::kNew}));
  request_ = request;
  request_.count_changes.resize(request.spec.bindings.size(), false);
  hard_delete_ = hard_delete(request.spec.config_json);
  for (const protocol::Binding& binding : request.spec.bindings) {
    WEIR_TRY(resources_.emplace_back(), read_resource(binding.resource_config_json));
    resources_.back().delta_updates = binding.delta_updates;
  }
  auto opened = server_.open(request, &fence_);
  if (!opened) return spent(std::move(opened).error());
  if (auto status = server_.after("open"); !status) return spent(std::move(status).error());
  if (server_.kind() != FakeClass::kStages) {
    phase_ = Phase::kOpened;
    return opened;
  }
  const auto state = nlohmann::json::parse(request.connector_state, nullptr, false);
  if (state.is_object() && state.contains("staged")) {
    for (const auto& batch : state["staged"]) staged_.push_back(batch.get<std::uint64_t>());
  }
  phase_ = Phase::kOpened;
  return opened;
}

Result<std::optional<StateUpdate>> FakeDestination::acknowledge() {
  WEIR_RETURN_IF_ERROR(enter("acknowledge", {Phase::kOpened, Phase::kCommitted}));
  WEIR_RETURN_IF_ERROR(settle_commit());
  phase_ = Phase::kLoading;
  asked_.clear();
  changes_.clear();
  last_stored_.reset();
  counts_.assign(resources_.size(), {});
  if (server_.kind() == FakeClass::kStages) {
    std::lock_guard lock(server_.mutex_);
    for (const std::uint64_t batch : staged_) {
      if (auto node = server_.data_.staged.extract(batch)) server_.apply(node.mapped());
    }
    staged_.clear();
  }
  if (auto status = server_.after("acknowledge"); !status) return spent(std::move(status).error());
  if (server_.kind() != FakeClass::kStages) return std::nullopt;
  return StateUpdate{.updated_json = R"({"staged":[]})", .merge_patch = false};
}

// kCommitsLate: the commit that was started is decided now; and the state that the session was
// opened with must be that of a commit.
Status FakeDestination::settle_commit() {
  if (server_.kind() != FakeClass::kCommitsLate) return {};
  if (phase_ == Phase::kOpened) {
    const auto state = nlohmann::json::parse(request_.connector_state, nullptr, false);
    const bool has = state.is_object() && state.contains("commit");
    std::lock_guard lock(server_.mutex_);
    if (has && server_.states_.count(state["commit"].get<std::uint64_t>()) == 0) {
      server_.violations_.push_back("state: opened with the connector state of no commit, " +
                                    request_.connector_state);
    }
    return {};
  }
  if (!started_) return {};
  auto status = server_.commit(request_.spec.name, *std::exchange(started_, std::nullopt));
  return status ? Status{} : Status(spent(std::move(status).error()));
}

Status FakeDestination::load(std::span<const LoadKey> keys) {
  WEIR_RETURN_IF_ERROR(enter("load", {Phase::kLoading}));
  server_.note(fmt::format("load {} keys", keys.size()));
  for (const LoadKey& key : keys) {
    if (key.binding >= resources_.size()) return broken("load: no such binding");
    if (resources_[key.binding].delta_updates) return broken("load: of delta updates");
    if (!asked_.emplace(key.binding, key.key_packed).second) {
      return broken("load: a key was asked for twice");
    }
  }
  return {};
}

Result<std::optional<StateUpdate>> FakeDestination::flush(const connector::LoadedSink& loaded) {
  WEIR_RETURN_IF_ERROR(enter("flush", {Phase::kLoading}));
  for (const auto& [binding, key] : asked_) {
    const std::optional<std::string> document = server_.document(resources_[binding].table, key);
    if (!document) continue;
    if (auto status = loaded(binding, *document); !status) {
      return spent(std::move(status).error());
    }
  }
  phase_ = Phase::kStoring;
  return std::nullopt;
}

Status FakeDestination::check_row(const StoreRow& row, const FakeRow* stored) {
  if (row.binding >= resources_.size()) return broken("store: no such binding");
  const bool delta = resources_[row.binding].delta_updates;
  const auto position = std::pair(row.binding, std::string(row.key_packed));
  if (last_stored_ && (position < *last_stored_ || (position == *last_stored_ && !delta))) {
    return broken("store: rows are not sorted by binding and key, each once");
  }
  last_stored_ = position;
  if (delta || row.deleted || server_.upserts_only_) return {};
  if (row.exists == Exists::kUnknown && !can_upsert()) return broken("store: exists is unknown");
  if (row.exists == Exists::kYes && stored == nullptr)
    return broken("store: no such row to update");
  if (row.exists == Exists::kNo && stored != nullptr)
    return broken("store: the row exists already");
  return {};
}

void FakeDestination::count(const StoreRow& row, const FakeRow* stored, const FakeRow& next) {
  Counts& counts = counts_[row.binding];
  if (!counts.inserted) counts = {.inserted = 0, .updated = 0, .deleted = 0, .unchanged = 0};
  if (row.deleted && hard_delete_ && !resources_[row.binding].delta_updates) {
    *counts.deleted += stored != nullptr ? 1 : 0;
  } else if (stored == nullptr) {
    ++*counts.inserted;
  } else if (stored->values_packed == next.values_packed && stored->doc_json == next.doc_json) {
    ++*counts.unchanged;
  } else {
    ++*counts.updated;
  }
}

Status FakeDestination::store(std::span<const StoreRow> rows) {
  WEIR_RETURN_IF_ERROR(enter("store", {Phase::kStoring}));
  server_.note(fmt::format("store {} rows", rows.size()));
  std::lock_guard lock(server_.mutex_);
  // What a fenced session believes of the rows is out of date.
  if (auto status = server_.check_fence(request_.spec.name, fence_); !status)
    return spent(std::move(status).error());
  for (const StoreRow& row : rows) {
    if (row.binding >= resources_.size()) return broken("store: no such binding");
    const FakeResource& resource = resources_[row.binding];
    const FakeRow* stored = nullptr;
    if (const auto table = server_.data_.tables.find(resource.table);
        table != server_.data_.tables.end() && !resource.delta_updates) {
      const auto it = table->second.rows.find(std::string(row.key_packed));
      if (it != table->second.rows.end()) stored = &it->second;
    }
    WEIR_RETURN_IF_ERROR(check_row(row, stored));
    FakeChange change{.table = resource.table,
                      .key_packed = std::string(row.key_packed),
                      .row = {.values_packed = std::string(row.values_packed),
                              .doc_json = std::string(row.doc_json),
                              .deleted = row.deleted},
                      .state_key = request_.spec.bindings[row.binding].state_key,
                      .remove = row.deleted && hard_delete_ && !resource.delta_updates,
                      .append = resource.delta_updates};
    if (request_.count_changes[row.binding]) count(row, stored, change.row);
    if (server_.kind() == FakeClass::kPushes) {
      server_.data_.pushed.push_back(std::move(change));
    } else {
      changes_.push_back(std::move(change));
    }
  }
  return {};
}

Result<std::vector<Counts>> FakeDestination::finish_store() {
  WEIR_RETURN_IF_ERROR(enter("finish_store", {Phase::kStoring}));
  phase_ = Phase::kStored;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (request_.count_changes[i] && !counts_[i].inserted) counts_[i] = {0, 0, 0, 0};
  }
  return counts_;
}

Result<std::optional<StateUpdate>> FakeDestination::start_commit(
    const protocol::Checkpoint& checkpoint) {
  WEIR_RETURN_IF_ERROR(enter("start_commit", {Phase::kStoring, Phase::kStored}));
  if (checkpoint.empty()) return broken("start_commit: an empty checkpoint");
  server_.note("commit");
  switch (server_.kind()) {
    case FakeClass::kHoldsCheckpoint:
    case FakeClass::kCommitsLate: {
      FakeServer::HeldCommit commit{.fence = fence_,
                                    .changes = std::move(changes_),
                                    .checkpoint = protocol::encode(checkpoint),
                                    .pid = request_.owner.pid};
      if (server_.kind() == FakeClass::kCommitsLate) {
        commit.state = server_.next_state();
        started_ = std::move(commit);
        phase_ = Phase::kCommitted;
        return StateUpdate{.updated_json = nlohmann::json{{"commit", started_->state}}.dump(),
                           .merge_patch = false};
      }
      auto status = server_.commit(request_.spec.name, std::move(commit));
      if (status) status = server_.after("start_commit");
      if (!status) return spent(std::move(status).error());
      phase_ = Phase::kCommitted;
      return std::nullopt;
    }
    case FakeClass::kStages: {
      {
        std::lock_guard lock(server_.mutex_);
        staged_.push_back(++server_.data_.batches);
        server_.data_.staged[staged_.back()] = std::move(changes_);
      }
      if (auto status = server_.commit_staged(); !status) return spent(std::move(status).error());
      phase_ = Phase::kCommitted;
      return StateUpdate{.updated_json = nlohmann::json{{"staged", staged_}}.dump(),
                         .merge_patch = false};
    }
    case FakeClass::kPushes: {
      if (auto status = server_.commit_staged(); !status) return spent(std::move(status).error());
      phase_ = Phase::kCommitted;
      return std::nullopt;
    }
  }
  return broken("start_commit: no such class");
}

Status FakeDestination::release_ownership() {
  WEIR_RETURN_IF_ERROR(
      enter("release_ownership", {Phase::kOpened, Phase::kLoading, Phase::kCommitted}));
  phase_ = Phase::kSpent;
  return server_.release(request_.spec.name, fence_, /*drop_marks=*/true);
}

FakeDestination::~FakeDestination() {
  // A commit that was started is with the server; it completes late, or never.
  if (started_) server_.hold(*std::move(started_));
}

Status FakeDestination::close() {
  if (phase_ == Phase::kNew || phase_ == Phase::kSpent) return {};
  // What is open is rolled back.
  WEIR_RETURN_IF_ERROR(enter("close", {Phase::kOpened, Phase::kLoading, Phase::kStoring,
                                       Phase::kStored, Phase::kCommitted}));
  phase_ = Phase::kSpent;
  return server_.release(request_.spec.name, fence_, /*drop_marks=*/false);
}

std::unique_ptr<connector::Destination> FakeServer::connect() {
  return std::make_unique<FakeDestination>(*this);
}

}  // namespace weir::testing
