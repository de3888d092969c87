// Opening a session: the endpoint, recovery, and what the steps of session.cc work with.
#include "base/fault.h"
#include "base/log.h"
#include "runtime/recovery.h"
#include "runtime/session.h"
#include "trigger/terms.h"

namespace weir::runtime {
namespace {

TransactionTerms terms_of(const catalog::ShardTemplate& shards, bool runtime_holds_checkpoint) {
  return {.min_duration = shards.min_txn_duration,
          .max_duration = shards.max_txn_duration,
          .runtime_holds_checkpoint = runtime_holds_checkpoint};
}

}  // namespace

Status Session::open() {
  WEIR_TRY(const StoreContents contents, read_contents(*deps_.store));
  std::string connector_state = contents.remembered.confirmed_state;
  spec_ = built_.spec;
  spec_.inactive_bindings = inactive_bindings(*deps_.store, spec_);
  // A destination says which transaction it stands at only once it is open; should that be the one
  // whose answer we never had, it is opened again with the connector state of that one.
  for (int attempt = 0; attempt < 2; ++attempt) {
    connector::OpenRequest request;
    request.spec = spec_;
    request.count_changes = trigger::counted_bindings(built_);
    request.owner = deps_.owner;
    request.owner.since = format_timestamp(deps_.clock->now());
    request.owner_is_dead = deps_.owner_is_dead;
    request.take_over = options_.take_over;
    request.connector_state = connector_state;
    if (deps_.open_config) {
      WEIR_TRY(const Secret config, deps_.open_config(built_));
      request.spec.config_json = config.reveal();
    }
    WEIR_TRY(destination_, deps_.make_destination());
    auto answer = destination_->open(request);
    if (deps_.open_config) wipe(request.spec.config_json);
    WEIR_TRY(const connector::Opened opened, std::move(answer));
    fault_point("session.fenced");
    if (!opened.actions.empty())
      log(LogLevel::kInfo, "tables changed",
          {{"task", built_.spec.name}, {"actions", opened.actions}});
    const std::vector<delivery::TriggerTerms> terms =
        trigger::terms_of(built_, options_.environment);
    RecoveryInput input;
    input.materialization = built_.spec.name;
    input.bindings = &built_.spec.bindings;
    input.opened = &opened;
    input.remembered = &contents.remembered;
    input.triggers = &terms;
    input.take_over = options_.take_over;
    WEIR_TRY(Recovered recovered, recover(input));
    if (recovered.connector_state != connector_state && attempt == 0) {
      connector_state = recovered.connector_state;
      WEIR_RETURN_IF_ERROR(destination_->close());
      continue;
    }
    disable_load_optimization_ = opened.disable_load_optimization;
    return start(std::move(recovered), contents);
  }
  return error(Code::kCorrupt, "the connector state of {} does not settle", built_.spec.name);
}

Status Session::start(Recovered recovered, const StoreContents& contents) {
  for (const std::string& notice : recovered.notices) {
    log(LogLevel::kWarn, notice, {{"task", built_.spec.name}});
  }
  runtime_holds_checkpoint_ = recovered.runtime_holds_checkpoint;
  state_ = std::make_unique<ConnectorState>(std::move(recovered.connector_state));
  std::vector<document::BindingSpec> plans;
  for (const protocol::Binding& binding : built_.spec.bindings) {
    WEIR_TRY(document::BindingSpec plan, plan_binding(binding));
    schemas_.push_back(plan.schema);
    plans.push_back(std::move(plan));
  }
  combiner_ = std::make_unique<document::Combiner>(
      std::move(plans),
      document::CombinerOptions{.memory_max = options_.combiner_memory, .spill = deps_.spill});
  std::vector<KeyBounds::Rule> rules;
  for (std::uint32_t i = 0; i < built_.spec.bindings.size(); ++i) {
    rules.push_back({.delta_updates = built_.spec.bindings[i].delta_updates,
                     .upsert = !disable_load_optimization_ && destination_->can_upsert() &&
                               combiner_->last_write_wins(i)});
  }
  bounds_ = std::make_unique<KeyBounds>(std::move(rules), std::move(recovered.max_keys),
                                        disable_load_optimization_);
  // A state of a commit that turned out to be one rests beside the confirmed one until the first
  // acknowledgement; then it is the confirmed one, before that of the next commit takes its place.
  state_in_doubt_ = contents.remembered.state_in_doubt.has_value();
  committed_sources_ = recovered.sources;
  sources_ = std::make_unique<Sources>(*deps_.journals, built_.spec.bindings,
                                       std::move(recovered.sources));
  WEIR_RETURN_IF_ERROR(sources_->refresh());
  delivery::Known known{.marks = contents.remembered.marks, .words = contents.parked_words};
  WEIR_TRY(delivery::Ledger ledger,
           delivery::Ledger::recover(std::move(recovered.base),
                                     trigger::terms_of(built_, options_.environment), known));
  ledger_ = std::make_unique<delivery::Ledger>(std::move(ledger));
  deliveries_ = std::make_unique<Deliveries>(built_, options_, deps_, *ledger_, random_.next());
  WEIR_RETURN_IF_ERROR(deliveries_->start(contents));
  transaction_ = std::make_unique<Transaction>(terms_of(built_.shards, runtime_holds_checkpoint_));
  activity_.assign(built_.spec.bindings.size(), {});
  WEIR_RETURN_IF_ERROR(remember_class(*deps_.store, runtime_holds_checkpoint_));
  WEIR_RETURN_IF_ERROR(remember_applied(*deps_.store, spec_));
  fault_point("session.recovered");
  return {};
}

}  // namespace weir::runtime
